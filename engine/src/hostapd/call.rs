//! The argument and the result of the handlers of commands.

use super::number::atoi;
use crate::ap::ApContext;
pub(super) use crate::runtime::reply::Reply;
use crate::wire::ieee80211::reason;
use crate::wire::time::Instant;
use crate::{ConnId, Env};

/// A command's connection, its time and what may be read while it is carried out.
#[derive(Clone, Copy)]
pub(super) struct Call<'a> {
    pub conn: ConnId,
    pub now: Instant,
    pub env: Env<'a>,
}

impl<'a> Call<'a> {
    /// Returns the context of the access point.
    pub(super) fn ap(self) -> ApContext<'a> {
        ApContext { now: self.now, driver: self.env.driver }
    }
}

/// ` reason=N` anywhere after the address; 2 without it.
pub(super) fn reason_in(text: &str) -> u16 {
    match text.find(" reason=") {
        Some(at) => atoi(text.get(at + 8..).unwrap_or_default()) as u16,
        None => reason::PREV_AUTH_NOT_VALID,
    }
}
