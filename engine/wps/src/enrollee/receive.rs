//! The registrar's messages: M2, M2D, M4, M6, M8 (WSC 2.0.5 §8.3.4, §8.3.5, §8.3.7, §8.3.9, §8.3.11).

use super::{Enrollee, State};
use crate::message::Processed;
use crate::run::{Refusal, Run, required};
use crate::{ErrorIndication, Wps, WpsEvent};
use wpasim_wire::wsc::{
    Attributes, Credential, CredentialError, DeviceData, MessageType, attr, auth_type, encr_type,
};

impl Enrollee {
    pub(super) fn receive(&mut self, run: &mut Run, wps: &mut Wps, body: &[u8]) -> Processed {
        let Ok(attributes) = Attributes::parse(body) else { return Processed::Failure };
        if attributes.enrollee_nonce != Some(&run.nonce_e) {
            return Processed::Failure;
        }
        let Some(kind) = attributes.msg_type else {
            self.state = State::SendNack;
            return Processed::Continue;
        };
        let Some(kind) = MessageType::from_octet(kind) else { return Processed::Failure };
        let next = match kind {
            MessageType::M2 => self.m2(run, wps, body, &attributes),
            MessageType::M2d => self.m2d(wps, &attributes),
            MessageType::M4 => self.m4(run, wps, body, &attributes),
            MessageType::M6 => self.m6(run, wps, body, &attributes),
            MessageType::M8 => self.m8(run, wps, body, &attributes),
            _ => return Processed::Failure,
        };
        self.state = next.unwrap_or_else(|refusal| {
            run.refused(refusal);
            if !matches!(kind, MessageType::M2 | MessageType::M2d) {
                run.fail_event(wps, kind, run.config_error, run.peer.mac_addr);
            }
            State::SendNack
        });
        // M2D is not authenticated: an M2 after it signs M1.
        if kind != MessageType::M2d {
            run.last_msg = Some(body.to_vec());
        }
        Processed::Continue
    }

    fn expect(&self, state: State) -> Result<(), Refusal> {
        if self.state == state { Ok(()) } else { Err(Refusal::Unexpected) }
    }

    fn m2(&self, run: &mut Run, wps: &Wps, body: &[u8], message: &Attributes<'_>) -> Result<State, Refusal> {
        self.expect(State::RecvM2)?;
        run.nonce_r = *required(message.registrar_nonce, attr::REGISTRAR_NONCE)?;
        run.uuid_r = *required(message.uuid_r, attr::UUID_R)?;
        let named = required(message.dev_password_id, attr::DEV_PASSWORD_ID)?;
        if !self.accepts_password(run.password_id, named) {
            return Err(Refusal::PasswordId);
        }
        // Locked for good means up to M7: external registrars may learn the settings, not change them.
        if wps.ap && (!matches!(wps.ap_setup_locked, 0 | 2) || run.password.is_none()) {
            return Err(Refusal::Locked);
        }
        run.public_r = required(message.public_key, attr::PUBLIC_KEY)?.to_vec();
        let public_r = std::mem::take(&mut run.public_r);
        let derived = run.derive_keys(&public_r);
        run.public_r = public_r;
        derived?;
        run.check_authenticator(body, message)?;
        run.learn_peer(message)?;
        Ok(State::SendM3)
    }

    fn m2d(&self, wps: &mut Wps, message: &Attributes<'_>) -> Result<State, Refusal> {
        self.expect(State::RecvM2)?;
        let text = |t: Option<&[u8]>| t.unwrap_or_default().to_vec();
        let device = DeviceData {
            config_methods: message.config_methods.unwrap_or(0),
            manufacturer: text(message.manufacturer),
            model_name: text(message.model_name),
            model_number: text(message.model_number),
            serial_number: text(message.serial_number),
            device_name: text(message.dev_name),
            primary_type: message.primary_dev_type.unwrap_or_default(),
            ..DeviceData::default()
        };
        wps.events.push_back(WpsEvent::M2d {
            device: Box::new(device),
            config_error: message.config_error.unwrap_or(0),
            dev_password_id: message.dev_password_id.unwrap_or(0),
        });
        Ok(State::ReceivedM2d)
    }

    fn m4(
        &self,
        run: &mut Run,
        wps: &mut Wps,
        body: &[u8],
        message: &Attributes<'_>,
    ) -> Result<State, Refusal> {
        self.expect(State::RecvM4)?;
        run.check_authenticator(body, message)?;
        run.peer_commitments =
            [*required(message.r_hash1, attr::R_HASH1)?, *required(message.r_hash2, attr::R_HASH2)?];
        let plain = run.open_settings(message)?;
        let settings = run.read_settings(&plain)?;
        let nonce = required(settings.r_snonce1, attr::R_SNONCE1)?;
        self.check_proof(run, wps, 1, nonce)?;
        Ok(State::SendM5)
    }

