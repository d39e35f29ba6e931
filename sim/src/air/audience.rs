//! The receivers of a group-addressed frame: the cost of a frame grows with those, not with all stations.

use wpasim_wire::MacAddr;

use super::Air;
use super::transmit::address;
use crate::mac::VifIx;
use crate::medium::FrameKind;

impl Air {
    /// Whether an interface's radio receives on a channel now: where it is tuned, and, as hwsim has it
    /// (mac80211_hwsim_tx_iter), on the channel of its interfaces while it is elsewhere.
    pub fn hears(&self, vif: VifIx, freq: u32) -> bool {
        let v = self.vif(vif);
        let radio = self.radio(v.radio);
        v.up && radio.on
            && (radio.tuned == Some(freq) || (radio.oper_freq == freq && self.has_context(v.radio)))
    }

    /// The interfaces that take a group-addressed frame, in ascending order. Others would only
    /// throw it away.
    pub fn group_audience(
        &mut self,
        from: Option<VifIx>,
        freq: u32,
        kind: FrameKind,
        bytes: &[u8],
    ) -> Vec<VifIx> {
        let transmitter = address(bytes, 10).unwrap_or(MacAddr::ZERO);
        let beacon_wanted = match from {
            Some(vif) if kind == FrameKind::Beacon => {
                let wanted = self.take_wanting(vif);
                self.medium.beacons_pass_clean(self.vif(vif).node).then_some(wanted)
            }
            _ => None,
        };
        let Some(channel) = self.medium.used_channel(freq) else { return Vec::new() };
        match kind {
            FrameKind::ProbeRequest => channel.responders().collect(),
            FrameKind::Beacon | FrameKind::ProbeResponse => {
                let scanners = channel.scanners().filter_map(|r| self.radio(r).scanning_vif());
                let mut all: Vec<VifIx> = match beacon_wanted {
                    // Members' monitors know of beacons that reach everyone without being given each.
                    Some(wanted) => scanners.chain(wanted).collect(),
                    None => {
                        let access_points = channel.responders().filter(|vif| self.vif(*vif).ap.is_some());
                        let access_points = access_points.filter(|_| kind == FrameKind::Beacon);
                        scanners.chain(self.interfaces.members(transmitter)).chain(access_points).collect()
                    }
                };
                all.sort_unstable();
                all.dedup();
                all
            }
            FrameKind::Data
            | FrameKind::Null
            | FrameKind::Eapol
            | FrameKind::Eapol4Way(_)
            | FrameKind::EapolGroup(_) => self.interfaces.members(transmitter).collect(),
            _ => {
                // Management frames of an AP go to its members, public ones to whoever listens.
                let mut all: Vec<VifIx> = self.interfaces.members(transmitter).collect();
                all.extend(channel.responders());
                if from.is_none() {
                    all.extend(channel.listeners().flat_map(|r| self.radio(r).vifs.iter().copied()));
                }
                all.sort_unstable();
                all.dedup();
                all
            }
        }
    }
}
