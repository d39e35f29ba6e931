//! How important a message for monitors is.

/// How important a message is, with hostap's numbers; the number goes before an event's text.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum MsgLevel {
    Info = 3,
    Warning = 4,
    Error = 5,
}
