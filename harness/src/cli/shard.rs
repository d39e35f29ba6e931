//! `--shard`: a share of the runs, said as I/N or found in the environment that a CI or a cluster gives its parts.

use std::str::FromStr;

use crate::report::about::Shard;
use crate::system;

/// The value of `--shard`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ShardArg {
    /// The shard that the environment names.
    Auto,
    /// This one.
    Of(Shard),
}

impl FromStr for ShardArg {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == "auto" {
            return Ok(ShardArg::Auto);
        }
        let wrong = "I/N with I from 1 to N, such as 2/4, or auto";
        let (index, count) = text.split_once('/').ok_or(wrong)?;
        let shard =
            Shard { index: index.parse().map_err(|_| wrong)?, count: count.parse().map_err(|_| wrong)? };
        if (1..=shard.count).contains(&shard.index) { Ok(ShardArg::Of(shard)) } else { Err(wrong) }
    }
}

/// A system that divides a job, and the variables by which its parts know which they are.
struct Divider {
    /// As messages call it.
    name: &'static str,
    index: &'static str,
    total: &'static str,
    /// The variable with the first index, or the number itself.
    first: First,
    /// The variable with the step from one index to the next.
    step: Option<&'static str>,
}

enum First {
    Is(usize),
    In(&'static str),
}

const DIVIDERS: &[Divider] = &[
    Divider {
        name: "GitLab CI",
        index: "CI_NODE_INDEX",
        total: "CI_NODE_TOTAL",
        first: First::Is(1),
        step: None,
    },
    Divider {
        name: "Bazel",
        index: "TEST_SHARD_INDEX",
        total: "TEST_TOTAL_SHARDS",
        first: First::Is(0),
        step: None,
    },
    Divider {
        name: "a Kubernetes Indexed Job",
        index: "JOB_COMPLETION_INDEX",
        total: "WPASIM_SHARDS",
        first: First::Is(0),
        step: None,
    },
    Divider {
        name: "a Slurm array",
        index: "SLURM_ARRAY_TASK_ID",
        total: "SLURM_ARRAY_TASK_COUNT",
        first: First::In("SLURM_ARRAY_TASK_MIN"),
        step: Some("SLURM_ARRAY_TASK_STEP"),
    },
];

/// The reason why the environment names no shard.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum NoShard {
    /// None of the variables is there.
    #[error(
        "--shard auto: nothing in the environment says which shard this is; it looks for\n{}",
        looked_for()
    )]
    Nothing,
    /// Some are there, others not.
    #[error("--shard auto: {there} is set, but {lacking} is not ({name})")]
    Half {
        /// The system whose variables they are.
        name: &'static str,
        /// One that is there.
        there: &'static str,
        /// One that is not.
        lacking: &'static str,
    },
    /// One has no number.
    #[error("--shard auto: {variable}={value} is no number ({name})")]
    NoNumber {
        /// The system whose variable it is.
        name: &'static str,
        /// Its name.
        variable: &'static str,
        /// The value of the variable.
        value: String,
    },
    /// They are numbers, but of no shard.
    #[error("--shard auto: {index} of {total} is no shard ({name})")]
    Outside {
        /// The system whose variables they are.
        name: &'static str,
        /// `CI_NODE_INDEX=5`.
        index: String,
        /// `CI_NODE_TOTAL=4`.
        total: String,
    },
    /// Two of them say different things.
    #[error("--shard auto: {first} says {}/{}, {second} says {}/{}; say --shard I/N", a.index, a.count, b.index, b.count)]
    Contradiction {
        /// The one.
        first: &'static str,
        /// The value of the variable.
        a: Shard,
        /// The other.
        second: &'static str,
        /// The value of the variable.
        b: Shard,
    },
}

