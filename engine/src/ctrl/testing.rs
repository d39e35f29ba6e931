//! The commands of builds for test suites; a build without them does not know these words.

use wpasim_wire::driver::{DriverEvent, DriverRequest};
use wpasim_wire::ieee80211::MgmtBody;
use wpasim_wire::time::Duration;

use super::Reply;
use crate::config::text::{atoi, parse_hex};
use crate::supplicant::interface::test_frame::SentFrame;
use crate::supplicant::interface::{Interface, InterfaceContext};
use crate::testing::{ReceivedFrame, address_and_rest, data_test_frame, data_test_tx};

impl Interface {
    /// DATA_TEST_TX.
    pub(super) fn ctrl_data_test_tx(&mut self, args: &str) -> Reply {
        let request = self.testing.tells_test_packets().then(|| data_test_tx(args)).flatten();
        Reply::ok_if(request.map(|r| self.driver(r)).is_some())
    }

    /// DATA_TEST_FRAME.
    pub(super) fn ctrl_data_test_frame(&mut self, args: &str) -> Reply {
        Reply::ok_if(data_test_frame(args).map(|r| self.driver(r)).is_some())
    }

    /// `DA BSSID [freq=MHZ] [wait_time=MS] [no_cck=1] action=DIGITS`.
    pub(super) fn ctrl_mgmt_tx(&mut self, args: &str) -> Option<()> {
        let (dest, rest) = address_and_rest(args)?;
        let (bssid, _) = address_and_rest(rest)?;
        let number = |word| rest.split_once(word).map_or(0, |(_, value)| atoi(value));
        let (freq, wait) = (number(" freq=") as u32, number(" wait_time="));
        let (_, digits) = rest.split_once(" action=")?;
        let payload = parse_hex(digits)?;
        let (category, body) = payload.split_first()?;
        let body = MgmtBody::Action { category: *category, body: body.to_vec() };
        let frame = SentFrame { cookie: self.cookie(), freq, dest, bssid };
        let wait = Duration::from_millis(i64::from(wait.max(0)));
        self.send_test_frame(frame, body, wait, number(" no_cck=") != 0);
        Some(())
    }

    pub(super) fn ctrl_mgmt_rx_process(&mut self, cx: &mut InterfaceContext<'_>, args: &str) -> Option<()> {
        let ReceivedFrame { freq, signal_dbm, frame } =
            ReceivedFrame::parse(args).filter(|_| self.testing.tells_mgmt_frames())?;
        self.process_test_frame(cx, DriverEvent::RxMgmt { frame, freq, signal_dbm });
        Some(())
    }

    pub(super) fn ctrl_eapol_rx(&mut self, cx: &mut InterfaceContext<'_>, args: &str) -> Option<()> {
        let (source, digits) = address_and_rest(args)?;
        let frame = parse_hex(digits)?;
        self.rx_eapol(cx, source, &frame);
        Some(())
    }

    pub(super) fn ctrl_eapol_tx(&mut self, args: &str) -> Option<()> {
        let (dest, digits) = address_and_rest(args)?;
        let frame = parse_hex(digits)?;
        let (no_encrypt, cookie) = (!self.security.rsn().has_installed_ptk(), self.cookie());
        self.driver(DriverRequest::TxEapol { dest, frame, no_encrypt, cookie });
        Some(())
    }
}
