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
    /// Answers one of these commands; `None` if it is none.
    pub(crate) fn vendor_element_command(
        &mut self,
        cx: Context<'_>,
        id: IfId,
        text: &[u8],
    ) -> Option<Vec<u8>> {
        let text = core::str::from_utf8(text).ok()?;
        let (name, args) = text.split_once(' ')?;
        if !matches!(name, "VENDOR_ELEM_ADD" | "VENDOR_ELEM_GET" | "VENDOR_ELEM_REMOVE") {
            return None;
        }
        let Some(frame) = ElementFrame::numbered(atoi(args)) else { return Some(Reply::Fail.into_bytes()) };
        let owner = match frame.is_p2p() && self.p2p.shared.exists {
            true => self.p2p.shared.device_iface,
            false => id,
        };
        let elements = &mut self.interface_mut(owner)?.vendor_elements;
        let value = args.split_once(' ').map(|(_, value)| value);
        let reply = match (name, value) {
            ("VENDOR_ELEM_GET", _) => Reply::Text(hex(elements.of(frame))),
            (_, None) => Reply::Fail,
            ("VENDOR_ELEM_ADD", Some(value)) => Reply::ok_if(add(elements, frame, value)),
            (_, Some(value)) => Reply::ok_if(remove(elements, frame, value)),
        };
        if frame.is_p2p() {
            self.vendor_elements_changed(cx);
        }
        Some(reply.into_bytes())
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
