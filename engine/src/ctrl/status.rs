//! STATUS in its forms, signal and packet counts, and small settings.

use crate::config::keys::{global, network};
use wpasim_wire::driver::DriverRequest;
use wpasim_wire::time::Duration;

use super::{Reply, driver_text};
use crate::config::global::uuid_text;
use crate::config::text::atoi;
use crate::select::mode;
use crate::supplicant::interface::{Interface, InterfaceContext, Timer};
use crate::supplicant::state::WpaState;

impl Interface {
    pub(super) fn ctrl_status(&self, cx: &mut InterfaceContext<'_>, kind: &str) -> String {
        if kind == "-DRIVER" {
            return self.driver_status(cx);
        }
        let mut out = String::new();
        if self.link.state() >= WpaState::Associated {
            out.push_str(&format!("bssid={}\nfreq={}\n", self.link.bssid(), self.link.freq()));
            if let Some(network) = self.link.network().and_then(|id| self.config.network(id)) {
                let ssid =
                    if network.ssid().is_empty() { self.attempt.ssid().clone() } else { network.ssid() };
                out.push_str(&format!("ssid={ssid}\nid={}\n", network.id));
                let passphrase = network.psk.passphrase.as_deref();
                if kind == "-WPS"
                    && matches!(network.int(network::MODE), mode::AP | mode::P2P_GO)
                    && let Some(passphrase) = passphrase
                {
                    out.push_str(&format!("passphrase={}\n", String::from_utf8_lossy(passphrase)));
                }
                if let Some(id_str) = network.text(network::ID_STR) {
                    out.push_str(&format!("id_str={}\n", String::from_utf8_lossy(id_str)));
                }
                out.push_str(match network.int(network::MODE) {
                    mode::INFRA => "mode=station\n",
                    mode::IBSS => "mode=IBSS\n",
                    mode::AP => "mode=AP\n",
                    mode::P2P_GO => "mode=P2P GO\n",
                    mode::P2P_GROUP_FORMATION => "mode=P2P GO - group formation\n",
                    mode::MESH => "mode=mesh\n",
                    _ => "",
                });
            }
            // Of the last association, also where the interface has become an access point.
            if self.attempt.has_ht() {
                out.push_str("wifi_generation=4\n");
            }
            out.push_str(&self.access_point_status().unwrap_or_else(|| self.security.rsn().status()));
        }
        out.push_str(&format!("wpa_state={}\n", self.link.state()));
        if cx.shared.exists {
            out.push_str(&format!("p2p_device_address={}\n", cx.shared.device_addr));
        }
        out.push_str(&format!("address={}\n", self.identity.addr));
        if self.shows_port() {
            out.push_str(&self.security.pae().status(kind == "-VERBOSE"));
        }
        if let Some(session_id) = self.security.pae().key().and_then(|k| k.session_id.as_ref()) {
            let digits: String = session_id.iter().map(|b| format!("{b:02x}")).collect();
            out.push_str(&format!("eap_session_id={digits}\n"));
        }
        let uuid = self.wps.machine().uuid;
        out.push_str(&format!("uuid={}\n", uuid_text(&uuid)));
        out
    }

    /// nl80211's driver status.
    fn driver_status(&self, cx: &mut InterfaceContext<'_>) -> String {
        driver_text::DriverStatus {
            ifindex: self.identity.ifindex,
            ifname: &self.identity.ifname,
            addr: self.identity.addr,
            phy: &self.identity.phy,
            operstate: u8::from(self.link.state() == WpaState::Completed),
            state: &self.driver_state,
            key_mgmt: driver_text::OF_STATION,
            country: cx.env.driver.country(),
        }
        .text()
    }

    /// `[THRESHOLD=DBM] [HYSTERESIS=DB]`, anywhere in the arguments.
    pub(super) fn ctrl_signal_monitor(&mut self, args: &str) -> Reply {
        let number = |word| args.split_once(word).map_or(0, |(_, value)| atoi(value));
        let (threshold_dbm, hysteresis) = (number("THRESHOLD="), number("HYSTERESIS="));
        let hysteresis_db = hysteresis.unsigned_abs();
        self.driver(DriverRequest::SetSignalMonitor { threshold_dbm, hysteresis_db });
        Reply::Ok
    }

