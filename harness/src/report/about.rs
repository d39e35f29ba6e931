//! The subject of a session, as its first line, its summary and every report say it.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::run::{Runs, Tested};
use crate::session::Jobs;

/// A share of a session's runs.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shard {
    /// Which, from 1.
    pub index: usize,
    /// Of how many.
    pub count: usize,
}

impl Shard {
    /// Returns the number of `runs` that it has.
    pub fn share_of(self, runs: usize) -> usize {
        runs.saturating_add(self.count).saturating_sub(self.index) / self.count.max(1)
    }
}

/// The scenarios that a session is about, whichever shard of it this is.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Selection {
    /// The number of scenarios; each case of a matrix is one.
    pub scenarios: usize,
    /// The number of runs: scenarios by seeds.
    pub runs: usize,
    /// The hash over their names in order, which tells sessions apart that have equally many.
    pub hash: String,
}

/// The subject of a session: the implementation and its references.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct About {
    /// As it is called on the command line.
    pub target: String,
    /// The implementations that run the devices, supplicants first.
    pub tested: Vec<Tested>,
    /// The references of the runs: the release whose recordings they are.
    pub reference: String,
    /// The first seed; nothing where nothing depends on it.
    pub seed: Option<u64>,
    /// The number of seeds.
    pub repeat: u64,
    /// Of which scenarios.
    pub selection: Selection,
    /// The share of them; nothing if it is all.
    pub shard: Option<Shard>,
}

impl About {
    /// Returns the subject of these runs, made by `kind` and held to a release's references or to another build.
    pub fn of(kind: &dyn Runs, jobs: &Jobs<'_>, reference: String) -> Self {
        let mut hash = Sha256::new();
        for selected in jobs.selected {
            hash.update(selected.full_name().as_bytes());
            hash.update([0]);
        }
        let hash: String = hash.finalize().iter().take(8).map(|b| format!("{b:02x}")).collect();
        About {
            target: kind.name().to_owned(),
            tested: kind.tested(),
            reference,
            seed: kind.takes_seed().then_some(jobs.seed),
            repeat: jobs.repeat,
            selection: Selection {
                scenarios: jobs.selected.len(),
                runs: Jobs { shard: None, ..jobs.clone() }.len(),
                hash,
            },
            shard: jobs.shard.map(|(index, count)| Shard { index, count }),
        }
    }

    /// Whether scenarios run with more than one seed, so that labels have to say which.
    pub fn is_repeated(&self) -> bool {
        self.repeat > 1
    }

    /// Returns the number of runs of this shard.
    pub fn share(&self) -> usize {
        self.shard.map_or(self.selection.runs, |shard| shard.share_of(self.selection.runs))
    }

    /// `wpa_supplicant v2.11 (./mine), hostapd v2.11 (lab), held to 2.11`.
    pub fn against(&self) -> String {
        let tested = self.tested.iter().map(ToString::to_string);
        tested.chain([format!("held to {}", self.reference)]).collect::<Vec<_>>().join(", ")
    }

    /// Returns the line that announces the session.
    pub fn first_line(&self) -> String {
        let Selection { scenarios, runs, .. } = self.selection;
        let of_all = match self.repeat {
            0 | 1 => counted(scenarios, "scenario"),
            times => format!("{}, {times} times each,", counted(scenarios, "scenario")),
        };
        let what = match self.shard {
            None => of_all,
            Some(Shard { index, count }) if self.share() == 0 => {
                return format!("shard {index} of {count} has no run of these {runs}");
            }
            Some(Shard { index, count }) => {
                let unit = if self.is_repeated() { "run" } else { "scenario" };
                format!("shard {index} of {count}, {} of {},", self.share(), counted(runs, unit))
            }
        };
        let seeds = match (self.seed, self.repeat) {
            (None, _) => String::new(),
            (Some(seed), 0 | 1) => format!(", seed {seed}"),
            (Some(seed), n) => format!(", seeds {seed} to {}", seed.wrapping_add(n - 1)),
        };
        format!("running {what} on {}: {}{seeds}", self.target, self.against())
    }
}

fn counted(n: usize, unit: &str) -> String {
    if n == 1 { format!("1 {unit}") } else { format!("{n} {unit}s") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn about() -> About {
        let tested = |version: &str, from: &str| Tested { version: version.into(), from: from.into() };
        About {
            target: "hwsim".into(),
            tested: vec![tested("wpa_supplicant v2.11", "./mine"), tested("hostapd v2.11", "lab")],
            reference: "2.11".into(),
            seed: Some(1),
            repeat: 1,
            selection: Selection { scenarios: 289, runs: 289, hash: String::new() },
            shard: None,
        }
    }

    #[test]
    fn the_first_line_says_what_runs_against_what() {
        let all = "wpa_supplicant v2.11 (./mine), hostapd v2.11 (lab), held to 2.11";
        assert_eq!(about().first_line(), format!("running 289 scenarios on hwsim: {all}, seed 1"));
        let shard = Some(Shard { index: 2, count: 4 });
        assert_eq!(
            About { shard, ..about() }.first_line(),
            format!("running shard 2 of 4, 72 of 289 scenarios, on hwsim: {all}, seed 1")
        );
        let selection = Selection { scenarios: 1, runs: 100, hash: String::new() };
        let repeated = About { repeat: 100, seed: Some(7), selection, ..about() };
        assert_eq!(
            repeated.first_line(),
            format!("running 1 scenario, 100 times each, on hwsim: {all}, seeds 7 to 106")
        );
        assert_eq!(
            About { shard, seed: None, ..repeated }.first_line(),
            format!("running shard 2 of 4, 25 of 100 runs, on hwsim: {all}")
        );
        let selection = Selection { scenarios: 3, runs: 3, hash: String::new() };
        let empty = About { shard: Some(Shard { index: 9, count: 9 }), selection, ..about() };
        assert_eq!(empty.first_line(), "shard 9 of 9 has no run of these 3");
    }

    #[test]
    fn shares_add_up() {
        for runs in [0, 1, 3, 289] {
            for count in [1, 2, 9, 400] {
                let all: usize = (1..=count).map(|index| Shard { index, count }.share_of(runs)).sum();
                assert_eq!(all, runs, "{count} shards");
            }
        }
    }
}
