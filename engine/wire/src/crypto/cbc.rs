//! AES-128 in cipher block chaining mode, of whole blocks (NIST SP 800-38A §6.2).

use aes::Aes128;
use cbc::cipher::block_padding::NoPadding;
use cbc::cipher::{BlockDecryptMut, BlockEncryptMut, KeyIvInit};

/// Encrypts whole blocks; `None` if there is a remainder.
pub fn encrypt(key: &[u8; 16], iv: &[u8; 16], blocks: &[u8]) -> Option<Vec<u8>> {
    let mut out = blocks.to_vec();
    let len = out.len();
    let cipher = cbc::Encryptor::<Aes128>::new(key.into(), iv.into());
    cipher.encrypt_padded_mut::<NoPadding>(&mut out, len).ok()?;
    Some(out)
}

/// Decrypts whole blocks; `None` if there is a remainder.
pub fn decrypt(key: &[u8; 16], iv: &[u8; 16], blocks: &[u8]) -> Option<Vec<u8>> {
    let mut out = blocks.to_vec();
    cbc::Decryptor::<Aes128>::new(key.into(), iv.into()).decrypt_padded_mut::<NoPadding>(&mut out).ok()?;
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// NIST SP 800-38A F.2.1, the first two blocks.
    #[test]
    fn the_vectors_of_sp_800_38a() {
        let key = *b"\x2b\x7e\x15\x16\x28\xae\xd2\xa6\xab\xf7\x15\x88\x09\xcf\x4f\x3c";
        let iv = core::array::from_fn(|i| i as u8);
        let plain = b"\x6b\xc1\xbe\xe2\x2e\x40\x9f\x96\xe9\x3d\x7e\x11\x73\x93\x17\x2a\
                      \xae\x2d\x8a\x57\x1e\x03\xac\x9c\x9e\xb7\x6f\xac\x45\xaf\x8e\x51";
        let cipher = b"\x76\x49\xab\xac\x81\x19\xb2\x46\xce\xe9\x8e\x9b\x12\xe9\x19\x7d\
                       \x50\x86\xcb\x9b\x50\x72\x19\xee\x95\xdb\x11\x3a\x91\x76\x78\xb2";
        assert_eq!(encrypt(&key, &iv, plain).as_deref(), Some(&cipher[..]));
        assert_eq!(decrypt(&key, &iv, cipher).as_deref(), Some(&plain[..]));
        assert_eq!((encrypt(&key, &iv, b"cut"), decrypt(&key, &iv, b"cut")), (None, None));
    }
}
