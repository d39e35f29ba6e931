//! The text of STA, STA-FIRST and STA-NEXT about a station, and of MIB about the BSS.

use super::station::{Flags, Station};
use super::{AccessPoint, ApContext};
use crate::config::text::hex;
use crate::wire::MacAddr;
use core::fmt::Write as _;

impl AccessPoint {
    /// STA: everything about a station, each line ended by a newline; `None` if it is unknown.
    pub fn sta_text(&self, cx: ApContext<'_>, addr: MacAddr) -> Option<String> {
        let s = self.stations.get(&addr)?;
        let rates: Vec<String> = s.rates.iter().map(|r| format!("{r:02x}")).collect();
        let mut out = format!(
            "{addr}\nflags={}\naid={}\ncapability=0x{:x}\nlisten_interval={}\nsupported_rates={}\n\
             timeout_next={}\n",
            s.flags.text(),
            s.aid,
            s.capability,
            s.listen_interval,
            rates.join(" "),
            s.next_step.text(),
        );
        if let Some(auth) = &self.auth {
            out.push_str(&auth.sta_mib(addr));
        }
        out.push_str(&self.port_mib(cx.now, addr));
        out.push_str(&self.wps_device_text(addr));
        let p2p = s.p2p_attributes.as_deref().and_then(crate::wire::p2p::text::attributes);
        out.push_str(&p2p.unwrap_or_default());
        self.push_driver_text(cx, addr, s, &mut out);
        push_capability_text(s, &mut out);
        if let Some(id) = self.key_id(addr) {
            let _ = writeln!(out, "keyid={id}");
        }
        Some(out)
    }

    /// Appends the counters of the driver.
    fn push_driver_text(&self, cx: ApContext<'_>, addr: MacAddr, s: &Station, out: &mut String) {
        let Some(info) = cx.driver.station(self.iface, addr, cx.now) else { return };
        let _ = write!(
            out,
            "rx_packets={}\ntx_packets={}\nrx_bytes={}\ntx_bytes={}\ninactive_msec={}\nsignal={}\n\
             rx_rate_info={}\ntx_rate_info={}\n",
            info.rx_packets,
            info.tx_packets,
            info.rx_bytes,
            info.tx_bytes,
            info.inactive.millis(),
            info.signal_dbm,
            info.rx_rate,
            info.tx_rate,
        );
        if let Some(mcs) = ht_of(s).and_then(|ht| ht.get(3..13)) {
            let _ = writeln!(out, "ht_mcs_bitmask={}", hex(mcs));
        }
        let connected = s.connected_at.map_or(info.connected, |at| cx.now - at);
        let _ = writeln!(out, "connected_time={}", connected.secs());
    }

    /// STA-FIRST: the station that came last. Empty if there is none.
    pub fn sta_first(&self, cx: ApContext<'_>) -> String {
        let first = self.order.values().next_back();
        first.and_then(|addr| self.sta_text(cx, *addr)).unwrap_or_default()
    }

    /// STA-NEXT: the station that came before this one; empty at the end, `None` if `addr` is unknown.
    pub fn sta_next(&self, cx: ApContext<'_>, addr: MacAddr) -> Option<String> {
        let came = self.stations.get(&addr)?.came;
        let next = self.order.range(..came).next_back().map(|(_, a)| *a);
        Some(next.and_then(|a| self.sta_text(cx, a)).unwrap_or_default())
    }

    /// The lines of MIB; empty for open networks.
    pub fn mib(&self) -> String {
        self.auth.as_ref().map(|a| a.mib()).unwrap_or_default()
    }

    /// The lines of STATUS that count stations by what they lack.
    pub fn counts_text(&self) -> String {
        let c = &self.counts;
        format!(
            "num_sta_non_erp={}\nnum_sta_no_short_slot_time={}\nnum_sta_no_short_preamble={}\nolbc={}\n\
             num_sta_ht_no_gf={}\nnum_sta_no_ht={}\nnum_sta_ht_20_mhz={}\nnum_sta_ht40_intolerant=0\nolbc_ht={}\n\
             ht_op_mode=0x{:x}\n",
            c.non_erp,
            c.no_short_slot,
            c.no_short_preamble,
            u8::from(self.overlap.olbc),
            c.no_ht_gf,
            c.no_ht,
            c.ht_20mhz,
            u8::from(self.overlap.olbc_ht),
            c.ht_op_mode,
        )
    }
}

fn ht_of(s: &Station) -> Option<&[u8]> {
    s.ht_capab.as_deref().filter(|_| s.flags.has(Flags::HT))
}

fn push_capability_text(s: &Station, out: &mut String) {
    if let Some(classes) = &s.op_classes {
        let _ = writeln!(out, "supp_op_classes={}", hex(classes));
    }
    if let Some((min, max)) = s.power {
        let _ = write!(out, "min_txpower={min}\nmax_txpower={max}\n");
    }
    if let Some([low, high, ..]) = ht_of(s) {
        let _ = writeln!(out, "ht_caps_info=0x{:04x}", u16::from_le_bytes([*low, *high]));
    }
    if let Some(capab) = &s.ext_capab {
        let _ = writeln!(out, "ext_capab={}", hex(capab));
    }
}
