//! EAP (RFC 3748) as 2.10 runs it: the peer and the server of RFC 4137, and their methods. Both are
//! driven by the port access entities of [`crate::eapol`], whose variables they share.

pub mod eapol;
mod methods;
mod names;
pub mod peer;
pub mod server;

pub use names::{method_name, method_of_name};
pub use wpasim_runtime::MsgLevel;

use std::collections::VecDeque;
use wpasim_wire::time::Instant;
use wpasim_wps::{Wps, WpsEvent};

/// What a method may use while it handles an input. It grows with the methods.
#[derive(Debug)]
pub struct MethodCx<'a> {
    pub now: Instant,
    /// The device's WPS, if it has one. WSC fails without.
    pub wps: Option<&'a mut Wps>,
    /// For a server: the PIN that an external registrar must know, as digits.
    pub ap_pin: Option<&'a [u8]>,
}

impl<'a> MethodCx<'a> {
    /// Nothing but the time.
    pub fn new(now: Instant) -> Self {
        MethodCx { now, wps: None, ap_pin: None }
    }

    /// With WPS.
    pub fn with_wps(now: Instant, wps: &'a mut Wps) -> Self {
        MethodCx { now, wps: Some(wps), ap_pin: None }
    }
}

/// What an EAP machine tells its owner, in 2.10's order.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Event {
    /// A line for the monitors.
    Msg(MsgLevel, String),
    Wps(WpsEvent),
}

/// Events that wait for the owner.
type Events = VecDeque<Event>;

/// Moves what a WPS session told into the machine's own events.
fn drain_wps(wps: &mut Wps, events: &mut Events) {
    events.extend(wps.events.drain(..).map(Event::Wps));
}
