//! The supplicant's side of the 4-way and the group key handshake (IEEE 802.11-2020 §12.7.6, §12.7.7)
//! for RSN and WPA, with the choices wpa_supplicant 2.10 makes where the standard leaves one.

use super::fault::{FaultContext, MsgLevel, PeerFault};
use super::mib::{RsnConfigMib, Selection};
use super::proof::{Authentic, Opened, Received};
use crate::Secret;
use crate::entropy::Stream;
use crate::wire::MacAddr;
use crate::wire::crypto::{self, Kck, Pmk, Ptk, PtkContext};
use crate::wire::driver::{Cipher, Key, KeyScope};
use crate::wire::eapol::{DESCRIPTOR_RSN, DESCRIPTOR_WPA, EapolKey, KeyInfo};
use crate::wire::ieee80211::reason;
use crate::wire::kde::{IgtkKde, KeyData};
use crate::wire::rsne::{CipherSet, Proto};
use crate::wire::time::{Duration, Instant};

/// Which handshake a supplicant is in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Handshake {
    FourWay,
    Group,
}

/// What the supplicant wants done, in this order.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum RsnAction {
    /// An EAPOL frame to send; `no_encrypt` as long as no pairwise key is installed.
    Send {
        dest: MacAddr,
        frame: Vec<u8>,
        no_encrypt: bool,
    },
    NewKey(Key),
    /// The handshake that now runs.
    State(Handshake),
    /// All keys are in place: the port opens. `first` since the association.
    KeysInstalled {
        first: bool,
        ptk: Cipher,
        gtk: Option<Cipher>,
    },
    /// A group key handshake ended after the connection was complete.
    GroupRekeyed {
        gtk: Cipher,
    },
    Deauthenticate {
        reason: u16,
    },
    /// A new pairwise key is asked for, but configuration forbids it under key identifier 0.
    Reconnect,
    Secret(Secret),
    /// A message for the control interface's monitors.
    Msg(MsgLevel, String),
}

/// What is known when the association succeeds.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AssocParams {
    pub bssid: MacAddr,
    pub selection: Selection,
    /// `None` without management frame protection.
    pub group_mgmt: Option<CipherSet>,
    /// Our RSN or WPA element as the (re)association request carried it.
    pub own_element: Vec<u8>,
    /// The AP's elements from its beacon or probe response, whole.
    pub ap_rsn_element: Option<Vec<u8>>,
    pub ap_wpa_element: Option<Vec<u8>>,
    pub ap_rsnx_element: Option<Vec<u8>>,
    /// Whether the network's configuration allows RSN: then WPA with an RSN element in message 3 is
    /// a downgrade.
    pub rsn_enabled: bool,
    /// `wpa_ptk_rekey`: ask for a new pairwise key after this time.
    pub ptk_rekey: Option<Duration>,
    /// `wpa_deny_ptk0_rekey`.
    pub deny_ptk0_rekey: bool,
    /// The version of our EAPOL frames (`eapol_version`), 1 by default.
    pub eapol_version: u8,
}

