//! The supplicant's side of the 4-way and the group key handshake (IEEE 802.11-2020 §12.7.6, §12.7.7)
//! for RSN and WPA, with the choices wpa_supplicant 2.10 makes where the standard leaves one.

mod install;
mod messages;
mod params;
mod receive;

pub use params::{AssocParams, Handshake, RsnAction};

use super::mib::{RsnConfigMib, Selection};
use wpasim_runtime::Level;
use wpasim_runtime::entropy::Stream;
use wpasim_wire::MacAddr;
use wpasim_wire::crypto::{Kck, Pmk, Ptk};
use wpasim_wire::eapol::{DESCRIPTOR_RSN, DESCRIPTOR_WPA, EapolKey, KeyInfo};
use wpasim_wire::rsne::{CipherSet, Proto};
use wpasim_wire::time::Instant;

/// A pairwise key whose possession the authenticator has proven.
#[derive(Debug)]
struct ProvenPtk {
    ptk: Ptk,
    /// Installed keys are never installed again, whatever is replayed (CVE-2017-13077).
    installed: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Phase {
    Idle,
    Running(Handshake),
    Completed,
}

/// The state of one supplicant, over all its associations.
#[derive(Debug)]
pub struct Supplicant {
    own_addr: MacAddr,
    random: Stream,
    params: Option<AssocParams>,
    associated: bool,
    selection: Selection,
    pmk: Option<Pmk>,
    /// Derived from message 1, which proves nothing; message 3's MIC makes it the PTK.
    tentative: Option<Ptk>,
    ptk: Option<ProvenPtk>,
    snonce: [u8; 32],
    anonce: [u8; 32],
    renew_snonce: bool,
    rx_replay_counter: Option<u64>,
    request_counter: u64,
    gtk: Option<Vec<u8>>,
    igtk: Option<[u8; 16]>,
    msg3_ok: bool,
    completed_once: bool,
    phase: Phase,
    ptk_rekey_at: Option<Instant>,
    pmkid_used: Option<[u8; 16]>,
    /// dot11RSNA4WayHandshakeFailures.
    failures: u32,
    /// Whether an enabled network describes the link.
    network_known: bool,
    /// Values that only the MIB shows.
    pub mib_config: RsnConfigMib,
    actions: Vec<RsnAction>,
}

impl Supplicant {
    /// `random` is the stream that SNonces are drawn from.
    pub fn new(own_addr: MacAddr, random: Stream) -> Self {
        Supplicant {
            own_addr,
            random,
            params: None,
            associated: false,
            selection: Selection::default(),
            pmk: None,
            tentative: None,
            ptk: None,
            snonce: [0; 32],
            anonce: [0; 32],
            renew_snonce: true,
            rx_replay_counter: None,
            request_counter: 0,
            gtk: None,
            igtk: None,
            msg3_ok: false,
            completed_once: false,
            phase: Phase::Idle,
            ptk_rekey_at: None,
            pmkid_used: None,
            failures: 0,
            network_known: true,
            mib_config: RsnConfigMib::default(),
            actions: Vec::new(),
        }
    }

    /// The security chosen for the BSS that is tried next: what MIB and STATUS show from now on.
    pub fn select(&mut self, selection: Selection) {
        self.selection = selection;
    }

    /// Uses this PMK for the following handshakes.
    pub fn set_pmk(&mut self, pmk: Pmk) {
        self.pmk = Some(pmk);
    }

    /// Says whether an enabled network describes the link; without one message 1 of the 4-way handshake is not
    /// answered.
    pub fn set_network_known(&mut self, known: bool) {
        self.network_known = known;
    }

    /// A (re)association succeeded: the old pairwise security association ends.
    pub fn associated(&mut self, params: AssocParams) {
        self.selection = params.selection;
        self.params = Some(params);
        self.associated = true;
        self.rx_replay_counter = None;
        self.renew_snonce = true;
        self.completed_once = false;
        self.drop_keys();
    }

    /// The association ended.
    pub fn disassociated(&mut self) {
        if self.phase == Phase::Running(Handshake::FourWay) {
            self.failures = self.failures.wrapping_add(1);
        }
        self.phase = Phase::Idle;
        self.associated = false;
        self.msg3_ok = false;
        self.ptk_rekey_at = None;
        self.pmkid_used = None;
        self.drop_keys();
    }

