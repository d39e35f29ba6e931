//! Service discovery (Wi-Fi Direct 1.7 §3.1.3): what this device offers, what it asks its peers, and the
//! exchange of both in GAS frames.

mod database;
mod dns;
pub mod events;
mod exchange;
mod fragments;
mod queue;
mod request;
mod respond;
mod text;
pub mod tlv;

pub use database::{BadService, Services};
pub(super) use exchange::{Discovery, SearchStep};
pub(super) use queue::Progress;
pub use request::{ExternalResponse, Query, query_number};
pub use respond::WfdSubelements;
