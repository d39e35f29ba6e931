//! Management frames (IEEE 802.11-2020 §9.3.3).

use super::{FrameError, TYPE_MGMT, fc};
use crate::bytes::Reader;
use crate::mac::MacAddr;

/// Subtypes of management frames (IEEE 802.11-2020 Table 9-1).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum MgmtSubtype {
    AssocRequest,
    AssocResponse,
    ReassocRequest,
    ReassocResponse,
    ProbeRequest,
    ProbeResponse,
    TimingAdvertisement,
    Beacon,
    Atim,
    Disassociation,
    Authentication,
    Deauthentication,
    Action,
    ActionNoAck,
    /// 7 and 15.
    Reserved(u8),
}

impl MgmtSubtype {
    /// From the four bits of Frame Control.
    pub fn from_bits(bits: u8) -> Self {
        match bits & 0x0f {
            0 => Self::AssocRequest,
            1 => Self::AssocResponse,
            2 => Self::ReassocRequest,
            3 => Self::ReassocResponse,
            4 => Self::ProbeRequest,
            5 => Self::ProbeResponse,
            6 => Self::TimingAdvertisement,
            8 => Self::Beacon,
            9 => Self::Atim,
            10 => Self::Disassociation,
            11 => Self::Authentication,
            12 => Self::Deauthentication,
            13 => Self::Action,
            14 => Self::ActionNoAck,
            other => Self::Reserved(other),
        }
    }

    /// The four bits of Frame Control.
    pub fn bits(self) -> u8 {
        match self {
            Self::AssocRequest => 0,
            Self::AssocResponse => 1,
            Self::ReassocRequest => 2,
            Self::ReassocResponse => 3,
            Self::ProbeRequest => 4,
            Self::ProbeResponse => 5,
            Self::TimingAdvertisement => 6,
            Self::Beacon => 8,
            Self::Atim => 9,
            Self::Disassociation => 10,
            Self::Authentication => 11,
            Self::Deauthentication => 12,
            Self::Action => 13,
            Self::ActionNoAck => 14,
            Self::Reserved(bits) => bits & 0x0f,
        }
    }
}

/// The header of a management frame.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct MgmtHeader {
    pub subtype: MgmtSubtype,
    /// The second octet of Frame Control, see [`fc`].
    pub flags: u8,
    /// In microseconds.
    pub duration: u16,
    /// Address 1.
    pub da: MacAddr,
    /// Address 2.
    pub sa: MacAddr,
    /// Address 3.
    pub bssid: MacAddr,
    /// 0 to 4095.
    pub seq: u16,
    /// 0 to 15.
    pub frag: u8,
}

/// The body of a management frame, by subtype. `ies` are the elements as they were, well formed or not.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum MgmtBody {
    Beacon {
        /// In microseconds.
        timestamp: u64,
        /// In TU.
        interval: u16,
        capability: u16,
        ies: Vec<u8>,
    },
    ProbeRequest {
        ies: Vec<u8>,
    },
    ProbeResponse {
        /// In microseconds.
        timestamp: u64,
        /// In TU.
        interval: u16,
        capability: u16,
        ies: Vec<u8>,
    },
    Authentication {
        /// 0 open, 1 shared key, 3 SAE.
        algorithm: u16,
        transaction: u16,
        status: u16,
        /// Everything after the status code.
        ies: Vec<u8>,
    },
    AssocRequest {
        capability: u16,
        /// In beacon intervals.
        listen_interval: u16,
        ies: Vec<u8>,
    },
    ReassocRequest {
        capability: u16,
        /// In beacon intervals.
        listen_interval: u16,
        current_ap: MacAddr,
        ies: Vec<u8>,
    },
    AssocResponse {
        capability: u16,
        status: u16,
        /// Without the two top bits, which are always sent as ones.
        aid: u16,
        ies: Vec<u8>,
    },
    ReassocResponse {
        capability: u16,
        status: u16,
        /// Without the two top bits, which are always sent as ones.
        aid: u16,
        ies: Vec<u8>,
    },
    Deauthentication {
        reason: u16,
        ies: Vec<u8>,
    },
    Disassociation {
        reason: u16,
        ies: Vec<u8>,
    },
    /// Action and Action No Ack.
    Action {
        category: u8,
        /// Everything after the category.
        body: Vec<u8>,
    },
    /// Other subtypes, and encrypted bodies of any subtype.
    Other {
        body: Vec<u8>,
    },
}

