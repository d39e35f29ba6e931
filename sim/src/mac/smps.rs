//! Spatial multiplexing power save (IEEE 802.11-2020 §11.2.6): a station with HT tells its AP of it when power save is
//! turned on or off.

use wpasim_wire::driver::DriverEvent;
use wpasim_wire::ieee80211::{MgmtBody, MgmtFrame};

use super::{VifIx, compose};
use crate::air::Air;

/// The category of HT action frames, and the action in it.
const HT_CATEGORY: u8 = 7;
const SM_POWER_SAVE: u8 = 1;

/// The SM Power Control field: enabled, in dynamic mode.
const DYNAMIC: u8 = 0x03;
const ENABLED: u8 = 0x01;

impl Air {
    /// NL80211_CMD_SET_POWER_SAVE (ieee80211_set_power_mgmt, __ieee80211_request_smps_mgd).
    pub fn set_power_save(&mut self, vif: VifIx, on: bool) {
        let v = self.vif_mut(vif);
        if core::mem::replace(&mut v.power_save, on) == on {
            return;
        }
        let addr = v.addr;
        let Some(a) = v.mlme.associated.as_ref().filter(|a| a.uses_ht) else { return };
        let (bssid, freq) = (a.bssid, a.freq);
        let control = if on { DYNAMIC } else { 0 };
        let frame = compose::action(addr, bssid, HT_CATEGORY, vec![SM_POWER_SAVE, control]);
        self.send_mgmt_acked(vif, frame, freq);
    }

    /// An action frame came to an access point. Returns whether it told of SM power save, which user space gets as an event
    /// where it changes something (ieee80211_rx_h_action).
    pub fn receive_smps(&mut self, vif: VifIx, parsed: &MgmtFrame) -> bool {
        let MgmtBody::Action { category: HT_CATEGORY, body } = &parsed.body else { return false };
        let Some([SM_POWER_SAVE, control, ..]) = body.get(..) else { return false };
        let dynamic = control & DYNAMIC == DYNAMIC;
        let is_static = control & ENABLED != 0 && !dynamic;
        let addr = parsed.header.sa;
        let Some(peer) = self.vif_mut(vif).peer_mut(addr) else { return false };
        if is_static {
            return true;
        }
        if core::mem::replace(&mut peer.dynamic_smps, dynamic) != dynamic {
            self.notify(vif, DriverEvent::StationSmps { addr, dynamic });
        }
        true
    }
}
