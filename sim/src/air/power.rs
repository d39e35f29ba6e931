//! hwsim's signal rule: the transmit power of an interface, by what its frames have shown of it.
//!
//! In the lab the medium is outside of the kernel and has to guess when an interface's power is unset. The soft MAC follows the
//! same guess, so that both say the same of a frame.

use std::collections::BTreeMap;

use wpasim_wire::MacAddr;
use wpasim_wire::elements::{find_vendor, vendor};

use crate::medium::FrameKind;
use crate::medium::rules::elements_offset;

/// The transmit power of an interface with a channel context, in dBm (hwsim's highest).
const TX_POWER: i32 = 20;

/// The use of an interface that its frames have shown, for hwsim's signal rule: transmit power is unset
/// until the interface has a channel context, and again once its type has changed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Use {
    Station,
    /// A client of a group: when the group ends, or another scan begins, the interface's type has changed.
    P2pClient,
    AccessPoint,
}

/// The transmit powers of a radio's interfaces.
#[derive(Default)]
pub(crate) struct PowerRule {
    /// The interfaces had channel contexts before.
    used_before: bool,
    uses: BTreeMap<MacAddr, Use>,
}

impl PowerRule {
    /// The interfaces have had channel contexts before.
    pub fn assume_earlier_use(&mut self) {
        self.used_before = true;
    }

    /// The transmit power of the interface that sends this, in dBm; `None` while it is unset.
    pub fn power_for(&mut self, kind: FrameKind, from: MacAddr, bytes: &[u8]) -> Option<i32> {
        let known = self.uses.get(&from).copied();
        let shown = match kind {
            kind if FrameKind::AssociationRequest.covers(kind) && is_of_p2p_client(bytes) => {
                Some(Use::P2pClient)
            }
            // An access point that probes is one no longer: the new type begins without power.
            FrameKind::ProbeRequest => known.filter(|u| *u == Use::Station),
            // Both are sent off channel too, by P2P devices.
            FrameKind::ProbeResponse => known,
            kind if FrameKind::Action.covers(kind) => known,
            FrameKind::Beacon => Some(Use::AccessPoint),
            _ => known.or(Some(Use::Station)),
        };
        match shown {
            Some(now) => self.uses.insert(from, now),
            None => self.uses.remove(&from),
        };
        (self.used_before || shown.is_some()).then_some(TX_POWER)
    }
}

/// Returns whether an association request has a P2P element, as those to group owners have.
fn is_of_p2p_client(request: &[u8]) -> bool {
    let elements = elements_offset(request).and_then(|at| request.get(at..)).unwrap_or_default();
    find_vendor(elements, vendor::P2P).is_some()
}
