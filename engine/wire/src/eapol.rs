//! EAPOL frames (IEEE 802.1X-2010 §11.3) and EAPOL-Key frames (IEEE 802.11-2020 §12.7.2).

use crate::bytes::Reader;
use crate::crypto::{self, Kck};

/// Packet types.
pub mod packet_type {
    pub const EAP_PACKET: u8 = 0;
    pub const START: u8 = 1;
    pub const LOGOFF: u8 = 2;
    pub const KEY: u8 = 3;
}

/// Descriptor type of RSN's EAPOL-Key frames.
pub const DESCRIPTOR_RSN: u8 = 2;
/// Descriptor type of WPA's EAPOL-Key frames.
pub const DESCRIPTOR_WPA: u8 = 254;

/// Octets of an EAPOL header.
pub const HEADER_LEN: usize = 4;
/// Offset of the MIC from the start of the frame.
const MIC_AT: usize = 81;
const MIC_END: usize = MIC_AT + 16;

/// Bytes that are not an EAPOL(-Key) frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EapolError {
    #[error("shorter than an EAPOL header")]
    HeaderTruncated,
    #[error("the body has {present} octets, the header says {stated}")]
    BodyTruncated { present: usize, stated: u16 },
    #[error("packet type {0} is not EAPOL-Key")]
    NotKey(u8),
    #[error("too short for an EAPOL-Key frame")]
    KeyTruncated,
    #[error("descriptor type {0} is neither RSN's nor WPA's")]
    DescriptorType(u8),
    #[error("key data of {stated} octets, but only {present} are left")]
    KeyDataTruncated { present: usize, stated: u16 },
}

/// An EAPOL frame of any type.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct EapolFrame<'a> {
    pub version: u8,
    pub packet_type: u8,
    /// As long as the header says.
    pub body: &'a [u8],
}

impl<'a> EapolFrame<'a> {
    /// Parses the header; octets after the stated length are padding and ignored.
    pub fn parse(frame: &'a [u8]) -> Result<Self, EapolError> {
        let mut r = Reader::new(frame);
        let header: Option<(u8, u8, u16)> = (|| Some((r.u8()?, r.u8()?, r.be16()?)))();
        let (version, packet_type, stated) = header.ok_or(EapolError::HeaderTruncated)?;
        let present = r.left();
        let body = r.take(stated.into()).ok_or(EapolError::BodyTruncated { present, stated })?;
        Ok(EapolFrame { version, packet_type, body })
    }

    /// The bytes of the frame.
    pub fn emit(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(HEADER_LEN + self.body.len());
        out.extend_from_slice(&[self.version, self.packet_type]);
        out.extend_from_slice(&(self.body.len() as u16).to_be_bytes());
        out.extend_from_slice(self.body);
        out
    }
}

/// Key Information (IEEE 802.11-2020 Figure 12-33).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct KeyInfo(pub u16);

impl KeyInfo {
    pub const PAIRWISE: KeyInfo = KeyInfo(0x0008);
    pub const INSTALL: KeyInfo = KeyInfo(0x0040);
    pub const ACK: KeyInfo = KeyInfo(0x0080);
    pub const MIC: KeyInfo = KeyInfo(0x0100);
    pub const SECURE: KeyInfo = KeyInfo(0x0200);
    pub const ERROR: KeyInfo = KeyInfo(0x0400);
    pub const REQUEST: KeyInfo = KeyInfo(0x0800);
    pub const ENCRYPTED: KeyInfo = KeyInfo(0x1000);
    pub const SMK: KeyInfo = KeyInfo(0x2000);

    /// Whether all bits of `flag` are set.
    pub const fn has(self, flag: KeyInfo) -> bool {
        self.0 & flag.0 == flag.0
    }

    /// 0 to 3: 1 HMAC-MD5 and RC4, 2 HMAC-SHA1 and AES key wrap, 3 AES-CMAC and AES key wrap, 0 as
    /// the key management says.
    pub const fn descriptor_version(self) -> u8 {
        (self.0 & 7) as u8
    }

