//! Two sides run the same scenarios: where what they say differs.

use std::path::Path;

use crate::deviations::Deviations;
use crate::matcher::{Comparison, compare};
use crate::scenario::bounded::{TRANSCRIPT, read_text};
use crate::session::Verdict;
use crate::system;
use crate::transcript::{self, Transcript};

/// The run of a scenario on one side.
#[derive(Clone, Debug)]
pub struct Ran {
    /// The state of the run.
    pub state: State,
    /// The lines of the run, unless it did not run.
    pub transcript: Option<Transcript>,
}

/// The way in which a scenario went on one side.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum State {
    /// As its steps and its own reference say.
    Passed,
    /// Otherwise; why.
    Failed(String),
    /// A transcript was there already.
    Recorded,
    /// Not run; why.
    Absent(String),
    /// Something went wrong with running or reading it.
    Error(String),
}

impl State {
    /// In one word.
    pub fn word(&self) -> &'static str {
        match self {
            State::Passed => "pass",
            State::Failed(_) => "FAIL",
            State::Recorded => "recorded",
            State::Absent(_) => "-",
            State::Error(_) => "ERROR",
        }
    }

    /// Why, unless that is clear.
    pub fn reason(&self) -> Option<&str> {
        match self {
            State::Failed(reason) | State::Absent(reason) | State::Error(reason) => Some(reason),
            State::Passed | State::Recorded => None,
        }
    }
}

impl From<&Verdict> for State {
    fn from(verdict: &Verdict) -> Self {
        match verdict {
            Verdict::Pass { .. } => State::Passed,
            Verdict::Fail(failure) => State::Failed(failure.message.clone()),
            Verdict::Skip(reason) => State::Absent(reason.clone()),
            Verdict::Invalid(message) | Verdict::Unavailable(message) => State::Error(message.clone()),
            Verdict::Interrupted => State::Absent("interrupted".to_owned()),
        }
    }
}

/// A scenario on both sides.
#[derive(Clone, Debug)]
pub struct Row {
    /// `area/name@case`.
    pub scenario: String,
    /// The state on each side.
    pub states: [State; 2],
    /// The makers of the lines on each side, from the transcripts' headers.
    pub made_by: [String; 2],
    /// The result of the comparison; nothing if a side has no transcript.
    pub comparison: Option<Comparison>,
}

impl Row {
    /// Compares the sides of a scenario. Known deviations of the suite are allowed.
    pub fn new(scenario: String, sides: [Ran; 2], deviations: Option<&Deviations>) -> Self {
        let [a, b] = sides;
        let allow = |line: &str| deviations.and_then(|d| d.allow(&scenario, line));
        let comparison = match (&a.transcript, &b.transcript) {
            (Some(a), Some(b)) => Some(compare(a, b, &allow)),
            _ => None,
        };
        let made_by = [&a, &b]
            .map(|side| side.transcript.as_ref().map(|t| t.header.made_by.clone()).unwrap_or_default());
        Row { scenario, states: [a.state, b.state], made_by, comparison }
    }

    /// Whether both were compared and something differs that is not known.
    pub fn differs(&self) -> bool {
        self.comparison.as_ref().is_some_and(|c| !c.passes())
    }

    /// In words: `same`, `3 lines differ`, or why it was not compared.
    pub fn result(&self) -> String {
        let Some(comparison) = &self.comparison else {
            let reason = self.states.iter().find_map(State::reason).unwrap_or("no transcript");
            return format!("not compared: {}", reason.lines().next().unwrap_or_default());
        };
        let unknown = comparison.differences().filter(|line| line.allowed_by.is_none()).count();
        let known = comparison.deviations.len();
        match (unknown, comparison.order.len()) {
            (0, 0) if known == 0 => "same".to_owned(),
            (0, 0) => format!("same but for {known} known deviation(s)"),
            (0, orders) => format!("{orders} in another order"),
            (lines, _) => format!("{lines} lines differ"),
        }
    }
}

