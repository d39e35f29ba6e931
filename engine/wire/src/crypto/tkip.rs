//! TKIP on whole MPDUs (IEEE 802.11-2020 §12.5.2): per-packet key mixing, Michael and WEP's ICV.
//! Michael covers the MSDU, so one that goes in fragments has its MIC before it is divided: [`with_mic`], then
//! [`encrypt_mpdu`] for each fragment; [`decrypt_mpdu`] opens one, [`verify_msdu`] looks at the MIC of the whole.

use super::mpdu::{IV_LEN, MpduError, Shape, key_id_octet};
use crate::ieee80211::{self, fc};
use crate::mac::MacAddr;
use rc4::consts::U16;
use rc4::{KeyInit as _, Rc4, StreamCipher as _};

const MIC_LEN: usize = 8;
const ICV_LEN: usize = 4;

/// A TKIP key in its three parts.
#[derive(Clone, PartialEq, Eq)]
pub struct TkipKey {
    tk: [u8; 16],
    mic_of_authenticator: [u8; 8],
    mic_of_supplicant: [u8; 8],
}

impl core::fmt::Debug for TkipKey {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("TkipKey")
    }
}

impl TkipKey {
    /// From 32 octets in 802.11's order (§12.7.1.3): temporal key, MIC key of the authenticator's
    /// frames, MIC key of the supplicant's. `None` for other lengths.
    pub fn from_slice(key: &[u8]) -> Option<Self> {
        let (tk, rest) = key.split_first_chunk()?;
        let (authenticator, rest) = rest.split_first_chunk()?;
        let supplicant: &[u8; 8] = rest.try_into().ok()?;
        Some(TkipKey { tk: *tk, mic_of_authenticator: *authenticator, mic_of_supplicant: *supplicant })
    }

    /// Returns the MIC key of a frame, which follows from its direction.
    fn michael_key(&self, frame: &[u8]) -> &[u8; 8] {
        match frame.get(1) {
            Some(flags) if flags & fc::FROM_DS == 0 => &self.mic_of_supplicant,
            _ => &self.mic_of_authenticator,
        }
    }
}

/// The protected MPDU of a plain data frame that is a whole MSDU. `tsc` is the 48-bit sequence counter to use.
pub fn encrypt(frame: &[u8], key: &TkipKey, tsc: u64, key_id: u8) -> Result<Vec<u8>, MpduError> {
    encrypt_mpdu(&with_mic(frame, key)?, key, tsc, key_id)
}

/// A whole plain MSDU with the Michael MIC at its end.
pub fn with_mic(frame: &[u8], key: &TkipKey) -> Result<Vec<u8>, MpduError> {
    let shape = Shape::of(frame)?;
    let body = frame.get(shape.header_len..).ok_or(MpduError::Truncated)?;
    let mic = msdu_mic(frame, shape, key.michael_key(frame), body)?;
    Ok([frame, &mic].concat())
}

/// The protected MPDU of a plain one that has its MSDU's Michael MIC, or its part of it, at the end.
pub fn encrypt_mpdu(frame: &[u8], key: &TkipKey, tsc: u64, key_id: u8) -> Result<Vec<u8>, MpduError> {
    let shape = Shape::of(frame)?;
    if ieee80211::is_protected(frame) {
        return Err(MpduError::AlreadyProtected);
    }
    let (header, body) = frame.split_at_checked(shape.header_len).ok_or(MpduError::Truncated)?;
    let transmitter = ieee80211::addr2(frame).ok_or(MpduError::Truncated)?;
    let mut out = Vec::with_capacity(frame.len() + IV_LEN + ICV_LEN);
    out.extend_from_slice(header);
    if let Some(flags) = out.get_mut(1) {
        *flags |= fc::PROTECTED;
    }
    let seed = wep_seed(&key.tk, transmitter, tsc);
    let [t0, t1, t2, t3, t4, t5, ..] = tsc.to_le_bytes();
    out.extend_from_slice(&[t1, wep_seed_1(t1), t0, key_id_octet(key_id), t2, t3, t4, t5]);
    let data_at = out.len();
    out.extend_from_slice(body);
    let icv = crc32fast::hash(out.get(data_at..).unwrap_or_default());
    out.extend_from_slice(&icv.to_le_bytes());
    Rc4::<U16>::new(&seed.into()).apply_keystream(out.get_mut(data_at..).unwrap_or_default());
    Ok(out)
}

