//! Thin, non-generic names over RustCrypto for what 802.11 does with it (IEEE 802.11-2020 clause 12).

pub mod cbc;
pub mod ccmp;
pub mod dh;
mod mpdu;
pub mod tkip;

pub use mpdu::{MpduError, key_id, packet_number};

use crate::mac::MacAddr;
use aes::Aes128;
use cmac::Cmac;
use hmac::{Hmac, Mac};
use md5::Md5;
use sha1::{Digest, Sha1};
use sha2::Sha256;
use subtle::ConstantTimeEq;

/// EAPOL-Key confirmation key.
pub type Kck = [u8; 16];
/// EAPOL-Key encryption key.
pub type Kek = [u8; 16];
/// Pairwise master key.
pub type Pmk = [u8; 32];

/// The pre-shared key of a passphrase (IEEE 802.11-2020 §J.4): PBKDF2, HMAC-SHA1, 4096 rounds.
pub fn psk(passphrase: &[u8], ssid: &[u8]) -> Pmk {
    pbkdf2::pbkdf2_hmac_array::<Sha1, 32>(passphrase, ssid, 4096)
}

fn hmac_sha1(key: &[u8], parts: &[&[u8]]) -> [u8; 20] {
    let mut mac = <Hmac<Sha1> as Mac>::new_from_slice(key).expect("HMAC takes keys of any length");
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

/// HMAC-SHA-256 of the parts, one after the other.
pub fn hmac_sha256(key: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    let mut mac = <Hmac<Sha256> as Mac>::new_from_slice(key).expect("HMAC takes keys of any length");
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

/// SHA-256.
pub fn sha256(data: &[u8]) -> [u8; 32] {
    Sha256::digest(data).into()
}

/// Whether two strings of octets are the same, in a time that does not tell where they differ.
pub fn same(a: &[u8], b: &[u8]) -> bool {
    a.ct_eq(b).into()
}

fn hmac_md5(key: &[u8], data: &[u8]) -> [u8; 16] {
    let mut mac = <Hmac<Md5> as Mac>::new_from_slice(key).expect("HMAC takes keys of any length");
    mac.update(data);
    mac.finalize().into_bytes().into()
}

/// The PRF of IEEE 802.11-2020 §12.7.1.2 with SHA-1, `len` octets.
pub fn prf_sha1(key: &[u8], label: &str, data: &[u8], len: usize) -> Vec<u8> {
    let mut out = Vec::with_capacity(len + 20);
    let mut counter = 0u8;
    while out.len() < len {
        out.extend_from_slice(&hmac_sha1(key, &[label.as_bytes(), &[0], data, &[counter]]));
        counter = counter.wrapping_add(1);
    }
    out.truncate(len);
    out
}

/// The KDF of IEEE 802.11-2020 §12.7.1.6.2 with SHA-256, `len` octets.
pub fn prf_sha256(key: &[u8], label: &str, data: &[u8], len: usize) -> Vec<u8> {
    let mut out = Vec::with_capacity(len + 32);
    let bits = ((len * 8) as u16).to_le_bytes();
    let mut counter = 1u16;
    while out.len() < len {
        out.extend_from_slice(&hmac_sha256(key, &[&counter.to_le_bytes(), label.as_bytes(), data, &bits]));
        counter = counter.wrapping_add(1);
    }
    out.truncate(len);
    out
}

/// A pairwise transient key in its three parts.
#[derive(Clone, PartialEq, Eq)]
pub struct Ptk {
    pub kck: Kck,
    pub kek: Kek,
    /// 16 octets for CCMP, 32 for TKIP in 802.11's order: temporal key, MIC key of the
    /// authenticator's frames, MIC key of the supplicant's.
    pub tk: Vec<u8>,
}

/// Keys do not print.
impl core::fmt::Debug for Ptk {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Ptk(TK of {} octets)", self.tk.len())
    }
}

/// The values that a pairwise transient key is derived from, beside the master key.
#[derive(Clone, Copy, Debug)]
pub struct PtkContext<'a> {
    /// The authenticator's address.
    pub aa: MacAddr,
    /// The supplicant's address.
    pub spa: MacAddr,
    pub anonce: &'a [u8; 32],
    pub snonce: &'a [u8; 32],
}

/// Pairwise key hierarchy (IEEE 802.11-2020 §12.7.1.3). `tk_len` is 16 for CCMP, 32 for TKIP.
pub fn derive_ptk(pmk: &[u8], context: &PtkContext<'_>, sha256: bool, tk_len: usize) -> Ptk {
    let PtkContext { aa, spa, anonce, snonce } = *context;
    let mut data = Vec::with_capacity(76);
    data.extend_from_slice(&aa.min(spa).0);
    data.extend_from_slice(&aa.max(spa).0);
    data.extend_from_slice(anonce.min(snonce));
    data.extend_from_slice(anonce.max(snonce));
    let prf = if sha256 { prf_sha256 } else { prf_sha1 };
    let mut bytes = prf(pmk, "Pairwise key expansion", &data, 32 + tk_len);
    let tk = bytes.split_off(32);
    let mut ptk = Ptk { kck: [0; 16], kek: [0; 16], tk };
    let (kck, kek) = bytes.split_at(16);
    ptk.kck.copy_from_slice(kck);
    ptk.kek.copy_from_slice(kek);
    ptk
}

