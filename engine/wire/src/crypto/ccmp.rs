//! CCMP-128 on whole MPDUs (IEEE 802.11-2020 §12.5.3).

use super::mpdu::{IV_LEN, MpduError, Shape, key_id_octet};
use crate::ieee80211::{self, fc};
use aes::Aes128;
use ccm::aead::AeadInPlace;
use ccm::aead::generic_array::GenericArray;
use ccm::consts::{U8, U13};
use ccm::{Ccm, KeyInit};

/// Octets of the MIC at the end.
const MIC_LEN: usize = 8;

/// A temporal key with its expanded key schedule: make it once, use it for every frame.
#[derive(Clone)]
pub struct CcmpKey(Ccm<Aes128, U8, U13>);

impl core::fmt::Debug for CcmpKey {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("CcmpKey")
    }
}

impl CcmpKey {
    /// Expands a temporal key.
    pub fn new(tk: &[u8; 16]) -> Self {
        CcmpKey(Ccm::new(&GenericArray::from(*tk)))
    }

    /// Expands a temporal key of 16 octets; `None` for other lengths.
    pub fn from_slice(tk: &[u8]) -> Option<Self> {
        Some(Self::new(tk.try_into().ok()?))
    }
}

/// The additional authenticated data (§12.5.3.3.3), at most 30 octets.
struct Aad {
    bytes: [u8; 30],
    len: usize,
}

impl Aad {
    fn of(frame: &[u8], shape: Shape) -> Result<Aad, MpduError> {
        let mut aad = Aad { bytes: [0; 30], len: 0 };
        let &[fc0, fc1] = frame.first_chunk().ok_or(MpduError::Truncated)?;
        // Of a data frame's subtype only the QoS bit counts; what may change in a retry is masked.
        let fc0 = if shape.is_mgmt { fc0 } else { fc0 & 0x8f };
        let mut fc1 = fc1 & !(fc::RETRY | fc::POWER_MANAGEMENT | fc::MORE_DATA) | fc::PROTECTED;
        if shape.tid.is_some() {
            fc1 &= !fc::ORDER;
        }
        aad.push(&[fc0, fc1]);
        aad.push(frame.get(4..22).ok_or(MpduError::Truncated)?);
        aad.push(&[frame.get(22).ok_or(MpduError::Truncated)? & 0x0f, 0]);
        if let Some(at) = shape.addr4_at {
            aad.push(frame.get(at..at + 6).ok_or(MpduError::Truncated)?);
        }
        if let Some(tid) = shape.tid {
            aad.push(&[tid, 0]);
        }
        Ok(aad)
    }

    fn push(&mut self, part: &[u8]) {
        if let Some(space) = self.bytes.get_mut(self.len..self.len + part.len()) {
            space.copy_from_slice(part);
            self.len += part.len();
        }
    }

    fn as_slice(&self) -> &[u8] {
        self.bytes.get(..self.len).unwrap_or_default()
    }
}

fn nonce(frame: &[u8], shape: Shape, pn: u64) -> Result<[u8; 13], MpduError> {
    let mut nonce = [0; 13];
    let (flags, rest) = nonce.split_at_mut(1);
    flags[0] = shape.tid.unwrap_or(0) | if shape.is_mgmt { 0x10 } else { 0 };
    let addr2 = ieee80211::addr2(frame).ok_or(MpduError::Truncated)?;
    rest[..6].copy_from_slice(&addr2.0);
    rest[6..].copy_from_slice(&pn.to_be_bytes()[2..]);
    Ok(nonce)
}

/// The protected MPDU of a plain one. `pn` is the 48-bit packet number to use.
pub fn encrypt(frame: &[u8], key: &CcmpKey, pn: u64, key_id: u8) -> Result<Vec<u8>, MpduError> {
    let shape = Shape::of(frame)?;
    if ieee80211::is_protected(frame) {
        return Err(MpduError::AlreadyProtected);
    }
    let (header, body) = frame.split_at_checked(shape.header_len).ok_or(MpduError::Truncated)?;
    let [p0, p1, p2, p3, p4, p5, ..] = pn.to_le_bytes();
    let mut out = Vec::with_capacity(frame.len() + IV_LEN + MIC_LEN);
    out.extend_from_slice(header);
    if let Some(flags) = out.get_mut(1) {
        *flags |= fc::PROTECTED;
    }
    out.extend_from_slice(&[p0, p1, 0, key_id_octet(key_id), p2, p3, p4, p5]);
    let data_at = out.len();
    out.extend_from_slice(body);
    let data = out.get_mut(data_at..).ok_or(MpduError::Truncated)?;
    let tag = key
        .0
        .encrypt_in_place_detached(&nonce(frame, shape, pn)?.into(), Aad::of(frame, shape)?.as_slice(), data)
        .map_err(|_| MpduError::NotProtectable)?;
    out.extend_from_slice(&tag);
    Ok(out)
}