impl AssocParams {
    /// With everything optional off.
    pub fn new(bssid: MacAddr, selection: Selection, own_element: Vec<u8>) -> Self {
        AssocParams {
            bssid,
            selection,
            group_mgmt: None,
            own_element,
            ap_rsn_element: None,
            ap_wpa_element: None,
            ap_rsnx_element: None,
            rsn_enabled: true,
            ptk_rekey: None,
            deny_ptk0_rekey: false,
            eapol_version: 1,
        }
    }
}

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

    /// When [`Supplicant::timeout`] wants to be called.
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
            self.say(MsgLevel::Info, "WPA: PTK0 rekey not allowed, reconnecting".to_owned());
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
            MsgLevel::Info,
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

    /// A received EAPOL frame. Frames that are no EAPOL-Key frames are refused as malformed.
    /// 2.10 accepts a frame whether or not it came `encrypted`, so this does too.
    pub fn rx_eapol(
        &mut self,
        now: Instant,
        src: MacAddr,
        frame: &[u8],
        _encrypted: bool,
    ) -> Result<(), PeerFault> {
        let before = self.actions.len();
        let result = self.process(now, src, frame);
        if let (Err(fault), Some(params)) = (result, &self.params) {
            let context = FaultContext {
                pairwise_cipher: self.selection.pairwise.text(),
                group_cipher: self.selection.group.text(),
                in_group_handshake: self.phase == Phase::Running(Handshake::Group),
            };
            if let Some((level, text)) = fault.supplicant_message(params.bssid, &context) {
                self.say(level, text);
                // What is wrong is said before the connection is left for it.
                let leaves =
                    |a: &RsnAction| matches!(a, RsnAction::Deauthenticate { .. } | RsnAction::Reconnect);
                if let Some(at) = self.actions.iter().skip(before).position(leaves)
                    && let Some(said) = self.actions.pop()
                {
                    self.actions.insert(before + at, said);
                }
            }
        }
        result
    }

    fn process(&mut self, now: Instant, src: MacAddr, frame: &[u8]) -> Result<(), PeerFault> {
        let Some(params) = self.params.clone().filter(|_| self.associated) else {
            return Err(PeerFault::NotAssociated);
        };
        let received = Received::parse(frame)?;
        if src != params.bssid {
            return Err(PeerFault::WrongSource);
        }
        let info = received.key.key_info;
        self.check_version(&params, info)?;
        if self.rx_replay_counter.is_some_and(|last| received.key.replay_counter <= last) {
            return Err(PeerFault::ReplayCounter);
        }
        if info.has(KeyInfo::SMK) {
            return Err(PeerFault::SmkMessage);
        }
        if !info.has(KeyInfo::ACK) {
            return Err(PeerFault::NoAckBit);
        }
        if info.has(KeyInfo::REQUEST) {
            return Err(PeerFault::RequestBit);
        }
        if !info.has(KeyInfo::MIC) {
            return self.unauthenticated(&params, &received.key);
        }
        let authentic = self.authenticate(&received)?;
        self.rx_replay_counter = Some(authentic.key().replay_counter);
        let opened = match (params.selection.proto, &self.ptk) {
            (Some(Proto::Rsn), Some(proven)) => authentic.open(&proven.ptk.kek)?,
            _ => authentic.take_as_is(),
        };
        if info.has(KeyInfo::PAIRWISE) {
            if info.key_index() != 0 {
                return Err(PeerFault::PairwiseKeyIndex);
            }
            let result = self.message_3(now, &params, &opened);
            self.deauthenticate_after(result)
        } else {
            let result = self.group_message_1(&params, &opened);
            self.deauthenticate_after(result)
        }
    }

    /// A frame without a MIC can only be message 1 of the 4-way handshake.
    fn unauthenticated(&mut self, params: &AssocParams, key: &EapolKey) -> Result<(), PeerFault> {
        if key.key_info.has(KeyInfo::ENCRYPTED) {
            return Err(PeerFault::EncryptedUnauthenticated);
        }
        if !key.key_info.has(KeyInfo::PAIRWISE) {
            return Err(PeerFault::GroupWithoutMic);
        }
        if key.key_info.key_index() != 0 {
            return Err(PeerFault::PairwiseKeyIndex);
        }
        if params.deny_ptk0_rekey && self.phase == Phase::Completed {
            self.actions.push(RsnAction::Reconnect);
            return Err(PeerFault::Ptk0RekeyDenied);
        }
        let result = self.message_1(params, key);
        self.deauthenticate_after(result)
    }

    fn deauthenticate_after(&mut self, result: Result<(), PeerFault>) -> Result<(), PeerFault> {
        if let Err(fault) = result {
            let reason = match fault {
                PeerFault::ElementsMissing
                | PeerFault::ElementsDiffer
                | PeerFault::Downgrade
                | PeerFault::RsnxDiffers => reason::IE_IN_4WAY_DIFFERS,
                _ => reason::UNSPECIFIED,
            };
            self.actions.push(RsnAction::Deauthenticate { reason });
        }
        result
    }

    /// Which descriptor versions go with the negotiated suites (§12.7.2 "Key Descriptor Version").
    fn check_version(&mut self, params: &AssocParams, info: KeyInfo) -> Result<(), PeerFault> {
        let version = info.descriptor_version();
        if !(1..=3).contains(&version) {
            return Err(PeerFault::DescriptorVersion(version));
        }
        if params.selection.akm.uses_sha256() {
            return if version == 3 { Ok(()) } else { Err(PeerFault::DescriptorVersionNotCmac(version)) };
        }
        if params.selection.pairwise != CipherSet::CCMP || version == 2 {
            return Ok(());
        }
        self.say(
            MsgLevel::Info,
            format!("WPA: CCMP is used, but EAPOL-Key descriptor version ({version}) is not 2"),
        );
        let tolerated = if params.selection.group != CipherSet::CCMP && !info.has(KeyInfo::PAIRWISE) {
            "WPA: Backwards compatibility: allow invalid version for non-CCMP group keys"
        } else if version == 3 {
            "WPA: Interoperability workaround: allow incorrect (should have been HMAC-SHA1), but stronger (is \
             AES-128-CMAC), descriptor version to be used"
        } else {
            return Err(PeerFault::DescriptorVersionUnderCcmp(version));
        };
        self.say(MsgLevel::Info, tolerated.to_owned());
        Ok(())
    }

    /// Checks the MIC with the tentative key first: if it holds, that key becomes the PTK. It can do
    /// so once only, so that the same key never counts as new again.
    fn authenticate(&mut self, received: &Received<'_>) -> Result<Authentic, PeerFault> {
        if let Some(tentative) = self.tentative.take() {
            if let Some(authentic) = received.authenticate(&tentative.kck) {
                self.ptk = Some(ProvenPtk { ptk: tentative, installed: false });
                self.renew_snonce = true;
                return Ok(authentic);
            }
            self.tentative = Some(tentative);
            self.say(
                MsgLevel::Warning,
                "WPA: Invalid EAPOL-Key MIC when using TPTK - ignoring TPTK".to_owned(),
            );
        }
        let proven = self.ptk.as_ref().ok_or(PeerFault::NoKeyToVerify)?;
        received.authenticate(&proven.ptk.kck).ok_or(PeerFault::BadMic)
    }

    fn message_1(&mut self, params: &AssocParams, key: &EapolKey) -> Result<(), PeerFault> {
        self.enter(Handshake::FourWay);
        if params.selection.proto == Some(Proto::Rsn) {
            // A PMKID may be there; with a pre-shared key there is nothing to look up by it.
            KeyData::parse(&key.key_data)?;
        }
        let pmk = self.pmk.ok_or(PeerFault::NoPmk)?;
        if self.renew_snonce {
            self.snonce = self.random.bytes();
            self.renew_snonce = false;
        }
        let context =
            PtkContext { aa: params.bssid, spa: self.own_addr, anonce: &key.nonce, snonce: &self.snonce };
        let sel = &params.selection;
        let ptk = crypto::derive_ptk(&pmk, &context, sel.akm.uses_sha256(), sel.pairwise.key_len());
        let kck = ptk.kck;
        self.tentative = Some(ptk);
        let reply = EapolKey {
            key_info: KeyInfo::PAIRWISE | KeyInfo::MIC.with_version(key.key_info.descriptor_version()),
            nonce: self.snonce,
            key_data: params.own_element.clone(),
            ..answer_template(params, key)
        };
        self.send_signed(reply, &kck);
        self.anonce = key.nonce;
        Ok(())
    }

    fn message_3(&mut self, now: Instant, params: &AssocParams, msg: &Opened) -> Result<(), PeerFault> {
        self.enter(Handshake::FourWay);
        let key = &msg.key;
        let sel = params.selection;
        let data = KeyData::parse(&msg.data)?;
        let encrypted = key.key_info.has(KeyInfo::ENCRYPTED);
        if data.gtk.is_some() && !encrypted {
            return Err(PeerFault::GtkUnencrypted);
        }
        if data.igtk.is_some() && !encrypted {
            return Err(PeerFault::IgtkUnencrypted);
        }
        check_elements(params, &data)?;
        if data.key_id.is_some_and(|id| id != 0) {
            return Err(PeerFault::ExtendedKeyId);
        }
        if key.nonce != self.anonce {
            return Err(PeerFault::AnonceChanged);
        }
        if usize::from(key.key_length) != sel.pairwise.key_len() {
            return Err(PeerFault::KeyLength(key.key_length));
        }
        let kck = self.ptk.as_ref().map(|p| p.ptk.kck).ok_or(PeerFault::NoKeyToVerify)?;
        let secure = KeyInfo(key.key_info.0 & KeyInfo::SECURE.0);
        let reply = EapolKey {
            key_info: secure
                | KeyInfo::PAIRWISE
                | KeyInfo::MIC.with_version(key.key_info.descriptor_version()),
            ..answer_template(params, key)
        };
        self.send_signed(reply, &kck);
        // The SNonce was used; should message 3 come again the PTK must stay the same, but the next
        // handshake gets a fresh one.
        self.renew_snonce = true;
        if key.key_info.has(KeyInfo::INSTALL) {
            self.install_ptk(now, params, key);
        }
        self.enter(Handshake::Group);
        if sel.group != CipherSet::GTK_NOT_USED {
            match &data.gtk {
                Some(gtk) => self.install_gtk(params, gtk.index, gtk.tx, &gtk.key, key.rsc)?,
                None if sel.proto == Some(Proto::Rsn) => return Err(PeerFault::GtkMissing),
                None => {}
            }
        }
        self.install_igtk(params, data.igtk.as_ref());
        if sel.group == CipherSet::GTK_NOT_USED || data.gtk.is_some() {
            self.complete();
        }
        self.msg3_ok = true;
        Ok(())
    }

    fn group_message_1(&mut self, params: &AssocParams, msg: &Opened) -> Result<(), PeerFault> {
        if !self.msg3_ok {
            return Err(PeerFault::GroupBeforeFourWay);
        }
        let rekey = self.phase == Phase::Completed;
        let key = &msg.key;
        let (kck, kek) = self.ptk.as_ref().map(|p| (p.ptk.kck, p.ptk.kek)).ok_or(PeerFault::NoKeyToVerify)?;
        self.enter(Handshake::Group);
        if params.selection.proto == Some(Proto::Rsn) {
            let data = KeyData::parse(&msg.data)?;
            let gtk = data.gtk.as_ref().ok_or(PeerFault::GtkMissing)?;
            if !key.key_info.has(KeyInfo::ENCRYPTED) {
                return Err(PeerFault::GtkUnencrypted);
            }
            self.install_igtk(params, data.igtk.as_ref());
            self.install_gtk(params, gtk.index, gtk.tx, &gtk.key, key.rsc)?;
        } else {
            let gtk = msg.wpa_group_key(&kek)?;
            // WPA's transmit bit stands where RSN has Install.
            let tx = key.key_info.has(KeyInfo::INSTALL);
            self.install_gtk(params, key.key_info.key_index(), tx, &gtk, key.rsc)?;
        }
        let info = KeyInfo::SECURE
            | KeyInfo::MIC
                .with_version(key.key_info.descriptor_version())
                .with_key_index(key.key_info.key_index());
        self.send_signed(EapolKey { key_info: info, ..answer_template(params, key) }, &kck);
        if rekey {
            self.phase = Phase::Completed;
            if let Some(gtk) = params.selection.group.driver_cipher() {
                self.actions.push(RsnAction::GroupRekeyed { gtk });
            }
        } else {
            self.complete();
        }
        Ok(())
    }

    fn install_ptk(&mut self, now: Instant, params: &AssocParams, key: &EapolKey) {
        let Some(proven) = self.ptk.as_mut().filter(|p| !p.installed) else { return };
        let Some(cipher) = params.selection.pairwise.driver_cipher() else { return };
        proven.installed = true;
        // RSN starts receiving at zero; WPA says where to start.
        let rsc = if params.selection.proto == Some(Proto::Rsn) { [0; 6] } else { first_six(key.rsc) };
        let tk = proven.ptk.tk.clone();
        self.actions.push(RsnAction::Secret(Secret::TemporalKey { key: tk.clone() }));
        self.actions.push(RsnAction::NewKey(Key {
            cipher,
            scope: KeyScope::Pairwise(params.bssid),
            index: 0,
            key: tk,
            rsc,
            tx: true,
        }));
        if let Some(period) = params.ptk_rekey {
            self.ptk_rekey_at = Some(now + period);
        }
    }

    fn install_gtk(
        &mut self,
        params: &AssocParams,
        index: u8,
        tx: bool,
        gtk: &[u8],
        rsc: [u8; 8],
    ) -> Result<(), PeerFault> {
        let group = params.selection.group;
        let Some(cipher) = group.driver_cipher().filter(|_| gtk.len() == group.key_len()) else {
            return Err(PeerFault::GtkLength(gtk.len()));
        };
        let group_key_only = params.selection.pairwise == CipherSet::NONE;
        if tx && !group_key_only {
            self.say(
                MsgLevel::Info,
                "WPA: Tx bit set for GTK, but pairwise keys are used - ignore Tx bit".to_owned(),
            );
        }
        if self.gtk.as_deref() == Some(gtk) {
            return Ok(());
        }
        self.gtk = Some(gtk.to_vec());
        self.actions.push(RsnAction::Secret(Secret::TemporalKey { key: gtk.to_vec() }));
        self.actions.push(RsnAction::NewKey(Key {
            cipher,
            scope: KeyScope::Group,
            index,
            key: gtk.to_vec(),
            rsc: first_six(rsc),
            tx: tx && group_key_only,
        }));
        Ok(())
    }

    fn install_igtk(&mut self, params: &AssocParams, igtk: Option<&IgtkKde>) {
        let Some(igtk) = igtk.filter(|_| params.group_mgmt == Some(CipherSet::BIP_CMAC_128)) else { return };
        let Ok(index @ (4 | 5)) = u8::try_from(igtk.index) else { return };
        if self.igtk == Some(igtk.key) {
            return;
        }
        self.igtk = Some(igtk.key);
        self.actions.push(RsnAction::NewKey(Key {
            cipher: Cipher::BipCmac128,
            scope: KeyScope::Group,
            index,
            key: igtk.key.to_vec(),
            rsc: igtk.ipn,
            tx: false,
        }));
    }

    fn complete(&mut self) {
        self.phase = Phase::Completed;
        let first = !self.completed_once;
        self.completed_once = true;
        if let Some(ptk) = self.selection.pairwise.driver_cipher() {
            let gtk = self.selection.group.driver_cipher();
            self.actions.push(RsnAction::KeysInstalled { first, ptk, gtk });
        }
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

    fn say(&mut self, level: MsgLevel, text: String) {
        self.actions.push(RsnAction::Msg(level, text));
    }
}