    fn m6(
        &self,
        run: &mut Run,
        wps: &mut Wps,
        body: &[u8],
        message: &Attributes<'_>,
    ) -> Result<State, Refusal> {
        self.expect(State::RecvM6)?;
        run.check_authenticator(body, message)?;
        let plain = run.open_settings(message)?;
        let settings = run.read_settings(&plain)?;
        let nonce = required(settings.r_snonce2, attr::R_SNONCE2)?;
        self.check_proof(run, wps, 2, nonce)?;
        if wps.ap {
            wps.events.push_back(WpsEvent::ApPinSuccess);
        }
        Ok(State::SendM7)
    }

    fn check_proof(&self, run: &Run, wps: &mut Wps, part: u8, nonce: &[u8; 16]) -> Result<(), Refusal> {
        run.check_proof(part, nonce).inspect_err(|_| {
            let peer = run.peer.mac_addr;
            wps.events.push_back(WpsEvent::PasswordAuthFail { enrollee: true, part, peer });
        })
    }

    fn m8(
        &self,
        run: &mut Run,
        wps: &mut Wps,
        body: &[u8],
        message: &Attributes<'_>,
    ) -> Result<State, Refusal> {
        self.expect(State::RecvM8)?;
        run.check_authenticator(body, message)?;
        if wps.ap && wps.ap_setup_locked != 0 {
            return Err(Refusal::Locked);
        }
        let plain = run.open_settings(message)?;
        let settings = run.read_settings(&plain)?;
        if wps.ap {
            take_ap_settings(run, wps, &settings, &plain)?;
        } else {
            take_credentials(run, wps, &settings)?;
        }
        Ok(State::SendDone)
    }
}

/// Any that can be used will do; those with WEP are skipped.
fn take_credentials(run: &mut Run, wps: &mut Wps, settings: &Attributes<'_>) -> Result<(), Refusal> {
    let mut usable = 0;
    for value in &settings.credentials {
        let mut credential = Credential::parse(value)?;
        match check_encryption(credential.encr_type) {
            Err(Refusal::Wep) => {
                run.error_indication = ErrorIndication::SecurityWepProhibited;
                continue;
            }
            checked => checked?,
        }
        credential.received = with_header(value);
        let unusable = !psk_is_readable(&credential);
        wps.events.push_back(WpsEvent::Credential(Box::new(credential)));
        if unusable {
            return Err(CredentialError::Passphrase.into());
        }
        usable += 1;
    }
    if usable == 0 { Err(Refusal::NoCredential) } else { Ok(()) }
}

/// A Credential attribute with its header.
fn with_header(value: &[u8]) -> Vec<u8> {
    let mut out = wpasim_wire::wsc::Writer::new();
    out.attribute(attr::CREDENTIAL, value);
    out.into_bytes()
}

/// A station refuses 64 octets that are not hexadecimal digits, after it told of them.
fn psk_is_readable(credential: &Credential) -> bool {
    let psk = credential.auth_type & (auth_type::WPA_PSK | auth_type::WPA2_PSK) != 0;
    !psk || credential.key.len() != 64 || credential.key.iter().all(u8::is_ascii_hexdigit)
}

fn check_encryption(encr: u16) -> Result<(), Refusal> {
    if encr & (encr_type::NONE | encr_type::TKIP | encr_type::AES) != 0 {
        return Ok(());
    }
    Err(if encr & encr_type::WEP != 0 { Refusal::Wep } else { Refusal::Encryption(encr) })
}

/// TKIP alone becomes TKIP and AES, WPA alone WPA and WPA2.
fn take_ap_settings(
    run: &mut Run,
    wps: &mut Wps,
    settings: &Attributes<'_>,
    plain: &[u8],
) -> Result<(), Refusal> {
    let mut new = Credential::from_settings(settings)?;
    check_encryption(new.encr_type).inspect_err(|refusal| {
        if *refusal == Refusal::Wep {
            run.error_indication = ErrorIndication::SecurityWepProhibited;
        }
    })?;
    if new.encr_type & encr_type::TKIP != 0 {
        new.encr_type |= encr_type::AES;
    }
    if new.auth_type & auth_type::WPA_PSK != 0 {
        new.auth_type |= auth_type::WPA2_PSK;
    }
    new.received = plain.to_vec();
    wps.events.push_back(WpsEvent::Credential(Box::new(new)));
    Ok(())
}
