//! Responses that are too long for one frame: fetched in pieces (IEEE 802.11-2020 §11.22.3.2.1).

use wpasim_wire::MacAddr;
use wpasim_wire::gas::{GasFrame, ServiceElement};

/// TLVs that a frame has at most, and at most at 60 GHz.
const WHOLE: usize = 1400;
const WHOLE_60_GHZ: usize = 928;
/// Above this frequency in MHz.
const GHZ_60: u32 = 56160;

/// TLVs of a response before another fragment is fetched, at most.
const RECEIVED: usize = 64_000;

/// Returns the number of octets of TLVs that go into one frame on a channel in MHz.
pub(super) fn room(freq: u32) -> usize {
    if freq > GHZ_60 { WHOLE_60_GHZ } else { WHOLE }
}

/// A response that a peer fetches. There is one at a time.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Outgoing {
    pub peer: MacAddr,
    pub dialog_token: u8,
    pub tlvs: Vec<u8>,
    sent: usize,
    fragment: u8,
}

impl Outgoing {
    pub fn new(peer: MacAddr, dialog_token: u8, tlvs: Vec<u8>) -> Self {
        Outgoing { peer, dialog_token, tlvs, sent: 0, fragment: 0 }
    }

    /// The next frame, and whether there are more.
    pub fn next_frame(&mut self, freq: u32, update_indicator: u16) -> (Vec<u8>, bool) {
        let rest = self.tlvs.get(self.sent..).unwrap_or_default();
        let (piece, more) = match rest.split_at_checked(room(freq)) {
            Some((piece, [_, ..])) => (piece, true),
            _ => (rest, false),
        };
        let first = ServiceElement { update_indicator, tlvs: piece };
        let query = match self.fragment {
            0 => first.emit_first_fragment(self.tlvs.len()),
            _ => piece.to_vec(),
        };
        let frame = GasFrame::ComebackResponse {
            dialog_token: self.dialog_token,
            status: 0,
            fragment: self.fragment,
            more,
            comeback_delay: 0,
            query: &query,
        };
        let octets = frame.emit();
        self.fragment = self.fragment.wrapping_add(1);
        self.sent += piece.len();
        (octets, more)
    }
}

/// A response that is being fetched.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Incoming {
    /// From the first fragment on.
    received: Option<(u16, Vec<u8>)>,
}

/// The fate of a fragment.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Fragment {
    /// Nothing can be made of it.
    Ignored,
    /// The next one is to be fetched.
    Fetch,
    /// The fragments that were received so far are dropped: the response is too long.
    TooLong,
    /// The whole: service update indicator and TLVs.
    Whole(u16, Vec<u8>),
}

impl Incoming {
    /// Takes a fragment in, whatever its number, as 2.10 does.
    pub fn take(&mut self, query: &[u8], more: bool) -> Fragment {
        match &mut self.received {
            _ if query.is_empty() => return Fragment::Ignored,
            Some((_, tlvs)) => tlvs.extend_from_slice(query),
            None => match ServiceElement::parse_first_fragment(query) {
                Some(first) => self.received = Some((first.update_indicator, first.tlvs.to_vec())),
                None => return Fragment::Ignored,
            },
        }
        match self.received.take() {
            None => Fragment::Ignored,
            Some((indicator, tlvs)) if !more => Fragment::Whole(indicator, tlvs),
            Some((_, tlvs)) if tlvs.len() > RECEIVED => Fragment::TooLong,
            so_far => {
                self.received = so_far;
                Fragment::Fetch
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn query(frame: &[u8]) -> (Vec<u8>, u8, bool) {
        match GasFrame::parse(&frame[1..]) {
            Ok(GasFrame::ComebackResponse { query, fragment, more, .. }) => (query.to_vec(), fragment, more),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn too_much_is_dropped() {
        let mut incoming = Incoming::default();
        let mut tlvs = Outgoing::new(MacAddr::ZERO, 0, vec![0; 1500]);
        let (first, ..) = query(&tlvs.next_frame(2412, 0).0);
        assert_eq!(incoming.take(&first, true), Fragment::Fetch);
        let fetched = std::iter::from_fn(|| match incoming.take(&[0; 1400], true) {
            Fragment::Fetch => Some(()),
            end => {
                assert_eq!(end, Fragment::TooLong);
                None
            }
        });
        assert_eq!(fetched.count(), 44);
        assert_eq!(incoming.take(&[1, 2, 3], false), Fragment::Ignored, "it begins anew");
    }

    proptest! {
        #[test]
        fn what_is_sent_in_pieces_arrives(
            tlvs in prop::collection::vec(any::<u8>(), 1..6000), indicator: u16, ghz_60: bool,
        ) {
            let freq = if ghz_60 { 58320 } else { 2437 };
            let mut outgoing = Outgoing::new(MacAddr::ZERO, 7, tlvs.clone());
            let mut incoming = Incoming::default();
            let mut number = 0;
            loop {
                let (frame, more) = outgoing.next_frame(freq, indicator);
                prop_assert!(frame.len() <= room(freq) + 24);
                let (piece, fragment, says_more) = query(&frame);
                prop_assert_eq!((fragment, says_more), (number, more));
                number += 1;
                match incoming.take(&piece, more) {
                    Fragment::Whole(i, whole) => {
                        prop_assert_eq!((i, whole, more), (indicator, tlvs, false));
                        break;
                    }
                    other => prop_assert_eq!((other, more), (Fragment::Fetch, true)),
                }
            }
        }

        #[test]
        fn any_fragments_are_taken(list in prop::collection::vec(
            (prop::collection::vec(any::<u8>(), 0..30), any::<bool>()), 0..6)) {
            let mut incoming = Incoming::default();
            for (query, more) in list {
                incoming.take(&query, more);
            }
        }
    }
}
