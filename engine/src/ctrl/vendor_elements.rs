//! VENDOR_ELEM_ADD, VENDOR_ELEM_GET and VENDOR_ELEM_REMOVE: elements that clients want in our frames.

use wpasim_wire::driver::IfId;

use super::Reply;
use crate::config::text::{atoi, hex, parse_hex};
use crate::p2p::{ElementFrame, VendorElements};
use crate::supplicant::Supplicant;
use crate::supplicant::interface::Context;

/// More for one kind of frame than any frame holds is refused.
const MOST_OCTETS: usize = 2048;

impl Supplicant {
    /// `VENDOR_ELEM_ADD FRAME ELEMENTS`.
    pub(super) fn ctrl_vendor_elem_add(&mut self, cx: Context<'_>, id: IfId, args: &str) -> Reply {
        self.change_vendor_elements(cx, id, args, add)
    }

    /// `VENDOR_ELEM_REMOVE FRAME ELEMENTS|*`.
    pub(super) fn ctrl_vendor_elem_remove(&mut self, cx: Context<'_>, id: IfId, args: &str) -> Reply {
        self.change_vendor_elements(cx, id, args, remove)
    }

    /// `VENDOR_ELEM_GET FRAME`.
    pub(super) fn ctrl_vendor_elem_get(&mut self, _: Context<'_>, id: IfId, args: &str) -> Reply {
        let Some(frame) = ElementFrame::numbered(atoi(args)) else { return Reply::Fail };
        let owner = self.interface(self.owner_of_elements(frame, id));
        Reply::text_or_fail(owner.map(|i| hex(i.vendor_elements.of(frame))))
    }

    fn change_vendor_elements(
        &mut self,
        cx: Context<'_>,
        id: IfId,
        args: &str,
        change: fn(&mut VendorElements, ElementFrame, &str) -> bool,
    ) -> Reply {
        let Some(frame) = ElementFrame::numbered(atoi(args)) else { return Reply::Fail };
        let owner = self.owner_of_elements(frame, id);
        let value = args.split_once(' ').map(|(_, value)| value);
        let changed = value
            .zip(self.interface_mut(owner))
            .map(|(value, i)| change(&mut i.vendor_elements, frame, value));
        if frame.is_p2p() {
            self.vendor_elements_changed(cx);
        }
        Reply::ok_if(changed == Some(true))
    }

    /// Returns the interface that keeps the elements of these frames: the P2P device's own for frames of Wi-Fi Direct.
    fn owner_of_elements(&self, frame: ElementFrame, id: IfId) -> IfId {
        if frame.is_p2p() && self.p2p.shared.exists { self.p2p.shared.device_iface } else { id }
    }
}

/// Elements in hexadecimal digits.
fn parse(value: &str) -> Option<Vec<u8>> {
    parse_hex(value).filter(|octets| VendorElements::are_whole(octets))
}

fn add(elements: &mut VendorElements, frame: ElementFrame, value: &str) -> bool {
    let Some(octets) = parse(value) else { return false };
    if elements.of(frame).len() + octets.len() > MOST_OCTETS {
        return false;
    }
    elements.add(frame, &octets);
    true
}

/// `*` is all of them, an empty value none.
fn remove(elements: &mut VendorElements, frame: ElementFrame, value: &str) -> bool {
    if value.starts_with('*') {
        elements.clear(frame);
        return true;
    }
    if elements.of(frame).is_empty() {
        return false;
    }
    value.is_empty() || parse(value).is_some_and(|octets| elements.remove(frame, &octets))
}
