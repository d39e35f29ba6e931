//! The importance of messages.

/// MSG_* of hostap: the number goes before an event's text, and a connection gets the events from its own level on.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Level {
    Debug = 2,
    Info = 3,
    Warning = 4,
    Error = 5,
}

impl Level {
    /// Returns an event as it goes over a control connection.
    pub fn line(self, text: &str) -> String {
        format!("<{}>{text}", self as i32)
    }
}
