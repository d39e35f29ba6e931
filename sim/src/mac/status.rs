//! The fate of transmissions: counters, and those who asked.

use wpasim_wire::driver::DriverEvent;
use wpasim_wire::ieee80211::{addr1, fc, set_seq, set_timestamp};

use super::VifIx;
use crate::air::{Air, OutFrame, Purpose};
use crate::medium::FrameKind;

impl Air {
    /// Counts a finished transmission for its peer.
    pub fn count_transmission(&mut self, vif: VifIx, frame: &OutFrame, acked: bool, retries: u8) {
        let now = self.now;
        let Some(to) = addr1(&frame.bytes).filter(|a| !a.is_group()) else { return };
        let v = self.vif_mut(vif);
        let is_ap = v.ap.is_some();
        let Some(peer) = v.peer_mut(to) else { return };
        if frame.wants_ack {
            let lost = peer.count_transmitted(now, &frame.bytes, frame.rate, acked, retries);
            if lost && is_ap {
                self.notify(vif, DriverEvent::StationLowAck { addr: to });
            }
        }
    }

    /// Tells whoever asked for a transmission's status.
    pub fn transmission_status(&mut self, vif: VifIx, frame: OutFrame, acked: bool) {
        match frame.purpose {
            Purpose::Plain | Purpose::Outside { .. } => {}
            Purpose::Mlme { generation } => self.mlme_status(vif, generation, acked),
            Purpose::Probe { generation } => self.probe_status(vif, generation, acked),
            Purpose::ClientProbe { addr } if acked => {
                self.notify(vif, DriverEvent::ClientAcknowledged { addr });
            }
            Purpose::ClientProbe { .. } => {}
            Purpose::Mgmt { cookie } => {
                let frame = as_user_space_sent_it(frame.bytes, frame.kind);
                self.notify(vif, DriverEvent::MgmtTxStatus { cookie, frame, ack: acked });
            }
            Purpose::Eapol { cookie, dest, frame } => {
                self.notify(vif, DriverEvent::EapolTxStatus { cookie, dest, ack: acked, frame });
            }
        }
    }
}

/// hwsim hands the status back before the header is filled in: no duration, sequence number or retry bit.
fn as_user_space_sent_it(mut bytes: Vec<u8>, kind: FrameKind) -> Vec<u8> {
    set_seq(&mut bytes, 0);
    if let Some([_, flags, duration @ ..]) = bytes.first_chunk_mut::<4>() {
        *flags &= !fc::RETRY;
        duration.fill(0);
    }
    if kind == FrameKind::ProbeResponse {
        set_timestamp(&mut bytes, 0);
    }
    bytes
}
