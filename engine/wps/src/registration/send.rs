//! The registrar's messages (WSC 2.0.5 §8.3.4, §8.3.5, §8.3.7, §8.3.9, §8.3.11).

use super::{Registration, State};
use crate::run::{PBC_PASSWORD, Run, put_capabilities, put_rf_bands};
use crate::{Wps, WpsEvent};
use wpasim_wire::time::Instant;
use wpasim_wire::wsc::{MessageType, Writer, attr, config_error, password_id};

/// Password IDs from here on are of passwords that went another way than over the air.
const FIRST_OUT_OF_BAND: u16 = 0x10;

impl Registration {
    /// The password for this enrollee, or the news that there is none.
    pub(super) fn find_password(&self, run: &mut Run, wps: &mut Wps, now: Instant) -> bool {
        run.password = if run.pbc { Some(PBC_PASSWORD.to_vec()) } else { wps.pin_for(now, &run.uuid_e) };
        if run.password.is_none() {
            let device = Box::new(run.peer.clone());
            wps.events.push_back(WpsEvent::PinNeeded { uuid: run.uuid_e, device });
            return false;
        }
        if !run.pbc && run.password_id >= FIRST_OUT_OF_BAND {
            // Perhaps the enrollee takes a PIN instead.
            run.password_id = password_id::DEFAULT;
        }
        true
    }

    pub(super) fn m2(&mut self, run: &mut Run, wps: &mut Wps) -> Option<Vec<u8>> {
        run.nonce_r = wps.random.bytes();
        run.public_r = run.new_key_pair(&mut wps.random);
        let public_e = std::mem::take(&mut run.public_e);
        let derived = run.derive_keys(&public_e);
        run.public_e = public_e;
        derived.ok()?;
        let mut out = run.nonced(MessageType::M2);
        out.attribute(attr::UUID_R, &run.uuid_r).attribute(attr::PUBLIC_KEY, &run.public_r);
        self.put_description(&mut out, wps, config_error::NO_ERROR);
        out.u16(attr::DEV_PASSWORD_ID, run.password_id).os_version(&wps.device).version2();
        let message = run.authenticated(out)?;
        self.state = State::RecvM3;
        Some(message)
    }

    pub(super) fn m2d(&mut self, run: &Run, wps: &Wps) -> Vec<u8> {
        let locked = wps.ap && wps.ap_setup_locked != 0 && run.config_error == config_error::NO_ERROR;
        let error = if locked { config_error::SETUP_LOCKED } else { run.config_error };
        let mut out = run.nonced(MessageType::M2d);
        out.attribute(attr::UUID_R, &run.uuid_r);
        self.put_description(&mut out, wps, error);
        out.os_version(&wps.device).version2();
        self.state = State::RecvM2dAck;
        out.into_bytes()
    }

    fn put_description(&self, out: &mut Writer, wps: &Wps, error: u16) {
        put_capabilities(out);
        out.u16(attr::CONFIG_METHODS, wps.config_methods).device_attributes(&wps.device);
        put_rf_bands(out, wps);
        out.u16(attr::ASSOC_STATE, 0).u16(attr::CONFIG_ERROR, error);
    }

    pub(super) fn m4(&mut self, run: &mut Run, wps: &mut Wps) -> Option<Vec<u8>> {
        run.derive_password_keys()?;
        let mut out = self.begun(run, MessageType::M4);
        let [hash1, hash2] = run.commit(&mut wps.random)?;
        out.attribute(attr::R_HASH1, &hash1).attribute(attr::R_HASH2, &hash2);
        let mut plain = Writer::new();
        plain.attribute(attr::R_SNONCE1, run.secret_nonce(1));
        let message = self.with_settings(run, wps, out, plain)?;
        self.state = State::RecvM5;
        Some(message)
    }

    pub(super) fn m6(&mut self, run: &mut Run, wps: &mut Wps) -> Option<Vec<u8>> {
        let mut plain = Writer::new();
        plain.attribute(attr::R_SNONCE2, run.secret_nonce(2));
        let message = self.with_settings(run, wps, self.begun(run, MessageType::M6), plain)?;
        self.pin_revealed = true;
        self.state = State::RecvM7;
        Some(message)
    }

    /// A credential for a station, or new settings for an access point.
    pub(super) fn m8(&mut self, run: &mut Run, wps: &mut Wps) -> Option<Vec<u8>> {
        let mut plain = Writer::new();
        if wps.ap {
            self.put_credential(run, wps, &mut plain)?;
        } else {
            plain.raw(&self.credential.emit());
        }
        let message = self.with_settings(run, wps, self.begun(run, MessageType::M8), plain)?;
        self.state = State::RecvDone;
        Some(message)
    }

    fn begun(&self, run: &Run, kind: MessageType) -> Writer {
        let mut out = Writer::message(kind);
        out.attribute(attr::ENROLLEE_NONCE, &run.nonce_e);
        out
    }

    fn with_settings(&self, run: &Run, wps: &mut Wps, mut out: Writer, plain: Writer) -> Option<Vec<u8>> {
        run.put_settings(&mut wps.random, &mut out, plain)?;
        out.version2();
        run.authenticated(out)
    }
}