/// A scenario's transcript in a directory that `--transcripts` wrote: of this seed, or the only one.
pub fn recorded(dir: &Path, dotted: &str, seed: u64) -> Ran {
    let of_seed = dir.join(format!("{dotted}.{seed}.transcript"));
    let path = if of_seed.symlink_metadata().is_ok() { Some(of_seed) } else { only_one(dir, dotted) };
    let Some(path) = path else {
        let reason = format!("{} has no transcript of it with seed {seed}", dir.display());
        return Ran { state: State::Absent(reason), transcript: None };
    };
    let shown = path.display();
    let read = read_text(&path, TRANSCRIPT).map_err(|error| format!("{shown}: {error}"));
    let parsed = read.and_then(|text| {
        transcript::parse(&text).map_err(|problem| format!("{shown}:{}: {}", problem.place, problem.message))
    });
    match parsed {
        Ok(transcript) => Ran { state: State::Recorded, transcript: Some(transcript) },
        Err(error) => Ran { state: State::Error(error), transcript: None },
    }
}

/// The transcript of another seed, if there is exactly one.
fn only_one(dir: &Path, dotted: &str) -> Option<std::path::PathBuf> {
    let is_seed = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let mut all = system::read_dir(dir).ok()?.flatten().map(|entry| entry.path()).filter(|path| {
        let name = path.file_name().and_then(|n| n.to_str()).unwrap_or_default();
        let rest = name.strip_prefix(dotted).and_then(|r| r.strip_prefix('.'));
        rest.and_then(|r| r.strip_suffix(".transcript")).is_some_and(is_seed)
    });
    let first = all.next()?;
    all.next().is_none().then_some(first)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ran(origin: &str, lines: &str) -> Ran {
        let text = format!("# wpasim transcript 1\n# made by: x\n# origin: {origin}\n{lines}");
        Ran { state: State::Passed, transcript: Some(transcript::parse(&text).unwrap()) }
    }

    const PING: &str = "     0.000000 a        > PING\n     0.000000 a        < PONG\n";
    const EVENT_FIRST: &str =
        "     0.000000 a        > PING\n     0.000000 a        ! <3>X\n     0.000000 a        < PONG\n";
    const EVENT_LAST: &str =
        "     0.000000 a        > PING\n     0.000000 a        < PONG\n     0.000000 a        ! <3>X\n";

    #[test]
    fn rows_say_what_differs() {
        let row = |a, b| Row::new("s/x".into(), [a, b], None);
        assert_eq!(row(ran("engine", PING), ran("lab", PING)).result(), "same");
        let other = PING.replace("PONG", "FAIL");
        let differs = row(ran("engine", PING), ran("lab", &other));
        assert!(differs.differs());
        assert_eq!(differs.result(), "2 lines differ");
        let absent = Ran { state: State::Absent("target b lacks p2p".into()), transcript: None };
        let row = row(ran("engine", PING), absent);
        assert_eq!((row.differs(), row.result().as_str()), (false, "not compared: target b lacks p2p"));
    }

    #[test]
    fn two_implementations_owe_each_other_no_order_between_connections() {
        let row = |a, b| Row::new("s/x".into(), [a, b], None).differs();
        assert!(row(ran("engine", EVENT_FIRST), ran("engine", EVENT_LAST)));
        assert!(!row(ran("lab", EVENT_FIRST), ran("lab", EVENT_LAST)));
        assert!(!row(ran("engine", EVENT_FIRST), ran("lab", EVENT_LAST)));
        assert!(!row(ran("recording", EVENT_FIRST), ran("engine", EVENT_LAST)));
    }

    #[test]
    fn transcripts_are_found_by_seed_or_alone() {
        let dir = std::env::temp_dir().join(format!("wpasim-recorded-{}", std::process::id()));
        std::fs::create_dir_all(&dir).unwrap();
        let write = |name: &str, text: &str| std::fs::write(dir.join(name), text).unwrap();
        write("a.x.3.transcript", "# wpasim transcript 1\n# made by: y\n");
        write("a.x.y.3.transcript", "nonsense");
        let state = |dotted: &str, seed| recorded(&dir, dotted, seed).state;
        let (alone, broken) = (state("a.x", 1), state("a.x.y", 3));
        write("a.x.4.transcript", "# wpasim transcript 1\n# made by: y\n");
        let (exact, ambiguous) = (state("a.x", 4), state("a.x", 1));
        let _ = std::fs::remove_dir_all(&dir);
        assert_eq!((alone, exact), (State::Recorded, State::Recorded));
        assert!(matches!(broken, State::Error(_)) && matches!(ambiguous, State::Absent(_)));
    }
}
