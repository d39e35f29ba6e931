//! The level of the debug log (LOG_LEVEL), which the engine does not write.

/// The names of the levels, the most talkative first.
const LEVELS: [&str; 6] = ["EXCESSIVE", "MSGDUMP", "DEBUG", "INFO", "WARNING", "ERROR"];

/// The level's name and whether lines have a time.
#[derive(Clone, Debug)]
pub(crate) struct LogLevel {
    name: &'static str,
    timestamp: i64,
}

impl Default for LogLevel {
    fn default() -> Self {
        LogLevel { name: "INFO", timestamp: 0 }
    }
}

impl LogLevel {
    /// Returns the answer to LOG_LEVEL without arguments.
    pub(crate) fn text(&self) -> String {
        format!("Current level: {}\nTimestamp: {}\n", self.name, self.timestamp)
    }

    /// Takes ` [LEVEL [TIMESTAMP]]`, its number read by `atoi`. Returns false for a level that is none.
    pub(crate) fn set(&mut self, args: &str, atoi: impl Fn(&str) -> i64) -> bool {
        let mut words = args.split(' ').filter(|w| !w.is_empty());
        if let Some(word) = words.next() {
            let Some(level) = LEVELS.into_iter().find(|known| known.eq_ignore_ascii_case(word)) else {
                return false;
            };
            self.name = level;
        }
        self.timestamp = words.next().map_or(self.timestamp, atoi);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[rstest::rstest]
    #[case("", true, "INFO", 0)]
    #[case(" debug", true, "DEBUG", 0)]
    #[case(" MSGDUMP 1", true, "MSGDUMP", 1)]
    #[case("  error   7 9", true, "ERROR", 7)]
    #[case(" loud 1", false, "INFO", 0)]
    fn levels_are_set_by_name(
        #[case] args: &str,
        #[case] valid: bool,
        #[case] name: &str,
        #[case] time: i64,
    ) {
        let mut level = LogLevel::default();
        assert_eq!(level.set(args, |text| text.parse().unwrap()), valid);
        assert_eq!(level.text(), format!("Current level: {name}\nTimestamp: {time}\n"));
    }
}
