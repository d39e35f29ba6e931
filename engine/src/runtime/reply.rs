//! Replies to commands of both programs, and where 2.10 cuts those that do not fit into its buffers.

/// The buffer for the reply to a command of an interface, with its NUL.
pub(crate) const REPLY_SIZE: usize = 4096;

/// A reply before it becomes octets.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Reply {
    Ok,
    Fail,
    Text(String),
    /// Nobody knows the command.
    Unknown,
}

impl Reply {
    /// Returns OK after a success, else FAIL.
    pub(crate) fn ok_if(success: bool) -> Reply {
        if success { Reply::Ok } else { Reply::Fail }
    }

    /// Returns the text, FAIL without one.
    pub(crate) fn text_or_fail(text: Option<String>) -> Reply {
        text.map_or(Reply::Fail, Reply::Text)
    }

    /// Returns the octets that go over the control connection of an interface.
    pub(crate) fn into_bytes(self) -> Vec<u8> {
        self.into_bytes_within(REPLY_SIZE)
    }

    /// Returns the octets that go over a control connection whose replies have a buffer of this size, with its NUL.
    pub(crate) fn into_bytes_within(self, size: usize) -> Vec<u8> {
        match self {
            Reply::Ok => b"OK\n".to_vec(),
            Reply::Fail => b"FAIL\n".to_vec(),
            Reply::Text(text) => whole_lines(text, size).into_bytes(),
            Reply::Unknown => b"UNKNOWN COMMAND\n".to_vec(),
        }
    }
}

/// The lines that fit into a buffer of this size whole; what is a single line and does not fit is a failure, as 2.10 gives
/// up what it cannot print.
pub(crate) fn whole_lines(mut reply: String, size: usize) -> String {
    if reply.len() < size {
        return reply;
    }
    let fitting = reply.as_bytes().get(..size - 1).unwrap_or_default();
    match fitting.iter().rposition(|b| *b == b'\n') {
        Some(end) => {
            reply.truncate(end + 1);
            reply
        }
        None => "FAIL\n".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_cut_whole() {
        assert_eq!(whole_lines("ab\ncd\n".to_owned(), 7), "ab\ncd\n");
        assert_eq!(whole_lines("ab\ncd\n".to_owned(), 6), "ab\n");
        assert_eq!(whole_lines("ab\ncd\n".to_owned(), 4), "ab\n");
        assert_eq!(whole_lines("ab\ncd\n".to_owned(), 3), "FAIL\n");
        assert_eq!(whole_lines("é".repeat(10), 8), "FAIL\n");
    }
}
