//! Date and time of day, for what tells the time to others.

use wpasim_wire::time::Instant;

/// The moment at which virtual time begins, in seconds of the Unix epoch: that at which the lab's kernel starts.
const BEGINNING: i64 = 1_700_000_000;

/// A date with the time of day, in UTC.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct CivilTime {
    pub year: u16,
    /// From 1.
    pub month: u8,
    /// From 1.
    pub day: u8,
    pub hour: u8,
    pub minute: u8,
    pub second: u8,
}

impl CivilTime {
    /// Returns the date and time at an instant of virtual time.
    pub fn at(now: Instant) -> Self {
        let seconds = BEGINNING + now.secs();
        let (days, rest) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
        // The proleptic Gregorian calendar in eras of 400 years that begin in March.
        let days = days + 719_468;
        let era = days.div_euclid(146_097);
        let of_era = days.rem_euclid(146_097);
        let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
        let of_year = of_era - (365 * year + year / 4 - year / 100);
        let month = (5 * of_year + 2) / 153;
        let day = of_year - (153 * month + 2) / 5 + 1;
        let month = if month < 10 { month + 3 } else { month - 9 };
        let year = year + era * 400 + i64::from(month <= 2);
        CivilTime {
            year: year as u16,
            month: month as u8,
            day: day as u8,
            hour: (rest / 3600) as u8,
            minute: (rest / 60 % 60) as u8,
            second: (rest % 60) as u8,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn virtual_time_begins_as_the_lab_does() {
        let beginning = CivilTime { year: 2023, month: 11, day: 14, hour: 22, minute: 13, second: 20 };
        assert_eq!(CivilTime::at(Instant::ZERO), beginning);
    }
}
