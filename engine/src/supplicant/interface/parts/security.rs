//! The two machines that secure a link, and the EAPOL frames that reach them. The handshake and the port guard their own
//! state; this part owns them and what is counted around them.

use wpasim_wire::MacAddr;
use wpasim_wire::time::{Duration, Instant};

use crate::eapol;
use crate::rsn;

/// The time that EAPOL that came before the association event is kept.
const EARLY_EAPOL: Duration = Duration::from_millis(200);

/// A frame that came too early.
struct EarlyFrame {
    at: Instant,
    source: MacAddr,
    frame: Vec<u8>,
}

/// The handshake, the port, and what they receive.
pub(crate) struct Security {
    rsn: rsn::Supplicant,
    pae: eapol::Supplicant,
    /// EAPOL frames since the association.
    received: u32,
    early: Option<EarlyFrame>,
}

impl Security {
    pub(crate) fn new(rsn: rsn::Supplicant, pae: eapol::Supplicant) -> Self {
        Security { rsn, pae, received: 0, early: None }
    }

    /// Begins with another port: the interface starts.
    pub(crate) fn start(&mut self, pae: eapol::Supplicant) {
        self.pae = pae;
    }

    /// Begins to associate: an EAPOL frame of before belongs to another association.
    pub(crate) fn association_begins(&mut self) {
        self.early = None;
    }

    /// Counts EAPOL frames anew: the port is enabled.
    pub(crate) fn port_is_enabled(&mut self) {
        self.received = 0;
    }

    /// Counts an EAPOL frame. Returns whether it is the first since the association.
    pub(crate) fn eapol_arrives(&mut self) -> bool {
        let first = self.received == 0;
        self.received = self.received.saturating_add(1);
        first
    }

    /// Keeps an EAPOL frame that came before the association event.
    pub(crate) fn keep_early_eapol(&mut self, at: Instant, source: MacAddr, frame: &[u8]) {
        self.early = Some(EarlyFrame { at, source, frame: frame.to_vec() });
    }

    /// Takes the frame that came just before the association event. One of another peer, or an old one, is dropped.
    pub(crate) fn take_early_eapol(&mut self, now: Instant, peer: MacAddr) -> Option<Vec<u8>> {
        let early = self.early.take()?;
        (now - early.at < EARLY_EAPOL && early.source == peer).then_some(early.frame)
    }

    pub(crate) fn rsn(&self) -> &rsn::Supplicant {
        &self.rsn
    }

    pub(crate) fn rsn_mut(&mut self) -> &mut rsn::Supplicant {
        &mut self.rsn
    }

    pub(crate) fn pae(&self) -> &eapol::Supplicant {
        &self.pae
    }

    pub(crate) fn pae_mut(&mut self) -> &mut eapol::Supplicant {
        &mut self.pae
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::eap::MethodContext;
    use crate::entropy::Entropy;

    const PEER: MacAddr = MacAddr([2, 0, 0, 0, 1, 0]);

    fn security() -> Security {
        let rsn = rsn::Supplicant::new(MacAddr::ZERO, Entropy::new(1, "sta").stream("snonce"));
        Security::new(rsn, eapol::Supplicant::new(&mut MethodContext::new(Instant::ZERO)))
    }

    #[rstest::rstest]
    #[case(0, PEER, true)]
    #[case(199, PEER, true)]
    #[case(200, PEER, false)]
    #[case(0, MacAddr::ZERO, false)]
    fn early_eapol_is_of_the_peer_and_fresh(#[case] millis: i64, #[case] from: MacAddr, #[case] taken: bool) {
        let mut security = security();
        security.keep_early_eapol(Instant::ZERO, from, &[1]);
        let now = Instant::ZERO + Duration::from_millis(millis);
        assert_eq!(security.take_early_eapol(now, PEER).is_some(), taken);
        assert_eq!(security.take_early_eapol(now, PEER), None);
    }

    #[test]
    fn the_first_frame_is_that_since_the_port_was_enabled() {
        let mut security = security();
        assert!(security.eapol_arrives() && !security.eapol_arrives());
        security.port_is_enabled();
        assert!(security.eapol_arrives());
    }
}
