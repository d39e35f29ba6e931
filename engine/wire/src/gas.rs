//! Generic Advertisement Service (IEEE 802.11-2020 §9.6.7.12 to §9.6.7.15) as far as Wi-Fi Direct's service
//! discovery uses it (Wi-Fi Direct 1.7 §4.2.12): the four public action frames with the Access Network
//! Query Protocol inside.

use crate::bytes::Reader;
use crate::elements::vendor;

/// Public Action category.
const CATEGORY_PUBLIC: u8 = 4;

/// Public Action values of the four frames (IEEE 802.11-2020 Table 9-363).
pub mod action {
    pub const INITIAL_REQUEST: u8 = 10;
    pub const INITIAL_RESPONSE: u8 = 11;
    pub const COMEBACK_REQUEST: u8 = 12;
    pub const COMEBACK_RESPONSE: u8 = 13;
}

/// The Advertisement Protocol element.
const ADVERTISEMENT_PROTOCOL: u8 = 108;
/// Access Network Query Protocol (IEEE 802.11-2020 Table 9-192).
const ANQP: u8 = 0;
/// Query Response Length Limit of responses: as many fragments as there can be.
const NO_LENGTH_LIMIT: u8 = 0x7f;
/// In the fragment identifier: more fragments follow.
const MORE_FRAGMENTS: u8 = 0x80;

/// A frame that cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum GasError {
    #[error("the frame ends too early")]
    Short,
    #[error("public action {0} is none of GAS")]
    Action(u8),
    #[error("element {0} where the Advertisement Protocol should be")]
    Element(u8),
    #[error("an Advertisement Protocol element of {0} octets")]
    ElementLength(u8),
    #[error("advertisement protocol {0}")]
    Protocol(u8),
    #[error("a query of {0} octets reaches beyond the frame")]
    QueryLength(u16),
}

/// A GAS frame. Queries are what follows their length: for ANQP its elements.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum GasFrame<'a> {
    InitialRequest {
        dialog_token: u8,
        query: &'a [u8],
    },
    /// `comeback_delay` in TU; not zero if the response has to be fetched.
    InitialResponse {
        dialog_token: u8,
        status: u16,
        comeback_delay: u16,
        query: &'a [u8],
    },
    ComebackRequest {
        dialog_token: u8,
    },
    /// `fragment` counts from 0 to 127.
    ComebackResponse {
        dialog_token: u8,
        status: u16,
        fragment: u8,
        more: bool,
        comeback_delay: u16,
        query: &'a [u8],
    },
}

impl<'a> GasFrame<'a> {
    /// Reads a public action frame from its action octet on. A response with another status than success
    /// has no query, whatever follows.
    pub fn parse(body: &'a [u8]) -> Result<Self, GasError> {
        let mut r = Reader::new(body);
        let kind = r.u8().ok_or(GasError::Short)?;
        let dialog_token = r.u8().ok_or(GasError::Short)?;
        let fields = Fields { dialog_token, r };
        match kind {
            action::INITIAL_REQUEST => Ok(GasFrame::InitialRequest { dialog_token, query: query(fields.r)? }),
            action::INITIAL_RESPONSE => fields.initial_response(),
            action::COMEBACK_REQUEST => Ok(GasFrame::ComebackRequest { dialog_token }),
            action::COMEBACK_RESPONSE => fields.comeback_response(),
            other => Err(GasError::Action(other)),
        }
    }

    /// The frame's body from its category octet on. A query beyond 65535 octets is cut there.
    pub fn emit(&self) -> Vec<u8> {
        let mut out = vec![CATEGORY_PUBLIC];
        match *self {
            GasFrame::InitialRequest { dialog_token, query } => {
                out.extend_from_slice(&[action::INITIAL_REQUEST, dialog_token]);
                push_query(&mut out, 0, query);
            }
            GasFrame::InitialResponse { dialog_token, status, comeback_delay, query } => {
                out.extend_from_slice(&[action::INITIAL_RESPONSE, dialog_token]);
                out.extend_from_slice(&status.to_le_bytes());
                out.extend_from_slice(&comeback_delay.to_le_bytes());
                push_query(&mut out, NO_LENGTH_LIMIT, query);
            }
            GasFrame::ComebackRequest { dialog_token } => {
                out.extend_from_slice(&[action::COMEBACK_REQUEST, dialog_token]);
            }
            GasFrame::ComebackResponse { dialog_token, status, fragment, more, comeback_delay, query } => {
                out.extend_from_slice(&[action::COMEBACK_RESPONSE, dialog_token]);
                out.extend_from_slice(&status.to_le_bytes());
                out.push(fragment & !MORE_FRAGMENTS | if more { MORE_FRAGMENTS } else { 0 });
                out.extend_from_slice(&comeback_delay.to_le_bytes());
                push_query(&mut out, NO_LENGTH_LIMIT, query);
            }
        }
        out
    }
}

