//! The keys that both ends derive from the Diffie-Hellman secret, and from the device password the proofs
//! of knowing each half of it (WSC 2.0.5 §7.3 and §7.4).

use wpasim_wire::MacAddr;
use wpasim_wire::crypto::{hmac_sha256, same, sha256};

const LABEL: &[u8] = b"Wi-Fi Easy and Secure Key Derivation";

/// The keys of one run (WSC 2.0.5 §7.3).
#[derive(Clone, PartialEq, Eq)]
pub struct SessionKeys {
    /// Signs messages and settings.
    pub auth_key: [u8; 32],
    /// Encrypts settings.
    pub key_wrap_key: [u8; 16],
    /// For applications; nothing uses it.
    pub emsk: [u8; 32],
}

/// Keys do not print.
impl core::fmt::Debug for SessionKeys {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("SessionKeys")
    }
}

/// The values that the keys of a run are bound to.
#[derive(Clone, Copy, Debug)]
pub struct KeyContext<'a> {
    pub enrollee_nonce: &'a [u8; 16],
    pub enrollee_addr: MacAddr,
    pub registrar_nonce: &'a [u8; 16],
}

/// The length of all keys in bits, as the derivation counts it.
const KEY_BITS: u32 = (32 + 16 + 32) * 8;

impl SessionKeys {
    /// Of the Diffie-Hellman secret, padded with zeros at its front.
    pub fn derive(secret: &[u8; 192], context: KeyContext<'_>) -> Self {
        let KeyContext { enrollee_nonce, enrollee_addr, registrar_nonce } = context;
        let kdk = hmac_sha256(&sha256(secret), &[enrollee_nonce, &enrollee_addr.0, registrar_nonce]);
        let block = |i: u32| hmac_sha256(&kdk, &[&i.to_be_bytes(), LABEL, &KEY_BITS.to_be_bytes()]);
        let [auth_key, second, third] = [block(1), block(2), block(3)];
        let (mut key_wrap_key, mut emsk) = ([0; 16], [0; 32]);
        let mut rest = second.into_iter().chain(third);
        key_wrap_key.iter_mut().chain(&mut emsk).zip(&mut rest).for_each(|(to, from)| *to = from);
        SessionKeys { auth_key, key_wrap_key, emsk }
    }

    /// The Authenticator of a message, or the Key Wrap Authenticator of settings: the beginning of a
    /// signature of the parts.
    pub fn sign(&self, parts: &[&[u8]]) -> [u8; 8] {
        let signature = hmac_sha256(&self.auth_key, parts);
        core::array::from_fn(|i| signature.get(i).copied().unwrap_or_default())
    }

    /// Whether [`SessionKeys::sign`] makes this of the parts.
    pub fn verify(&self, parts: &[&[u8]], signature: &[u8; 8]) -> bool {
        same(&self.sign(parts), signature)
    }

    /// The keys of both halves of a device password; the first half is longer if one is.
    pub fn password_keys(&self, password: &[u8]) -> [[u8; 16]; 2] {
        let (first, second) = password.split_at(password.len().div_ceil(2));
        [first, second].map(|half| {
            let key = hmac_sha256(&self.auth_key, &[half]);
            core::array::from_fn(|i| key.get(i).copied().unwrap_or_default())
        })
    }

    /// The commitment to a half of the password (E-Hash, R-Hash).
    pub fn commitment(
        &self,
        secret_nonce: &[u8; 16],
        password_key: &[u8; 16],
        keys: PublicKeys<'_>,
    ) -> [u8; 32] {
        hmac_sha256(&self.auth_key, &[secret_nonce, password_key, keys.enrollee, keys.registrar])
    }
}

/// The public keys as they were on the air.
#[derive(Clone, Copy, Debug)]
pub struct PublicKeys<'a> {
    pub enrollee: &'a [u8],
    pub registrar: &'a [u8],
}
