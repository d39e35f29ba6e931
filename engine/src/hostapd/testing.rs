//! The commands of Debian's hostapd for test suites (CONFIG_TESTING_OPTIONS).

use super::Hostapd;
use super::call::Reply;
use super::config::parse_hex;
use super::number::atoi;
use crate::Env;
use crate::ap::ApContext;
use crate::config::text::hex;
use crate::testing::{ReceivedFrame, address_and_rest, data_test_frame, data_test_rx, data_test_tx};
use crate::wire::driver::{DriverEvent, DriverRequest};
use crate::wire::time::{Duration, Instant};

/// The commands for test suites that are switched on.
#[derive(Debug, Default)]
pub(super) struct Testing {
    /// SET ext_mgmt_frame_handling: management frames and their statuses are only told.
    external_mgmt: bool,
    /// DATA_TEST_CONFIG: test packets are told.
    data: bool,
}

/// The subtype of a management frame.
fn subtype(frame: &[u8]) -> u8 {
    frame.first().map_or(0, |octet| octet >> 4)
}

impl Hostapd {
    /// DATA_TEST_CONFIG: test packets are told from now on, or no longer.
    pub(super) fn data_test_config(&mut self, args: &str) -> Reply {
        self.testing.data = atoi(args) != 0;
        Reply::Ok
    }

    /// DATA_TEST_TX.
    pub(super) fn data_test_tx(&mut self, args: &str) -> Option<()> {
        self.testing.data.then(|| data_test_tx(args)).flatten().map(|request| self.driver(request))
    }

    /// DATA_TEST_FRAME.
    pub(super) fn data_test_frame(&mut self, args: &str) -> Option<()> {
        let own = format!("ifname={} ", self.interface.ifname);
        data_test_frame(args.strip_prefix(&own).unwrap_or(args)).map(|request| self.driver(request))
    }

    /// SET of what belongs to tests. Whether it was that.
    pub(super) fn set_testing(&mut self, variable: &str, value: &str) -> bool {
        let on = atoi(value) != 0;
        match variable.to_ascii_lowercase().as_str() {
            "ext_mgmt_frame_handling" => self.testing.external_mgmt = on,
            "ext_eapol_frame_io" => self.ap.tell_eapol_instead(on),
            "force_backlog_bytes" => {}
            _ => return false,
        }
        true
    }

    /// Handles an event that concerns tests only. Returns whether the event was one.
    pub(super) fn testing_event(&mut self, event: &DriverEvent) -> bool {
        let text = match event {
            DriverEvent::RxMgmt { frame, .. } if self.testing.external_mgmt => {
                format!("MGMT-RX {}", hex(frame))
            }
            DriverEvent::MgmtTxStatus { frame, ack, .. } if self.testing.external_mgmt => {
                let (stype, ok) = (subtype(frame), u8::from(*ack));
                format!("MGMT-TX-STATUS stype={stype} ok={ok} buf={}", hex(frame))
            }
            DriverEvent::RxData { src, dest, ethertype, payload } if self.testing.data => {
                match data_test_rx(*dest, *src, *ethertype, payload) {
                    Some(text) => text,
                    None => return true,
                }
            }
            _ => return false,
        };
        self.event(crate::rsn::Level::Info, &text, false);
        true
    }

    /// A whole management frame. The kernel refuses those that it would not send.
    pub(super) fn mgmt_tx(&mut self, digits: &str, env: Env<'_>) -> Option<()> {
        const HEADER: usize = 24;
        const DEAUTHENTICATION: u8 = 12;
        const ACTION: u8 = 13;
        let frame = parse_hex(digits).filter(|f| f.len() > HEADER)?;
        let from_us = frame.get(10..16)? == self.interface.addr.0;
        let to = crate::wire::MacAddr(frame.get(4..10)?.try_into().ok()?);
        let of_member = matches!(subtype(&frame), 10..=ACTION) && !to.is_group();
        let public = subtype(&frame) == ACTION && frame.get(HEADER) == Some(&4);
        let known = env.driver.station(self.interface.id, to, Instant::ZERO).is_some();
        let is_mgmt = frame.first()? & 0x0f == 0;
        if !is_mgmt || !from_us || (of_member && !public && !known && subtype(&frame) != DEAUTHENTICATION) {
            return None;
        }
        self.send_test_frame(frame);
        Some(())
    }

    fn send_test_frame(&mut self, frame: Vec<u8>) {
        self.driver(DriverRequest::TxMgmt {
            frame,
            freq: 0,
            wait: Duration::ZERO,
            cookie: TEST_COOKIE,
            no_ack: false,
            no_cck: false,
        });
    }

    /// `stype=N ok=0|1 buf=DIGITS`.
    pub(super) fn mgmt_tx_status_process(&mut self, now: Instant, args: &str, env: Env<'_>) -> Option<()> {
        let (_, digits) = args.split_once(" buf=").filter(|_| self.testing.external_mgmt)?;
        let ack = args.split_once(" ok=").is_some_and(|(_, value)| atoi(value) != 0);
        let frame = parse_hex(digits)?;
        let event = DriverEvent::MgmtTxStatus { cookie: TEST_COOKIE, frame, ack };
        self.ap.handle(ApContext { now, driver: env.driver }, &event);
        Some(())
    }

    pub(super) fn mgmt_rx_process(&mut self, now: Instant, args: &str, env: Env<'_>) -> Option<()> {
        let ReceivedFrame { freq, signal_dbm, frame } =
            ReceivedFrame::parse(args).filter(|_| self.testing.external_mgmt)?;
        let event = DriverEvent::RxMgmt { frame, freq, signal_dbm };
        self.ap.handle(ApContext { now, driver: env.driver }, &event);
        Some(())
    }

    pub(super) fn eapol_rx(&mut self, now: Instant, args: &str, env: Env<'_>) -> Option<()> {
        let (src, digits) = address_and_rest(args)?;
        let event = DriverEvent::RxEapol { src, frame: parse_hex(digits)?, encrypted: false };
        self.ap.handle(ApContext { now, driver: env.driver }, &event);
        Some(())
    }

    /// `ADDR DIGITS [encrypt=1]`.
    pub(super) fn eapol_tx(&mut self, args: &str) -> Option<()> {
        let (dest, rest) = address_and_rest(args)?;
        let (digits, options) = rest.split_once(' ').unwrap_or((rest, ""));
        let frame = parse_hex(digits)?;
        let no_encrypt = !options.contains("encrypt=1");
        self.driver(DriverRequest::TxEapol { dest, frame, no_encrypt, cookie: TEST_COOKIE });
        Some(())
    }
}

/// The access point's own frames have higher numbers.
const TEST_COOKIE: u64 = 1;
