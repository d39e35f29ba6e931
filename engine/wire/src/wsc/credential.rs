//! The Credential attribute (WSC 2.0.5 §12, table 35) and the settings of an access point (table 20).

use super::{Attributes, Writer, WscError, attr, auth_type, encr_type};
use crate::mac::{MacAddr, Ssid};

const MAX_KEY_LEN: usize = 64;

/// The settings of a network.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Credential {
    pub ssid: Ssid,
    /// Of [`auth_type`], one bit or, of an old registrar, more.
    pub auth_type: u16,
    /// Of [`encr_type`].
    pub encr_type: u16,
    /// 1 to 4, of WEP keys.
    pub key_idx: u8,
    /// A passphrase, 64 hexadecimal digits of a PSK, or a WEP key; at most 64 octets.
    pub key: Vec<u8>,
    /// Of the device that is given the credential.
    pub mac_addr: MacAddr,
    /// As received: the attribute with its header, or of the settings of an access point all that was
    /// decrypted; empty if it was not received.
    pub received: Vec<u8>,
}

/// Keys do not print.
impl core::fmt::Debug for Credential {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let Credential { ssid, auth_type, encr_type, key, mac_addr, .. } = self;
        write!(f, "Credential({ssid:?} auth {auth_type:#x} encr {encr_type:#x} ")?;
        write!(f, "key of {} octets for {mac_addr})", key.len())
    }
}

/// Settings that cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CredentialError {
    #[error(transparent)]
    Attributes(#[from] WscError),
    #[error("attribute {0:#06x} is missing")]
    Missing(u16),
    #[error("the passphrase is too short or has control characters")]
    Passphrase,
}

impl Credential {
    /// Reads the value of a Credential attribute.
    pub fn parse(value: &[u8]) -> Result<Self, CredentialError> {
        let attributes = Attributes::parse(value)?;
        attributes.network_idx.ok_or(CredentialError::Missing(attr::NETWORK_INDEX))?;
        Self::from_settings(&attributes)
    }

    /// Takes the settings of an access point, which are attributes of M7 or M8 themselves.
    pub fn from_settings(attributes: &Attributes<'_>) -> Result<Self, CredentialError> {
        use CredentialError::Missing;
        let mut credential = Credential {
            ssid: unpadded_ssid(attributes.ssid.ok_or(Missing(attr::SSID))?),
            auth_type: attributes.auth_type.ok_or(Missing(attr::AUTH_TYPE))?,
            encr_type: attributes.encr_type.ok_or(Missing(attr::ENCR_TYPE))?,
            key_idx: attributes.network_key_idx.unwrap_or(0),
            ..Credential::default()
        };
        let open = credential.auth_type == auth_type::OPEN && credential.encr_type == encr_type::NONE;
        match attributes.network_key {
            // A key that is too long is as good as none.
            Some(key) if key.len() > MAX_KEY_LEN => {}
            Some(key) => credential.key = key.to_vec(),
            // Some registrars leave out the key of an open network.
            None if open => {}
            None => return Err(Missing(attr::NETWORK_KEY)),
        }
        credential.mac_addr = attributes.mac_addr.ok_or(Missing(attr::MAC_ADDR))?;
        credential.check_passphrase()?;
        Ok(credential)
    }

    /// Removes the zero with which an old external registrar ends passphrases, and refuses what cannot
    /// be one.
    fn check_passphrase(&mut self) -> Result<(), CredentialError> {
        if self.auth_type & (auth_type::WPA_PSK | auth_type::WPA2_PSK) == 0 {
            return Ok(());
        }
        if (9..MAX_KEY_LEN).contains(&self.key.len()) {
            self.key.pop_if(|last| *last == 0);
        }
        if self.key.len() < 8 || self.key.iter().any(|b| *b < b' ' || *b == 0x7f) {
            return Err(CredentialError::Passphrase);
        }
        Ok(())
    }

    /// Writes the value of a Credential attribute, as 2.10 writes those it gives: without a key index.
    pub fn emit(&self) -> Vec<u8> {
        let mut out = Writer::new();
        out.u8(attr::NETWORK_INDEX, 1);
        self.emit_settings(&mut out);
        out.into_bytes()
    }

    /// Appends SSID, Authentication Type, Encryption Type, Network Key and MAC Address.
    pub fn emit_settings(&self, out: &mut Writer) {
        out.attribute(attr::SSID, self.ssid.as_bytes())
            .u16(attr::AUTH_TYPE, self.auth_type)
            .u16(attr::ENCR_TYPE, self.encr_type)
            .attribute(attr::NETWORK_KEY, &self.key)
            .attribute(attr::MAC_ADDR, &self.mac_addr.0);
    }
}

/// Some registrars pad SSIDs with zeros to 32 octets.
fn unpadded_ssid(ssid: &[u8]) -> Ssid {
    let len = ssid.iter().rposition(|b| *b != 0).map_or(0, |last| last + 1);
    Ssid::new(ssid.get(..len).unwrap_or_default()).unwrap_or_default()
}