    /// CTRL-EVENT-SIGNAL-CHANGE: what the driver measures now.
    pub(crate) fn signal_changed(
        &mut self,
        cx: &mut InterfaceContext<'_>,
        above_threshold: bool,
        signal_dbm: i32,
    ) {
        let station = cx.env.driver.station(self.identity.id, self.link.bssid(), cx.now);
        let signal = station.map_or(signal_dbm, |s| s.signal_dbm);
        let rate = station.map_or(0, |s| s.tx_rate * 100);
        let above = u8::from(above_threshold);
        self.info(&format!(
            "CTRL-EVENT-SIGNAL-CHANGE above={above} signal={signal} noise={} txrate={rate}",
            self.link_noise(cx)
        ));
    }

    /// nl80211_get_link_noise: in dBm, WPA_INVALID_NOISE if there is no survey of the channel.
    fn link_noise(&self, cx: &mut InterfaceContext<'_>) -> i32 {
        const INVALID: i32 = 9999;
        cx.env.driver.noise(self.identity.id, self.link.freq()).unwrap_or(INVALID)
    }

    pub(super) fn ctrl_signal_poll(&self, cx: &mut InterfaceContext<'_>) -> Option<String> {
        if self.link.state() < WpaState::Associated || self.ap.is_some() {
            return None;
        }
        let info = cx.env.driver.station(self.identity.id, self.link.bssid(), cx.now)?;
        let freq = self.link.freq();
        let beacons =
            info.avg_beacon_signal_dbm.map_or_else(String::new, |s| format!("AVG_BEACON_RSSI={s}\n"));
        Some(format!(
            "RSSI={}\nLINKSPEED={}\nNOISE={}\nFREQUENCY={freq}\nWIDTH=20 MHz{}\nCENTER_FRQ1={freq}\nAVG_RSSI={}\n{beacons}",
            info.signal_dbm,
            info.tx_rate / 10,
            self.link_noise(cx),
            if self.attempt.has_ht() { "" } else { " (no HT)" },
            info.avg_signal_dbm
        ))
    }

    pub(super) fn ctrl_pktcnt_poll(&self, cx: &mut InterfaceContext<'_>) -> Option<String> {
        let info = cx.env.driver.station(self.identity.id, self.link.bssid(), cx.now)?;
        Some(format!("TXGOOD={}\nTXBAD={}\nRXGOOD={}\n", info.tx_packets, info.tx_failed, info.rx_packets))
    }

    /// LOGON and LOGOFF of IEEE 802.1X.
    pub(super) fn ctrl_logoff(&mut self, cx: &mut InterfaceContext<'_>, logoff: bool) -> Reply {
        self.with_pae(cx, |pae, cx| pae.notify_logoff(cx, logoff));
        Reply::Ok
    }

    /// REAUTHENTICATE.
    pub(super) fn ctrl_reauthenticate(&mut self, cx: &mut InterfaceContext<'_>) -> Reply {
        self.with_pae(cx, |pae, _| pae.request_reauth());
        Reply::Ok
    }

    pub(super) fn ctrl_ap_scan(&mut self, args: &str) -> Reply {
        let value = atoi(args);
        if !(0..=2).contains(&value) {
            return Reply::Fail;
        }
        self.config.globals.set_int(global::AP_SCAN, value);
        Reply::Ok
    }

    /// A scan that is due later than in this many seconds is due then.
    pub(super) fn ctrl_scan_interval(&mut self, cx: &mut InterfaceContext<'_>, args: &str) -> Reply {
        let seconds = atoi(args);
        let Ok(interval) = u32::try_from(seconds) else {
            self.msg(crate::runtime::Level::Error, &format!("Invalid scan interval {seconds}"));
            return Reply::Fail;
        };
        self.scan.set_interval(interval);
        if let Some(due) = self.timers.deadline(Timer::Scan) {
            self.timers.set(Timer::Scan, due.min(cx.now + Duration::from_secs(self.scan.interval())));
        }
        Reply::Ok
    }

    /// `LOG_LEVEL [level [timestamp]]`.
    pub(super) fn ctrl_log_level(&mut self, args: &str) -> Reply {
        if args.is_empty() {
            return Reply::Text(self.log_level.text());
        }
        Reply::ok_if(self.log_level.set(args, |text| i64::from(atoi(text))))
    }
}
