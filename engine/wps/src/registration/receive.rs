//! The enrollee's messages: M1, M3, M5, M7, WSC_Done (WSC 2.0.5 §8.3.3, §8.3.6, §8.3.8, §8.3.10,
//! §8.3.16).

use super::{Registration, State};
use crate::message::Processed;
use crate::run::{Refusal, Run, required};
use crate::{Wps, WpsEvent};
use wpasim_wire::MacAddr;
use wpasim_wire::time::Instant;
use wpasim_wire::wsc::{
    Attributes, Credential, MessageType, WpsState, Writer, attr, auth_type, config_error, encr_type, methods,
    password_id, rf_band,
};

impl Registration {
    pub(super) fn receive(&mut self, run: &mut Run, wps: &mut Wps, now: Instant, body: &[u8]) -> Processed {
        let Ok(attributes) = Attributes::parse(body) else { return Processed::Failure };
        let Some(kind) = attributes.msg_type else {
            self.state = State::SendNack;
            return Processed::Continue;
        };
        let kind = MessageType::from_octet(kind);
        if kind != Some(MessageType::M1) && attributes.registrar_nonce != Some(&run.nonce_r) {
            return Processed::Failure;
        }
        let (kind, next) = match kind {
            Some(MessageType::M1) => match self.m1(run, wps, now, &attributes) {
                Ok(next) => (MessageType::M1, Ok(next)),
                Err(_) => return Processed::Failure,
            },
            Some(MessageType::M3) => (MessageType::M3, self.m3(run, wps, body, &attributes)),
            Some(MessageType::M5) => (MessageType::M5, self.m5(run, wps, body, &attributes)),
            Some(MessageType::M7) => (MessageType::M7, self.m7(run, wps, body, &attributes)),
            _ => return Processed::Failure,
        };
        self.state = next.unwrap_or_else(|refusal| {
            run.refused(refusal);
            run.fail_event(wps, kind, run.config_error, run.mac_addr_e);
            State::SendNack
        });
        run.last_msg = Some(body.to_vec());
        Processed::Continue
    }

    fn expect(&self, state: State) -> Result<(), Refusal> {
        if self.state == state { Ok(()) } else { Err(Refusal::Unexpected) }
    }

    /// An M1 that lacks anything ends the run without an answer.
    fn m1(
        &mut self,
        run: &mut Run,
        wps: &mut Wps,
        now: Instant,
        message: &Attributes<'_>,
    ) -> Result<State, Refusal> {
        self.expect(State::RecvM1)?;
        self.learn_enrollee(run, wps, message)?;
        if !password_id_is_known(run.password_id)
            && (run.password_id != password_id::PUSHBUTTON || !wps.pbc_active())
        {
            return Ok(State::SendM2d);
        }
        if run.password_id == password_id::PUSHBUTTON {
            if self.pbc_is_refused(run, wps, now) {
                return Ok(State::SendM2d);
            }
            wps.add_pbc_session(now, run.mac_addr_e, &run.uuid_e);
            run.pbc = true;
        }
        // Mac OS X 10.6 does not take a passphrase.
        let peer = &run.peer;
        if peer.manufacturer.starts_with(b"Apple ") && until_zero(&peer.model_name) == b"AirPort" {
            self.use_psk_key = true;
        }
        Ok(State::SendM2)
    }

    fn learn_enrollee(&mut self, run: &mut Run, wps: &Wps, message: &Attributes<'_>) -> Result<(), Refusal> {
        run.uuid_e = *required(message.uuid_e, attr::UUID_E)?;
        run.mac_addr_e = required(message.mac_addr, attr::MAC_ADDR)?;
        run.peer.mac_addr = run.mac_addr_e;
        run.nonce_e = *required(message.enrollee_nonce, attr::ENROLLEE_NONCE)?;
        run.public_e = required(message.public_key, attr::PUBLIC_KEY)?.to_vec();
        let auth = required(message.auth_type_flags, attr::AUTH_TYPE_FLAGS)?;
        self.auth_type = in_common(wps.auth_types, with_wpa2_psk(auth));
        let encr = required(message.encr_type_flags, attr::ENCR_TYPE_FLAGS)?;
        self.encr_type = in_common(wps.encr_types, encr);
        required(message.conn_type_flags, attr::CONN_TYPE_FLAGS)?;
        // Without a display nobody will read a passphrase, and a PSK is ready to use.
        self.use_psk_key |= required(message.config_methods, attr::CONFIG_METHODS)? & methods::DISPLAY == 0;
        required(message.wps_state, attr::WPS_STATE)?;
        run.learn_peer(message)?;
        run.peer.rf_bands = required(message.rf_bands, attr::RF_BANDS)?;
        required(message.assoc_state, attr::ASSOC_STATE)?;
        run.password_id = required(message.dev_password_id, attr::DEV_PASSWORD_ID)?;
        required(message.config_error, attr::CONFIG_ERROR)?;
        run.peer.os_version = required(message.os_version, attr::OS_VERSION)?;
        Ok(())
    }

