//! The configuration of a server, and its peer.

use wpasim_wire::MacAddr;
use wpasim_wire::p2p::Attributes;

/// The EAP variables of an access point.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ServerConfig {
    /// Enrollees and registrars of WPS are users.
    pub wps: bool,
    /// In octets; 0 is the method's own limit.
    pub fragment_size: usize,
    /// M1 says push button whatever the configuration methods are.
    pub pbc_in_m1: bool,
    /// The text of identity requests (`eap_message`).
    pub identity_request: Vec<u8>,
    pub max_rounds: u32,
    /// Rounds one after the other without anything of length.
    pub max_rounds_short: u32,
}

impl Default for ServerConfig {
    fn default() -> Self {
        ServerConfig {
            wps: false,
            fragment_size: 0,
            pbc_in_m1: false,
            identity_request: Vec::new(),
            max_rounds: 100,
            max_rounds_short: 50,
        }
    }
}

/// The peer of a server.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ServerPeer {
    pub addr: MacAddr,
    /// The attributes of the association request's WPS elements.
    pub assoc_wps: Option<Vec<u8>>,
    /// The attributes of its P2P elements.
    pub assoc_p2p: Option<Vec<u8>>,
}

impl ServerPeer {
    /// Its P2P Device Address.
    pub(crate) fn p2p_device(&self) -> Option<MacAddr> {
        Attributes::parse(self.assoc_p2p.as_deref()?).ok()?.device_addr()
    }
}
