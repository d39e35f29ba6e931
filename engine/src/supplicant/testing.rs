//! Frames that test suites send and receive in our place (CONFIG_TESTING_OPTIONS).

use wpasim_wire::MacAddr;
use wpasim_wire::driver::{DriverEvent, DriverRequest, Refused};
use wpasim_wire::ieee80211::{MgmtBody, MgmtFrame};
use wpasim_wire::time::Duration;

use super::interface::test_frame::SentFrame;
use super::interface::{Interface, InterfaceContext};
use crate::config::text::hex;
use crate::testing::data_test_rx;

impl Interface {
    /// FLUSH.
    pub(crate) fn flush_testing(&mut self) {
        self.testing.tell_mgmt_frames(false);
        self.set_external_eapol(false);
    }

    /// SET ext_eapol_frame_io.
    pub(crate) fn set_external_eapol(&mut self, on: bool) {
        self.testing.tell_eapol_frames(on);
    }

    /// Sends an EAPOL frame, or tells of it.
    pub(crate) fn send_or_tell_eapol(&mut self, dest: MacAddr, frame: Vec<u8>, no_encrypt: bool) {
        if self.testing.tells_eapol_frames() {
            self.info(&format!("EAPOL-TX {dest} {}", hex(&frame)));
            return;
        }
        let cookie = self.cookie();
        self.driver(DriverRequest::TxEapol { dest, frame, no_encrypt, cookie });
    }

    /// MGMT_TX: an action frame.
    pub(crate) fn send_test_frame(&mut self, frame: SentFrame, body: MgmtBody, wait: Duration, no_cck: bool) {
        let source = self.identity.addr;
        let mgmt = MgmtFrame::new(frame.dest, source, frame.bssid, body);
        let (freq, cookie) = (frame.freq, frame.cookie);
        self.testing.frame_is_sent(frame);
        self.driver(DriverRequest::TxMgmt { frame: mgmt.emit(), freq, wait, cookie, no_ack: false, no_cck });
    }

    /// MGMT_TX_DONE.
    pub(crate) fn end_test_frame(&mut self) {
        if let Some(sent) = self.testing.take_sent() {
            self.driver(DriverRequest::CancelTxWait { cookie: sent.cookie });
        }
    }

    /// Handles an event that concerns tests only. Returns whether the event was one.
    pub(crate) fn testing_event(&mut self, event: &DriverEvent) -> bool {
        match event {
            DriverEvent::RxMgmt { frame, freq, signal_dbm } if self.testing.tells_mgmt_frames() => {
                self.info(&format!("MGMT-RX freq={freq} datarate=0 ssi_signal={signal_dbm} {}", hex(frame)));
                true
            }
            DriverEvent::RxData { src, dest, ethertype, payload } if self.testing.tells_test_packets() => {
                if let Some(text) = data_test_rx(*dest, *src, *ethertype, payload) {
                    self.info(&text);
                }
                true
            }
            DriverEvent::MgmtTxStatus { cookie, ack, .. } => {
                self.test_frame_result(*cookie, if *ack { "SUCCESS" } else { "NO_ACK" })
            }
            DriverEvent::Refused { request: Refused::TxMgmt(cookie), .. } => {
                self.test_frame_result(*cookie, "FAILED")
            }
            _ => false,
        }
    }

    fn test_frame_result(&mut self, cookie: u64, result: &str) -> bool {
        let Some(sent) = self.testing.take_sent_with(cookie) else { return false };
        let SentFrame { freq, dest, bssid, .. } = sent;
        let source = self.identity.addr;
        self.info(&format!(
            "MGMT-TX-STATUS freq={freq} dst={dest} src={source} bssid={bssid} result={result}"
        ));
        true
    }

    /// MGMT_RX_PROCESS: a frame as if the driver had received it.
    pub(crate) fn process_test_frame(&mut self, cx: &mut InterfaceContext<'_>, event: DriverEvent) {
        self.testing.tell_mgmt_frames(false);
        self.driver_event(cx, event);
        self.testing.tell_mgmt_frames(true);
    }
}