/// The variables, a line for each divider.
fn looked_for() -> String {
    let line = |d: &Divider| {
        let first = match d.first {
            First::Is(first) => format!("counted from {first}"),
            First::In(variable) => format!("counted from {variable}"),
        };
        format!("  {} and {}, {first} ({})", d.index, d.total, d.name)
    };
    DIVIDERS.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// The shard that the environment names.
///
/// # Errors
/// It names none, or two that contradict each other.
pub fn from_environment(variable: &dyn Fn(&str) -> Option<String>) -> Result<Shard, NoShard> {
    let mut found: Option<(&'static str, Shard)> = None;
    for divider in DIVIDERS {
        let Some(shard) = divider.shard(variable)? else { continue };
        match found {
            Some((first, a)) if a != shard => {
                return Err(NoShard::Contradiction { first, a, second: divider.name, b: shard });
            }
            _ => found = Some((divider.name, shard)),
        }
    }
    match found {
        Some((_, shard)) => Ok(shard),
        // A GitLab job that is not divided says so this way.
        None if variable("CI_NODE_TOTAL").as_deref() == Some("1") => Ok(Shard { index: 1, count: 1 }),
        None => Err(NoShard::Nothing),
    }
}

impl Divider {
    /// Returns the shard that it names, or nothing if it is not there.
    fn shard(&self, variable: &dyn Fn(&str) -> Option<String>) -> Result<Option<Shard>, NoShard> {
        let name = self.name;
        let number = |variable_name: &'static str| match variable(variable_name) {
            None => Ok(None),
            Some(value) => match value.trim().parse::<usize>() {
                Ok(number) => Ok(Some(number)),
                Err(_) => Err(NoShard::NoNumber { name, variable: variable_name, value }),
            },
        };
        // The total alone is no sign: GitLab sets it in each job, and a person may have set the other for all.
        let Some(index) = number(self.index)? else { return Ok(None) };
        let lacking = |lacking| NoShard::Half { name, there: self.index, lacking };
        let count = number(self.total)?.ok_or_else(|| lacking(self.total))?;
        let first = match self.first {
            First::Is(first) => first,
            First::In(variable) => number(variable)?.ok_or_else(|| lacking(variable))?,
        };
        let step = match self.step {
            None => 1,
            Some(variable) => number(variable)?.unwrap_or(1).max(1),
        };
        let outside = || NoShard::Outside {
            name,
            index: format!("{}={index}", self.index),
            total: format!("{}={count}", self.total),
        };
        let steps = index.checked_sub(first).ok_or_else(outside)?;
        if !steps.is_multiple_of(step) || steps / step >= count {
            return Err(outside());
        }
        Ok(Some(Shard { index: steps / step + 1, count }))
    }
}

/// Tells Bazel that this program divides its tests, which it otherwise takes for an error.
pub fn acknowledge() -> Result<(), String> {
    match std::env::var_os("TEST_SHARD_STATUS_FILE").filter(|path| !path.is_empty()) {
        None => Ok(()),
        Some(path) => system::open(std::fs::OpenOptions::new().create(true).append(true), path.as_ref())
            .map(drop)
            .map_err(|error| format!("{}: {error}", path.display())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shard(environment: &[(&str, &str)]) -> Result<String, String> {
        let variable = |name: &str| {
            environment.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
        };
        let shard = from_environment(&variable).map_err(|error| error.to_string())?;
        Ok(format!("{}/{}", shard.index, shard.count))
    }

    #[test]
    fn every_divider_is_understood() {
        let slurm = |id, min, count, step| {
            [
                ("SLURM_ARRAY_TASK_ID", id),
                ("SLURM_ARRAY_TASK_MIN", min),
                ("SLURM_ARRAY_TASK_COUNT", count),
                ("SLURM_ARRAY_TASK_STEP", step),
            ]
        };
        for (environment, said) in [
            (&[("CI_NODE_INDEX", "3"), ("CI_NODE_TOTAL", "4")][..], "3/4"),
            (&[("CI_NODE_TOTAL", "1")], "1/1"),
            (&[("TEST_SHARD_INDEX", "0"), ("TEST_TOTAL_SHARDS", "4")], "1/4"),
            (&[("TEST_SHARD_INDEX", "3"), ("TEST_TOTAL_SHARDS", "4")], "4/4"),
            (&[("JOB_COMPLETION_INDEX", "1"), ("WPASIM_SHARDS", "3")], "2/3"),
            (&slurm("0", "0", "4", "1"), "1/4"),
            (&slurm("4", "1", "4", "1"), "4/4"),
            (&slurm("15", "5", "3", "5"), "3/3"),
            (&slurm("2", "1", "2", "1")[..3], "2/2"),
            // Two that say the same.
            (
                &[
                    ("CI_NODE_INDEX", "2"),
                    ("CI_NODE_TOTAL", "2"),
                    ("TEST_SHARD_INDEX", "1"),
                    ("TEST_TOTAL_SHARDS", "2"),
                ],
                "2/2",
            ),
            // A GitLab job that is not divided, on whose runner something else divides.
            (&[("CI_NODE_TOTAL", "1"), ("JOB_COMPLETION_INDEX", "1"), ("WPASIM_SHARDS", "3")], "2/3"),
        ] {
            assert_eq!(shard(environment).as_deref(), Ok(said), "{environment:?}");
        }
    }

    #[test]
    fn what_names_no_shard_says_what_is_wrong() {
        let nothing = shard(&[]).unwrap_err();
        for variable in ["CI_NODE_INDEX", "TEST_TOTAL_SHARDS", "WPASIM_SHARDS", "SLURM_ARRAY_TASK_MIN"] {
            assert!(nothing.contains(variable), "{nothing}");
        }
        for (environment, part) in [
            (&[("CI_NODE_INDEX", "1")][..], "CI_NODE_INDEX is set, but CI_NODE_TOTAL is not"),
            (&[("JOB_COMPLETION_INDEX", "1")], "but WPASIM_SHARDS is not"),
            (&[("SLURM_ARRAY_TASK_ID", "1"), ("SLURM_ARRAY_TASK_COUNT", "2")], "SLURM_ARRAY_TASK_MIN is not"),
            (&[("TEST_SHARD_INDEX", "x"), ("TEST_TOTAL_SHARDS", "2")], "TEST_SHARD_INDEX=x is no number"),
            (
                &[("TEST_SHARD_INDEX", "2"), ("TEST_TOTAL_SHARDS", "2")],
                "TEST_SHARD_INDEX=2 of TEST_TOTAL_SHARDS=2",
            ),
            (&[("CI_NODE_INDEX", "0"), ("CI_NODE_TOTAL", "2")], "CI_NODE_INDEX=0 of"),
            (&[("CI_NODE_INDEX", "1"), ("CI_NODE_TOTAL", "0")], "of CI_NODE_TOTAL=0 is no shard"),
            // An array of 1,3,7 has no order that a shard could be read from.
            (
                &[
                    ("SLURM_ARRAY_TASK_ID", "7"),
                    ("SLURM_ARRAY_TASK_MIN", "1"),
                    ("SLURM_ARRAY_TASK_COUNT", "3"),
                ],
                "SLURM_ARRAY_TASK_ID=7 of SLURM_ARRAY_TASK_COUNT=3 is no shard",
            ),
            (
                &[
                    ("CI_NODE_INDEX", "1"),
                    ("CI_NODE_TOTAL", "2"),
                    ("TEST_SHARD_INDEX", "1"),
                    ("TEST_TOTAL_SHARDS", "2"),
                ],
                "GitLab CI says 1/2, Bazel says 2/2",
            ),
        ] {
            let message = shard(environment).unwrap_err();
            assert!(message.contains(part), "{environment:?}: {message}");
        }
    }

    #[test]
    fn a_shard_is_read() {
        assert_eq!("auto".parse(), Ok(ShardArg::Auto));
        assert_eq!("2/4".parse(), Ok(ShardArg::Of(Shard { index: 2, count: 4 })));
        for text in ["", "2", "0/4", "5/4", "1/0", "a/b", "1/2/3", "-1/2"] {
            assert!(text.parse::<ShardArg>().is_err(), "{text}");
        }
    }
}
