//! Elements that are put into frames on behalf of others (VENDOR_ELEM_ADD).

use std::collections::BTreeMap;

/// A kind of frame, by 2.10's number (enum wpa_vendor_elem_frame).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct ElementFrame(u8);

impl ElementFrame {
    pub const P2P_PROBE_REQUEST: Self = Self(0);
    pub const P2P_PROBE_RESPONSE: Self = Self(1);
    /// Of a group owner.
    pub const GROUP_PROBE_RESPONSE: Self = Self(2);
    /// Of a group owner.
    pub const GROUP_BEACON: Self = Self(3);
    pub const PROV_DISC_REQUEST: Self = Self(4);
    pub const PROV_DISC_RESPONSE: Self = Self(5);
    pub const GO_NEG_REQUEST: Self = Self(6);
    pub const GO_NEG_RESPONSE: Self = Self(7);
    pub const GO_NEG_CONFIRMATION: Self = Self(8);
    pub const INVITATION_REQUEST: Self = Self(9);
    pub const INVITATION_RESPONSE: Self = Self(10);
    /// Of a group's client.
    pub const P2P_ASSOC_REQUEST: Self = Self(11);
    /// Of a group owner.
    pub const P2P_ASSOC_RESPONSE: Self = Self(12);
    pub const ASSOC_REQUEST: Self = Self(13);
    pub const PROBE_REQUEST: Self = Self(14);

    /// `None` for a number that is none.
    pub fn numbered(number: i32) -> Option<ElementFrame> {
        u8::try_from(number).ok().filter(|n| *n <= ElementFrame::PROBE_REQUEST.0).map(ElementFrame)
    }

    /// Whether it is one of Wi-Fi Direct: the device's interface has its elements.
    pub fn is_p2p(self) -> bool {
        self < ElementFrame::ASSOC_REQUEST
    }
}

/// An interface's elements by frame.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct VendorElements(BTreeMap<ElementFrame, Vec<u8>>);

impl VendorElements {
    /// Whether the octets are elements with nothing cut off.
    pub fn are_whole(mut octets: &[u8]) -> bool {
        while let [_, length, rest @ ..] = octets {
            match rest.get(usize::from(*length)..) {
                Some(next) => octets = next,
                None => return false,
            }
        }
        octets.is_empty()
    }

    /// Returns the elements of such frames.
    pub fn of(&self, frame: ElementFrame) -> &[u8] {
        self.0.get(&frame).map_or(&[], Vec::as_slice)
    }

    /// Behind what is there.
    pub fn add(&mut self, frame: ElementFrame, octets: &[u8]) {
        self.0.entry(frame).or_default().extend_from_slice(octets);
    }

    /// Nothing of ours goes into such frames any more.
    pub fn clear(&mut self, frame: ElementFrame) {
        self.0.remove(&frame);
    }

    /// Takes out these octets where they begin with an element. Whether they were there.
    pub fn remove(&mut self, frame: ElementFrame, octets: &[u8]) -> bool {
        let Some(held) = self.0.get_mut(&frame) else { return false };
        let mut at = 0;
        while let Some([_, length, ..]) = held.get(at..) {
            let next = at + 2 + usize::from(*length);
            if held.get(at..).is_some_and(|rest| rest.starts_with(octets)) {
                held.drain(at..at + octets.len());
                return true;
            }
            at = next;
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_come_and_go_whole() {
        let mut elements = VendorElements::default();
        let frame = ElementFrame::PROBE_REQUEST;
        elements.add(frame, &[221, 1, 7, 221, 2, 8, 9]);
        assert!(!elements.remove(frame, &[1, 7]));
        assert!(elements.remove(frame, &[221, 1, 7]));
        assert_eq!(elements.of(frame), [221, 2, 8, 9]);
        assert!(!VendorElements::are_whole(&[221, 2, 8]));
        assert!(!VendorElements::are_whole(&[221]));
    }
}