/// A management frame without its frame check sequence.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MgmtFrame {
    pub header: MgmtHeader,
    pub body: MgmtBody,
}

impl MgmtFrame {
    /// A frame whose subtype is that of `body` ([`MgmtBody::Other`] makes it Timing Advertisement;
    /// set the header then). Flags, duration and sequence number are zero.
    pub fn new(da: MacAddr, sa: MacAddr, bssid: MacAddr, body: MgmtBody) -> Self {
        let subtype = match &body {
            MgmtBody::Beacon { .. } => MgmtSubtype::Beacon,
            MgmtBody::ProbeRequest { .. } => MgmtSubtype::ProbeRequest,
            MgmtBody::ProbeResponse { .. } => MgmtSubtype::ProbeResponse,
            MgmtBody::Authentication { .. } => MgmtSubtype::Authentication,
            MgmtBody::AssocRequest { .. } => MgmtSubtype::AssocRequest,
            MgmtBody::ReassocRequest { .. } => MgmtSubtype::ReassocRequest,
            MgmtBody::AssocResponse { .. } => MgmtSubtype::AssocResponse,
            MgmtBody::ReassocResponse { .. } => MgmtSubtype::ReassocResponse,
            MgmtBody::Deauthentication { .. } => MgmtSubtype::Deauthentication,
            MgmtBody::Disassociation { .. } => MgmtSubtype::Disassociation,
            MgmtBody::Action { .. } => MgmtSubtype::Action,
            MgmtBody::Other { .. } => MgmtSubtype::TimingAdvertisement,
        };
        let header = MgmtHeader { subtype, flags: 0, duration: 0, da, sa, bssid, seq: 0, frag: 0 };
        MgmtFrame { header, body }
    }

    /// Parses a whole frame.
    pub fn parse(frame: &[u8]) -> Result<Self, FrameError> {
        let mut r = Reader::new(frame);
        let [fc0, flags] = r.array().ok_or(FrameError::Truncated)?;
        if fc0 & 3 != 0 {
            return Err(FrameError::Version(fc0 & 3));
        }
        if (fc0 >> 2) & 3 != TYPE_MGMT {
            return Err(FrameError::WrongType((fc0 >> 2) & 3));
        }
        if flags & (fc::TO_DS | fc::FROM_DS) != 0 {
            return Err(FrameError::DsBits);
        }
        if flags & fc::ORDER != 0 {
            return Err(FrameError::HtControl);
        }
        let header =
            parse_header(&mut r, MgmtSubtype::from_bits(fc0 >> 4), flags).ok_or(FrameError::Truncated)?;
        let body = if flags & fc::PROTECTED != 0 {
            MgmtBody::Other { body: r.rest().to_vec() }
        } else {
            parse_body(header.subtype, r).ok_or(FrameError::Truncated)?
        };
        Ok(MgmtFrame { header, body })
    }

    /// The bytes of the frame.
    pub fn emit(&self) -> Vec<u8> {
        let h = &self.header;
        let mut out = Vec::with_capacity(256);
        out.extend_from_slice(&[h.subtype.bits() << 4, h.flags]);
        out.extend_from_slice(&h.duration.to_le_bytes());
        out.extend_from_slice(&h.da.0);
        out.extend_from_slice(&h.sa.0);
        out.extend_from_slice(&h.bssid.0);
        out.extend_from_slice(&(h.seq << 4 | u16::from(h.frag & 0x0f)).to_le_bytes());
        self.body.emit(&mut out);
        out
    }
}

