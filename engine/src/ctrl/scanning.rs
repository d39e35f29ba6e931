//! SCAN, SCAN_RESULTS, BSS and their relatives.

use wpasim_wire::driver::DriverRequest;
use wpasim_wire::time::Duration;
use wpasim_wire::{MacAddr, Ssid, p2p, wsc};

use super::Reply;
use crate::bss::Bss;
use crate::bss::flags::{self, Style, flags};
use crate::config::text::{atoi, hex, parse_hex};
use crate::runtime::reply::REPLY_SIZE;
use crate::scan::channels;
use crate::supplicant::interface::manual_scan::ManualScan;
use crate::supplicant::interface::work::Work;
use crate::supplicant::interface::{Interface, InterfaceContext};
use crate::supplicant::state::{ScanPurpose, WpaState};

/// Fields of BSS (WPA_BSS_MASK_*).
mod mask {
    pub const ALL: u32 = 0xfffd_ffff;
    pub const ID: u32 = 1 << 0;
    pub const BSSID: u32 = 1 << 1;
    pub const FREQ: u32 = 1 << 2;
    pub const BEACON_INT: u32 = 1 << 3;
    pub const CAPABILITIES: u32 = 1 << 4;
    pub const QUAL: u32 = 1 << 5;
    pub const NOISE: u32 = 1 << 6;
    pub const LEVEL: u32 = 1 << 7;
    pub const TSF: u32 = 1 << 8;
    pub const AGE: u32 = 1 << 9;
    pub const IE: u32 = 1 << 10;
    pub const FLAGS: u32 = 1 << 11;
    pub const SSID: u32 = 1 << 12;
    pub const WPS_SCAN: u32 = 1 << 13;
    pub const P2P_SCAN: u32 = 1 << 14;
    pub const WIFI_DISPLAY: u32 = 1 << 16;
    pub const DELIM: u32 = 1 << 17;
    pub const SNR: u32 = 1 << 19;
    pub const EST_THROUGHPUT: u32 = 1 << 20;
    pub const UPDATE_IDX: u32 = 1 << 22;
    pub const BEACON_IE: u32 = 1 << 23;
}

/// MAX_SCAN_ID.
const MAX_SCAN_IDS: usize = 16;

/// The text after `key` up to the end, wherever `key` stands in the arguments.
fn after<'a>(args: &'a str, key: &str) -> Option<&'a str> {
    args.find(key).map(|at| &args[at + key.len()..])
}

impl Interface {
    /// Handles SCAN.
    //= hostap@2.10 wpa_supplicant/ctrl_iface.c#wpas_ctrl_scan
    pub(super) fn ctrl_scan(&mut self, cx: &mut InterfaceContext<'_>, args: &str) -> Reply {
        if self.link.state() == WpaState::InterfaceDisabled {
            return Reply::Fail;
        }
        if self.has_scan_work(cx) {
            return Reply::Text("FAIL-BUSY\n".to_owned());
        }
        let Some(manual) = self.parse_scan(cx, args) else { return Reply::Fail };
        let idle = !self.scan.is_scanning()
            && (self.link.state() <= WpaState::Scanning || self.link.state() == WpaState::Completed);
        if !idle {
            return Reply::Text("FAIL-BUSY\n".to_owned());
        }
        let id = self.scan_wishes.scan_is_commanded(manual);
        self.enrolling.forget_channel();
        self.scan.plan(ScanPurpose::Manual);
        self.request_scan(cx.now, Duration::ZERO);
        id.map_or(Reply::Ok, |id| Reply::Text(format!("{id}\n")))
    }

    fn parse_scan(&mut self, cx: &mut InterfaceContext<'_>, args: &str) -> Option<ManualScan> {
        let mut manual = ManualScan {
            only: args.get(..9).is_some_and(|p| p.eq_ignore_ascii_case("TYPE=ONLY")),
            passive: after(args, "passive=").map(atoi).unwrap_or(0) != 0,
            use_id: after(args, "use_id=").map(atoi).unwrap_or(0) != 0,
            only_new: args.contains("only_new=1"),
            ..ManualScan::default()
        };
        if let Some(list) = after(args, "freq=") {
            manual.freqs = channels::from_range_list(list, &self.channels(cx.env))?;
        }
        if let Some(list) = after(args, "scan_id=") {
            let list = list.split(' ').next().unwrap_or_default();
            manual.networks = list.split(',').filter(|id| !id.is_empty()).map(atoi).collect();
            if manual.networks.len() > MAX_SCAN_IDS {
                return None;
            }
        }
        if let Some(text) = after(args, " bssid=").or_else(|| args.strip_prefix("bssid=")) {
            let (bssid, _) = MacAddr::parse_prefix(text)?;
            self.scan_wishes.probe_bss(bssid, args.contains("wildcard_ssid=1"));
        }
        let words: Vec<&str> = args.split(' ').collect();
        for pair in words.windows(2).filter(|w| w[0] == "ssid") {
            manual.ssids.push(Ssid::new(parse_hex(pair[1])?).ok()?);
        }
        Some(manual)
    }

