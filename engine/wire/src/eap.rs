//! EAP packets (RFC 3748 §4), with the expanded types of §5.7.

use crate::bytes::Reader;

/// Codes (RFC 3748 §4; the last two RFC 6696 §5.3).
pub mod code {
    pub const REQUEST: u8 = 1;
    pub const RESPONSE: u8 = 2;
    pub const SUCCESS: u8 = 3;
    pub const FAILURE: u8 = 4;
    pub const INITIATE: u8 = 5;
    pub const FINISH: u8 = 6;
}

/// Octets of an EAP header.
pub const HEADER_LEN: usize = 4;
/// The Type octet that a vendor and a method of the vendor follow.
pub const EXPANDED: u8 = 254;
/// EAP-Initiate's type that only asks the peer to begin (RFC 6696 §5.3.1).
pub const REAUTH_START: u8 = 1;
/// The identity of a station that enrolls (WSC 2.0.5 §7.7.1).
pub const WSC_ENROLLEE: &[u8] = b"WFA-SimpleConfig-Enrollee-1-0";
/// The identity of a station that is a registrar of the access point.
pub const WSC_REGISTRAR: &[u8] = b"WFA-SimpleConfig-Registrar-1-0";

/// A method: by vendor, where 0 is the IETF.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct EapType {
    /// An SMI enterprise number of 24 bits, or 0.
    pub vendor: u32,
    /// Of the IETF, below 254.
    pub method: u32,
}

impl EapType {
    pub const NONE: EapType = EapType::ietf(0);
    pub const IDENTITY: EapType = EapType::ietf(1);
    pub const NOTIFICATION: EapType = EapType::ietf(2);
    pub const NAK: EapType = EapType::ietf(3);
    /// Wi-Fi Simple Configuration (WSC 2.0.5 §7.7).
    pub const WSC: EapType = EapType { vendor: 0x00372a, method: 1 };

    /// A method of the IETF.
    pub const fn ietf(method: u32) -> EapType {
        EapType { vendor: 0, method }
    }

    /// The Type octet of its packets.
    pub const fn type_octet(self) -> u8 {
        if self.vendor == 0 && self.method < EXPANDED as u32 { self.method as u8 } else { EXPANDED }
    }

    /// The eight octets that name it in an expanded packet or Nak.
    pub const fn expanded(self) -> [u8; 8] {
        let [_, a, b, c] = self.vendor.to_be_bytes();
        let [d, e, f, g] = self.method.to_be_bytes();
        [EXPANDED, a, b, c, d, e, f, g]
    }
}

/// Bytes that are not an EAP packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EapError {
    #[error("shorter than an EAP header")]
    HeaderTruncated,
    #[error("the length field says {0}, less than the header")]
    LengthTooSmall(u16),
    #[error("the packet has {present} octets, its length field says {stated}")]
    Truncated { present: usize, stated: u16 },
    #[error("no type")]
    NoType,
    #[error("an expanded type of less than eight octets")]
    ExpandedTruncated,
}

/// An EAP packet of any code.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct EapPacket<'a> {
    pub code: u8,
    pub identifier: u8,
    /// The octets that follow the header, type included; as many as the length field says.
    pub data: &'a [u8],
}

impl<'a> EapPacket<'a> {
    /// Parses the header; octets after the stated length are padding and ignored.
    pub fn parse(packet: &'a [u8]) -> Result<Self, EapError> {
        let mut r = Reader::new(packet);
        let header: Option<(u8, u8, u16)> = (|| Some((r.u8()?, r.u8()?, r.be16()?)))();
        let (code, identifier, stated) = header.ok_or(EapError::HeaderTruncated)?;
        let body = usize::from(stated).checked_sub(HEADER_LEN).ok_or(EapError::LengthTooSmall(stated))?;
        let data = r.take(body).ok_or(EapError::Truncated { present: packet.len(), stated })?;
        Ok(EapPacket { code, identifier, data })
    }

    /// The Type octet, as it stands.
    pub fn type_octet(&self) -> Option<u8> {
        self.data.first().copied()
    }

