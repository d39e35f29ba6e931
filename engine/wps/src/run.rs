//! The state and the steps that both ends of a run share.

use super::dh::PrivateKey;
use super::keys::{KeyContext, PublicKeys, SessionKeys};
use super::settings::{self, SettingsError};
use super::{ErrorIndication, Wps, WpsEvent};
use wpasim_runtime::entropy::Stream;
use wpasim_wire::MacAddr;
use wpasim_wire::crypto::same;
use wpasim_wire::wsc::{
    Attributes, CONN_ESS, CredentialError, DeviceData, MessageType, Uuid, Writer, attr, auth_type,
    config_error, encr_type,
};

/// The device password of push button mode (WSC 2.0.5 §7.11).
pub(super) const PBC_PASSWORD: &[u8] = b"00000000";

/// The reason why a message was not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum Refusal {
    #[error("another message was expected")]
    Unexpected,
    #[error("attribute {0:#06x} is missing")]
    Missing(u16),
    #[error("the Authenticator is wrong")]
    Authenticator,
    #[error("the peer's public key makes no shared secret")]
    PublicKey,
    #[error("the registrar changed the device password")]
    PasswordId,
    #[error("the access point takes no settings")]
    Locked,
    #[error("more than one enrollee is in push button mode")]
    Overlap,
    #[error("the peer does not know half {0} of the device password")]
    Password(u8),
    #[error(transparent)]
    Settings(#[from] SettingsError),
    #[error(transparent)]
    Credential(#[from] CredentialError),
    #[error("the encryption type {0:#x} is not supported")]
    Encryption(u16),
    #[error("WEP is not allowed")]
    Wep,
    #[error("there is no usable credential")]
    NoCredential,
    #[error("all that was to be learned is learned")]
    Learned,
}

impl Refusal {
    /// The Configuration Error of the NACK, where it is not the run's.
    fn config_error(self) -> Option<u16> {
        match self {
            Refusal::Locked => Some(config_error::SETUP_LOCKED),
            Refusal::Overlap => Some(config_error::MULTIPLE_PBC_DETECTED),
            Refusal::Password(_) => Some(config_error::DEV_PASSWORD_AUTH_FAILURE),
            _ => None,
        }
    }
}

/// An attribute that has to be there.
pub(super) fn required<T>(value: Option<T>, kind: u16) -> Result<T, Refusal> {
    value.ok_or(Refusal::Missing(kind))
}

/// The state of a run.
#[derive(Debug, Default)]
pub(super) struct Run {
    pub uuid_e: Uuid,
    pub uuid_r: Uuid,
    pub mac_addr_e: MacAddr,
    pub nonce_e: [u8; 16],
    pub nonce_r: [u8; 16],
    private_key: Option<PrivateKey>,
    /// As on the air: a peer's may lack zeros at its front.
    pub public_e: Vec<u8>,
    pub public_r: Vec<u8>,
    keys: Option<SessionKeys>,
    password_keys: [[u8; 16]; 2],
    secret_nonces: [[u8; 16]; 2],
    pub peer_commitments: [[u8; 32]; 2],
    /// The message before, sent or received, which the next Authenticator signs too.
    pub last_msg: Option<Vec<u8>>,
    pub password: Option<Vec<u8>>,
    pub password_id: u16,
    pub pbc: bool,
    pub peer: DeviceData,
    pub config_error: u16,
    pub error_indication: ErrorIndication,
}

impl Run {
    /// A new key pair; the public key.
    pub fn new_key_pair(&mut self, random: &mut Stream) -> Vec<u8> {
        let key = PrivateKey::new(random.bytes());
        let public = key.public().to_vec();
        self.private_key = Some(key);
        public
    }

    /// Derives the keys, once the other end's public key and both nonces are known.
    pub fn derive_keys(&mut self, peer_public: &[u8]) -> Result<(), Refusal> {
        let key = self.private_key.take().ok_or(Refusal::PublicKey)?;
        let secret = key.shared(peer_public).ok_or(Refusal::PublicKey)?;
        let context = KeyContext {
            enrollee_nonce: &self.nonce_e,
            enrollee_addr: self.mac_addr_e,
            registrar_nonce: &self.nonce_r,
        };
        self.keys = Some(SessionKeys::derive(&secret, context));
        Ok(())
    }

    /// Ends a message with its Authenticator. `None` before there are keys.
    pub fn authenticated(&self, mut message: Writer) -> Option<Vec<u8>> {
        let signature = self.keys.as_ref()?.sign(&[self.last_msg.as_deref()?, message.as_bytes()]);
        message.attribute(attr::AUTHENTICATOR, &signature);
        Some(message.into_bytes())
    }

    /// Checks the Authenticator, which is taken to be the last attribute.
    pub fn check_authenticator(&self, message: &[u8], attributes: &Attributes<'_>) -> Result<(), Refusal> {
        let signature = required(attributes.authenticator, attr::AUTHENTICATOR)?;
        let signed = message.len().checked_sub(12).and_then(|len| message.get(..len));
        let verified = match (&self.keys, &self.last_msg, signed) {
            (Some(keys), Some(last), Some(signed)) => keys.verify(&[last, signed], signature),
            _ => false,
        };
        verified.then_some(()).ok_or(Refusal::Authenticator)
    }

    /// Derives the keys of both halves of the password. `None` without a password.
    pub fn derive_password_keys(&mut self) -> Option<()> {
        self.password_keys = self.keys.as_ref()?.password_keys(self.password.as_deref()?);
        Some(())
    }

    /// New secret nonces, and the commitments to both halves of the password.
    pub fn commit(&mut self, random: &mut Stream) -> Option<[[u8; 32]; 2]> {
        self.secret_nonces = [random.bytes(), random.bytes()];
        let [first, second] = self.secret_nonces;
        Some([self.commitment(1, &first)?, self.commitment(2, &second)?])
    }

    fn commitment(&self, half: u8, secret_nonce: &[u8; 16]) -> Option<[u8; 32]> {
        let [first, second] = &self.password_keys;
        let password_key = if half == 1 { first } else { second };
        let public = PublicKeys { enrollee: &self.public_e, registrar: &self.public_r };
        Some(self.keys.as_ref()?.commitment(secret_nonce, password_key, public))
    }

    /// The secret nonce that proves knowledge of a half of the password.
    pub fn secret_nonce(&self, half: u8) -> &[u8; 16] {
        let [first, second] = &self.secret_nonces;
        if half == 1 { first } else { second }
    }

    /// Whether the peer committed to the same half of the password.
    pub fn check_proof(&self, half: u8, secret_nonce: &[u8; 16]) -> Result<(), Refusal> {
        let [first, second] = &self.peer_commitments;
        let committed = if half == 1 { first } else { second };
        match self.commitment(half, secret_nonce) {
            Some(expected) if same(&expected, committed) => Ok(()),
            _ => Err(Refusal::Password(half)),
        }
    }

    /// Encrypts settings into a message.
    pub fn put_settings(&self, random: &mut Stream, message: &mut Writer, plain: Writer) -> Option<()> {
        let encrypted = settings::encrypt(self.keys.as_ref()?, random, plain);
        message.attribute(attr::ENCR_SETTINGS, &encrypted);
        Some(())
    }

    /// Decrypts the settings of a message.
    pub fn open_settings(&self, attributes: &Attributes<'_>) -> Result<Vec<u8>, Refusal> {
        let keys = self.keys.as_ref().ok_or(SettingsError::Blocks)?;
        Ok(settings::decrypt(keys, attributes.encr_settings)?)
    }

    /// Reads what [`Run::open_settings`] gave.
    pub fn read_settings<'a>(&self, plain: &'a [u8]) -> Result<Attributes<'a>, Refusal> {
        let keys = self.keys.as_ref().ok_or(SettingsError::Blocks)?;
        Ok(settings::parse(keys, plain)?)
    }

    /// Remembers what the peer says of itself; all of it is required.
    pub fn learn_peer(&mut self, attributes: &Attributes<'_>) -> Result<(), Refusal> {
        let peer = &mut self.peer;
        peer.manufacturer = required(attributes.manufacturer, attr::MANUFACTURER)?.to_vec();
        peer.model_name = required(attributes.model_name, attr::MODEL_NAME)?.to_vec();
        peer.model_number = required(attributes.model_number, attr::MODEL_NUMBER)?.to_vec();
        peer.serial_number = required(attributes.serial_number, attr::SERIAL_NUMBER)?.to_vec();
        peer.primary_type = required(attributes.primary_dev_type, attr::PRIMARY_DEV_TYPE)?;
        peer.device_name = required(attributes.dev_name, attr::DEV_NAME)?.to_vec();
        Ok(())
    }

    /// Keeps the Configuration Error of a refusal for the NACK.
    pub fn refused(&mut self, refusal: Refusal) {
        if let Some(error) = refusal.config_error() {
            self.config_error = error;
        }
    }

    /// The run failed at, or was refused with, a message.
    pub fn fail_event(&self, wps: &mut Wps, msg: MessageType, config_error: u16, peer: MacAddr) {
        let error_indication = self.error_indication;
        wps.events.push_back(WpsEvent::Fail { msg, config_error, error_indication, peer });
    }

    /// A message that begins with both nonces.
    pub fn nonced(&self, kind: MessageType) -> Writer {
        let mut out = Writer::message(kind);
        out.attribute(attr::ENROLLEE_NONCE, &self.nonce_e).attribute(attr::REGISTRAR_NONCE, &self.nonce_r);
        out
    }

    /// WSC_ACK or WSC_Done (WSC 2.0.5 §8.3.14, §8.3.16).
    pub fn acknowledgement(&self, kind: MessageType) -> Vec<u8> {
        let mut out = self.nonced(kind);
        out.version2();
        out.into_bytes()
    }

    /// WSC_NACK (WSC 2.0.5 §8.3.15).
    pub fn nack(&self) -> Vec<u8> {
        let mut out = self.nonced(MessageType::WscNack);
        out.u16(attr::CONFIG_ERROR, self.config_error).version2();
        out.into_bytes()
    }

    /// Whether both nonces are those of this run.
    pub fn nonces_match(&self, attributes: &Attributes<'_>) -> bool {
        attributes.registrar_nonce == Some(&self.nonce_r) && attributes.enrollee_nonce == Some(&self.nonce_e)
    }
}

/// Appends the capabilities of an end in M1, M2 and M2D. Neither enterprise networks nor WEP are enrolled.
pub(super) fn put_capabilities(out: &mut Writer) {
    out.u16(attr::AUTH_TYPE_FLAGS, auth_type::OPEN | auth_type::WPA_PSK | auth_type::WPA2_PSK)
        .u16(attr::ENCR_TYPE_FLAGS, encr_type::NONE | encr_type::TKIP | encr_type::AES)
        .u8(attr::CONN_TYPE_FLAGS, CONN_ESS);
}

/// The band in use, else those the device has.
pub(super) fn put_rf_bands(out: &mut Writer, wps: &Wps) {
    out.u8(attr::RF_BANDS, if wps.rf_band == 0 { wps.device.rf_bands } else { wps.rf_band });
}