    pub(super) fn ctrl_abort_scan(&mut self, cx: &InterfaceContext<'_>) -> Reply {
        if self.held_work(cx).is_some_and(Work::is_scan) {
            self.driver(DriverRequest::AbortScan);
            return Reply::Ok;
        }
        Reply::Fail
    }

    pub(super) fn ctrl_scan_results(&self) -> String {
        let mut out = "bssid / frequency / signal level / flags / ssid\n".to_owned();
        for bss in self.bss.iter() {
            if flags::is_p2p(bss) && bss.ssid.as_bytes() == b"DIRECT-" {
                continue;
            }
            let flags = flags(bss, Style::ScanResults, self.identity.addr);
            let line = format!("{}\t{}\t{}\t{flags}\t{}\n", bss.bssid, bss.freq, bss.level, bss.ssid);
            if out.len() + line.len() >= REPLY_SIZE {
                break;
            }
            out.push_str(&line);
        }
        out
    }

    pub(super) fn ctrl_bss(&self, cx: &mut InterfaceContext<'_>, args: &str) -> String {
        let wanted = after(args, "MASK=").map_or(mask::ALL, |m| {
            let digits: String =
                m.trim_start_matches("0x").chars().take_while(char::is_ascii_hexdigit).collect();
            match u32::from_str_radix(&digits, 16).unwrap_or(0) {
                0 => mask::ALL,
                bits => bits,
            }
        });
        let all: Vec<&Bss> = self.bss.iter().collect();
        let Some((first, last)) = self.bss_range(args, &all) else { return String::new() };
        let mut out = String::new();
        for (index, bss) in all.iter().enumerate().take(last + 1).skip(first) {
            let text = self.bss_text(cx, bss, wanted);
            if out.len() + text.len() >= REPLY_SIZE {
                break;
            }
            out.push_str(&text);
            if wanted & mask::DELIM != 0 && !text.is_empty() && index == last && index + 1 == all.len() {
                out.truncate(out.len() - "====\n".len());
                out.push_str("####\n");
            }
        }
        out
    }

    /// Returns the indices of the first and the last entry that the arguments name.
    //= hostap@2.10 wpa_supplicant/ctrl_iface.c#wpa_supplicant_ctrl_iface_bss
    fn bss_range(&self, args: &str, all: &[&Bss]) -> Option<(usize, usize)> {
        let position = |id: u32| all.iter().position(|b| b.id == id);
        let one = |index: Option<usize>| index.map(|i| (i, i));
        let end = all.len().checked_sub(1)?;
        if let Some(range) = args.strip_prefix("RANGE=") {
            if range.starts_with("ALL") {
                return Some((0, end));
            }
            let (low, high) = range.split_once('-')?;
            let low = if low.is_empty() { 0 } else { atoi(low) as u32 };
            if !high.starts_with(|c: char| c.is_ascii_digit()) {
                return all.iter().position(|b| b.id >= low).map(|first| (first, end));
            }
            let high = atoi(high) as u32;
            let first = all.iter().position(|b| (low..=high).contains(&b.id))?;
            return all.iter().rposition(|b| b.id <= high).map(|last| (first, last));
        }
        if args.starts_with("FIRST") {
            return Some((0, 0));
        }
        if args.starts_with("LAST") {
            return Some((end, end));
        }
        if let Some(id) = args.strip_prefix("ID-") {
            return one(position(atoi(id) as u32));
        }
        if let Some(id) = args.strip_prefix("NEXT-") {
            return one(position(atoi(id) as u32).map(|i| i + 1).filter(|i| *i <= end));
        }
        if args.starts_with("CURRENT") {
            return one(self.link.bss().and_then(position));
        }
        if let Some(device) = args.strip_prefix("p2p_dev_addr=") {
            let (device, _) = MacAddr::parse_prefix(device)?;
            return one(self.bss_of_device(device).and_then(|b| position(b.id)));
        }
        if let Some((bssid, _)) = MacAddr::parse_prefix(args) {
            return one(self.bss.find_bssid(bssid).and_then(|b| position(b.id)));
        }
        one(usize::try_from(atoi(args)).ok().filter(|i| *i <= end))
    }

