//! Service discovery (Wi-Fi Direct 1.7 §3.1.3): what this device offers, what it asks its peers, and the
//! exchange of both in GAS frames.

mod database;
mod dns;
pub mod events;
mod fragments;
mod queue;
mod request;
mod respond;
mod text;
pub mod tlv;

pub use database::{BadService, Services};
pub use request::{ExternalResponse, Query, query_number};
pub use respond::WfdSubelements;

use super::device::Device;
use super::{Action, DevCx};
use crate::wire::MacAddr;

/// What became of an attempt to serve a peer between two iterations of the search.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum SearchStep {
    /// There was nothing to do.
    Nothing,
    /// An exchange began; the search waits for it.
    Started,
    /// Every peer had its turn: the next iteration begins.
    Enough,
}

impl Device {
    /// Sends a pending query to a peer during a search.
    pub(super) fn start_service_discovery(&mut self, _cx: &DevCx<'_>, _peer: MacAddr) -> SearchStep {
        SearchStep::Nothing
    }

    /// A new iteration of the search begins: whoever did not acknowledge a query is asked again.
    pub(super) fn forget_unacknowledged_query(&mut self) {}

    /// A GAS public action frame: its action (10 to 13) and what follows.
    pub(super) fn rx_gas(
        &mut self,
        _cx: &DevCx<'_>,
        _src: MacAddr,
        _action: u8,
        _content: &[u8],
        _freq: u32,
    ) {
    }

    /// The fate of a query that was sent.
    pub(super) fn service_query_sent(&mut self, _cx: &DevCx<'_>, _acked: bool) {}

    /// A query was not answered in time.
    pub(super) fn service_discovery_timeout(&mut self, cx: &DevCx<'_>) {
        if self.sd_peer.take().is_some() {
            self.actions.push_back(Action::ActionDone);
        }
        self.continue_find(cx);
    }

    /// Forgets every query.
    pub(super) fn flush_service_queries(&mut self) {}
}