/// The plain MPDU of a protected one that is a whole MSDU, with the Protected bit cleared, and its sequence counter. The
/// caller decides whether the counter is a replay.
pub fn decrypt(frame: &[u8], key: &TkipKey) -> Result<(Vec<u8>, u64), MpduError> {
    let (plain, tsc) = decrypt_mpdu(frame, key)?;
    Ok((verify_msdu(&plain, key)?, tsc))
}

/// The plain MPDU of a protected one, with the Protected bit cleared, and its sequence counter. The Michael MIC of the MSDU
/// is at the end of its last fragment's data.
pub fn decrypt_mpdu(frame: &[u8], key: &TkipKey) -> Result<(Vec<u8>, u64), MpduError> {
    let shape = Shape::of(frame)?;
    let iv = shape.extended_iv(frame)?;
    let tsc = u64::from_le_bytes([iv[2], iv[0], iv[4], iv[5], iv[6], iv[7], 0, 0]);
    let transmitter = ieee80211::addr2(frame).ok_or(MpduError::Truncated)?;
    let mut body = frame.get(shape.header_len + IV_LEN..).ok_or(MpduError::Truncated)?.to_vec();
    Rc4::<U16>::new(&wep_seed(&key.tk, transmitter, tsc).into()).apply_keystream(&mut body);
    let (rest, icv) = body.split_last_chunk::<ICV_LEN>().ok_or(MpduError::Truncated)?;
    if crc32fast::hash(rest) != u32::from_le_bytes(*icv) {
        return Err(MpduError::IntegrityCheck);
    }
    let mut out = Vec::with_capacity(shape.header_len + rest.len());
    out.extend_from_slice(frame.get(..shape.header_len).ok_or(MpduError::Truncated)?);
    if let Some(flags) = out.get_mut(1) {
        *flags &= !fc::PROTECTED;
    }
    out.extend_from_slice(rest);
    Ok((out, tsc))
}

/// A whole plain MSDU without the Michael MIC at its end, if that is right.
pub fn verify_msdu(frame: &[u8], key: &TkipKey) -> Result<Vec<u8>, MpduError> {
    let shape = Shape::of(frame)?;
    let (header, body) = frame.split_at_checked(shape.header_len).ok_or(MpduError::Truncated)?;
    let (data, mic) = body.split_last_chunk::<MIC_LEN>().ok_or(MpduError::Truncated)?;
    if !super::ct_eq(&msdu_mic(frame, shape, key.michael_key(frame), data)?, mic) {
        return Err(MpduError::MichaelFailure);
    }
    Ok([header, data].concat())
}

/// Michael over destination, source, priority and data (§12.5.2.3.1).
fn msdu_mic(frame: &[u8], shape: Shape, key: &[u8; 8], data: &[u8]) -> Result<[u8; 8], MpduError> {
    let flags = *frame.get(1).ok_or(MpduError::Truncated)?;
    let addr1 = ieee80211::addr1(frame).ok_or(MpduError::Truncated)?;
    let addr2 = ieee80211::addr2(frame).ok_or(MpduError::Truncated)?;
    let addr3 = ieee80211::addr3(frame).ok_or(MpduError::Truncated)?;
    let addr4 = || {
        let at = shape.addr4_at?;
        frame.get(at..)?.first_chunk().map(|a| MacAddr(*a))
    };
    let destination = if flags & fc::TO_DS != 0 { addr3 } else { addr1 };
    let source = match (flags & fc::TO_DS != 0, flags & fc::FROM_DS != 0) {
        (_, false) => addr2,
        (false, true) => addr3,
        (true, true) => addr4().ok_or(MpduError::Truncated)?,
    };
    let mut michael = Michael::new(key);
    michael.update(&destination.0);
    michael.update(&source.0);
    michael.update(&[shape.tid.unwrap_or(0), 0, 0, 0]);
    michael.update(data);
    Ok(michael.finish())
}

/// The Michael algorithm (§12.5.2.3.2).
struct Michael {
    l: u32,
    r: u32,
    pending: [u8; 4],
    pending_len: usize,
}

impl Michael {
    fn new(key: &[u8; 8]) -> Self {
        let [a, b, c, d, e, f, g, h] = *key;
        Michael {
            l: u32::from_le_bytes([a, b, c, d]),
            r: u32::from_le_bytes([e, f, g, h]),
            pending: [0; 4],
            pending_len: 0,
        }
    }

    fn block(&mut self, word: u32) {
        let (mut l, mut r) = (self.l ^ word, self.r);
        r ^= l.rotate_left(17);
        l = l.wrapping_add(r);
        r ^= (l & 0xff00_ff00) >> 8 | (l & 0x00ff_00ff) << 8;
        l = l.wrapping_add(r);
        r ^= l.rotate_left(3);
        l = l.wrapping_add(r);
        r ^= l.rotate_right(2);
        l = l.wrapping_add(r);
        (self.l, self.r) = (l, r);
    }