    /// The group key index of WPA's group handshake.
    pub const fn key_index(self) -> u8 {
        (self.0 >> 4 & 3) as u8
    }

    /// With this group key index.
    pub const fn with_key_index(self, index: u8) -> KeyInfo {
        KeyInfo(self.0 & !0x30 | (index as u16 & 3) << 4)
    }

    /// With this descriptor version.
    pub const fn with_version(self, version: u8) -> KeyInfo {
        KeyInfo(self.0 & !7 | version as u16 & 7)
    }
}

impl core::ops::BitOr for KeyInfo {
    type Output = KeyInfo;
    fn bitor(self, other: KeyInfo) -> KeyInfo {
        KeyInfo(self.0 | other.0)
    }
}

impl core::ops::BitOrAssign for KeyInfo {
    fn bitor_assign(&mut self, other: KeyInfo) {
        self.0 |= other.0;
    }
}

impl core::fmt::Debug for KeyInfo {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "0x{:04x}(ver={}", self.0, self.descriptor_version())?;
        f.write_str(if self.has(Self::PAIRWISE) { " Pairwise" } else { " Group" })?;
        for (flag, name) in [
            (Self::INSTALL, "Install"),
            (Self::ACK, "Ack"),
            (Self::MIC, "MIC"),
            (Self::SECURE, "Secure"),
            (Self::ERROR, "Error"),
            (Self::REQUEST, "Request"),
            (Self::ENCRYPTED, "Encr"),
        ] {
            if self.has(flag) {
                write!(f, " {name}")?;
            }
        }
        f.write_str(")")
    }
}

/// An EAPOL-Key frame with a 16-octet MIC.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct EapolKey {
    /// IEEE 802.1X protocol version: 1 or 2.
    pub version: u8,
    /// [`DESCRIPTOR_RSN`] or [`DESCRIPTOR_WPA`].
    pub descriptor_type: u8,
    pub key_info: KeyInfo,
    /// Of the pairwise or group temporal key, in octets.
    pub key_length: u16,
    pub replay_counter: u64,
    pub nonce: [u8; 32],
    pub iv: [u8; 16],
    /// Receive sequence counter of the group key, least significant octet first.
    pub rsc: [u8; 8],
    /// Reserved.
    pub key_id: [u8; 8],
    pub mic: [u8; 16],
    /// As it stands in the frame: encrypted, if the frame says so.
    pub key_data: Vec<u8>,
}

impl EapolKey {
    /// Parses a whole EAPOL frame.
    pub fn parse(frame: &[u8]) -> Result<Self, EapolError> {
        let eapol = EapolFrame::parse(frame)?;
        if eapol.packet_type != packet_type::KEY {
            return Err(EapolError::NotKey(eapol.packet_type));
        }
        let mut r = Reader::new(eapol.body);
        let (mut key, stated) = Self::parse_fixed(&mut r).ok_or(EapolError::KeyTruncated)?;
        key.version = eapol.version;
        if key.descriptor_type != DESCRIPTOR_RSN && key.descriptor_type != DESCRIPTOR_WPA {
            return Err(EapolError::DescriptorType(key.descriptor_type));
        }
        let present = r.left();
        let data = r.take(stated.into()).ok_or(EapolError::KeyDataTruncated { present, stated })?;
        key.key_data = data.to_vec();
        Ok(key)
    }

    fn parse_fixed(r: &mut Reader<'_>) -> Option<(Self, u16)> {
        let key = EapolKey {
            version: 0,
            descriptor_type: r.u8()?,
            key_info: KeyInfo(r.be16()?),
            key_length: r.be16()?,
            replay_counter: r.be64()?,
            nonce: r.array()?,
            iv: r.array()?,
            rsc: r.array()?,
            key_id: r.array()?,
            mic: r.array()?,
            key_data: Vec::new(),
        };
        Some((key, r.be16()?))
    }

