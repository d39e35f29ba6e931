//! EAP (RFC 3748) and port-based access control (IEEE 802.1X-2004) as hostap runs them.
//!
//! [`peer::Peer`] and [`server::Server`] are the machines of RFC 4137 §4 and §5 with 2.10's additions. Each runs one of the methods, of
//! which each is a file and a row (`methods/`). The port access entities in [`eapol`] drive them and share their variables.
//!
//! ```
//! use wpasim_eap::MethodContext;
//! use wpasim_eap::server::{Server, ServerConfig, ServerPeer, ServerPort};
//! use wpasim_runtime::entropy::Entropy;
//! use wpasim_wire::MacAddr;
//! use wpasim_wire::eap::{EapPacket, EapType};
//! use wpasim_wire::time::Instant;
//!
//! let peer = ServerPeer { addr: MacAddr([2, 0, 0, 0, 0, 0]), assoc_wps: None, assoc_p2p: None };
//! let mut server = Server::new(ServerConfig::default(), peer, Entropy::new(1, "ap").stream("eap"));
//! let mut port = ServerPort { port_enabled: true, ..ServerPort::default() };
//! server.step(&mut MethodContext::new(Instant::ZERO), &mut port);
//! let request = port.request.expect("the server asks who the peer is");
//! assert_eq!(EapPacket::parse(&request)?.method()?.0, EapType::IDENTITY);
//! # Ok::<(), wpasim_wire::eap::EapError>(())
//! ```

pub mod eapol;
mod method;
mod methods;
mod names;
pub mod peer;
pub mod server;

pub use names::{method_name, method_of_name};
pub use wpasim_runtime::Level;

use std::collections::VecDeque;
use wpasim_wire::time::Instant;
use wpasim_wps::{Wps, WpsEvent};

/// The means of a method while it handles an input. It grows with the methods.
#[derive(Debug)]
pub struct MethodContext<'a> {
    pub now: Instant,
    /// The device's WPS, if it has one. WSC fails without.
    pub wps: Option<&'a mut Wps>,
    /// For a server: the PIN that an external registrar must know, as digits.
    pub ap_pin: Option<&'a [u8]>,
}

impl<'a> MethodContext<'a> {
    /// Nothing but the time.
    pub fn new(now: Instant) -> Self {
        MethodContext { now, wps: None, ap_pin: None }
    }

    /// With WPS.
    pub fn with_wps(now: Instant, wps: &'a mut Wps) -> Self {
        MethodContext { now, wps: Some(wps), ap_pin: None }
    }
}

/// An event of an EAP machine for its owner. Events come in 2.10's order.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Event {
    /// A line for the monitors.
    Msg(Level, String),
    Wps(WpsEvent),
}

/// Events that wait for the owner.
type Events = VecDeque<Event>;

/// Moves what a WPS session told into the machine's own events.
fn drain_wps(wps: &mut Wps, events: &mut Events) {
    events.extend(wps.events.drain(..).map(Event::Wps));
}
