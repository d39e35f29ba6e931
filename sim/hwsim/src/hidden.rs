//! The content of a protected data frame, as far as its outside tells.
//!
//! Rules and expectations name frames by what they carry, and EAPOL frames within an association are
//! encrypted. mac80211 asks for the status of those and of no other data frames; which message it is
//! shows in the length (IEEE 802.11-2020 §12.7.2: 99 octets and key data).

use std::collections::BTreeSet;

use wpasim_sim::FrameKind;
use wpasim_wire::MacAddr;

/// An EAPOL header and an EAPOL-Key body with a MIC of 16 octets and no key data.
const KEY_FRAME: usize = 4 + 95;
/// LLC and SNAP.
const LLC: usize = 8;
/// CCMP's header and MIC.
const CCMP: usize = 8 + 8;
/// TKIP's header, Michael's MIC and the ICV.
const TKIP: usize = 8 + 8 + 4;
/// A PMKID KDE, all the key data that a message 1 of the 4-way handshake can have.
const PMKID: usize = 22;
/// New keys for this many pairs are watched at once.
const MOST_PAIRS: usize = 1024;

const TO_DS: u8 = 0x01;
const FROM_DS: u8 = 0x02;
const MORE_FRAGMENTS: u8 = 0x04;
const PROTECTED: u8 = 0x40;

/// Watches protected handshakes.
#[derive(Default)]
pub(crate) struct Handshakes {
    /// Access points and stations between which an encrypted 4-way handshake is under way.
    renewing: BTreeSet<(MacAddr, MacAddr)>,
}

impl Handshakes {
    /// Returns the kind of a protected frame whose status mac80211 wants; `None` if it hides nothing.
    pub fn kind_of(&mut self, frame: &[u8]) -> Option<FrameKind> {
        let flags = *frame.get(1)?;
        let key_data = key_data_length(frame)?;
        // The length of a fragment says nothing.
        if flags & MORE_FRAGMENTS != 0 || frame.get(22)? & 0x0f != 0 {
            return Some(FrameKind::Eapol);
        }
        let (addr1, addr2) = (address(frame, 4)?, address(frame, 10)?);
        Some(match (flags & (TO_DS | FROM_DS), key_data) {
            (_, None) => FrameKind::Eapol,
            (FROM_DS, Some(octets)) => self.sent_by_access_point((addr2, addr1), octets),
            (TO_DS, Some(octets)) => self.sent_by_station((addr1, addr2), octets),
            _ => return None,
        })
    }

    fn sent_by_access_point(&mut self, pair: (MacAddr, MacAddr), key_data: usize) -> FrameKind {
        match key_data {
            0 | PMKID => {
                if self.renewing.len() >= MOST_PAIRS {
                    self.renewing.clear();
                }
                self.renewing.insert(pair);
                FrameKind::Eapol4Way(1)
            }
            _ if self.renewing.contains(&pair) => FrameKind::Eapol4Way(3),
            _ => FrameKind::EapolGroup(1),
        }
    }

    fn sent_by_station(&mut self, pair: (MacAddr, MacAddr), key_data: usize) -> FrameKind {
        match key_data {
            0 if self.renewing.remove(&pair) => FrameKind::Eapol4Way(4),
            0 => FrameKind::EapolGroup(2),
            _ => FrameKind::Eapol4Way(2),
        }
    }
}

/// Returns the amount of key data in a protected EAPOL-Key frame; `Some(None)` if it is too short to be one, `None`
/// if this is no protected data frame to one receiver.
fn key_data_length(frame: &[u8]) -> Option<Option<usize>> {
    let [control, flags] = *frame.first_chunk::<2>()?;
    let is_data_with_body = control & 0x4c == 0x08;
    let to_one = frame.get(4)? & 1 == 0;
    if !is_data_with_body || flags & PROTECTED == 0 || !to_one {
        return None;
    }
    let header = if control & 0x80 != 0 { 26 } else { 24 };
    let security = frame.get(header..header + 4)?;
    let [first, second, _, key] = *security.first_chunk::<4>()?;
    // Without an extended IV it is WEP.
    if key & 0x20 == 0 {
        return None;
    }
    // TKIP's second octet is made of its first (§12.5.2.2).
    let overhead = if second == (first | 0x20) & 0x7f { TKIP } else { CCMP };
    let eapol = frame.len().checked_sub(header + overhead + LLC)?;
    Some(eapol.checked_sub(KEY_FRAME))
}