    /// Two enrollees, or another than the button is for: nobody is served until it is pushed again.
    fn pbc_is_refused(&mut self, run: &mut Run, wps: &mut Wps, now: Instant) -> bool {
        let overlap = wps.registrar.force_pbc_overlap
            || wps.pbc_overlap(now, Some(&run.uuid_e))
            || !wps.pbc_is_for(self.p2p_dev_addr);
        if !overlap || wps.pbc_is_for_only(self.p2p_dev_addr) {
            return false;
        }
        run.config_error = config_error::MULTIPLE_PBC_DETECTED;
        wps.events.push_back(WpsEvent::PbcOverlap);
        run.fail_event(wps, MessageType::M1, run.config_error, run.mac_addr_e);
        wps.registrar.force_pbc_overlap = true;
        true
    }

    fn check_overlap(&self, run: &Run, wps: &Wps) -> Result<(), Refusal> {
        let overlap = run.pbc && wps.registrar.force_pbc_overlap && !wps.pbc_is_for_only(self.p2p_dev_addr);
        if overlap { Err(Refusal::Overlap) } else { Ok(()) }
    }

    fn m3(&self, run: &mut Run, wps: &Wps, body: &[u8], message: &Attributes<'_>) -> Result<State, Refusal> {
        self.expect(State::RecvM3)?;
        self.check_overlap(run, wps)?;
        run.check_authenticator(body, message)?;
        run.peer_commitments =
            [*required(message.e_hash1, attr::E_HASH1)?, *required(message.e_hash2, attr::E_HASH2)?];
        Ok(State::SendM4)
    }

    fn m5(
        &self,
        run: &mut Run,
        wps: &mut Wps,
        body: &[u8],
        message: &Attributes<'_>,
    ) -> Result<State, Refusal> {
        self.expect(State::RecvM5)?;
        self.check_overlap(run, wps)?;
        run.check_authenticator(body, message)?;
        let plain = run.open_settings(message)?;
        let settings = run.read_settings(&plain)?;
        let nonce = required(settings.e_snonce1, attr::E_SNONCE1)?;
        run.check_proof(1, nonce).inspect_err(|_| password_failed(run, wps, 1))?;
        Ok(State::SendM6)
    }

    fn m7(
        &mut self,
        run: &mut Run,
        wps: &mut Wps,
        body: &[u8],
        message: &Attributes<'_>,
    ) -> Result<State, Refusal> {
        self.expect(State::RecvM7)?;
        self.check_overlap(run, wps)?;
        run.check_authenticator(body, message)?;
        let plain = run.open_settings(message)?;
        let settings = run.read_settings(&plain)?;
        let nonce = required(settings.e_snonce2, attr::E_SNONCE2)?;
        run.check_proof(2, nonce).inspect_err(|_| {
            wps.invalidate_pin(&run.uuid_e);
            password_failed(run, wps, 2);
        })?;
        self.pin_revealed = false;
        wps.unlock_pin(&run.uuid_e);
        // A PIN for anyone would still be there after its first use.
        wps.invalidate_pin(&run.uuid_e);
        if !wps.ap {
            self.take_ap_settings(wps, &settings)?;
        }
        Ok(State::SendM8)
    }

    /// With new settings for the access point the run goes on; else all is known and it ends here.
    fn take_ap_settings(&mut self, wps: &mut Wps, settings: &Attributes<'_>) -> Result<(), Refusal> {
        let old = Credential::from_settings(settings)?;
        if let Some(new) = &self.new_ap_settings {
            self.credential = Credential { mac_addr: old.mac_addr, received: Vec::new(), ..new.clone() };
            return Ok(());
        }
        self.credential = old;
        wps.pin_completed();
        let mut whole = Writer::new();
        whole.attribute(attr::CREDENTIAL, &self.credential.emit());
        self.credential.received = whole.into_bytes();
        self.use_ap_settings(wps);
        Err(Refusal::Learned)
    }