/// Group key hierarchy (IEEE 802.11-2020 §12.7.1.4), `len` octets.
pub fn derive_gtk(gmk: &[u8], aa: MacAddr, gnonce: &[u8; 32], len: usize) -> Vec<u8> {
    let mut data = aa.0.to_vec();
    data.extend_from_slice(gnonce);
    prf_sha1(gmk, "Group key expansion", &data, len)
}

/// The name of a PMK security association (IEEE 802.11-2020 §12.7.1.3).
pub fn pmkid(pmk: &[u8], aa: MacAddr, spa: MacAddr, sha256: bool) -> [u8; 16] {
    let parts: [&[u8]; 3] = [b"PMK Name", &aa.0, &spa.0];
    let mut out = [0; 16];
    if sha256 {
        out.copy_from_slice(&hmac_sha256(pmk, &parts)[..16]);
    } else {
        out.copy_from_slice(&hmac_sha1(pmk, &parts)[..16]);
    }
    out
}

/// The MIC of an EAPOL-Key frame whose MIC field is zero (IEEE 802.11-2020 §12.7.2): descriptor
/// version 1 is HMAC-MD5, 2 HMAC-SHA1, 3 AES-CMAC. `None` for other versions.
pub fn eapol_mic(kck: &Kck, descriptor_version: u8, frame: &[u8]) -> Option<[u8; 16]> {
    match descriptor_version {
        1 => Some(hmac_md5(kck, frame)),
        2 => {
            let mut out = [0; 16];
            out.copy_from_slice(&hmac_sha1(kck, &[frame])[..16]);
            Some(out)
        }
        3 => {
            let mut mac = <Cmac<Aes128> as Mac>::new_from_slice(kck).ok()?;
            mac.update(frame);
            Some(mac.finalize().into_bytes().into())
        }
        _ => None,
    }
}

/// NIST AES key wrap (IETF RFC 3394). `None` if the data is not a positive multiple of 8 octets.
pub fn key_wrap(kek: &Kek, data: &[u8]) -> Option<Vec<u8>> {
    let mut out = vec![0; data.len() + 8];
    aes_kw::KekAes128::from(*kek).wrap(data, &mut out).ok()?;
    (!data.is_empty()).then_some(out)
}

/// Inverse of [`key_wrap`]. `None` if the length or the integrity check is wrong.
pub fn key_unwrap(kek: &Kek, wrapped: &[u8]) -> Option<Vec<u8>> {
    if wrapped.len() < 16 {
        return None;
    }
    let mut out = vec![0; wrapped.len() - 8];
    aes_kw::KekAes128::from(*kek).unwrap(wrapped, &mut out).ok()?;
    Some(out)
}

/// Encrypts or decrypts key data of descriptor version 1: RC4 under IV and KEK, the first 256
/// octets of the key stream discarded (IEEE 802.11-2020 §12.7.2).
pub fn rc4_key_data(kek: &Kek, iv: &[u8; 16], data: &[u8]) -> Vec<u8> {
    use rc4::consts::U32;
    use rc4::{KeyInit as _, StreamCipher as _};
    let mut key = [0u8; 32];
    key[..16].copy_from_slice(iv);
    key[16..].copy_from_slice(kek);
    let mut cipher = rc4::Rc4::<U32>::new(&key.into());
    cipher.apply_keystream(&mut [0u8; 256]);
    let mut out = data.to_vec();
    cipher.apply_keystream(&mut out);
    out
}

/// A UUID from a MAC address as wpa_supplicant derives one for WPS (version 5, its own name space).
pub fn uuid_from_mac(addr: MacAddr) -> [u8; 16] {
    const NAMESPACE: [u8; 16] =
        [0x52, 0x64, 0x80, 0xf8, 0xc9, 0x9b, 0x4b, 0xe5, 0xa6, 0x55, 0x58, 0xed, 0x5f, 0x5d, 0x60, 0x84];
    let mut hash = Sha1::new();
    hash.update(NAMESPACE);
    hash.update(addr.0);
    let digest: [u8; 20] = hash.finalize().into();
    let mut uuid = [0; 16];
    uuid.copy_from_slice(&digest[..16]);
    uuid[6] = 0x50 | uuid[6] & 0x0f;
    uuid[8] = 0x80 | uuid[8] & 0x3f;
    uuid
}

/// Equality whose time does not depend on where the difference is.
pub fn ct_eq(a: &[u8], b: &[u8]) -> bool {
    a.ct_eq(b).into()
}
