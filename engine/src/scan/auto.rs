//! Automatic scans while nothing is connected (AUTOSCAN and `autoscan`).

use crate::config::keys::global;
use wpasim_wire::time::Duration;

use crate::supplicant::interface::parts::auto_scan::AutoScan;
use crate::supplicant::interface::{Interface, InterfaceContext};
use crate::supplicant::state::{ScanPurpose, WpaState};

impl Interface {
    /// AUTOSCAN.
    pub(crate) fn set_autoscan(&mut self, cx: &mut InterfaceContext<'_>, parameters: &str) {
        self.config
            .globals
            .set_text(global::AUTOSCAN, (!parameters.is_empty()).then(|| parameters.to_owned()));
        match self.link.state() {
            _ if parameters.is_empty() => self.stop_autoscan(),
            WpaState::Disconnected | WpaState::Inactive => {
                if self.start_autoscan() {
                    self.cancel_scan();
                    self.request_autoscan(cx);
                }
            }
            _ => self.reinit_autoscan(),
        }
    }

    /// Starts autoscan. Returns whether a module began its work.
    //= hostap@2.10 wpa_supplicant/autoscan.c#autoscan_init
    pub(crate) fn start_autoscan(&mut self) -> bool {
        let module = || self.config.globals.text(global::AUTOSCAN).and_then(AutoScan::parse);
        !self.scan.has_auto() && self.scan.start_auto(module())
    }

    pub(crate) fn stop_autoscan(&mut self) {
        self.scan.stop_auto();
    }

    /// Starts autoscan from the beginning, with the parameters that are set now.
    //= hostap@2.10 wpa_supplicant/wpa_supplicant.c#wpa_supplicant_reinit_autoscan
    pub(crate) fn reinit_autoscan(&mut self) {
        if matches!(self.link.state(), WpaState::Disconnected | WpaState::Scanning) {
            self.stop_autoscan();
            self.start_autoscan();
        }
    }

    fn request_autoscan(&mut self, cx: &mut InterfaceContext<'_>) {
        self.scan.plan(ScanPurpose::Manual);
        self.request_scan(cx.now, Duration::from_secs(self.scan.interval()));
    }

    /// Results are there: the next scan is asked for. `false` if the module wants none, and the results not
    /// looked at either.
    pub(super) fn autoscan_has_results(&mut self, cx: &mut InterfaceContext<'_>) -> bool {
        let Some(interval) = self.scan.next_auto_interval() else { return true };
        let Some(seconds) = u32::try_from(interval).ok().filter(|s| *s > 0) else { return false };
        self.scan.set_interval(seconds);
        self.request_autoscan(cx);
        true
    }
}
