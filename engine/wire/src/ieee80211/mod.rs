//! 802.11 frames (IEEE 802.11-2020 clause 9), parsed and emitted as typed values. The frame check
//! sequence is never part of the bytes.

pub mod amsdu;
mod codes;
mod data;
mod mgmt;

pub use codes::{reason, status};
pub use data::DataFrame;
pub use mgmt::{MgmtBody, MgmtFrame, MgmtHeader, MgmtSubtype};

use crate::mac::MacAddr;

/// Bits of the second octet of Frame Control (IEEE 802.11-2020 §9.2.4.1).
pub mod fc {
    pub const TO_DS: u8 = 0x01;
    pub const FROM_DS: u8 = 0x02;
    pub const MORE_FRAGMENTS: u8 = 0x04;
    pub const RETRY: u8 = 0x08;
    pub const POWER_MANAGEMENT: u8 = 0x10;
    pub const MORE_DATA: u8 = 0x20;
    pub const PROTECTED: u8 = 0x40;
    pub const ORDER: u8 = 0x80;
}

/// Bits of the Capability Information field (IEEE 802.11-2020 §9.4.1.4).
pub mod capability {
    pub const ESS: u16 = 0x0001;
    pub const IBSS: u16 = 0x0002;
    pub const PRIVACY: u16 = 0x0010;
    pub const SHORT_PREAMBLE: u16 = 0x0020;
    pub const SPECTRUM_MGMT: u16 = 0x0100;
    pub const SHORT_SLOT_TIME: u16 = 0x0400;
    pub const APSD: u16 = 0x0800;
    pub const RADIO_MEASUREMENT: u16 = 0x1000;
}

/// Type field of Frame Control: management, control and data.
pub const TYPE_MGMT: u8 = 0;
/// See [`TYPE_MGMT`].
pub const TYPE_CTRL: u8 = 1;
/// See [`TYPE_MGMT`].
pub const TYPE_DATA: u8 = 2;

/// Length of a management frame's header, and of a data frame's with three addresses and no QoS.
pub const HEADER_LEN: usize = 24;

/// Bytes that are not a frame of the wanted kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FrameError {
    #[error("the frame ends before its fixed fields do")]
    Truncated,
    #[error("protocol version {0} is not 0")]
    Version(u8),
    #[error("frame type {0} is not the one expected here")]
    WrongType(u8),
    #[error("data subtype {0} carries contention-free acknowledgements, which nobody sends")]
    UnsupportedSubtype(u8),
    #[error("a management frame has neither To DS nor From DS")]
    DsBits,
    #[error("an HT Control field is not expected here")]
    HtControl,
}

/// Type and subtype of a frame, if it is long enough to have them and of version 0.
pub fn frame_type(frame: &[u8]) -> Option<(u8, u8)> {
    match frame.first_chunk::<2>() {
        Some(&[fc0, _]) if fc0 & 3 == 0 => Some(((fc0 >> 2) & 3, fc0 >> 4)),
        _ => None,
    }
}

/// The receiver's address.
pub fn addr1(frame: &[u8]) -> Option<MacAddr> {
    address_at(frame, 4)
}

/// The transmitter's address. Acknowledgements and CTS have none.
pub fn addr2(frame: &[u8]) -> Option<MacAddr> {
    address_at(frame, 10)
}

/// The third address of management and data frames.
pub fn addr3(frame: &[u8]) -> Option<MacAddr> {
    address_at(frame, 16)
}

fn address_at(frame: &[u8], at: usize) -> Option<MacAddr> {
    frame.get(at..)?.first_chunk().map(|a| MacAddr(*a))
}

/// Whether the Protected Frame bit is set.
pub fn is_protected(frame: &[u8]) -> bool {
    frame.get(1).is_some_and(|flags| flags & fc::PROTECTED != 0)
}

/// The sequence number of a management or data frame.
pub fn seq(frame: &[u8]) -> Option<u16> {
    frame.get(22..)?.first_chunk().map(|s| u16::from_le_bytes(*s) >> 4)
}

/// Writes the sequence number of a management or data frame; the fragment number stays.
pub fn set_seq(frame: &mut [u8], seq: u16) {
    if let Some(field) = frame.get_mut(22..).and_then(|s| s.first_chunk_mut::<2>()) {
        let fragment = u16::from(field[0] & 0x0f);
        *field = (seq << 4 | fragment).to_le_bytes();
    }
}

/// Writes the timestamp of a beacon or probe response.
pub fn set_timestamp(frame: &mut [u8], timestamp: u64) {
    if let Some(field) = frame.get_mut(HEADER_LEN..).and_then(|s| s.first_chunk_mut::<8>()) {
        *field = timestamp.to_le_bytes();
    }
}

/// The elements of a management frame that is not encrypted, without parsing the rest. `None` for
/// frames that carry none.
pub fn mgmt_elements(frame: &[u8]) -> Option<&[u8]> {
    let (kind, subtype) = frame_type(frame)?;
    if kind != TYPE_MGMT {
        return None;
    }
    let fixed = match MgmtSubtype::from_bits(subtype) {
        MgmtSubtype::AssocRequest => 4,
        MgmtSubtype::AssocResponse | MgmtSubtype::ReassocResponse | MgmtSubtype::Authentication => 6,
        MgmtSubtype::ReassocRequest => 10,
        MgmtSubtype::ProbeRequest => 0,
        MgmtSubtype::ProbeResponse | MgmtSubtype::Beacon => 12,
        MgmtSubtype::Deauthentication | MgmtSubtype::Disassociation => 2,
        _ => return None,
    };
    frame.get(HEADER_LEN + fixed..)
}
