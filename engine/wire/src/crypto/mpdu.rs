//! The common part of CCMP and TKIP: the end of a frame's header, and the packet number before
//! the encrypted part.

use crate::ieee80211::{self, TYPE_DATA, TYPE_MGMT, fc};

/// A frame that cannot be protected or whose protection does not hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MpduError {
    #[error("the frame ends before its header or its packet number does")]
    Truncated,
    #[error("the frame is neither a data nor a management frame")]
    NotProtectable,
    #[error("the frame is not protected")]
    NotProtected,
    #[error("the frame is protected already")]
    AlreadyProtected,
    #[error("the extended IV flag is missing: WEP, not CCMP or TKIP")]
    NoExtendedIv,
    #[error("the integrity check failed")]
    IntegrityCheck,
    #[error("the Michael MIC is wrong although the ICV is right: an attack (IEEE 802.11-2020 §12.5.2.4)")]
    MichaelFailure,
}

/// Octets of the extended IV: packet number and key identifier.
pub(super) const IV_LEN: usize = 8;
const EXTENDED_IV: u8 = 0x20;

/// The places of header, QoS Control and address 4 of a data or management frame.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shape {
    pub header_len: usize,
    pub addr4_at: Option<usize>,
    /// Traffic identifier, if the frame has a QoS Control field.
    pub tid: Option<u8>,
    pub is_mgmt: bool,
}

impl Shape {
    pub(super) fn of(frame: &[u8]) -> Result<Shape, MpduError> {
        let (kind, subtype) = ieee80211::frame_type(frame).ok_or(MpduError::Truncated)?;
        let flags = *frame.get(1).ok_or(MpduError::Truncated)?;
        let mut header_len = ieee80211::HEADER_LEN;
        let mut shape = Shape { header_len, addr4_at: None, tid: None, is_mgmt: kind == TYPE_MGMT };
        if kind == TYPE_DATA {
            if flags & (fc::TO_DS | fc::FROM_DS) == fc::TO_DS | fc::FROM_DS {
                shape.addr4_at = Some(header_len);
                header_len += 6;
            }
            if subtype & 8 != 0 {
                shape.tid = Some(*frame.get(header_len).ok_or(MpduError::Truncated)? & 0x0f);
                header_len += 2;
            }
        } else if kind != TYPE_MGMT {
            return Err(MpduError::NotProtectable);
        }
        shape.header_len = header_len;
        if frame.len() < header_len { Err(MpduError::Truncated) } else { Ok(shape) }
    }

    /// The eight octets before the encrypted part of a protected frame.
    pub(super) fn extended_iv(self, frame: &[u8]) -> Result<[u8; IV_LEN], MpduError> {
        if !ieee80211::is_protected(frame) {
            return Err(MpduError::NotProtected);
        }
        let iv = frame.get(self.header_len..).and_then(|b| b.first_chunk()).ok_or(MpduError::Truncated)?;
        if iv[3] & EXTENDED_IV == 0 {
            return Err(MpduError::NoExtendedIv);
        }
        Ok(*iv)
    }
}

/// The fourth octet of the extended IV.
pub(super) fn key_id_octet(key_id: u8) -> u8 {
    (key_id & 3) << 6 | EXTENDED_IV
}

/// The key identifier of a protected frame.
pub fn key_id(frame: &[u8]) -> Option<u8> {
    let iv = Shape::of(frame).ok()?.extended_iv(frame).ok()?;
    Some(iv[3] >> 6)
}

/// The packet number of a frame under CCMP; TKIP orders the two lowest octets otherwise.
pub fn packet_number(frame: &[u8]) -> Option<u64> {
    let iv = Shape::of(frame).ok()?.extended_iv(frame).ok()?;
    Some(u64::from_le_bytes([iv[0], iv[1], iv[4], iv[5], iv[6], iv[7], 0, 0]))
}