    fn bss_text(&self, cx: &mut InterfaceContext<'_>, bss: &Bss, wanted: u32) -> String {
        let mut out = String::new();
        let mut line = |bit: u32, text: &dyn Fn() -> String| {
            if wanted & bit != 0 {
                out.push_str(&text());
                out.push('\n');
            }
        };
        line(mask::ID, &|| format!("id={}", bss.id));
        line(mask::BSSID, &|| format!("bssid={}", bss.bssid));
        line(mask::FREQ, &|| format!("freq={}", bss.freq));
        line(mask::BEACON_INT, &|| format!("beacon_int={}", bss.beacon_interval));
        line(mask::CAPABILITIES, &|| format!("capabilities=0x{:04x}", bss.capability));
        line(mask::QUAL, &|| "qual=0".to_owned());
        line(mask::NOISE, &|| format!("noise={}", bss.noise));
        line(mask::LEVEL, &|| format!("level={}", bss.level));
        line(mask::TSF, &|| format!("tsf={:016}", bss.tsf));
        line(mask::AGE, &|| format!("age={}", cx.now.secs() - bss.last_update.secs()));
        line(mask::IE, &|| format!("ie={}", hex(&bss.ies)));
        line(mask::FLAGS, &|| format!("flags={}", flags(bss, Style::Bss, self.identity.addr)));
        line(mask::SSID, &|| format!("ssid={}", bss.ssid));
        if wanted & mask::WPS_SCAN != 0 {
            let attributes = wsc::concatenated(&bss.ies);
            let text = attributes.and_then(|a| wsc::text::attributes_text(&a)).unwrap_or_default();
            out.push_str(&String::from_utf8_lossy(&text));
        }
        if wanted & mask::P2P_SCAN != 0 {
            let attributes = p2p::concatenated(&bss.ies);
            out.push_str(&attributes.and_then(|a| p2p::text::attributes(&a)).unwrap_or_default());
        }
        if wanted & mask::WIFI_DISPLAY != 0
            && let Some(subelements) = p2p::wfd_concatenated(&bss.ies)
        {
            out.push_str(&format!("wfd_subelems={}\n", hex(&subelements)));
        }
        let mut line = |bit: u32, text: String| {
            if wanted & bit != 0 {
                out.push_str(&text);
            }
        };
        line(mask::SNR, format!("snr={}\n", bss.snr));
        line(mask::EST_THROUGHPUT, format!("est_throughput={}\n", bss.est_throughput));
        line(mask::UPDATE_IDX, format!("update_idx={}\n", bss.update_idx));
        if !bss.beacon_ies.is_empty() {
            line(mask::BEACON_IE, format!("beacon_ie={}\n", hex(&bss.beacon_ies)));
        }
        line(mask::DELIM, "====\n".to_owned());
        out
    }

    pub(super) fn ctrl_bss_flush(&mut self, cx: &mut InterfaceContext<'_>, args: &str) -> Reply {
        let in_use = self.bss_in_use();
        let changes = match atoi(args) {
            0 => {
                self.scan_wishes.clear_driver_cache();
                self.bss.flush(&in_use)
            }
            age => self.bss.flush_by_age(cx.now, Duration::from_secs(i64::from(age)), &in_use),
        };
        self.report_bss_changes(cx, changes);
        Reply::Ok
    }

    pub(super) fn ctrl_roam(&mut self, cx: &mut InterfaceContext<'_>, args: &str) -> Reply {
        let Some((bssid, _)) = MacAddr::parse_prefix(args) else { return Reply::Fail };
        let Some(network) = self.link.network() else { return Reply::Fail };
        let ssid = self.config.network(network).map(|n| n.ssid()).unwrap_or_default();
        let Some(bss) = self.bss.find(bssid, &ssid).map(|b| b.id) else { return Reply::Fail };
        self.intent.reassociate();
        self.connect(cx, bss, network);
        Reply::Ok
    }
}
