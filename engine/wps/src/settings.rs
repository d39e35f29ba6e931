//! Encrypted Settings (WSC 2.0.5 §7.5): attributes, a Key Wrap Authenticator, padding, all encrypted
//! with the Key Wrap Key.

use super::keys::SessionKeys;
use wpasim_runtime::entropy::Stream;
use wpasim_wire::crypto::cbc;
use wpasim_wire::wsc::{Attributes, Writer, WscError, attr};

const BLOCK: usize = 16;
/// Type, length and value of the Key Wrap Authenticator.
const KEY_WRAP_AUTH_LEN: usize = 12;

/// Settings that cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SettingsError {
    #[error("there are no encrypted settings, or they are not whole blocks")]
    Blocks,
    #[error("the padding is wrong, as after decryption with another key")]
    Padding,
    #[error(transparent)]
    Attributes(#[from] WscError),
    #[error("the Key Wrap Authenticator is not the last attribute")]
    KeyWrapAuthPlace,
    #[error("the Key Wrap Authenticator is wrong")]
    KeyWrapAuth,
}

/// The value of an Encrypted Settings attribute with these attributes.
pub fn encrypt(keys: &SessionKeys, random: &mut Stream, mut plain: Writer) -> Vec<u8> {
    let signature = keys.sign(&[plain.as_bytes()]);
    plain.attribute(attr::KEY_WRAP_AUTH, &signature);
    let mut blocks = plain.into_bytes();
    let padding = BLOCK - blocks.len() % BLOCK;
    blocks.resize(blocks.len() + padding, padding as u8);
    let iv: [u8; BLOCK] = random.bytes();
    let encrypted = cbc::encrypt(&keys.key_wrap_key, &iv, &blocks).unwrap_or_default();
    [&iv[..], &encrypted].concat()
}

/// The attributes of settings, Key Wrap Authenticator included, which is not checked yet.
pub fn decrypt(keys: &SessionKeys, encrypted: Option<&[u8]>) -> Result<Vec<u8>, SettingsError> {
    let (iv, blocks) = encrypted.and_then(|e| e.split_first_chunk::<BLOCK>()).ok_or(SettingsError::Blocks)?;
    if blocks.is_empty() {
        return Err(SettingsError::Blocks);
    }
    let mut plain = cbc::decrypt(&keys.key_wrap_key, iv, blocks).ok_or(SettingsError::Blocks)?;
    let padding = plain.last().copied().unwrap_or_default();
    let len = plain.len().checked_sub(usize::from(padding)).ok_or(SettingsError::Padding)?;
    if plain.iter().skip(len).any(|b| *b != padding) {
        return Err(SettingsError::Padding);
    }
    plain.truncate(len);
    Ok(plain)
}

/// Reads decrypted settings and checks their Key Wrap Authenticator.
pub fn parse<'a>(keys: &SessionKeys, plain: &'a [u8]) -> Result<Attributes<'a>, SettingsError> {
    let attributes = Attributes::parse(plain)?;
    let (signed, last) = plain
        .len()
        .checked_sub(KEY_WRAP_AUTH_LEN)
        .and_then(|len| plain.split_at_checked(len))
        .ok_or(SettingsError::KeyWrapAuthPlace)?;
    let signature = attributes.key_wrap_auth.ok_or(SettingsError::KeyWrapAuthPlace)?;
    // The same octets of the same settings, not merely equal ones.
    if last.get(4..).map(<[u8]>::as_ptr) != Some(signature.as_ptr()) {
        return Err(SettingsError::KeyWrapAuthPlace);
    }
    if !keys.verify(&[signed], signature) {
        return Err(SettingsError::KeyWrapAuth);
    }
    Ok(attributes)
}
