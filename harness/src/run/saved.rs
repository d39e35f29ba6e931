//! A run as JSON, for one that was made in another process: under User-Mode Linux, for instance.
//! Captures and logs are files of their own.

use super::Run;

/// The reason why a saved run cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("no run that this wpasim saved: {0}")]
pub struct SavedRunError(#[from] serde_json::Error);

/// The run as JSON, without its capture and logs.
pub fn to_json(run: &Run) -> String {
    // Maps with keys that are no text do not occur in a run; nothing else can fail in memory.
    serde_json::to_string(run).unwrap_or_default()
}

/// Reads a saved run.
///
/// # Errors
/// It is no JSON, or another program's.
pub fn from_json(text: &str) -> Result<Run, SavedRunError> {
    Ok(serde_json::from_str(text)?)
}

/// Instants as microseconds from zero.
pub mod instant {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};
    use wpasim_wire::time::Instant;

    /// As microseconds.
    pub fn serialize<S: Serializer>(at: &Instant, to: S) -> Result<S::Ok, S::Error> {
        at.micros().serialize(to)
    }

    /// From microseconds.
    pub fn deserialize<'d, D: Deserializer<'d>>(from: D) -> Result<Instant, D::Error> {
        Ok(Instant::from_micros(i64::deserialize(from)?))
    }
}

/// Instants that may be missing.
pub mod instant_if_any {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};
    use wpasim_wire::time::Instant;

    /// As microseconds, or nothing.
    pub fn serialize<S: Serializer>(at: &Option<Instant>, to: S) -> Result<S::Ok, S::Error> {
        at.map(Instant::micros).serialize(to)
    }

    /// From microseconds, or nothing.
    pub fn deserialize<'d, D: Deserializer<'d>>(from: D) -> Result<Option<Instant>, D::Error> {
        Ok(Option::<i64>::deserialize(from)?.map(Instant::from_micros))
    }
}

/// Durations as microseconds.
pub mod duration {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};
    use wpasim_wire::time::Duration;

    /// As microseconds.
    pub fn serialize<S: Serializer>(length: &Duration, to: S) -> Result<S::Ok, S::Error> {
        length.micros().serialize(to)
    }

    /// From microseconds.
    pub fn deserialize<'d, D: Deserializer<'d>>(from: D) -> Result<Duration, D::Error> {
        Ok(Duration::from_micros(i64::deserialize(from)?))
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Actual, Ending, Label, StepFailure};
    use super::*;
    use crate::scenario::problem::Place;
    use crate::target::{MasterKey, Remains};
    use crate::transcript::{Entry, Header, Mark, Origin, Transcript};
    use wpasim_wire::time::{Duration, Instant};

    #[test]
    fn a_saved_run_comes_back_whole() {
        let at = Instant::from_micros(1_500_001);
        let mut awaited = Entry::new(at, "sta", Mark::Event, b"<3>X \xff\n");
        awaited.awaited = true;
        let run = Run {
            ending: Ending::Failed(Box::new(StepFailure {
                place: Place { line: 3, column: 5 },
                file: Some("join.yaml".into()),
                message: "sta did not see the event".into(),
                expected: Some("Y".into()),
                actual: Some(Actual { label: Label::Nearest, text: "X".into(), at: Some(at) }),
                at,
                entries: 1,
            })),
            transcript: Transcript {
                header: Header {
                    about: "x".into(),
                    made_by: "y".into(),
                    kernel: String::new(),
                    seed: Some(u64::MAX),
                    origin: Origin::Lab,
                    listened: Vec::new(),
                    pins: vec![("a".into(), "b".into())],
                },
                entries: vec![Entry::new(at, "sta", Mark::Command, b"PING"), awaited],
            },
            states: vec![("sta".into(), "wpa_state=COMPLETED".into())],
            virtual_time: Duration::from_micros(7),
            remains: Remains {
                trace_hash: Some("00".into()),
                keys: vec![MasterKey { pmk: vec![1, 2] }],
                events: 9,
                ..Remains::default()
            },
        };
        assert_eq!(from_json(&to_json(&run)).unwrap(), run);
        let interrupted = Run { ending: Ending::Interrupted, ..run };
        assert_eq!(from_json(&to_json(&interrupted)).unwrap(), interrupted);
        assert!(from_json("{}").is_err());
    }
}
