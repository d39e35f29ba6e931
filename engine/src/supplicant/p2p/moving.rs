//! Owners whose channel groups must not use any more (wpas_p2p_consider_moving_gos).

use super::group::Removal;
use crate::ap::SwitchSettings;
use crate::supplicant::Supplicant;
use crate::supplicant::interface::{Cx, Interface};
use crate::supplicant::monitors::Level;
use crate::wire::driver::{IfId, OperatingChannel};
use crate::wire::time::Duration;

/// Beacons that announce the move.
const ANNOUNCEMENTS: u8 = 5;

impl Supplicant {
    /// Moves every owner whose channel is disallowed now.
    pub(super) fn move_stranded_owners(&mut self, cx: Cx<'_>) {
        let is_stranded = |i: &&Interface| {
            let freq = i.own_group().and_then(|_| i.current()).map(|n| n.int("frequency") as u32);
            freq.is_some_and(|freq| !self.device().is_some_and(|d| d.supported_freq_go(freq)))
        };
        let stranded: Vec<IfId> = self.interfaces.iter().filter(is_stranded).map(Interface::id).collect();
        for id in stranded {
            if !self.announce_move(cx, id) {
                self.reform_group(cx, id);
            }
        }
    }

    /// wpas_p2p_move_go_csa: the group stays together. Whether it does.
    fn announce_move(&mut self, cx: Cx<'_>, id: IfId) -> bool {
        let Some((old, ht)) = self.interface(id).and_then(|i| {
            let ht = i.ap.as_ref()?.ap.config().ht.is_some();
            Some((i.current()?.int("frequency") as u32, ht))
        }) else {
            return false;
        };
        let Some(freq) = self.owner_freq_leaving(Some(old), None, None) else { return false };
        let same_band = (freq < 3000) == (old < 3000);
        let channel = OperatingChannel { freq, ht, secondary: 0 };
        let settings = SwitchSettings::new(ANNOUNCEMENTS, channel);
        same_band && self.with_interface(id, |i| i.switch_channel(cx, settings)).unwrap_or(false)
    }

    /// wpas_p2p_move_go_no_csa: the group ends, and begins anew if there is a channel for it.
    fn reform_group(&mut self, cx: Cx<'_>, id: IfId) {
        let network = self.with_interface(id, |i| {
            i.msg_global(Level::Info, "P2P-REMOVE-AND-REFORM-GROUP ");
            let network = i.current().map(|n| n.id);
            i.end_access_point(cx);
            network
        });
        let freq = self.owner_freq_leaving(None, None, None);
        self.with_interface(id, |i| match (freq, network.flatten()) {
            (Some(freq), Some(network)) => {
                if let Some(block) = i.config.network_mut(network) {
                    block.set_int_value("frequency", freq as i32);
                }
                i.p2p.connect_without_scan = Some(network);
                i.reassociate = true;
                i.disconnected = false;
                i.request_scan(cx.now, Duration::ZERO);
            }
            _ => {
                i.delete_group(cx, Removal::GoLeaveChannel);
            }
        });
        self.collect(cx);
    }
}