    fn drop_keys(&mut self) {
        self.tentative = None;
        self.ptk = None;
        self.gtk = None;
        self.igtk = None;
    }

    /// The actions since the last call, oldest first.
    pub fn take_actions(&mut self) -> Vec<RsnAction> {
        core::mem::take(&mut self.actions)
    }

    /// Returns the time at which [`Supplicant::timeout`] wants to be called.
    pub fn next_timeout(&self) -> Option<Instant> {
        self.ptk_rekey_at
    }

    /// Asks for a new pairwise key if it is time to. Harmless if nothing is due.
    pub fn timeout(&mut self, now: Instant) {
        if self.ptk_rekey_at.is_some_and(|at| at <= now) {
            self.ptk_rekey_at = None;
            self.request_key(false, true);
        }
    }

    /// Whether a pairwise key is in use: then EAPOL frames go out encrypted.
    pub fn has_installed_ptk(&self) -> bool {
        self.ptk.as_ref().is_some_and(|p| p.installed)
    }

    /// The `dot11RSNA…` lines of MIB, each ended by a newline.
    pub fn mib(&self) -> String {
        self.selection.mib(&self.mib_config, self.pmkid_used.as_ref(), self.failures)
    }

    /// The cipher and key management lines of STATUS, each ended by a newline.
    pub fn status(&self) -> String {
        let params = self.params.as_ref();
        let element = params.and_then(|p| p.ap_rsn_element.as_deref());
        self.selection.status(element, params.and_then(|p| p.group_mgmt))
    }

    /// Sends an EAPOL-Key request (§12.7.2): for a new key, or to report a Michael failure (`error`).
    pub fn request_key(&mut self, error: bool, pairwise: bool) {
        let Some(params) = self.params.as_ref().filter(|_| self.associated) else { return };
        if pairwise && params.deny_ptk0_rekey && self.phase == Phase::Completed {
            self.say(Level::Info, "WPA: PTK0 rekey not allowed, reconnecting".to_owned());
            self.actions.push(RsnAction::Reconnect);
            return;
        }
        let version = if self.selection.akm.uses_sha256() {
            3
        } else if self.selection.pairwise != CipherSet::TKIP {
            2
        } else {
            1
        };
        let mut key_info = KeyInfo::REQUEST.with_version(version);
        if self.ptk.is_some() {
            key_info |= KeyInfo::SECURE | KeyInfo::MIC;
        }
        if error {
            key_info |= KeyInfo::ERROR;
        }
        if pairwise {
            key_info |= KeyInfo::PAIRWISE;
        }
        let request = EapolKey { key_info, replay_counter: self.request_counter, ..reply_template(params) };
        self.request_counter = self.request_counter.wrapping_add(1);
        let kck = self.ptk.as_ref().map(|p| p.ptk.kck);
        let frame = match kck {
            Some(kck) => request.emit_signed(&kck),
            None => request.emit(),
        };
        self.say(
            Level::Info,
            format!(
                "WPA: Sending EAPOL-Key Request (error={} pairwise={} ptk_set={} len={})",
                u8::from(error),
                u8::from(pairwise),
                u8::from(kck.is_some()),
                frame.len()
            ),
        );
        self.send(frame);
    }

    fn enter(&mut self, handshake: Handshake) {
        self.phase = Phase::Running(handshake);
        self.actions.push(RsnAction::State(handshake));
    }

    fn send_signed(&mut self, key: EapolKey, kck: &Kck) {
        self.send(key.emit_signed(kck));
    }

    fn send(&mut self, frame: Vec<u8>) {
        if let Some(params) = &self.params {
            let (dest, no_encrypt) = (params.bssid, !self.has_installed_ptk());
            self.actions.push(RsnAction::Send { dest, frame, no_encrypt });
        }
    }

    fn say(&mut self, level: Level, text: String) {
        self.actions.push(RsnAction::Msg(level, text));
    }
}

fn reply_template(params: &AssocParams) -> EapolKey {
    EapolKey {
        version: params.eapol_version,
        descriptor_type: match params.selection.proto {
            Some(Proto::Wpa) => DESCRIPTOR_WPA,
            _ => DESCRIPTOR_RSN,
        },
        ..EapolKey::default()
    }
}