fn parse_header(r: &mut Reader<'_>, subtype: MgmtSubtype, flags: u8) -> Option<MgmtHeader> {
    let duration = r.le16()?;
    let (da, sa, bssid) = (MacAddr(r.array()?), MacAddr(r.array()?), MacAddr(r.array()?));
    let control = r.le16()?;
    Some(MgmtHeader {
        subtype,
        flags,
        duration,
        da,
        sa,
        bssid,
        seq: control >> 4,
        frag: (control & 0x0f) as u8,
    })
}

/// Association identifiers are sent with the two top bits set (IEEE 802.11-2020 §9.4.1.8).
const AID_TOP_BITS: u16 = 0xc000;

fn parse_body(subtype: MgmtSubtype, mut r: Reader<'_>) -> Option<MgmtBody> {
    Some(match subtype {
        MgmtSubtype::Beacon => MgmtBody::Beacon {
            timestamp: r.le64()?,
            interval: r.le16()?,
            capability: r.le16()?,
            ies: r.rest().to_vec(),
        },
        MgmtSubtype::ProbeResponse => MgmtBody::ProbeResponse {
            timestamp: r.le64()?,
            interval: r.le16()?,
            capability: r.le16()?,
            ies: r.rest().to_vec(),
        },
        MgmtSubtype::ProbeRequest => MgmtBody::ProbeRequest { ies: r.rest().to_vec() },
        MgmtSubtype::Authentication => MgmtBody::Authentication {
            algorithm: r.le16()?,
            transaction: r.le16()?,
            status: r.le16()?,
            ies: r.rest().to_vec(),
        },
        MgmtSubtype::AssocRequest => MgmtBody::AssocRequest {
            capability: r.le16()?,
            listen_interval: r.le16()?,
            ies: r.rest().to_vec(),
        },
        MgmtSubtype::ReassocRequest => MgmtBody::ReassocRequest {
            capability: r.le16()?,
            listen_interval: r.le16()?,
            current_ap: MacAddr(r.array()?),
            ies: r.rest().to_vec(),
        },
        MgmtSubtype::AssocResponse => MgmtBody::AssocResponse {
            capability: r.le16()?,
            status: r.le16()?,
            aid: r.le16()? & !AID_TOP_BITS,
            ies: r.rest().to_vec(),
        },
        MgmtSubtype::ReassocResponse => MgmtBody::ReassocResponse {
            capability: r.le16()?,
            status: r.le16()?,
            aid: r.le16()? & !AID_TOP_BITS,
            ies: r.rest().to_vec(),
        },
        MgmtSubtype::Deauthentication => {
            MgmtBody::Deauthentication { reason: r.le16()?, ies: r.rest().to_vec() }
        }
        MgmtSubtype::Disassociation => MgmtBody::Disassociation { reason: r.le16()?, ies: r.rest().to_vec() },
        MgmtSubtype::Action | MgmtSubtype::ActionNoAck => {
            MgmtBody::Action { category: r.u8()?, body: r.rest().to_vec() }
        }
        MgmtSubtype::TimingAdvertisement | MgmtSubtype::Atim | MgmtSubtype::Reserved(_) => {
            MgmtBody::Other { body: r.rest().to_vec() }
        }
    })
}

