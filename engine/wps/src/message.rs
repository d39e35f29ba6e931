//! Messages of the registration protocol, and what becomes of a received one.

use wpasim_wire::wsc::OpCode;

/// A message for the peer, not yet in fragments.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Message {
    pub op: OpCode,
    pub body: Vec<u8>,
}

/// The result of a received message.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Processed {
    /// The run succeeded.
    Done,
    /// There is an answer, or a NACK: [`super::Session::next_message`].
    Continue,
    /// The run is over. An enrollee that was refused may still have a NACK to answer with.
    Failure,
}
