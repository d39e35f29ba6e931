//! mac80211_hwsim's generic netlink protocol as bytes and back (Linux 6.1,
//! drivers/net/wireless/mac80211_hwsim.h). Pure and total: any bytes give a message or a typed error
//! with the offset of what is wrong.
//!
//! As the kernel does, it passes over attributes that it does not know, and of one that comes twice
//! takes the last.

mod command;
pub mod family;
pub mod netlink;

pub use command::{Command, Deliver, RadioAttributes, Transmit, TxFlags, TxInfo, TxRate, TxRateFlags};
pub use netlink::{Answer, Header, Message, messages};

/// The fault in received bytes, and its place.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("malformed netlink message at octet {offset}: {fault}")]
pub struct CodecError {
    /// From the beginning of the datagram.
    pub offset: usize,
    pub fault: Fault,
}

/// The fault in received bytes.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Fault {
    #[error("{have} octets are left where {need} are needed")]
    Truncated { need: usize, have: usize },
    #[error("a length field says {length}, which is less than its header or more than what follows")]
    BadLength { length: usize },
    #[error("attribute {attribute} has {have} octets instead of {need}")]
    AttributeSize { attribute: &'static str, need: usize, have: usize },
    #[error("command {command} lacks its attribute {attribute}")]
    MissingAttribute { command: &'static str, attribute: &'static str },
    #[error("text that is not UTF-8")]
    NotText,
}

impl Fault {
    /// The error of this fault at a place.
    fn at(self, offset: usize) -> CodecError {
        CodecError { offset, fault: self }
    }
}