fn address(frame: &[u8], at: usize) -> Option<MacAddr> {
    frame.get(at..at + 6)?.first_chunk::<6>().map(|a| MacAddr(*a))
}

#[cfg(test)]
mod tests {
    use super::*;

    const AP: [u8; 6] = [2, 0, 0, 0, 1, 0];
    const STA: [u8; 6] = [2, 0, 0, 0, 0, 0];

    /// A protected frame of an EAPOL frame with this much key data, as Linux sends it.
    fn protected(direction: u8, security: [u8; 4], overhead: usize, key_data: usize) -> Vec<u8> {
        let (to, from) = if direction == FROM_DS { (STA, AP) } else { (AP, STA) };
        let mut frame = vec![0x08, PROTECTED | direction, 0x3a, 1];
        frame.extend([to, from, from].as_flattened());
        frame.extend([0x60, 0]);
        frame.extend(security);
        frame.resize(24 + overhead + LLC + KEY_FRAME + key_data, 0);
        frame
    }

    fn ccmp(direction: u8, key_data: usize) -> Vec<u8> {
        protected(direction, [1, 0, 0, 0x20], CCMP, key_data)
    }

    #[test]
    fn group_handshakes() {
        let mut watch = Handshakes::default();
        // As captured: 179 and 147 octets.
        assert_eq!((ccmp(FROM_DS, 32).len(), ccmp(TO_DS, 0).len()), (179, 147));
        assert_eq!(watch.kind_of(&ccmp(FROM_DS, 32)), Some(FrameKind::EapolGroup(1)));
        assert_eq!(watch.kind_of(&ccmp(TO_DS, 0)), Some(FrameKind::EapolGroup(2)));
        let tkip = protected(FROM_DS, [0, 0x20, 5, 0x20], TKIP, 48);
        assert_eq!(watch.kind_of(&tkip), Some(FrameKind::EapolGroup(1)));
    }

    #[test]
    fn new_pairwise_keys() {
        let mut watch = Handshakes::default();
        let messages = [(FROM_DS, 0), (TO_DS, 22), (FROM_DS, 56), (TO_DS, 0), (FROM_DS, 56), (TO_DS, 0)];
        let kinds: Vec<_> = messages.map(|(d, k)| watch.kind_of(&ccmp(d, k)).unwrap()).to_vec();
        let mut expected: Vec<_> = (1..=4).map(FrameKind::Eapol4Way).collect();
        expected.extend([FrameKind::EapolGroup(1), FrameKind::EapolGroup(2)]);
        assert_eq!(kinds, expected);
    }

    #[test]
    fn fragments() {
        let mut watch = Handshakes::default();
        let mut first = ccmp(FROM_DS, 0);
        first[1] |= MORE_FRAGMENTS;
        let mut last = ccmp(FROM_DS, 56);
        last[22] |= 1;
        for frame in [first, last] {
            assert_eq!(watch.kind_of(&frame), Some(FrameKind::Eapol));
        }
        // Nothing began with them.
        assert_eq!(watch.kind_of(&ccmp(FROM_DS, 56)), Some(FrameKind::EapolGroup(1)));
    }

    #[test]
    fn what_hides_nothing() {
        let mut watch = Handshakes::default();
        let mut open = ccmp(FROM_DS, 32);
        open[1] = FROM_DS;
        let mut group = ccmp(FROM_DS, 32);
        group[4] = 0xff;
        let wep = protected(FROM_DS, [1, 2, 3, 0], CCMP, 0);
        for frame in [open, group, wep, vec![0x48, PROTECTED], vec![], vec![0x80; 200]] {
            assert_eq!(watch.kind_of(&frame), None);
        }
        assert_eq!(watch.kind_of(&ccmp(FROM_DS, 0)[..120]), Some(FrameKind::Eapol));
        for length in 0..60 {
            let _ = watch.kind_of(&ccmp(FROM_DS, 0)[..length]);
        }
    }
}
