//! P2P action frames (Wi-Fi Direct 1.7 §4.2.9, §4.2.10), public and protected or not.

use crate::bytes::Reader;
use crate::elements::vendor;

/// Action categories (IEEE 802.11-2020 table 9-51).
const CATEGORY_PUBLIC: u8 = 4;
const CATEGORY_VENDOR_SPECIFIC: u8 = 127;
/// Public Action: vendor specific (IEEE 802.11-2020 table 9-363).
const PUBLIC_VENDOR_SPECIFIC: u8 = 9;

/// The kind of a frame.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ActionKind {
    /// Between devices, subtypes in `public_subtype`.
    Public,
    /// Within a group, subtypes in `action_subtype`.
    Action,
}

/// A P2P action frame.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ActionFrame<'a> {
    pub kind: ActionKind,
    pub subtype: u8,
    /// From the dialog token on.
    pub content: &'a [u8],
}

impl<'a> ActionFrame<'a> {
    /// Reads a frame's body from its category octet on. `None` if it is no P2P action frame.
    pub fn parse(body: &'a [u8]) -> Option<Self> {
        let mut r = Reader::new(body);
        let kind = match r.u8()? {
            CATEGORY_PUBLIC if r.u8()? == PUBLIC_VENDOR_SPECIFIC => ActionKind::Public,
            CATEGORY_VENDOR_SPECIFIC => ActionKind::Action,
            _ => return None,
        };
        if u32::from_be_bytes(r.array()?) != vendor::P2P {
            return None;
        }
        Some(ActionFrame { kind, subtype: r.u8()?, content: r.rest() })
    }
}

/// The header of a P2P public action frame up to the dialog token.
pub fn public_action(subtype: u8, dialog_token: u8) -> Vec<u8> {
    let mut out = vec![CATEGORY_PUBLIC, PUBLIC_VENDOR_SPECIFIC];
    out.extend_from_slice(&vendor::P2P.to_be_bytes());
    out.extend_from_slice(&[subtype, dialog_token]);
    out
}

/// The header of a P2P action frame up to the dialog token.
pub fn action(subtype: u8, dialog_token: u8) -> Vec<u8> {
    let mut out = vec![CATEGORY_VENDOR_SPECIFIC];
    out.extend_from_slice(&vendor::P2P.to_be_bytes());
    out.extend_from_slice(&[subtype, dialog_token]);
    out
}
