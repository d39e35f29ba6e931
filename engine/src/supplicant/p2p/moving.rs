//! Owners whose channel groups must not use any more.
//= hostap@2.10 wpa_supplicant/p2p_supplicant.c#wpas_p2p_consider_moving_gos

use super::channels::{OwnerChoice, same_band};
use super::group::Removal;
use crate::ap::SwitchSettings;
use crate::config::keys::network;
use crate::runtime::Level;
use crate::select::mode;
use crate::supplicant::Supplicant;
use crate::supplicant::interface::{Context, Interface, InterfaceContext, Timer};
use crate::wire::driver::{IfId, OperatingChannel};
use crate::wire::time::Duration;

/// Beacons that announce the move.
const ANNOUNCEMENTS: u8 = 7;
/// After a move channels are looked at again.
const RECONSIDER: Duration = Duration::from_secs(30);

impl Supplicant {
    /// Moves every owner whose channel is disallowed now.
    pub(super) fn consider_moving_owners(&mut self, cx: Context<'_>) {
        for interface in &mut self.interfaces {
            interface.timers.cancel(Timer::ReconsiderMove);
        }
        let is_stranded = |i: &&Interface| {
            let freq = i.owned_freq();
            freq.is_some_and(|freq| !self.device().is_some_and(|d| d.supported_freq_go(freq)))
        };
        let stranded: Vec<IfId> = self.interfaces.iter().filter(is_stranded).map(Interface::id).collect();
        for id in stranded {
            self.note_common_freqs(id);
            // A switch under way is seen through; what follows it comes here again.
            let switching =
                self.interface(id).and_then(|i| i.ap.as_ref()).is_some_and(|ap| ap.is_switching());
            if !switching && !self.announce_move(cx, id) {
                self.reform_group(cx, id);
            }
        }
    }

    /// Moves the group with a channel switch announcement, so that it stays together. Returns whether it does.
    //= hostap@2.10 wpa_supplicant/p2p_supplicant.c#wpas_p2p_move_go_csa
    fn announce_move(&mut self, cx: Context<'_>, id: IfId) -> bool {
        let Some((old, ht)) = self.interface(id).and_then(|i| {
            let ht = i.ap.as_ref()?.config().ht.is_some();
            Some((i.owned_freq()?, ht))
        }) else {
            return false;
        };
        let Some(freq) = self.next_freq(id, Some(old)) else { return false };
        let channel = OperatingChannel { freq, ht, secondary: 0 };
        let settings = SwitchSettings::new(ANNOUNCEMENTS, channel);
        same_band(freq, old)
            && self.with_interface(cx, id, |i, cx| i.switch_channel(cx, settings)).unwrap_or(false)
    }

    /// Returns the frequency to which a group that has to move goes, in MHz.
    fn next_freq(&mut self, id: IfId, band_of: Option<u32>) -> Option<u32> {
        let common = self.interface(id)?.p2p.common_freqs().to_vec();
        let used = self.freq_used_beside(Some(id));
        self.choose_owner_freq(&OwnerChoice { used, common: &common, band_of, ..OwnerChoice::default() })
    }

    /// Ends the group and begins it anew if there is a channel for it.
    //= hostap@2.10 wpa_supplicant/p2p_supplicant.c#wpas_p2p_move_go_no_csa
    fn reform_group(&mut self, cx: Context<'_>, id: IfId) {
        let network = self.with_interface(cx, id, |i, cx| {
            i.msg_global(Level::Info, "P2P-REMOVE-AND-REFORM-GROUP ");
            let network = i.current().map(|n| n.id);
            i.end_access_point(cx);
            network
        });
        let freq = self.next_freq(id, None);
        self.with_interface(cx, id, |i, cx| match (freq, network.flatten()) {
            (Some(freq), Some(network)) => {
                if let Some(block) = i.config.network_mut(network) {
                    block.set_int_value(network::FREQUENCY, freq as i32);
                }
                i.p2p.plan_connection(network);
                i.intent.seek_connection();
                i.request_scan(cx.now, Duration::ZERO);
            }
            _ => {
                i.delete_group(cx, Removal::GoLeaveChannel);
            }
        });
        self.collect(cx);
    }

    /// Renews the list of the channels that all clients of the group support.
    //= hostap@2.10 wpa_supplicant/p2p_supplicant.c#wpas_p2p_go_update_common_freqs
    fn note_common_freqs(&mut self, id: IfId) {
        let group = self.interface(id).and_then(Interface::own_group);
        let Some((group, device)) = group.zip(self.device()) else { return };
        let common = device.channels_in_common(&group.clients).freqs();
        self.on_interface(id, |i| i.p2p.set_common_freqs(common));
    }
}

impl Interface {
    /// The channel of the group that this interface owns, in MHz.
    fn owned_freq(&self) -> Option<u32> {
        let network = self.current().filter(|n| n.int(network::MODE) == mode::P2P_GO)?;
        Some(network.int(network::FREQUENCY) as u32)
    }

    /// The access point went to another channel.
    pub(crate) fn owner_switched(&mut self, cx: &mut InterfaceContext<'_>) {
        if self.owned_freq().is_some() {
            self.timers.set(Timer::ReconsiderMove, cx.now + RECONSIDER);
        }
    }
}
