//! MSDUs that go and come in fragments: divided as mac80211 does (ieee80211_tx_h_fragment), put together as it does since
//! the fragmentation attacks of 2021 (ieee80211_rx_h_defragment).

use wpasim_wire::ieee80211::{DataFrame, HEADER_LEN, fc};
use wpasim_wire::time::{Duration, Instant};

use super::keys::{KeyColor, Protection};

/// IEEE80211_FRAGMENT_MAX: MSDUs that a peer may have under way.
const MOST_MSDUS: usize = 4;

/// The time after its first fragment within which an MSDU may be completed.
const LIFETIME: Duration = Duration::from_secs(2);

/// The Frame Check Sequence, which lengths of frames here are without.
const FCS: usize = 4;

/// The length of a data frame's header.
fn header_length(frame: &DataFrame) -> usize {
    HEADER_LEN + if frame.qos.is_some() { 2 } else { 0 }
}

/// Returns whether a frame to one receiver is too long to leave whole: before it is protected.
pub(crate) fn is_too_long(frame: &DataFrame, threshold: usize) -> bool {
    !frame.addr1.is_group() && header_length(frame) + frame.body.len() + FCS > threshold
}

/// The fragments of an MSDU, none longer than the threshold before it is protected.
pub(crate) fn divide(msdu: &DataFrame, threshold: usize) -> Vec<DataFrame> {
    let most = threshold.saturating_sub(header_length(msdu) + FCS).max(1);
    let mut rest = msdu.body.chunks(most).peekable();
    let mut fragments = Vec::new();
    while let Some(part) = rest.next() {
        let more = if rest.peek().is_some() { fc::MORE_FRAGMENTS } else { 0 };
        let frag = (fragments.len() & 0x0f) as u8;
        let flags = msdu.flags | more;
        fragments.push(DataFrame { flags, frag, body: part.to_vec(), ..*msdu });
    }
    fragments
}

/// The MSDUs that a peer has sent in part. Each peer has its own, which goes with it (CVE-2020-24586).
#[derive(Default)]
pub(crate) struct Fragments {
    under_way: [Option<UnderWay>; MOST_MSDUS],
    /// The place of the next: the oldest makes room.
    next: usize,
}

struct UnderWay {
    /// The header of the first fragment, and the data of all so far.
    msdu: DataFrame,
    /// The number of the last fragment.
    last: u8,
    since: Instant,
    /// Of the first fragment.
    first_under: Option<Protection>,
    last_under: Option<Protection>,
}

/// An MSDU, whole.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Whole {
    /// The header of its first fragment, and all data.
    pub msdu: DataFrame,
    /// The protection of the first fragment, which decides whether the port takes the frame.
    pub first_under: Option<Protection>,
    /// The protection of the last fragment, which tells TKIP's sequence counter.
    pub last_under: Option<Protection>,
}

impl Fragments {
    /// Takes a fragment in: the MSDU, if it is complete now.
    pub fn take(&mut self, now: Instant, fragment: DataFrame, under: Option<Protection>) -> Option<Whole> {
        // A group's frames are never in fragments (CVE-2020-26145).
        if fragment.addr1.is_group() {
            return None;
        }
        let more = fragment.flags & fc::MORE_FRAGMENTS != 0;
        if fragment.frag == 0 {
            let begun =
                UnderWay { last: 0, since: now, first_under: under, last_under: under, msdu: fragment };
            self.under_way[self.next] = Some(begun);
            self.next = (self.next + 1) % MOST_MSDUS;
            return None;
        }
        let place = self
            .under_way
            .iter_mut()
            .find(|place| place.as_ref().is_some_and(|u| u.is_followed_by(&fragment)))?;
        let known = place.as_mut()?;
        if now - known.since > LIFETIME {
            *place = None;
            return None;
        }
        if !may_follow(known.last_under, under) {
            return None;
        }
        known.msdu.body.extend_from_slice(&fragment.body);
        known.last = fragment.frag;
        known.last_under = under;
        if more {
            return None;
        }
        let UnderWay { msdu, first_under, last_under, .. } = place.take()?;
        Some(Whole { msdu, first_under, last_under })
    }
}

impl UnderWay {
    /// Returns whether a fragment is the next of this MSDU (ieee80211_reassemble_find).
    fn is_followed_by(&self, fragment: &DataFrame) -> bool {
        let tid = |frame: &DataFrame| frame.qos.map(|qos| qos & 0x0f);
        self.msdu.seq == fragment.seq
            && tid(&self.msdu) == tid(fragment)
            && self.last + 1 == fragment.frag
            && self.msdu.addr1 == fragment.addr1
            && self.msdu.addr2 == fragment.addr2
    }
}

