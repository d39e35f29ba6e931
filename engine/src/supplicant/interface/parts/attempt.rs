//! The state that one attempt to connect carries from authentication to association (2.10's struct wpa_supplicant.sme).

use wpasim_wire::driver::{DriverRequest, HtOverrides};
use wpasim_wire::{MacAddr, Ssid};

use crate::bss::Bss;

/// Open System or Shared Key authentication, with its number on the air.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) enum AuthAlgorithm {
    #[default]
    Open = 0,
    SharedKey = 1,
}

/// The attempt.
#[derive(Clone, Debug, Default)]
pub(crate) struct Attempt {
    /// The BSS of the last association in this ESS; makes the next one a reassociation.
    prev_bssid: Option<MacAddr>,
    ssid: Ssid,
    freq: u32,
    algorithm: AuthAlgorithm,
    assoc_ies: Vec<u8>,
    ht_overrides: HtOverrides,
    privacy: bool,
    /// Whether the network is that of a Wi-Fi Direct group.
    p2p_group: bool,
    /// The P2P attributes of the BSS; empty without a P2P element.
    p2p_attributes: Vec<u8>,
    /// Whether both sides of the link have HT.
    ht: bool,
    /// Whether it is for the BSS of the current association.
    same_bss: bool,
    /// Deauthentications that were asked for and whose events say nothing new.
    own_deauths: u32,
    /// The authentication request to repeat if the driver refuses it because it is associated or has forgotten the BSS.
    retry: Option<DriverRequest>,
    /// The authentication request that waits for a scan of its channel, which nobody is told of.
    after_scan: Option<DriverRequest>,
    /// Whether the last authentication request was repeated after such a scan.
    repeated: bool,
}

impl Attempt {
    /// Queues an attempt, which may be for the BSS of the current association.
    pub(crate) fn is_queued(&mut self, same_bss: bool) {
        self.same_bss = same_bss;
    }

    /// Takes the ESS that is tried next. An association in another one is no reason to reassociate.
    pub(crate) fn is_for_ess(&mut self, ssid: &Ssid) {
        if self.ssid != *ssid {
            self.prev_bssid = None;
        }
    }

    /// Begins to authenticate with a BSS.
    pub(crate) fn begins(
        &mut self,
        bss: &Bss,
        algorithm: AuthAlgorithm,
        privacy: bool,
        assoc_ies: Vec<u8>,
        p2p_group: bool,
    ) {
        self.ssid = bss.ssid.clone();
        self.freq = bss.freq;
        self.algorithm = algorithm;
        self.privacy = privacy;
        self.assoc_ies = assoc_ies;
        self.p2p_group = p2p_group;
        self.p2p_attributes = wpasim_wire::p2p::concatenated(&bss.ies).unwrap_or_default();
    }

    /// Makes the authentication request, which may have to be repeated.
    pub(crate) fn authentication(&mut self, bssid: MacAddr) -> DriverRequest {
        let request = DriverRequest::Authenticate {
            bssid,
            freq: self.freq,
            ssid: self.ssid.clone(),
            algorithm: self.algorithm as u16,
            ies: Vec::new(),
        };
        self.retry = Some(request.clone());
        self.after_scan = None;
        self.repeated = false;
        request
    }

    /// Takes the authentication request to repeat it at once.
    pub(crate) fn take_retry(&mut self) -> Option<DriverRequest> {
        self.retry.take()
    }

    /// Lets the authentication request wait for a scan. Returns the channel and the SSID to scan for.
    pub(crate) fn wait_for_scan(&mut self) -> Option<(u32, Ssid)> {
        let Some(DriverRequest::Authenticate { freq, ssid, .. }) = &self.retry else { return None };
        let target = (*freq, ssid.clone());
        self.after_scan = self.retry.take();
        Some(target)
    }

    /// Takes the authentication request that waited for the scan that is over.
    pub(crate) fn scan_is_over(&mut self) -> Option<DriverRequest> {
        let request = self.after_scan.take()?;
        self.repeated = true;
        Some(request)
    }

    /// Takes note that the scan is refused. Returns whether an authentication request waited for it.
    pub(crate) fn scan_is_refused(&mut self) -> bool {
        self.after_scan.take().is_some()
    }

    /// Takes whether the last authentication request was repeated after a scan.
    pub(crate) fn take_repeated(&mut self) -> bool {
        core::mem::take(&mut self.repeated)
    }