fn first_six(rsc: [u8; 8]) -> [u8; 6] {
    let [a, b, c, d, e, f, _, _] = rsc;
    [a, b, c, d, e, f]
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

/// Answers carry the replay counter of what they answer, and under WPA its key length.
fn answer_template(params: &AssocParams, to: &EapolKey) -> EapolKey {
    EapolKey {
        replay_counter: to.replay_counter,
        key_length: if params.selection.proto == Some(Proto::Wpa) { to.key_length } else { 0 },
        ..reply_template(params)
    }
}

/// The elements of message 3 have to be those of the beacon or probe response (§12.7.6.4).
fn check_elements(params: &AssocParams, data: &KeyData) -> Result<(), PeerFault> {
    let (ap_wpa, ap_rsn) = (&params.ap_wpa_element, &params.ap_rsn_element);
    if ap_wpa.is_none() && ap_rsn.is_none() {
        return Err(PeerFault::ApElementsUnknown);
    }
    if data.wpa_element.is_none() && data.rsn_element.is_none() {
        return Err(PeerFault::ElementsMissing);
    }
    let differ = |ours: &Option<Vec<u8>>, theirs: &Option<Vec<u8>>| matches!((ours, theirs), (Some(a), Some(b)) if a != b);
    if differ(ap_wpa, &data.wpa_element) || differ(ap_rsn, &data.rsn_element) {
        return Err(PeerFault::ElementsDiffer);
    }
    match params.selection.proto {
        Some(Proto::Wpa) if data.rsn_element.is_some() && ap_rsn.is_none() && params.rsn_enabled => {
            Err(PeerFault::Downgrade)
        }
        Some(Proto::Rsn) if params.ap_rsnx_element != data.rsnx_element => Err(PeerFault::RsnxDiffers),
        _ => Ok(()),
    }
}