/// Returns whether a plain frame is a part of its MSDU only.
pub(crate) fn is_fragment(frame: &[u8]) -> bool {
    let more = frame.get(1).is_some_and(|flags| flags & fc::MORE_FRAGMENTS != 0);
    more || frame.get(22).is_some_and(|control| control & 0x0f != 0)
}

fn color(under: Protection) -> KeyColor {
    match under {
        Protection::Ccmp { color, .. } | Protection::Tkip { color, .. } => color,
    }
}

/// Returns whether a fragment may follow one: protected under the same key or not protected either, and under CCMP with the next
/// packet number (IEEE 802.11-2020 §12.5.3.4.4; CVE-2020-24587, -26146, -26147).
fn may_follow(earlier: Option<Protection>, later: Option<Protection>) -> bool {
    match (earlier, later) {
        (None, None) => true,
        // The whole counts as not protected, which the port refuses where there is a key (ieee80211_drop_unencrypted).
        (None, Some(_)) => true,
        (Some(_), None) => false,
        (
            Some(Protection::Ccmp { color, packet_number }),
            Some(Protection::Ccmp { color: same, packet_number: next }),
        ) => color == same && next == packet_number + 1,
        (Some(Protection::Ccmp { .. }), Some(Protection::Tkip { .. })) => false,
        (Some(earlier @ Protection::Tkip { .. }), Some(later)) => color(earlier) == color(later),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rstest::rstest;
    use wpasim_wire::MacAddr;
    use wpasim_wire::driver::{Cipher, Key, KeyScope};

    use super::super::keys::KeySlots;

    const AP: MacAddr = MacAddr([2, 0, 0, 0, 1, 0]);
    const STA: MacAddr = MacAddr([2, 0, 0, 0, 0, 0]);

    fn fragment(seq: u16, frag: u8, more: bool, body: &[u8]) -> DataFrame {
        let flags = if more { fc::MORE_FRAGMENTS } else { 0 };
        DataFrame { seq, frag, flags, ..DataFrame::to_ap(AP, STA, AP, body.to_vec()) }
    }

    fn at(ms: i64) -> Instant {
        Instant::ZERO + Duration::from_millis(ms)
    }

    fn ccmp(color: u32, packet_number: u64) -> Option<Protection> {
        let mut keys = KeySlots::default();
        let mut last = None;
        for octet in 0..color {
            keys.install(&key(Cipher::Ccmp, octet as u8), true);
            let (key, index) = keys.sending()?;
            let frame = key.protect(&fragment(0, 0, false, b"x").emit(), index)?;
            last = Some(keys.for_frame(&frame)?.unprotect(&frame).ok()?.under);
        }
        match last? {
            Protection::Ccmp { color, .. } => Some(Protection::Ccmp { color, packet_number }),
            other => Some(other),
        }
    }

    fn key(cipher: Cipher, octet: u8) -> Key {
        let length = if cipher == Cipher::Tkip { 32 } else { 16 };
        let scope = KeyScope::Pairwise(STA);
        Key { cipher, scope, index: 0, key: vec![octet; length], rsc: [0; 6], tx: true }
    }

    #[test]
    fn only_the_next_fragment_within_two_seconds_continues() {
        let mut cache = Fragments::default();
        assert_eq!(cache.take(at(0), fragment(7, 0, true, b"ab"), None), None);
        // Another MSDU's, one too far, one from the middle of nothing.
        assert_eq!(cache.take(at(1), fragment(8, 1, false, b"x"), None), None);
        assert_eq!(cache.take(at(1), fragment(7, 2, false, b"x"), None), None);
        assert_eq!(cache.take(at(2), fragment(7, 1, true, b"cd"), None), None);
        let whole = cache.take(at(2000), fragment(7, 2, false, b"ef"), None);
        assert_eq!(whole.map(|w| w.msdu.body), Some(b"abcdef".to_vec()));
        // It is done with.
        assert_eq!(cache.take(at(2000), fragment(7, 2, false, b"ef"), None), None);
        assert_eq!(cache.take(at(3000), fragment(9, 0, true, b"ab"), None), None);
        assert_eq!(cache.take(at(5001), fragment(9, 1, false, b"cd"), None), None);
    }

    #[test]
    fn the_fifth_msdu_pushes_out_the_first() {
        let mut cache = Fragments::default();
        for seq in 0..5 {
            assert_eq!(cache.take(at(0), fragment(seq, 0, true, b"a"), None), None);
        }
        assert_eq!(cache.take(at(1), fragment(0, 1, false, b"b"), None), None);
        assert!((1..5).all(|seq| cache.take(at(1), fragment(seq, 1, false, b"b"), None).is_some()));
    }

    #[test]
    fn a_group_has_no_fragments() {
        let mut cache = Fragments::default();
        for (frag, more) in [(0, true), (1, false)] {
            let frame = DataFrame { addr1: MacAddr::BROADCAST, ..fragment(1, frag, more, b"a") };
            assert_eq!(cache.take(at(0), frame, None), None);
        }
    }

    #[rstest]
    #[case::consecutive(ccmp(1, 5), ccmp(1, 6), true)]
    #[case::cve_2020_26146_a_number_left_out(ccmp(1, 5), ccmp(1, 7), false)]
    #[case::cve_2020_26146_backwards(ccmp(1, 5), ccmp(1, 4), false)]
    #[case::cve_2020_24587_another_key(ccmp(1, 5), ccmp(2, 6), false)]
    #[case::cve_2020_26147_plain_after_protected(ccmp(1, 5), None, false)]
    #[case::protected_after_plain_is_plain(None, ccmp(1, 5), true)]
    #[case::plain(None, None, true)]
    fn fragments_belong_together(
        #[case] first: Option<Protection>,
        #[case] second: Option<Protection>,
        #[case] taken: bool,
    ) {
        let mut cache = Fragments::default();
        assert_eq!(cache.take(at(0), fragment(1, 0, true, b"a"), first), None);
        let whole = cache.take(at(1), fragment(1, 1, false, b"b"), second);
        assert_eq!(whole.is_some(), taken);
        assert!(whole.is_none_or(|w| w.first_under == first && w.last_under == second));
    }

    /// An attacker who has no key and puts fragments of two genuine MSDUs together.
    #[test]
    fn cve_2020_26141_michael_is_looked_at_over_the_whole() {
        let mut sender = KeySlots::default();
        let mut receiver = KeySlots::default();
        sender.install(&key(Cipher::Tkip, 3), true);
        receiver.install(&key(Cipher::Tkip, 3), false);
        let mut cache = Fragments::default();
        let mut whole = None;
        for (frag, more) in [(0, true), (1, false)] {
            let (sending, index) = sender.sending().unwrap();
            let protected = sending.protect(&fragment(1, frag, more, b"abc").emit(), index).unwrap();
            let opened = receiver.for_frame(&protected).unwrap().unprotect(&protected).unwrap();
            let plain = DataFrame::parse(&opened.plain).unwrap();
            whole = cache.take(at(0), plain, Some(opened.under));
        }
        let whole = whole.unwrap();
        let verified = receiver.verify(&whole.msdu.emit(), whole.last_under.unwrap());
        assert_eq!(verified, Err(super::super::keys::Unprotect::MichaelFailure));
    }

    proptest! {
        #[test]
        fn what_divide_makes_is_put_together(
            body in prop::collection::vec(any::<u8>(), 1..3000), threshold in 128usize..1200, qos in prop::option::of(0u16..8),
        ) {
            let threshold = threshold * 2;
            let msdu = DataFrame { qos, ..fragment(9, 0, false, &body) };
            let fragments = divide(&msdu, threshold);
            prop_assert_eq!(fragments.len() > 1, is_too_long(&msdu, threshold));
            let (last, before) = fragments.split_last().unwrap();
            prop_assert!(before.iter().all(|f| f.emit().len() + FCS == threshold));
            prop_assert!(last.emit().len() + FCS <= threshold);
            let mut cache = Fragments::default();
            let whole = fragments.into_iter().filter_map(|f| match is_fragment(&f.emit()) {
                true => cache.take(at(0), f, None).map(|w| w.msdu.body),
                false => Some(f.body),
            });
            prop_assert_eq!(whole.collect::<Vec<_>>(), vec![body]);
        }

        #[test]
        fn what_was_divided_is_put_together(parts in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..20), 2..16)) {
            let mut cache = Fragments::default();
            let mut whole = None;
            for (frag, part) in parts.iter().enumerate() {
                prop_assert!(whole.is_none());
                whole = cache.take(at(0), fragment(4, frag as u8, frag + 1 < parts.len(), part), None);
            }
            prop_assert_eq!(whole.map(|w| w.msdu.body), Some(parts.concat()));
        }
    }
}
