//! Data frames (IEEE 802.11-2020 §9.3.2).

use super::{FrameError, HEADER_LEN, TYPE_DATA, fc};
use crate::bytes::Reader;
use crate::mac::MacAddr;

const SUBTYPE_CF_BITS: u8 = 0x3;
const SUBTYPE_NULL: u8 = 0x4;
const SUBTYPE_QOS: u8 = 0x8;

/// A data frame without its frame check sequence.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct DataFrame {
    pub to_ds: bool,
    pub from_ds: bool,
    /// The second octet of Frame Control without the two DS bits, see [`fc`].
    pub flags: u8,
    /// In microseconds.
    pub duration: u16,
    pub addr1: MacAddr,
    pub addr2: MacAddr,
    pub addr3: MacAddr,
    /// Only, and always, with both DS bits.
    pub addr4: Option<MacAddr>,
    /// 0 to 4095.
    pub seq: u16,
    /// 0 to 15.
    pub frag: u8,
    /// QoS Control, if the frame has it.
    pub qos: Option<u16>,
    /// A (QoS) Null frame: it carries no data.
    pub null: bool,
    /// From the LLC header on, or as encrypted.
    pub body: Vec<u8>,
}

impl DataFrame {
    /// From a station to its AP.
    pub fn to_ap(bssid: MacAddr, source: MacAddr, destination: MacAddr, body: Vec<u8>) -> Self {
        DataFrame { to_ds: true, addr1: bssid, addr2: source, addr3: destination, body, ..Self::default() }
    }

    /// From an AP to a station or a group.
    pub fn from_ap(destination: MacAddr, bssid: MacAddr, source: MacAddr, body: Vec<u8>) -> Self {
        DataFrame { from_ds: true, addr1: destination, addr2: bssid, addr3: source, body, ..Self::default() }
    }

    /// Returns the source of the MSDU (IEEE 802.11-2020 Table 9-30).
    pub fn source(&self) -> MacAddr {
        match (self.to_ds, self.from_ds) {
            (_, false) => self.addr2,
            (false, true) => self.addr3,
            (true, true) => self.addr4.unwrap_or_default(),
        }
    }

    /// Returns the destination of the MSDU.
    pub fn destination(&self) -> MacAddr {
        if self.to_ds { self.addr3 } else { self.addr1 }
    }

    /// The BSS the frame belongs to; none between two APs.
    pub fn bssid(&self) -> Option<MacAddr> {
        match (self.to_ds, self.from_ds) {
            (false, false) => Some(self.addr3),
            (true, false) => Some(self.addr1),
            (false, true) => Some(self.addr2),
            (true, true) => None,
        }
    }

    /// Parses a whole frame.
    pub fn parse(frame: &[u8]) -> Result<Self, FrameError> {
        let (kind, subtype) = match frame.first_chunk::<2>() {
            None => return Err(FrameError::Truncated),
            Some(&[fc0, _]) if fc0 & 3 != 0 => return Err(FrameError::Version(fc0 & 3)),
            Some(&[fc0, _]) => ((fc0 >> 2) & 3, fc0 >> 4),
        };
        if kind != TYPE_DATA {
            return Err(FrameError::WrongType(kind));
        }
        if subtype & SUBTYPE_CF_BITS != 0 {
            return Err(FrameError::UnsupportedSubtype(subtype));
        }
        let parsed = Self::parse_fields(frame, subtype).ok_or(FrameError::Truncated)?;
        if parsed.flags & fc::ORDER != 0 && parsed.qos.is_some() {
            return Err(FrameError::HtControl);
        }
        Ok(parsed)
    }

    fn parse_fields(frame: &[u8], subtype: u8) -> Option<Self> {
        let mut r = Reader::new(frame);
        let [_, flags] = r.array()?;
        let (to_ds, from_ds) = (flags & fc::TO_DS != 0, flags & fc::FROM_DS != 0);
        let duration = r.le16()?;
        let (addr1, addr2, addr3) = (MacAddr(r.array()?), MacAddr(r.array()?), MacAddr(r.array()?));
        let control = r.le16()?;
        let addr4 = if to_ds && from_ds { Some(MacAddr(r.array()?)) } else { None };
        let qos = if subtype & SUBTYPE_QOS != 0 { Some(r.le16()?) } else { None };
        Some(DataFrame {
            to_ds,
            from_ds,
            flags: flags & !(fc::TO_DS | fc::FROM_DS),
            duration,
            addr1,
            addr2,
            addr3,
            addr4,
            seq: control >> 4,
            frag: (control & 0x0f) as u8,
            qos,
            null: subtype & SUBTYPE_NULL != 0,
            body: r.rest().to_vec(),
        })
    }

    /// The bytes of the frame.
    pub fn emit(&self) -> Vec<u8> {
        let mut subtype = 0;
        if self.null {
            subtype |= SUBTYPE_NULL;
        }
        if self.qos.is_some() {
            subtype |= SUBTYPE_QOS;
        }
        let mut flags = self.flags & !(fc::TO_DS | fc::FROM_DS);
        if self.to_ds {
            flags |= fc::TO_DS;
        }
        if self.from_ds {
            flags |= fc::FROM_DS;
        }
        let mut out = Vec::with_capacity(HEADER_LEN + 8 + self.body.len());
        out.extend_from_slice(&[subtype << 4 | TYPE_DATA << 2, flags]);
        out.extend_from_slice(&self.duration.to_le_bytes());
        out.extend_from_slice(&self.addr1.0);
        out.extend_from_slice(&self.addr2.0);
        out.extend_from_slice(&self.addr3.0);
        out.extend_from_slice(&(self.seq << 4 | u16::from(self.frag & 0x0f)).to_le_bytes());
        if self.to_ds && self.from_ds {
            out.extend_from_slice(&self.addr4.unwrap_or_default().0);
        }
        if let Some(qos) = self.qos {
            out.extend_from_slice(&qos.to_le_bytes());
        }
        out.extend_from_slice(&self.body);
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn addresses_follow_the_ds_bits() {
        let [ap, sta, far] = [1, 2, 3].map(|n| MacAddr([2, 0, 0, 0, n, 0]));
        let up = DataFrame::to_ap(ap, sta, far, vec![]);
        assert_eq!((up.source(), up.destination(), up.bssid()), (sta, far, Some(ap)));
        let down = DataFrame::from_ap(sta, ap, far, vec![]);
        assert_eq!((down.source(), down.destination(), down.bssid()), (far, sta, Some(ap)));
    }

    proptest! {
        #[test]
        fn any_octets_parse_or_are_refused(mut frame in prop::collection::vec(any::<u8>(), 0..80)) {
            if let Some(fc0) = frame.first_mut() {
                *fc0 = *fc0 & 0xc0 | 0x08;
            }
            if let Ok(parsed) = DataFrame::parse(&frame) {
                prop_assert_eq!(parsed.emit(), frame);
            }
        }
    }
}