    /// The station joins the access point whose settings it learned or made, with one type of security.
    fn use_ap_settings(&mut self, wps: &mut Wps) {
        let strongest = |types: u16, order: [u16; 2]| order.into_iter().find(|t| types & t != 0);
        let credential = &mut self.credential;
        let auth = strongest(credential.auth_type, [auth_type::WPA2_PSK, auth_type::WPA_PSK]);
        credential.auth_type = auth.unwrap_or(credential.auth_type);
        let encr = strongest(credential.encr_type, [encr_type::AES, encr_type::TKIP]);
        credential.encr_type = encr.unwrap_or(credential.encr_type);
        wps.events.push_back(WpsEvent::Credential(Box::new(credential.clone())));
    }

    /// WSC_Done came.
    pub(super) fn complete(&mut self, run: &mut Run, wps: &mut Wps, now: Instant) {
        wps.store_device(&run.peer, &run.uuid_e);
        if wps.ap && wps.state == WpsState::NotConfigured && !wps.registrar.disable_auto_conf {
            self.configure_own_network(wps);
        }
        if !wps.ap {
            self.use_ap_settings(wps);
        }
        if let Some(psk) = self.new_psk.take() {
            let p2p_dev_addr = self.p2p_dev_addr.unwrap_or(MacAddr::ZERO);
            wps.events.push_back(WpsEvent::NewPsk { addr: run.mac_addr_e, p2p_dev_addr, psk });
        }
        wps.events.push_back(WpsEvent::RegSuccess {
            addr: run.mac_addr_e,
            uuid: run.uuid_e,
            dev_password: run.password.clone().unwrap_or_default(),
        });
        if run.pbc {
            wps.remove_pbc_session(&run.uuid_e, self.p2p_dev_addr);
            wps.pbc_completed(now, &run.uuid_e);
        } else {
            wps.pin_completed();
        }
        wps.events.push_back(WpsEvent::Success { peer: run.mac_addr_e });
    }

    /// The passphrase that was made for the first enrollee becomes the network's.
    fn configure_own_network(&mut self, wps: &mut Wps) {
        let Some(key) = self.new_psk.take() else { return };
        let (auth_type, encr_type) = if wps.rf_band == rf_band::GHZ_60 {
            (auth_type::WPA2_PSK, encr_type::AES)
        } else {
            (auth_type::WPA_PSK | auth_type::WPA2_PSK, encr_type::TKIP | encr_type::AES)
        };
        let ssid = wps.ssid.clone();
        wps.state = WpsState::Configured;
        let credential = Credential { ssid, auth_type, encr_type, key, ..Credential::default() };
        wps.events.push_back(WpsEvent::Credential(Box::new(credential)));
    }
}

fn password_failed(run: &Run, wps: &mut Wps, part: u8) {
    wps.events.push_back(WpsEvent::PasswordAuthFail { enrollee: false, part, peer: run.mac_addr_e });
}

/// Whether a PIN or an out-of-band password may be meant; the button's is another matter.
fn password_id_is_known(id: u16) -> bool {
    use password_id::*;
    const KNOWN: [u16; 6] = [
        DEFAULT,
        USER_SPECIFIED,
        MACHINE_SPECIFIED,
        REGISTRAR_SPECIFIED,
        NFC_CONNECTION_HANDOVER,
        P2PS_DEFAULT,
    ];
    id >= 0x10 || KNOWN.contains(&id)
}

/// Some devices claim WPA2 and WPA-PSK but not WPA2-PSK, which they have.
fn with_wpa2_psk(types: u16) -> u16 {
    let claimed = types & (auth_type::WPA2 | auth_type::WPA2_PSK | auth_type::WPA_PSK);
    if claimed == auth_type::WPA2 | auth_type::WPA_PSK { types | auth_type::WPA2_PSK } else { types }
}

/// Some devices swap the octets of what they support: nothing in common means that they have all.
fn in_common(own: u16, peers: u16) -> u16 {
    if own & peers == 0 { own } else { own & peers }
}

/// Texts end at a zero.
fn until_zero(text: &[u8]) -> &[u8] {
    text.split(|b| *b == 0).next().unwrap_or_default()
}
