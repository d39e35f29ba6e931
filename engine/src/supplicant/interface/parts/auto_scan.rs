//! The modules of AUTOSCAN: when the next scan is, while nothing is connected.

use crate::config::text::atoi;

/// The module at work. Times are in seconds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum AutoScan {
    Periodic { interval: i32 },
    Exponential { base: i32, limit: i32, interval: i32 },
}

impl AutoScan {
    /// Reads `NAME[:PARAMETERS]`; the name may be cut short. Returns `None` for what 2.10 does not take.
    pub(crate) fn parse(text: &str) -> Option<AutoScan> {
        let (name, parameters) = text.split_once(':').unwrap_or((text, ""));
        if "exponential".starts_with(name) {
            let (base, limit) = parameters.split_once(':')?;
            return Some(AutoScan::Exponential { base: atoi(base), limit: atoi(limit), interval: 0 });
        }
        let interval = atoi(parameters);
        ("periodic".starts_with(name) && interval >= 0).then_some(AutoScan::Periodic { interval })
    }

    /// Returns the time until the next scan.
    pub(super) fn next_interval(&mut self) -> i32 {
        match self {
            AutoScan::Periodic { interval } => *interval,
            AutoScan::Exponential { limit, interval, .. } if *interval >= *limit => *limit,
            AutoScan::Exponential { base, limit, interval } => {
                *interval = if *interval <= 0 { *base } else { interval.saturating_mul(*base) };
                (*interval).min(*limit)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intervals_grow_up_to_the_limit() {
        let mut auto = AutoScan::parse("exponential:2:10").unwrap();
        let intervals: Vec<i32> = (0..5).map(|_| auto.next_interval()).collect();
        assert_eq!(intervals, [2, 4, 8, 10, 10]);
        assert_eq!(AutoScan::parse("p:3"), Some(AutoScan::Periodic { interval: 3 }));
        assert_eq!(AutoScan::parse("exponential:2"), None);
        assert_eq!(AutoScan::parse("nosuch:3"), None);
    }
}