/// The fields that follow the dialog token.
struct Fields<'a> {
    dialog_token: u8,
    r: Reader<'a>,
}

impl<'a> Fields<'a> {
    fn initial_response(mut self) -> Result<GasFrame<'a>, GasError> {
        let status = self.r.le16().ok_or(GasError::Short)?;
        let comeback_delay = self.r.le16().ok_or(GasError::Short)?;
        let query = if status == 0 { query(self.r)? } else { &[] };
        Ok(GasFrame::InitialResponse { dialog_token: self.dialog_token, status, comeback_delay, query })
    }

    fn comeback_response(mut self) -> Result<GasFrame<'a>, GasError> {
        let status = self.r.le16().ok_or(GasError::Short)?;
        let fragment = self.r.u8().ok_or(GasError::Short)?;
        let comeback_delay = self.r.le16().ok_or(GasError::Short)?;
        Ok(GasFrame::ComebackResponse {
            dialog_token: self.dialog_token,
            status,
            fragment: fragment & !MORE_FRAGMENTS,
            more: fragment & MORE_FRAGMENTS != 0,
            comeback_delay,
            query: if status == 0 { query(self.r)? } else { &[] },
        })
    }
}

/// The Advertisement Protocol element, which has to be ANQP's, then the query with its length.
fn query(mut r: Reader<'_>) -> Result<&[u8], GasError> {
    let id = r.u8().ok_or(GasError::Short)?;
    if id != ADVERTISEMENT_PROTOCOL {
        return Err(GasError::Element(id));
    }
    let len = r.u8().ok_or(GasError::Short)?;
    let protocol = match r.take(usize::from(len)) {
        Some([_, protocol, ..]) => *protocol,
        _ => return Err(GasError::ElementLength(len)),
    };
    if protocol != ANQP {
        return Err(GasError::Protocol(protocol));
    }
    let len = r.le16().ok_or(GasError::Short)?;
    r.take(usize::from(len)).ok_or(GasError::QueryLength(len))
}

fn push_query(out: &mut Vec<u8>, length_limit: u8, query: &[u8]) {
    let query = query.get(..0xffff).unwrap_or(query);
    out.extend_from_slice(&[ADVERTISEMENT_PROTOCOL, 2, length_limit, ANQP]);
    out.extend_from_slice(&(query.len() as u16).to_le_bytes());
    out.extend_from_slice(query);
}

/// ANQP vendor specific (IEEE 802.11-2020 Table 9-331).
const VENDOR_SPECIFIC: u16 = 56797;
/// OUI and type.
const VENDOR_TYPE_LEN: u16 = 4;

/// The vendor-specific ANQP element of service discovery (Wi-Fi Direct 1.7 §4.2.12): the service update
/// indicator and TLVs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ServiceElement<'a> {
    pub update_indicator: u16,
    pub tlvs: &'a [u8],
}

impl<'a> ServiceElement<'a> {
    /// Reads an element that is in the query as a whole. As in 2.10 its TLVs go to the query's end.
    pub fn parse(query: &'a [u8]) -> Option<Self> {
        let mut r = Reader::new(query);
        let len = Self::header(&mut r)?;
        (usize::from(len) <= r.left()).then_some(())?;
        Self::content(r)
    }

    /// Reads the first fragment of an element, whose length is that of the whole.
    pub fn parse_first_fragment(query: &'a [u8]) -> Option<Self> {
        let mut r = Reader::new(query);
        Self::header(&mut r)?;
        Self::content(r)
    }

    fn header(r: &mut Reader<'_>) -> Option<u16> {
        (r.le16()? == VENDOR_SPECIFIC).then_some(())?;
        r.le16().filter(|len| *len >= VENDOR_TYPE_LEN)
    }

    fn content(mut r: Reader<'a>) -> Option<Self> {
        (u32::from_be_bytes(r.array()?) == vendor::P2P).then_some(())?;
        Some(ServiceElement { update_indicator: r.le16()?, tlvs: r.rest() })
    }

    /// The element.
    pub fn emit(&self) -> Vec<u8> {
        self.emit_first_fragment(self.tlvs.len())
    }

