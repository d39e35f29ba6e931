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

use super::{DevCx, Device, SendResult};
use crate::wire::MacAddr;

impl Device {
    /// Whether a query waits to be sent to this peer.
    pub(super) fn service_query_pending(&self, _peer: MacAddr) -> bool {
        false
    }

    /// Sends the pending query to a peer. Whether it was sent.
    pub(super) fn start_service_discovery(&mut self, _cx: &DevCx<'_>, _peer: MacAddr) -> bool {
        false
    }

    /// A GAS public action frame from its action octet on (10 to 13).
    pub(super) fn rx_gas(&mut self, _cx: &DevCx<'_>, _src: MacAddr, _body: &[u8], _freq: u32) {}

    /// The fate of a query that was sent.
    pub(super) fn service_query_sent(&mut self, _cx: &DevCx<'_>, _result: SendResult) {}
}
