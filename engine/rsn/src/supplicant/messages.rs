//! The messages of the handshakes and our answers.

use super::super::fault::PeerFault;
use super::super::proof::Opened;
use super::{AssocParams, Handshake, Phase, RsnAction, Supplicant, reply_template};
use wpasim_wire::crypto::{self, PtkContext};
use wpasim_wire::eapol::{EapolKey, KeyInfo};
use wpasim_wire::kde::KeyData;
use wpasim_wire::rsne::{CipherSet, Proto};
use wpasim_wire::time::Instant;

impl Supplicant {
    pub(super) fn message_1(&mut self, params: &AssocParams, key: &EapolKey) -> Result<(), PeerFault> {
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

    pub(super) fn message_3(
        &mut self,
        now: Instant,
        params: &AssocParams,
        msg: &Opened,
    ) -> Result<(), PeerFault> {
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

    pub(super) fn group_message_1(&mut self, params: &AssocParams, msg: &Opened) -> Result<(), PeerFault> {
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

    pub(super) fn complete(&mut self) {
        self.phase = Phase::Completed;
        let first = !self.completed_once;
        self.completed_once = true;
        if let Some(ptk) = self.selection.pairwise.driver_cipher() {
            let gtk = self.selection.group.driver_cipher();
            self.actions.push(RsnAction::KeysInstalled { first, ptk, gtk });
        }
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