    /// The element's first fragment, if all of its TLVs are `total` octets.
    pub fn emit_first_fragment(&self, total: usize) -> Vec<u8> {
        let mut out = Vec::with_capacity(10 + self.tlvs.len());
        out.extend_from_slice(&VENDOR_SPECIFIC.to_le_bytes());
        let len = u16::try_from(total).unwrap_or(u16::MAX).saturating_add(VENDOR_TYPE_LEN + 2);
        out.extend_from_slice(&len.to_le_bytes());
        out.extend_from_slice(&vendor::P2P.to_be_bytes());
        out.extend_from_slice(&self.update_indicator.to_le_bytes());
        out.extend_from_slice(self.tlvs);
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn hex(text: &str) -> Vec<u8> {
        text.split_whitespace().map(|b| u8::from_str_radix(b, 16).unwrap()).collect()
    }

    /// Bodies of the frames in the recording p2p_service_discovery: a request for all services and the
    /// answer that none is there.
    #[test]
    fn frames_are_the_recordings() {
        let request = hex("04 0a 00 6c 02 00 00 0e 00 dd dd 0a 00 50 6f 9a 09 00 00 02 00 00 01");
        let query = ServiceElement { update_indicator: 0, tlvs: &[2, 0, 0, 1] };
        let element = query.emit();
        let frame = GasFrame::InitialRequest { dialog_token: 0, query: &element };
        assert_eq!(frame.emit(), request);
        assert_eq!(GasFrame::parse(&request[1..]), Ok(frame));
        assert_eq!(ServiceElement::parse(&element), Some(query));

        let response =
            hex("04 0b 00 00 00 00 00 6c 02 7f 00 0f 00 dd dd 0b 00 50 6f 9a 09 07 00 03 00 00 01 01");
        let element = ServiceElement { update_indicator: 7, tlvs: &[3, 0, 0, 1, 1] }.emit();
        let frame =
            GasFrame::InitialResponse { dialog_token: 0, status: 0, comeback_delay: 0, query: &element };
        assert_eq!(frame.emit(), response);
        assert_eq!(GasFrame::parse(&response[1..]), Ok(frame));
    }

    #[test]
    fn what_is_wrong_is_said() {
        let wrong = |text: &str| GasFrame::parse(&hex(text)).unwrap_err();
        assert_eq!(wrong("0a"), GasError::Short);
        assert_eq!(wrong("09 00"), GasError::Action(9));
        assert_eq!(wrong("0a 00 6b 02 00 00 00 00"), GasError::Element(0x6b));
        assert_eq!(wrong("0a 00 6c 01 00 00 00"), GasError::ElementLength(1));
        assert_eq!(wrong("0a 00 6c 03 00 00"), GasError::ElementLength(3));
        assert_eq!(wrong("0a 00 6c 02 00 01 00 00"), GasError::Protocol(1));
        assert_eq!(wrong("0a 00 6c 02 00 00 02 00 ff"), GasError::QueryLength(2));
        let octets = hex("0d 05 20 00 81 00 00");
        let refused = GasFrame::parse(&octets).unwrap();
        let GasFrame::ComebackResponse { status: 32, fragment: 1, more: true, query: [], .. } = refused
        else {
            panic!("{refused:?}")
        };
    }

    fn frame() -> impl Strategy<Value = (u8, u8, u16, u8, bool, u16, Vec<u8>)> {
        let query = prop::collection::vec(any::<u8>(), 0..300);
        (10..14u8, any::<u8>(), Just(0u16), 0..128u8, any::<bool>(), any::<u16>(), query)
    }

    proptest! {
        #[test]
        fn frames_round_trip((kind, dialog_token, status, fragment, more, comeback_delay, query) in frame()) {
            let query = query.as_slice();
            let frame = match kind {
                action::INITIAL_REQUEST => GasFrame::InitialRequest { dialog_token, query },
                action::INITIAL_RESPONSE => {
                    GasFrame::InitialResponse { dialog_token, status, comeback_delay, query }
                }
                action::COMEBACK_REQUEST => GasFrame::ComebackRequest { dialog_token },
                _ => GasFrame::ComebackResponse { dialog_token, status, fragment, more, comeback_delay, query },
            };
            let body = frame.emit();
            prop_assert_eq!(GasFrame::parse(&body[1..]), Ok(frame));
        }

        #[test]
        fn elements_round_trip(update_indicator: u16, tlvs in prop::collection::vec(any::<u8>(), 0..300)) {
            let element = ServiceElement { update_indicator, tlvs: &tlvs };
            let whole = element.emit();
            prop_assert_eq!(ServiceElement::parse(&whole), Some(element));
            let fragment = element.emit_first_fragment(tlvs.len() + 5000);
            prop_assert_eq!(ServiceElement::parse_first_fragment(&fragment), Some(element));
            prop_assert_eq!(ServiceElement::parse(&fragment), None);
        }

        #[test]
        fn any_octets_are_read(octets in prop::collection::vec(any::<u8>(), 0..64)) {
            let _ = (GasFrame::parse(&octets), ServiceElement::parse(&octets));
        }
    }
}
