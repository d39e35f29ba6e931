//! Elements that are put into frames on behalf of others (VENDOR_ELEM_ADD).

use std::collections::BTreeMap;

use wpasim_wire::driver::IfId;

use super::Supplicant;

/// A kind of frame, by 2.10's number (enum wpa_vendor_elem_frame).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) struct Frame(u8);

impl Frame {
    pub(crate) const ASSOC_REQUEST: Frame = Frame(13);
    pub(crate) const PROBE_REQUEST: Frame = Frame(14);

    /// `None` for a number that is none.
    pub(crate) fn numbered(number: i32) -> Option<Frame> {
        u8::try_from(number).ok().filter(|n| *n <= Frame::PROBE_REQUEST.0).map(Frame)
    }

    /// Whether it is one of Wi-Fi Direct: the device's interface has its elements.
    pub(crate) fn is_p2p(self) -> bool {
        self < Frame::ASSOC_REQUEST
    }
}

/// An interface's elements by frame.
#[derive(Clone, Debug, Default)]
pub(crate) struct VendorElements(BTreeMap<Frame, Vec<u8>>);

impl VendorElements {
    /// Whether the octets are elements with nothing cut off.
    pub(crate) fn are_whole(mut octets: &[u8]) -> bool {
        while let [_, length, rest @ ..] = octets {
            match rest.get(usize::from(*length)..) {
                Some(next) => octets = next,
                None => return false,
            }
        }
        octets.is_empty()
    }

    /// What goes into such frames.
    pub(crate) fn of(&self, frame: Frame) -> &[u8] {
        self.0.get(&frame).map_or(&[], Vec::as_slice)
    }

    /// Behind what is there.
    pub(crate) fn add(&mut self, frame: Frame, octets: &[u8]) {
        self.0.entry(frame).or_default().extend_from_slice(octets);
    }

    pub(crate) fn clear(&mut self, frame: Frame) {
        self.0.remove(&frame);
    }

    /// Takes out these octets where they begin with an element. Whether they were there.
    pub(crate) fn remove(&mut self, frame: Frame, octets: &[u8]) -> bool {
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

impl Supplicant {
    /// What an interface's elements of Wi-Fi Direct are is the device's to know.
    pub(crate) fn vendor_elements_changed(&mut self, _owner: IfId) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_come_and_go_whole() {
        let mut elements = VendorElements::default();
        let frame = Frame::PROBE_REQUEST;
        elements.add(frame, &[221, 1, 7, 221, 2, 8, 9]);
        assert!(!elements.remove(frame, &[1, 7]));
        assert!(elements.remove(frame, &[221, 1, 7]));
        assert_eq!(elements.of(frame), [221, 2, 8, 9]);
        assert!(!VendorElements::are_whole(&[221, 2, 8]));
        assert!(!VendorElements::are_whole(&[221]));
    }
}
