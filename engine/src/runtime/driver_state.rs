//! The state that 2.10's nl80211 code remembers of its driver, for STATUS-DRIVER.

use wpasim_wire::MacAddr;
use wpasim_wire::driver::{DriverEvent, DriverRequest, Refused};
use wpasim_wire::ieee80211::{MgmtBody, MgmtFrame, status};

/// The state of scanning and of the association as the driver code sees it.
#[derive(Clone, Debug)]
pub(crate) struct DriverState {
    pub scan_state: &'static str,
    /// A scan has ended with results.
    pub scan_completed: bool,
    pub auth_bssid: MacAddr,
    pub auth_attempt_bssid: MacAddr,
    pub bssid: MacAddr,
    pub prev_bssid: MacAddr,
    pub associated: bool,
    /// In MHz: of the last association.
    pub assoc_freq: u32,
    /// In MHz: of the association there is, or of the access point.
    pub freq: u32,
    pub beacon_set: bool,
    /// In MHz: of the last management frame that was passed up.
    pub last_mgmt_freq: u32,
}

impl Default for DriverState {
    fn default() -> Self {
        DriverState {
            scan_state: "NO_SCAN",
            scan_completed: false,
            auth_bssid: MacAddr::ZERO,
            auth_attempt_bssid: MacAddr::ZERO,
            bssid: MacAddr::ZERO,
            prev_bssid: MacAddr::ZERO,
            associated: false,
            assoc_freq: 0,
            freq: 0,
            beacon_set: false,
            last_mgmt_freq: 0,
        }
    }
}

impl DriverState {
    /// nl80211_mark_disconnected.
    fn disconnected(&mut self) {
        if core::mem::take(&mut self.associated) {
            self.prev_bssid = self.bssid;
        }
        self.bssid = MacAddr::ZERO;
        self.freq = 0;
    }

    /// Something is asked of the driver.
    pub(crate) fn requested(&mut self, request: &DriverRequest) {
        match request {
            DriverRequest::TriggerScan(_) => self.scan_state = "SCAN_REQUESTED",
            DriverRequest::Authenticate { bssid, .. } => {
                self.disconnected();
                self.auth_bssid = MacAddr::ZERO;
                self.auth_attempt_bssid = *bssid;
            }
            DriverRequest::Associate { freq, .. } => {
                self.disconnected();
                self.assoc_freq = *freq;
            }
            DriverRequest::Deauthenticate { .. } => self.disconnected(),
            DriverRequest::StartAp(beacon) => {
                self.beacon_set = true;
                self.freq = beacon.freq;
            }
            DriverRequest::StopAp => self.beacon_set = false,
            _ => {}
        }
    }

    /// The driver told something.
    pub(crate) fn told(&mut self, event: &DriverEvent) {
        match event {
            DriverEvent::Refused { request: Refused::SetChannel | Refused::StartAp, .. } => {
                self.beacon_set = false
            }
            DriverEvent::ScanStarted => self.scan_state = "SCAN_STARTED",
            DriverEvent::ScanDone { aborted: true, .. } => self.scan_state = "SCAN_ABORTED",
            DriverEvent::ScanDone { .. } => {
                self.scan_state = "SCAN_COMPLETED";
                self.scan_completed = true;
            }
            DriverEvent::Authenticated { frame } => {
                self.auth_bssid = MgmtFrame::parse(frame).map(|f| f.header.sa).unwrap_or_default();
                self.auth_attempt_bssid = MacAddr::ZERO;
            }
            DriverEvent::Associated { frame, freq, .. } => self.association_answered(frame, *freq),
            DriverEvent::Deauthenticated { .. } | DriverEvent::Disassociated { .. } => self.disconnected(),
            DriverEvent::RxMgmt { freq, .. } => self.last_mgmt_freq = *freq,
            DriverEvent::ChannelSwitch { channel } => {
                self.freq = channel.freq;
                self.assoc_freq = channel.freq;
            }
            _ => {}
        }
    }

    fn association_answered(&mut self, frame: &[u8], freq: u32) {
        let Ok(frame) = MgmtFrame::parse(frame) else { return };
        let (MgmtBody::AssocResponse { status, .. } | MgmtBody::ReassocResponse { status, .. }) = &frame.body
        else {
            return;
        };
        if *status == status::SUCCESS {
            self.associated = true;
            self.bssid = frame.header.sa;
            self.prev_bssid = frame.header.sa;
            self.assoc_freq = freq;
            self.freq = freq;
        }
    }
}
