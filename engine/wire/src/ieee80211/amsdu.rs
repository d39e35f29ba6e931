//! A-MSDUs: several MSDUs in the body of one QoS data frame (IEEE 802.11-2020 §9.3.2.2.2).

use crate::bytes::Reader;
use crate::mac::MacAddr;

/// The bit of QoS Control that says that a frame's body is an A-MSDU (§9.2.4.5.9).
pub const QOS_AMSDU: u16 = 0x0080;

/// Destination, source and length.
const SUBFRAME_HEADER: usize = 14;

/// The beginning of an LLC/SNAP header, which no device has as its address.
const LLC_SNAP: [u8; 6] = [0xaa, 0xaa, 0x03, 0, 0, 0];

/// An MSDU in an A-MSDU.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Subframe {
    pub destination: MacAddr,
    pub source: MacAddr,
    /// From the LLC header on.
    pub msdu: Vec<u8>,
}

/// A body that is no A-MSDU, or must not be taken for one.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum AmsduError {
    #[error("the body ends within a subframe")]
    Truncated,
    #[error("the first destination is an LLC header: the frame was none of its sender's A-MSDUs")]
    LlcHeader,
}

/// The MSDUs of a body. Between two subframes there is padding to a multiple of four octets, whose value means nothing;
/// what follows the last is less than a subframe's padding. A body that ends within a subframe has none, and one that begins
/// as an MSDU does neither (ieee80211_amsdu_to_8023s).
pub fn parse(body: &[u8]) -> Result<Vec<Subframe>, AmsduError> {
    if body.starts_with(&LLC_SNAP) {
        return Err(AmsduError::LlcHeader);
    }
    let mut subframes = Vec::new();
    let mut rest = body;
    loop {
        let (subframe, length) = subframe(rest).ok_or(AmsduError::Truncated)?;
        subframes.push(subframe);
        match rest.get(length.next_multiple_of(4)..) {
            None | Some([]) => return Ok(subframes),
            Some(next) => rest = next,
        }
    }
}

fn subframe(octets: &[u8]) -> Option<(Subframe, usize)> {
    let mut r = Reader::new(octets);
    let (destination, source) = (MacAddr(r.array()?), MacAddr(r.array()?));
    let length = usize::from(u16::from_be_bytes(r.array()?));
    let msdu = octets.get(SUBFRAME_HEADER..SUBFRAME_HEADER + length)?.to_vec();
    Some((Subframe { destination, source, msdu }, SUBFRAME_HEADER + length))
}

/// The body with these MSDUs; `None` if one is longer than its length field can say.
pub fn emit(subframes: &[Subframe]) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    for subframe in subframes {
        out.resize(out.len().next_multiple_of(4), 0);
        out.extend_from_slice(&subframe.destination.0);
        out.extend_from_slice(&subframe.source.0);
        out.extend_from_slice(&u16::try_from(subframe.msdu.len()).ok()?.to_be_bytes());
        out.extend_from_slice(&subframe.msdu);
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn any_subframe() -> impl Strategy<Value = Subframe> {
        let msdu = prop::collection::vec(any::<u8>(), 0..40);
        (any::<[u8; 6]>(), any::<[u8; 6]>(), msdu)
            .prop_filter("an LLC header", |(to, ..)| *to != LLC_SNAP)
            .prop_map(|(to, from, msdu)| Subframe { destination: MacAddr(to), source: MacAddr(from), msdu })
    }

    #[test]
    fn an_msdu_is_not_taken_for_an_amsdu() {
        let mut body = crate::llc::llc_encap(0x0800, &[0; 60]);
        assert_eq!(parse(&body), Err(AmsduError::LlcHeader));
        body[0] = 2;
        assert_eq!(parse(&body), Err(AmsduError::Truncated));
        assert_eq!(parse(&[]), Err(AmsduError::Truncated));
    }

    proptest! {
        #[test]
        fn what_is_emitted_parses(
            subframes in prop::collection::vec(any_subframe(), 1..6), padding in 0usize..4,
        ) {
            let mut body = emit(&subframes).unwrap();
            // The last subframe may be padded as well.
            body.resize((body.len() + padding).min(body.len().next_multiple_of(4)), 0);
            prop_assert_eq!(parse(&body), Ok(subframes));
        }

        #[test]
        fn any_octets_parse_or_are_refused(body in prop::collection::vec(any::<u8>(), 0..120)) {
            if let Ok(subframes) = parse(&body) {
                let emitted = emit(&subframes).unwrap();
                prop_assert_eq!(parse(&emitted), Ok(subframes));
                prop_assert!(body.len() >= emitted.len() && body.len() < emitted.len() + 4);
            }
        }
    }
}
