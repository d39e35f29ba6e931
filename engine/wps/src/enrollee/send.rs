//! The enrollee's messages (WSC 2.0.5 §8.3.3, §8.3.6, §8.3.8, §8.3.10).

use super::{Enrollee, State};
use crate::run::{Run, put_capabilities, put_rf_bands};
use crate::{Wps, WpsEvent};
use wpasim_runtime::text::hex;
use wpasim_wire::MacAddr;
use wpasim_wire::wsc::{
    MessageType, WpsState, Writer, attr, auth_type, config_error, encr_type, methods, password_id,
};

impl Enrollee {
    pub(super) fn m1(&mut self, run: &mut Run, wps: &mut Wps) -> Vec<u8> {
        run.nonce_e = wps.random.bytes();
        run.public_e = run.new_key_pair(&mut wps.random);
        let state = if wps.ap { wps.state } else { WpsState::NotConfigured };
        let mut out = Writer::message(MessageType::M1);
        out.uuid_e(&run.uuid_e)
            .attribute(attr::MAC_ADDR, &run.mac_addr_e.0)
            .attribute(attr::ENROLLEE_NONCE, &run.nonce_e)
            .attribute(attr::PUBLIC_KEY, &run.public_e);
        put_capabilities(&mut out);
        out.u16(attr::CONFIG_METHODS, self.config_methods(run, wps))
            .u8(attr::WPS_STATE, state as u8)
            .device_attributes(&wps.device);
        put_rf_bands(&mut out, wps);
        out.u16(attr::ASSOC_STATE, 0)
            .u16(attr::DEV_PASSWORD_ID, run.password_id)
            .u16(attr::CONFIG_ERROR, config_error::NO_ERROR)
            .os_version(&wps.device)
            .version2();
        if let Some(extension) = &wps.vendor_extension_m1 {
            out.attribute(attr::VENDOR_EXTENSION, extension);
        }
        self.state = State::RecvM2;
        out.into_bytes()
    }

    /// An access point's methods are those for adding an external registrar, so without the button;
    /// with it if there is no PIN, which is how Windows 7 asks what the access point can.
    fn config_methods(&self, run: &Run, wps: &Wps) -> u16 {
        let has_pin = run.password.as_ref().is_some_and(|p| !p.is_empty());
        let all = wps.config_methods;
        if wps.ap && !self.pbc_in_m1 && (has_pin || all & methods::DISPLAY != 0) {
            all & !(methods::PUSHBUTTON | methods::VIRT_PUSHBUTTON | methods::PHY_PUSHBUTTON)
        } else {
            all
        }
    }

    pub(super) fn m3(&mut self, run: &mut Run, wps: &mut Wps) -> Option<Vec<u8>> {
        run.derive_password_keys()?;
        let [hash1, hash2] = run.commit(&mut wps.random)?;
        let mut out = self.begun(run, MessageType::M3);
        out.attribute(attr::E_HASH1, &hash1).attribute(attr::E_HASH2, &hash2).version2();
        let message = run.authenticated(out)?;
        self.state = State::RecvM4;
        Some(message)
    }

    pub(super) fn m5(&mut self, run: &mut Run, wps: &mut Wps) -> Option<Vec<u8>> {
        let mut plain = Writer::new();
        plain.attribute(attr::E_SNONCE1, run.secret_nonce(1));
        let message = self.with_settings(run, wps, MessageType::M5, plain)?;
        self.state = State::RecvM6;
        Some(message)
    }

    /// An access point tells its settings.
    pub(super) fn m7(&mut self, run: &mut Run, wps: &mut Wps) -> Option<Vec<u8>> {
        let mut plain = Writer::new();
        plain.attribute(attr::E_SNONCE2, run.secret_nonce(2));
        if wps.ap {
            self.put_ap_settings(run, wps, &mut plain);
        }
        let message = self.with_settings(run, wps, MessageType::M7, plain)?;
        if wps.ap {
            // A registrar that only learns the settings does not go on to the end.
            wps.store_device(&run.peer, &run.uuid_r);
        }
        self.state = State::RecvM8;
        Some(message)
    }

    fn begun(&self, run: &Run, kind: MessageType) -> Writer {
        let mut out = Writer::message(kind);
        out.attribute(attr::REGISTRAR_NONCE, &run.nonce_r);
        out
    }

    fn with_settings(&self, run: &Run, wps: &mut Wps, kind: MessageType, plain: Writer) -> Option<Vec<u8>> {
        let mut out = self.begun(run, kind);
        run.put_settings(&mut wps.random, &mut out, plain)?;
        out.version2();
        run.authenticated(out)
    }

    fn put_ap_settings(&self, run: &Run, wps: &mut Wps, plain: &mut Writer) {
        if let Some(settings) = &wps.ap_settings {
            plain.raw(settings);
            return;
        }
        let (auth, encr) = one_type_each(wps.ap_auth_type, wps.ap_encr_type);
        plain
            .attribute(attr::SSID, wps.ssid.as_bytes())
            .attribute(attr::MAC_ADDR, &wps.device.mac_addr.0)
            .u16(attr::AUTH_TYPE, auth)
            .u16(attr::ENCR_TYPE, encr);
        let key = wps.network_key.clone().unwrap_or_default();
        let psk = wps.ap_auth_type & (auth_type::WPA_PSK | auth_type::WPA2_PSK) != 0;
        if psk && key.is_empty() {
            let key = self.new_psk(run, wps);
            plain.attribute(attr::NETWORK_KEY, &key);
        } else {
            plain.attribute(attr::NETWORK_KEY, &key);
        }
    }

    /// A PSK for this registrar alone, where there is no key for all; its 64 digits.
    fn new_psk(&self, run: &Run, wps: &mut Wps) -> Vec<u8> {
        let psk: [u8; 32] = wps.random.bytes();
        wps.events.push_back(WpsEvent::NewPsk {
            addr: run.peer.mac_addr,
            p2p_dev_addr: self.p2p_dev_addr.unwrap_or(MacAddr::ZERO),
            psk: psk.to_vec(),
        });
        hex(&psk).into_bytes()
    }

    pub(super) fn done(&mut self, run: &Run, wps: &mut Wps) -> Vec<u8> {
        if wps.ap {
            self.state = State::RecvAck;
        } else {
            wps.events.push_back(WpsEvent::Success { peer: run.peer.mac_addr });
            self.state = State::Finished;
        }
        run.acknowledgement(MessageType::WscDone)
    }

    /// Whether a registrar may use the password it names in M2. Default and Registrar-specified are
    /// both PINs, and some registrars answer the button with the default.
    pub(super) fn accepts_password(&self, own: u16, named: u16) -> bool {
        use password_id::{DEFAULT, PUSHBUTTON, REGISTRAR_SPECIFIED};
        named == own
            || matches!((own, named), (REGISTRAR_SPECIFIED, DEFAULT) | (DEFAULT, REGISTRAR_SPECIFIED))
            || (own, named) == (PUSHBUTTON, DEFAULT)
    }
}

/// The most secure type of those in use: Windows 7 takes no more than one.
fn one_type_each(auth: u16, encr: u16) -> (u16, u16) {
    let first = |types: u16, order: &[u16]| order.iter().copied().find(|t| types & t != 0).unwrap_or(types);
    let psk = auth & (auth_type::WPA_PSK | auth_type::WPA2_PSK) != 0;
    let one_encr = if psk { first(encr, &[encr_type::AES, encr_type::TKIP]) } else { encr };
    (first(auth, &[auth_type::WPA2_PSK, auth_type::WPA_PSK, auth_type::OPEN]), one_encr)
}
