//! Frames that keep an association whose access point ends idle ones (IEEE 802.11-2020 §11.21.13).

use wpasim_wire::driver::DriverRequest;
use wpasim_wire::elements::{eid, find};
use wpasim_wire::time::Duration;

use crate::supplicant::interface::{Interface, InterfaceContext, Timer};
use crate::supplicant::state::WpaState;

/// The EtherType of the empty frame.
const ETHERTYPE_IPV4: u16 = 0x0800;

/// The frame goes out this long before the period ends.
const MARGIN: Duration = Duration::from_millis(100);

impl Interface {
    /// Takes in the BSS Max Idle Period of an association response. Its absence leaves the one before in force.
    //= hostap@2.10 wpa_supplicant/events.c#wnm_process_assoc_resp
    pub(super) fn take_max_idle_period(&mut self, cx: &mut InterfaceContext<'_>, ies: &[u8]) {
        let Some([low, high, ..]) = find(ies, eid::BSS_MAX_IDLE_PERIOD) else { return };
        self.link.idles_at_most(u16::from_le_bytes([*low, *high]).max(1));
        self.wait_for_keep_alive(cx);
    }

    /// Sends an empty frame, and waits for the next time.
    //= hostap@2.10 wpa_supplicant/events.c#wnm_bss_keep_alive
    pub(crate) fn keep_alive(&mut self, cx: &mut InterfaceContext<'_>) {
        if self.link.state() < WpaState::Associated {
            return;
        }
        if !self.link.is_keep_alive_off() {
            let dest = self.link.bssid();
            let ethertype = ETHERTYPE_IPV4;
            self.driver(DriverRequest::TxData { source: None, dest, ethertype, payload: Vec::new() });
        }
        self.wait_for_keep_alive(cx);
    }

    fn wait_for_keep_alive(&mut self, cx: &mut InterfaceContext<'_>) {
        let Some(units) = self.link.max_idle_period() else { return };
        // 2.10 takes a unit of 1000 TU for 1024 ms.
        let period = Duration::from_millis(i64::from(units) * 1024);
        self.timers.set(Timer::KeepAlive, cx.now + (period - MARGIN));
    }
}
