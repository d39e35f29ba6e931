//! The credential that an enrollee is given (WSC 2.0.5 §8.3.11, §12 table 35).

use super::Registration;
use crate::Wps;
use crate::run::Run;
use base64ct::{Base64Unpadded, Encoding};
use wpasim_runtime::text::hex;
use wpasim_wire::wsc::{Credential, WpsState, Writer, attr, auth_type, encr_type};

impl Registration {
    /// Appends the credential to M8's settings. `None` if the two ends have no type of security in
    /// common.
    pub(super) fn put_credential(&mut self, run: &Run, wps: &mut Wps, plain: &mut Writer) -> Option<()> {
        if !wps.registrar.skip_cred_build {
            self.choose_types(wps)?;
            self.credential = Credential {
                ssid: wps.ssid.clone(),
                auth_type: self.auth_type,
                encr_type: self.encr_type,
                key: self.choose_key(run, wps),
                mac_addr: run.mac_addr_e,
                ..Credential::default()
            };
            plain.attribute(attr::CREDENTIAL, &self.credential.emit());
        }
        if let Some(extra) = &wps.registrar.extra_cred {
            plain.raw(extra);
        }
        Some(())
    }

    /// The most secure types that both ends have.
    fn choose_types(&mut self, wps: &Wps) -> Option<()> {
        let strongest = [auth_type::WPA2_PSK, auth_type::WPA_PSK, auth_type::OPEN];
        self.auth_type = strongest.into_iter().find(|t| self.auth_type & t != 0)?;
        let ciphers: &[u16] = match self.auth_type {
            auth_type::OPEN => &[encr_type::NONE],
            _ => &[encr_type::AES, encr_type::TKIP],
        };
        if wps.ap && self.auth_type == auth_type::WPA2_PSK {
            self.encr_type &= wps.encr_types_rsn;
        } else if wps.ap && self.auth_type == auth_type::WPA_PSK {
            self.encr_type &= wps.encr_types_wpa;
        }
        self.encr_type = ciphers.iter().copied().find(|t| self.encr_type & t != 0)?;
        Some(())
    }

    fn choose_key(&mut self, run: &Run, wps: &mut Wps) -> Vec<u8> {
        let registrar = &wps.registrar;
        if wps.state == WpsState::NotConfigured && wps.ap && !registrar.disable_auto_conf {
            return self.new_passphrase(wps);
        }
        if let Some(psk) = wps.psk_of_file(run.mac_addr_e) {
            return hex(&psk).into_bytes();
        }
        let one_for_all = !registrar.force_per_enrollee_psk;
        match (&wps.psk, &wps.network_key) {
            (Some(psk), _) if one_for_all && self.use_psk_key => hex(psk).into_bytes(),
            (_, Some(key)) if one_for_all || wps.use_passphrase => key.clone(),
            _ if self.auth_type & (auth_type::WPA_PSK | auth_type::WPA2_PSK) != 0 => {
                let psk: [u8; 32] = wps.random.bytes();
                self.new_psk = Some(psk.to_vec());
                hex(&psk).into_bytes()
            }
            _ => Vec::new(),
        }
    }

    /// The passphrase with which an access point that has no settings yet becomes configured.
    fn new_passphrase(&mut self, wps: &mut Wps) -> Vec<u8> {
        let passphrase = Base64Unpadded::encode_string(&wps.random.bytes::<16>()).into_bytes();
        self.new_psk = Some(passphrase.clone());
        passphrase
    }
}