/// The plain MPDU of a protected one, with the Protected bit cleared, and its packet number. The
/// caller decides whether the packet number is a replay.
pub fn decrypt(frame: &[u8], key: &CcmpKey) -> Result<(Vec<u8>, u64), MpduError> {
    let shape = Shape::of(frame)?;
    let iv = shape.extended_iv(frame)?;
    let pn = u64::from_le_bytes([iv[0], iv[1], iv[4], iv[5], iv[6], iv[7], 0, 0]);
    let body = frame.get(shape.header_len + IV_LEN..).ok_or(MpduError::Truncated)?;
    let (data, tag) = body.split_last_chunk::<MIC_LEN>().ok_or(MpduError::Truncated)?;
    let mut out = Vec::with_capacity(shape.header_len + data.len());
    out.extend_from_slice(frame.get(..shape.header_len).ok_or(MpduError::Truncated)?);
    if let Some(flags) = out.get_mut(1) {
        *flags &= !fc::PROTECTED;
    }
    out.extend_from_slice(data);
    let plain = out.get_mut(shape.header_len..).ok_or(MpduError::Truncated)?;
    key.0
        .decrypt_in_place_detached(
            &nonce(frame, shape, pn)?.into(),
            Aad::of(frame, shape)?.as_slice(),
            plain,
            &(*tag).into(),
        )
        .map_err(|_| MpduError::IntegrityCheck)?;
    Ok((out, pn))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ieee80211::DataFrame;
    use crate::mac::MacAddr;
    use proptest::prelude::*;

    /// IEEE 802.11-2020 §J.6.4.
    #[test]
    fn the_standards_vector() {
        let tk = hex("c97c1f67ce371185514a8a19f2bdd52f");
        let header = "0848c32c0fd2e128a57c5030f1844408abaea5b8fcba8033";
        let plain = hex(&format!("{header}f8ba1a55d02f85ae967bb62fb6cda8eb7e78a050"));
        let protected =
            hex(&format!("{header}0ce70020769703b5f3d0a2fe9a3dbf2342a643e43246e80c3c04d0197845ce0b16f97623"));
        let key = CcmpKey::from_slice(&tk).unwrap();
        let mut unprotected = plain.clone();
        unprotected[1] &= !fc::PROTECTED;
        assert_eq!(encrypt(&unprotected, &key, 0xb503_9776_e70c, 0), Ok(protected.clone()));
        assert_eq!(decrypt(&protected, &key), Ok((unprotected, 0xb503_9776_e70c)));
    }

    fn hex(text: &str) -> Vec<u8> {
        (0..text.len() / 2).map(|i| u8::from_str_radix(&text[2 * i..2 * i + 2], 16).unwrap()).collect()
    }

    proptest! {
        #[test]
        fn protected_frames_open_and_tampering_shows(
            tk: [u8; 16], pn in 0u64..1 << 48, key_id in 0u8..4, qos: Option<u16>,
            ds in 0u8..4, body in prop::collection::vec(any::<u8>(), 0..100), at: usize, bit in 0u8..8,
        ) {
            let frame = DataFrame {
                to_ds: ds & 1 != 0, from_ds: ds & 2 != 0, addr1: MacAddr([2, 0, 0, 0, 1, 0]),
                addr4: (ds == 3).then_some(MacAddr([9; 6])), qos, body, ..DataFrame::default()
            }.emit();
            let key = CcmpKey::new(&tk);
            let mut protected = encrypt(&frame, &key, pn, key_id).unwrap();
            prop_assert_eq!(super::super::key_id(&protected), Some(key_id));
            prop_assert_eq!(super::super::packet_number(&protected), Some(pn));
            prop_assert_eq!(decrypt(&protected, &key), Ok((frame, pn)));
            let body_at = protected.len() - 8;
            let index = body_at + at % 8;
            protected[index] ^= 1 << bit;
            prop_assert_eq!(decrypt(&protected, &key), Err(MpduError::IntegrityCheck));
        }

        #[test]
        fn any_octets_are_opened_or_refused(frame in prop::collection::vec(any::<u8>(), 0..80)) {
            let key = CcmpKey::new(&[0; 16]);
            let _ = (decrypt(&frame, &key), encrypt(&frame, &key, 1, 0));
        }
    }
}