    /// The bytes of the whole EAPOL frame. Key data beyond what the length fields can say is cut.
    pub fn emit(&self) -> Vec<u8> {
        let data = self.key_data.get(..0xff00).unwrap_or(&self.key_data);
        let mut out = Vec::with_capacity(99 + data.len());
        out.extend_from_slice(&[self.version, packet_type::KEY]);
        out.extend_from_slice(&(95 + data.len() as u16).to_be_bytes());
        out.push(self.descriptor_type);
        out.extend_from_slice(&self.key_info.0.to_be_bytes());
        out.extend_from_slice(&self.key_length.to_be_bytes());
        out.extend_from_slice(&self.replay_counter.to_be_bytes());
        out.extend_from_slice(&self.nonce);
        out.extend_from_slice(&self.iv);
        out.extend_from_slice(&self.rsc);
        out.extend_from_slice(&self.key_id);
        out.extend_from_slice(&self.mic);
        out.extend_from_slice(&(data.len() as u16).to_be_bytes());
        out.extend_from_slice(data);
        out
    }

    /// Writes the MIC that `kck` and the frame's descriptor version give, and emits the frame.
    pub fn emit_signed(mut self, kck: &Kck) -> Vec<u8> {
        self.mic = [0; 16];
        let mut frame = self.emit();
        let mic = crypto::eapol_mic(kck, self.key_info.descriptor_version(), &frame);
        if let (Some(mic), Some(field)) = (mic, frame.get_mut(MIC_AT..MIC_END)) {
            field.copy_from_slice(&mic);
        }
        frame
    }
}

/// Whether the MIC in a received EAPOL-Key frame is right. The frame is taken as received, so that
/// octets between the key data and the stated length are covered; padding after that is not.
pub fn mic_is_valid(kck: &Kck, descriptor_version: u8, frame: &[u8]) -> bool {
    let Ok(eapol) = EapolFrame::parse(frame) else { return false };
    let mut copy = frame.get(..HEADER_LEN + eapol.body.len()).unwrap_or(frame).to_vec();
    let Some(field) = copy.get_mut(MIC_AT..MIC_END) else { return false };
    let mut received = [0; 16];
    received.copy_from_slice(field);
    field.fill(0);
    crypto::eapol_mic(kck, descriptor_version, &copy).is_some_and(|mic| crypto::ct_eq(&mic, &received))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn key_frames_round_trip(
            version in 1u8..3, wpa: bool, info: u16, key_length: u16, replay_counter: u64,
            nonce: [u8; 32], iv: [u8; 16], rsc: [u8; 8], key_id: [u8; 8], mic: [u8; 16],
            key_data in prop::collection::vec(any::<u8>(), 0..300), padding in 0usize..9,
        ) {
            let key = EapolKey {
                version, descriptor_type: if wpa { DESCRIPTOR_WPA } else { DESCRIPTOR_RSN },
                key_info: KeyInfo(info), key_length, replay_counter, nonce, iv, rsc, key_id, mic, key_data,
            };
            let mut frame = key.emit();
            frame.extend(vec![0; padding]);
            prop_assert_eq!(EapolKey::parse(&frame), Ok(key));
        }

        #[test]
        fn signed_frames_verify(version in 1u8..4, kck: [u8; 16], data in prop::collection::vec(any::<u8>(), 0..40),
                                at in 0usize..99, bit in 0u8..8) {
            let key = EapolKey {
                version: 2, descriptor_type: DESCRIPTOR_RSN, key_data: data,
                key_info: KeyInfo::default().with_version(version), ..EapolKey::default()
            };
            let mut frame = key.emit_signed(&kck);
            prop_assert!(mic_is_valid(&kck, version, &frame));
            frame[at] ^= 1 << bit;
            prop_assert!(!mic_is_valid(&kck, version, &frame));
        }

        #[test]
        fn any_octets_parse_or_are_refused(frame in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = (EapolFrame::parse(&frame), EapolKey::parse(&frame), mic_is_valid(&[0; 16], 2, &frame));
        }
    }
}