    /// Makes the association request.
    pub(crate) fn association(&self, bssid: MacAddr) -> DriverRequest {
        DriverRequest::Associate {
            bssid,
            freq: self.freq,
            ssid: self.ssid.clone(),
            ies: self.assoc_ies.clone(),
            prev_bssid: self.prev_bssid,
            privacy: self.privacy,
            ht: self.ht_overrides,
        }
    }

    /// Takes what of HT the network gives up.
    pub(crate) fn overrides_ht(&mut self, overrides: HtOverrides) {
        self.ht_overrides = overrides;
    }

    /// Takes whether both sides have HT.
    pub(crate) fn is_answered(&mut self, ht: bool) {
        self.ht = ht;
    }

    /// Takes the BSS of a new association.
    pub(crate) fn associated(&mut self, bssid: MacAddr) {
        self.prev_bssid = Some(bssid);
    }

    /// Makes the next association a first one.
    pub(crate) fn forget_association(&mut self) {
        self.prev_bssid = None;
    }

    /// Forgets the name of the ESS (FLUSH).
    pub(crate) fn forget_ess(&mut self) {
        self.ssid = Ssid::wildcard();
    }

    /// Asks for a deauthentication whose event says nothing new.
    pub(crate) fn deauth_is_requested(&mut self) {
        self.own_deauths += 1;
    }

    /// Takes note that the driver refuses a deauthentication: no event comes.
    pub(crate) fn deauth_is_refused(&mut self) {
        self.own_deauths = self.own_deauths.saturating_sub(1);
    }

    /// Takes a local deauthentication. Returns whether it was asked for.
    pub(crate) fn take_own_deauth(&mut self) -> bool {
        let own = self.own_deauths > 0;
        self.deauth_is_refused();
        own
    }

    /// Returns the name of the ESS that is tried, or was tried last.
    pub(crate) fn ssid(&self) -> &Ssid {
        &self.ssid
    }

    /// Returns the channel of the BSS in MHz.
    pub(crate) fn freq(&self) -> u32 {
        self.freq
    }

    pub(crate) fn algorithm(&self) -> AuthAlgorithm {
        self.algorithm
    }

    pub(crate) fn is_for_same_bss(&self) -> bool {
        self.same_bss
    }

    pub(crate) fn is_of_group(&self) -> bool {
        self.p2p_group
    }

    pub(crate) fn p2p_attributes(&self) -> &[u8] {
        &self.p2p_attributes
    }

    /// Returns whether both sides of the link have HT.
    pub(crate) fn has_ht(&self) -> bool {
        self.ht
    }

    /// Returns whether an authentication request waits for a scan.
    pub(crate) fn waits_for_scan(&self) -> bool {
        self.after_scan.is_some()
    }

    /// Returns what is wrong after an input, if anything is.
    pub(crate) fn invariant(&self) -> Result<(), &'static str> {
        if self.after_scan.is_some() && (self.retry.is_some() || self.repeated) {
            return Err("an authentication request waits for a scan and is to be repeated as well");
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PEER: MacAddr = MacAddr([2, 0, 0, 0, 1, 0]);

    #[test]
    fn an_authentication_is_repeated_once_after_a_scan() {
        let mut attempt = Attempt::default();
        let request = attempt.authentication(PEER);
        assert_eq!(attempt.wait_for_scan(), Some((0, Ssid::wildcard())));
        assert!(attempt.waits_for_scan() && attempt.invariant().is_ok());
        assert_eq!((attempt.wait_for_scan(), attempt.take_retry()), (None, None));
        assert_eq!(attempt.scan_is_over(), Some(request));
        assert!(attempt.take_repeated() && !attempt.take_repeated() && !attempt.scan_is_refused());
    }

    #[test]
    fn only_the_same_ess_is_reassociated_with() {
        let mut attempt = Attempt::default();
        attempt.associated(PEER);
        attempt.is_for_ess(&Ssid::wildcard());
        assert!(matches!(attempt.association(PEER), DriverRequest::Associate { prev_bssid: Some(PEER), .. }));
        attempt.is_for_ess(&Ssid::new(b"other".to_vec()).unwrap());
        assert!(matches!(attempt.association(PEER), DriverRequest::Associate { prev_bssid: None, .. }));
    }

    #[test]
    fn each_own_deauthentication_is_taken_once() {
        let mut attempt = Attempt::default();
        attempt.deauth_is_requested();
        attempt.deauth_is_requested();
        attempt.deauth_is_refused();
        assert!(attempt.take_own_deauth() && !attempt.take_own_deauth());
    }
}
