//! Whether what an engine waits for is on its way: debug builds look after every input.

use wpasim_engine::Awaited;
use wpasim_wire::driver::{DriverEvent, IfId, Refused};

use super::{Air, Entry, Purpose};
use crate::NodeId;

/// Whether the event is what is waited for.
fn is_answer(event: &DriverEvent, awaited: Awaited) -> bool {
    match (event, awaited) {
        (DriverEvent::ScanStarted | DriverEvent::ScanDone { .. }, Awaited::Scan)
        | (DriverEvent::Refused { request: Refused::TriggerScan, .. }, Awaited::Scan) => true,
        (
            DriverEvent::Authenticated { .. }
            | DriverEvent::AuthTimeout { .. }
            | DriverEvent::Refused { request: Refused::Authenticate, .. },
            Awaited::Authentication,
        )
        | (
            DriverEvent::Associated { .. }
            | DriverEvent::AssocTimeout { .. }
            | DriverEvent::Refused { request: Refused::Associate, .. },
            Awaited::Association,
        )
        // The access point, or the interface itself, ended what there was.
        | (
            DriverEvent::Deauthenticated { .. } | DriverEvent::Disassociated { .. },
            Awaited::Authentication | Awaited::Association,
        ) => true,
        (DriverEvent::RemainOnChannel { cookie: of, .. }, Awaited::Stay { cookie })
        | (DriverEvent::RemainOnChannelDone { cookie: of, .. }, Awaited::Stay { cookie })
        | (DriverEvent::Refused { request: Refused::RemainOnChannel(of), .. }, Awaited::Stay { cookie })
        | (DriverEvent::MgmtTxStatus { cookie: of, .. }, Awaited::Frame { cookie })
        | (DriverEvent::Refused { request: Refused::TxMgmt(of), .. }, Awaited::Frame { cookie }) => {
            *of == cookie
        }
        _ => false,
    }
}

impl Air {
    /// Whether the soft MAC is at what the interface waits for, or has answered.
    pub fn will_answer(&self, node: NodeId, iface: IfId, awaited: Awaited) -> bool {
        let Some(vif) = self.interfaces.find(node, iface) else { return false };
        let radio = self.radio(self.vif(vif).radio);
        let is_at_it = match awaited {
            Awaited::Scan => radio.scanning_vif() == Some(vif),
            Awaited::Authentication => self.vif(vif).mlme.is_authenticating(),
            Awaited::Association => self.vif(vif).mlme.is_associating(),
            Awaited::Stay { cookie } => radio.roc.iter().any(|stay| stay.cookie == cookie),
            Awaited::Frame { cookie } => {
                let mut frames =
                    self.transmissions.iter().chain(radio.lanes.values().flatten().map(Box::as_ref));
                let is_it =
                    |purpose: &Purpose| matches!(purpose, Purpose::Mgmt { cookie: of } if *of == cookie);
                radio.roc.iter().any(|stay| stay.cookie == cookie)
                    || frames.any(|t| t.vif() == Some(vif) && is_it(&t.frame.purpose))
            }
        };
        let is_said = |entry: &Entry| {
            matches!(entry, Entry::ToNode { node: to, iface: of, event, .. }
                if *to == node && *of == iface && is_answer(event, awaited))
        };
        is_at_it || self.queue.values().chain(&self.told).any(is_said)
    }
}
