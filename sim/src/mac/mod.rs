//! The soft MAC under each interface: what cfg80211, mac80211 and hwsim do for a real supplicant.

mod ap;
mod bss;
mod compose;
mod fragments;
mod keys;
mod lifecycle;
mod mlme;
mod monitor;
mod peer;
mod receive;
mod regulatory;
mod request;
mod roc;
mod scan;
mod send;
mod signal;
mod smps;
mod state;
mod status;
mod switch;
mod tune;
mod view;

pub(crate) use regulatory::Hints;
pub use regulatory::{NotADatabase, Regulatory, RegulatoryRule, UnknownRegulatory, countries_of, rules_of};
pub(crate) use state::{Radio, Vif};
pub(crate) use view::AirView;

pub(crate) use crate::index::{RadioIx, VifIx};