impl MgmtBody {
    fn emit(&self, out: &mut Vec<u8>) {
        let mut le16 = |v: u16| out.extend_from_slice(&v.to_le_bytes());
        let tail = match self {
            MgmtBody::Beacon { timestamp, interval, capability, ies }
            | MgmtBody::ProbeResponse { timestamp, interval, capability, ies } => {
                out.extend_from_slice(&timestamp.to_le_bytes());
                out.extend_from_slice(&interval.to_le_bytes());
                out.extend_from_slice(&capability.to_le_bytes());
                ies
            }
            MgmtBody::ProbeRequest { ies } => ies,
            MgmtBody::Authentication { algorithm, transaction, status, ies } => {
                le16(*algorithm);
                le16(*transaction);
                le16(*status);
                ies
            }
            MgmtBody::AssocRequest { capability, listen_interval, ies } => {
                le16(*capability);
                le16(*listen_interval);
                ies
            }
            MgmtBody::ReassocRequest { capability, listen_interval, current_ap, ies } => {
                le16(*capability);
                le16(*listen_interval);
                out.extend_from_slice(&current_ap.0);
                ies
            }
            MgmtBody::AssocResponse { capability, status, aid, ies }
            | MgmtBody::ReassocResponse { capability, status, aid, ies } => {
                le16(*capability);
                le16(*status);
                le16(*aid | AID_TOP_BITS);
                ies
            }
            MgmtBody::Deauthentication { reason, ies } | MgmtBody::Disassociation { reason, ies } => {
                le16(*reason);
                ies
            }
            MgmtBody::Action { category, body } => {
                out.push(*category);
                body
            }
            MgmtBody::Other { body } => body,
        };
        out.extend_from_slice(tail);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn addr() -> impl Strategy<Value = MacAddr> {
        any::<[u8; 6]>().prop_map(MacAddr)
    }

    fn octets() -> impl Strategy<Value = Vec<u8>> {
        prop::collection::vec(any::<u8>(), 0..64)
    }

    fn body() -> impl Strategy<Value = MgmtBody> {
        prop_oneof![
            (any::<u64>(), any::<u16>(), any::<u16>(), octets()).prop_map(
                |(timestamp, interval, capability, ies)| MgmtBody::Beacon {
                    timestamp,
                    interval,
                    capability,
                    ies
                }
            ),
            (any::<u64>(), any::<u16>(), any::<u16>(), octets()).prop_map(
                |(timestamp, interval, capability, ies)| MgmtBody::ProbeResponse {
                    timestamp,
                    interval,
                    capability,
                    ies
                }
            ),
            octets().prop_map(|ies| MgmtBody::ProbeRequest { ies }),
            (any::<u16>(), any::<u16>(), any::<u16>(), octets()).prop_map(
                |(algorithm, transaction, status, ies)| MgmtBody::Authentication {
                    algorithm,
                    transaction,
                    status,
                    ies
                }
            ),
            (any::<u16>(), any::<u16>(), octets()).prop_map(|(capability, listen_interval, ies)| {
                MgmtBody::AssocRequest { capability, listen_interval, ies }
            }),
            (any::<u16>(), any::<u16>(), addr(), octets()).prop_map(
                |(capability, listen_interval, current_ap, ies)| MgmtBody::ReassocRequest {
                    capability,
                    listen_interval,
                    current_ap,
                    ies
                }
            ),
            (any::<u16>(), any::<u16>(), 0u16..0x4000, octets()).prop_map(
                |(capability, status, aid, ies)| { MgmtBody::AssocResponse { capability, status, aid, ies } }
            ),
            (any::<u16>(), any::<u16>(), 0u16..0x4000, octets()).prop_map(
                |(capability, status, aid, ies)| {
                    MgmtBody::ReassocResponse { capability, status, aid, ies }
                }
            ),
            (any::<u16>(), octets()).prop_map(|(reason, ies)| MgmtBody::Deauthentication { reason, ies }),
            (any::<u16>(), octets()).prop_map(|(reason, ies)| MgmtBody::Disassociation { reason, ies }),
            (any::<u8>(), octets()).prop_map(|(category, body)| MgmtBody::Action { category, body }),
            octets().prop_map(|body| MgmtBody::Other { body }),
        ]
    }

    proptest! {
        #[test]
        fn emitted_frames_parse_to_themselves(
            da in addr(), sa in addr(), bssid in addr(), body in body(),
            flags in prop::sample::select(vec![0u8, fc::RETRY, fc::POWER_MANAGEMENT]),
            duration: u16, seq in 0u16..4096, frag in 0u8..16,
        ) {
            let mut frame = MgmtFrame::new(da, sa, bssid, body);
            frame.header = MgmtHeader { flags, duration, seq, frag, ..frame.header };
            prop_assert_eq!(MgmtFrame::parse(&frame.emit()), Ok(frame));
        }

        #[test]
        fn any_octets_parse_or_are_refused(frame in prop::collection::vec(any::<u8>(), 0..80)) {
            if let Ok(parsed) = MgmtFrame::parse(&frame) {
                let again = MgmtFrame::parse(&parsed.emit());
                prop_assert_eq!(again, Ok(parsed));
            }
        }
    }
}