    fn update(&mut self, data: &[u8]) {
        for &octet in data {
            self.pending[self.pending_len & 3] = octet;
            self.pending_len += 1;
            if self.pending_len == 4 {
                self.block(u32::from_le_bytes(self.pending));
                self.pending_len = 0;
            }
        }
    }

    fn finish(mut self) -> [u8; 8] {
        self.update(&[0x5a, 0, 0, 0, 0]);
        while self.pending_len != 0 {
            self.update(&[0]);
        }
        let [a, b, c, d] = self.l.to_le_bytes();
        let [e, f, g, h] = self.r.to_le_bytes();
        [a, b, c, d, e, f, g, h]
    }
}

/// The AES S-box in the 16-bit form of §12.5.2.2.2: twice and three times the substituted octet.
const SBOX: [u16; 256] = {
    let mut table = [0u16; 256];
    let mut i = 0;
    while i < 256 {
        let s = aes_sbox(i as u8);
        let double = times_two(s);
        table[i] = (double as u16) << 8 | (double ^ s) as u16;
        i += 1;
    }
    table
};

const fn times_two(a: u8) -> u8 {
    a << 1 ^ if a & 0x80 != 0 { 0x1b } else { 0 }
}

const fn times(mut a: u8, mut b: u8) -> u8 {
    let mut product = 0;
    while b != 0 {
        if b & 1 != 0 {
            product ^= a;
        }
        a = times_two(a);
        b >>= 1;
    }
    product
}

/// The substitution of FIPS 197 §5.1.1: the inverse (a^254), then the affine map.
const fn aes_sbox(a: u8) -> u8 {
    let mut inverse = 1;
    let mut n = 0;
    while n < 254 {
        inverse = times(inverse, a);
        n += 1;
    }
    let b = inverse;
    b ^ b.rotate_left(1) ^ b.rotate_left(2) ^ b.rotate_left(3) ^ b.rotate_left(4) ^ 0x63
}

fn substitute(v: u16) -> u16 {
    let [low, high] = v.to_le_bytes();
    SBOX[usize::from(low)] ^ SBOX[usize::from(high)].swap_bytes()
}

/// The key as eight 16-bit words, low octet first.
fn words(tk: &[u8; 16]) -> [u16; 8] {
    let mut out = [0; 8];
    for (word, octets) in out.iter_mut().zip(tk.as_chunks::<2>().0) {
        *word = u16::from_le_bytes(*octets);
    }
    out
}

/// Phase 1 key mixing (§12.5.2.2.3).
fn phase1(k: &[u16; 8], transmitter: MacAddr, iv32: u32) -> [u16; 5] {
    let [a0, a1, a2, a3, a4, a5] = transmitter.0;
    let mut t = [
        iv32 as u16,
        (iv32 >> 16) as u16,
        u16::from_le_bytes([a0, a1]),
        u16::from_le_bytes([a2, a3]),
        u16::from_le_bytes([a4, a5]),
    ];
    for i in 0..8u16 {
        let odd = usize::from(i & 1);
        t[0] = t[0].wrapping_add(substitute(t[4] ^ k[odd]));
        t[1] = t[1].wrapping_add(substitute(t[0] ^ k[2 + odd]));
        t[2] = t[2].wrapping_add(substitute(t[1] ^ k[4 + odd]));
        t[3] = t[3].wrapping_add(substitute(t[2] ^ k[6 + odd]));
        t[4] = t[4].wrapping_add(substitute(t[3] ^ k[odd])).wrapping_add(i);
    }
    t
}

/// The second octet of the WEP seed, chosen so that known weak RC4 keys do not occur.
fn wep_seed_1(tsc1: u8) -> u8 {
    (tsc1 | 0x20) & 0x7f
}