    /// The method of a request or response, and its data.
    pub fn method(&self) -> Result<(EapType, &'a [u8]), EapError> {
        let (first, rest) = self.data.split_first().ok_or(EapError::NoType)?;
        if *first != EXPANDED {
            return Ok((EapType::ietf((*first).into()), rest));
        }
        let mut r = Reader::new(rest);
        let (Some([a, b, c]), Some(method)) = (r.array(), r.array()) else {
            return Err(EapError::ExpandedTruncated);
        };
        let vendor = u32::from_be_bytes([0, a, b, c]);
        Ok((EapType { vendor, method: u32::from_be_bytes(method) }, r.rest()))
    }

    /// The data of a request or response of this method; `None` for any other.
    pub fn data_of(&self, method: EapType) -> Option<&'a [u8]> {
        self.method().ok().filter(|(of, _)| *of == method).map(|(_, data)| data)
    }

    /// The bytes of the packet. Data beyond what the length field can say is cut.
    pub fn emit(&self) -> Vec<u8> {
        let data = self.data.get(..usize::from(u16::MAX) - HEADER_LEN).unwrap_or(self.data);
        let mut out = Vec::with_capacity(HEADER_LEN + data.len());
        out.extend_from_slice(&[self.code, self.identifier]);
        out.extend_from_slice(&((HEADER_LEN + data.len()) as u16).to_be_bytes());
        out.extend_from_slice(data);
        out
    }
}

/// The bytes of a request or response of a method. A vendor's is an expanded packet.
pub fn message(code: u8, identifier: u8, method: EapType, data: &[u8]) -> Vec<u8> {
    let mut body = Vec::with_capacity(8 + data.len());
    match method.type_octet() {
        EXPANDED => body.extend_from_slice(&method.expanded()),
        octet => body.push(octet),
    }
    body.extend_from_slice(data);
    EapPacket { code, identifier, data: &body }.emit()
}

/// The bytes of a Success or Failure.
pub fn outcome(success: bool, identifier: u8) -> Vec<u8> {
    let code = if success { code::SUCCESS } else { code::FAILURE };
    EapPacket { code, identifier, data: &[] }.emit()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_start_of_wsc_has_its_expanded_type() {
        let packet = message(code::REQUEST, 0xc2, EapType::WSC, &[1, 0]);
        assert_eq!(packet, [0x01, 0xc2, 0x00, 0x0e, 0xfe, 0x00, 0x37, 0x2a, 0, 0, 0, 1, 1, 0]);
        let parsed = EapPacket::parse(&packet).unwrap();
        assert_eq!(parsed.method(), Ok((EapType::WSC, &[1, 0][..])));
        assert_eq!((parsed.data_of(EapType::WSC), parsed.data_of(EapType::NAK)), (Some(&[1, 0][..]), None));
    }

    #[test]
    fn faults_are_told_apart() {
        assert_eq!(EapPacket::parse(&[1, 2, 0]), Err(EapError::HeaderTruncated));
        assert_eq!(EapPacket::parse(&[1, 2, 0, 3]), Err(EapError::LengthTooSmall(3)));
        assert_eq!(EapPacket::parse(&[1, 2, 0, 5]), Err(EapError::Truncated { present: 4, stated: 5 }));
        assert_eq!(EapPacket::parse(&outcome(false, 9)).unwrap().method(), Err(EapError::NoType));
        let short = EapPacket { code: code::REQUEST, identifier: 0, data: &[254, 0, 0x37, 0x2a, 0, 0, 0] };
        assert_eq!(short.method(), Err(EapError::ExpandedTruncated));
    }

    proptest! {
        #[test]
        fn packets_round_trip(code: u8, identifier: u8, vendor in 0u32..1 << 24, method: u32,
                              data in prop::collection::vec(any::<u8>(), 0..80), padding in 0usize..9) {
            let method = EapType { vendor, method };
            let mut packet = message(code, identifier, method, &data);
            let whole = packet.clone();
            packet.extend(vec![0; padding]);
            let parsed = EapPacket::parse(&packet).unwrap();
            prop_assert_eq!((parsed.code, parsed.identifier, parsed.method()), (code, identifier, Ok((method, &data[..]))));
            prop_assert_eq!(parsed.emit(), whole);
        }

        #[test]
        fn any_octets_parse_or_are_refused(packet in prop::collection::vec(any::<u8>(), 0..40)) {
            if let Ok(parsed) = EapPacket::parse(&packet) {
                prop_assert_eq!(&parsed.emit()[..], &packet[..HEADER_LEN + parsed.data.len()]);
                let _ = parsed.method();
            }
        }
    }
}
