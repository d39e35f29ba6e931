//! MAC_RAND_SCAN: random addresses in probe requests. The driver has none for scheduled scans and PNO.

use wpasim_wire::MacAddr;
use wpasim_wire::driver::RandomAddr;

use super::Reply;
use crate::config::text::atoi;
use crate::supplicant::interface::Interface;

/// The capability that the words ask for.
#[derive(Default)]
struct Wanted {
    scan: bool,
    /// `sched` or `pno`.
    unsupported: bool,
    enable: Option<i32>,
    addr: Option<MacAddr>,
    mask: Option<MacAddr>,
}

impl Interface {
    /// `scan|sched|pno|all enable=0|1 [addr=… mask=…]`, the words in any order.
    pub(super) fn ctrl_mac_rand_scan(&mut self, args: &str) -> Reply {
        let Some(wanted) = parse(args) else { return Reply::Fail };
        if !wanted.scan && !wanted.unsupported {
            return Reply::Fail;
        }
        match wanted.enable {
            Some(0) => {
                if wanted.scan {
                    self.scan_wishes.randomize_addr(None);
                }
                Reply::Ok
            }
            Some(1) => self.enable_random_addr(&wanted),
            _ => Reply::Fail,
        }
    }

    fn enable_random_addr(&mut self, wanted: &Wanted) -> Reply {
        const GROUP: u8 = 1;
        let random = match (wanted.addr, wanted.mask) {
            (None, None) => RandomAddr::LOCALLY_ADMINISTERED,
            (Some(addr), Some(mask)) if mask.0[0] & GROUP != 0 && addr.0[0] & GROUP == 0 => {
                RandomAddr { addr, mask }
            }
            _ => return Reply::Fail,
        };
        if wanted.scan {
            self.scan_wishes.randomize_addr(Some(random));
        }
        Reply::ok_if(!wanted.unsupported)
    }
}

/// `None` for a word that is none of these.
fn parse(args: &str) -> Option<Wanted> {
    let mut wanted = Wanted::default();
    for word in args.split(' ').filter(|w| !w.is_empty()) {
        let lower = word.to_ascii_lowercase();
        let (name, value) = lower.split_once('=').unwrap_or((lower.as_str(), ""));
        match (name, lower.contains('=')) {
            ("scan", false) => wanted.scan = true,
            ("sched" | "pno", false) => wanted.unsupported = true,
            ("all", false) => (wanted.scan, wanted.unsupported) = (true, false),
            ("enable", true) => wanted.enable = Some(atoi(value)),
            ("addr", true) => wanted.addr = Some(MacAddr::parse_prefix(value)?.0),
            ("mask", true) => wanted.mask = Some(MacAddr::parse_prefix(value)?.0),
            _ => return None,
        }
    }
    Some(wanted)
}