/// Phase 2 key mixing (§12.5.2.2.4).
fn phase2(k: &[u16; 8], ttak: [u16; 5], iv16: u16) -> [u8; 16] {
    let [t0, t1, t2, t3, t4] = ttak;
    let mut p = [t0, t1, t2, t3, t4, t4.wrapping_add(iv16)];
    let mut previous = p[5];
    for (word, key) in p.iter_mut().zip(k) {
        *word = word.wrapping_add(substitute(previous ^ key));
        previous = *word;
    }
    p[0] = p[0].wrapping_add((p[5] ^ k[6]).rotate_right(1));
    p[1] = p[1].wrapping_add((p[0] ^ k[7]).rotate_right(1));
    for i in 2..6 {
        p[i] = p[i].wrapping_add(p[i - 1].rotate_right(1));
    }
    let [low, high] = iv16.to_le_bytes();
    let mut seed = [0; 16];
    seed[0] = high;
    seed[1] = wep_seed_1(high);
    seed[2] = low;
    seed[3] = ((p[5] ^ k[0]) >> 1) as u8;
    for (octets, word) in seed[4..].chunks_exact_mut(2).zip(p) {
        octets.copy_from_slice(&word.to_le_bytes());
    }
    seed
}

fn wep_seed(tk: &[u8; 16], transmitter: MacAddr, tsc: u64) -> [u8; 16] {
    let k = words(tk);
    phase2(&k, phase1(&k, transmitter, (tsc >> 16) as u32), tsc as u16)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ieee80211::DataFrame;
    use proptest::prelude::*;

    /// IEEE 802.11-2020 §J.3 (Michael): each MIC is the key of the next test.
    #[test]
    fn michael_vectors() {
        let chain: [(&[u8], u64); 6] = [
            (b"", 0x8292_5c1c_a1d1_30b8),
            (b"M", 0x4347_21ca_4063_9b3f),
            (b"Mi", 0xe8f9_beca_e97e_5d29),
            (b"Mic", 0x9003_8fc6_cf13_c1db),
            (b"Mich", 0xd55e_1005_1012_8986),
            (b"Michael", 0x0a94_2b12_4eca_a546),
        ];
        let mut key = [0u8; 8];
        for (message, mic) in chain {
            let mut michael = Michael::new(&key);
            michael.update(message);
            key = michael.finish();
            assert_eq!(u64::from_be_bytes(key), mic);
        }
    }

    /// IEEE 802.11-2020 §J.5.2, first vector.
    #[test]
    fn key_mixing_vector() {
        let tk = core::array::from_fn(|i| i as u8);
        let transmitter = MacAddr([0x10, 0x22, 0x33, 0x44, 0x55, 0x66]);
        let k = words(&tk);
        assert_eq!(phase1(&k, transmitter, 0), [0x3dd2, 0x016e, 0x76f4, 0x8697, 0xb2e8]);
        assert_eq!(
            wep_seed(&tk, transmitter, 0),
            [0, 0x20, 0, 0x33, 0xea, 0x8d, 0x2f, 0x60, 0xca, 0x6d, 0x13, 0x74, 0x23, 0x4a, 0x66, 0x0b]
        );
    }

    #[test]
    fn a_wrong_michael_key_is_told_from_a_wrong_key() {
        let key = TkipKey::from_slice(&[7; 32]).unwrap();
        let mut other_mic = [7; 32];
        other_mic[24] = 8;
        let frame = DataFrame { to_ds: true, body: b"payload".to_vec(), ..DataFrame::default() }.emit();
        let protected = encrypt(&frame, &key, 5, 0).unwrap();
        let other_mic = TkipKey::from_slice(&other_mic).unwrap();
        assert_eq!(decrypt(&protected, &other_mic), Err(MpduError::MichaelFailure));
        let other_tk = TkipKey::from_slice(&[8; 32]).unwrap();
        assert_eq!(decrypt(&protected, &other_tk), Err(MpduError::IntegrityCheck));
    }

    proptest! {
        #[test]
        fn protected_frames_open(
            key: [u8; 32], tsc in 0u64..1 << 48, key_id in 0u8..4, qos: Option<u16>, ds in 0u8..4,
            body in prop::collection::vec(any::<u8>(), 0..100),
        ) {
            let frame = DataFrame {
                to_ds: ds & 1 != 0, from_ds: ds & 2 != 0, addr4: (ds == 3).then_some(MacAddr([9; 6])),
                qos, body, ..DataFrame::default()
            }.emit();
            let key = TkipKey::from_slice(&key).unwrap();
            let protected = encrypt(&frame, &key, tsc, key_id).unwrap();
            prop_assert_eq!(super::super::key_id(&protected), Some(key_id));
            prop_assert_eq!(decrypt(&protected, &key), Ok((frame, tsc)));
        }

        #[test]
        fn any_octets_are_opened_or_refused(frame in prop::collection::vec(any::<u8>(), 0..80)) {
            let key = TkipKey::from_slice(&[0; 32]).unwrap();
            let _ = (decrypt(&frame, &key), encrypt(&frame, &key, 1, 0));
        }
    }
}
