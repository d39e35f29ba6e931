//! The check that neighbours leave room for a BSS of 40 MHz (IEEE 802.11-2020 §11.15.3).

use crate::wire::channel::{Band, band_of};
use crate::wire::driver::{Channel, OperatingChannel, ScanResult};
use crate::wire::elements::{eid, find};

/// The verdict of a scan of the neighbours on a channel of 40 MHz.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Coexistence {
    Permitted,
    /// Only with primary and secondary channel exchanged.
    Exchanged,
    NotPermitted,
}

/// Returns the frequencies to scan before a channel of 40 MHz is used, in MHz.
//= hostap@2.10 src/ap/hw_features.c#ieee80211n_scan_channels_2g4
//= hostap@2.10 src/ap/hw_features.c#ieee80211n_scan_channels_5g
pub fn affected_channels(channel: OperatingChannel, channels: &[Channel]) -> Vec<u32> {
    let low = band_of(channel.freq) == Some(Band::Ghz2);
    let reach = if low { 40 } else { 20 };
    let (first, last) = (channel.center() - reach, channel.center() + reach);
    let is_affected = |c: &&Channel| !c.disabled && (first..=last).contains(&c.freq);
    channels.iter().filter(is_affected).map(|c| c.freq).collect()
}

/// Judges what was found there.
//= hostap@2.10 src/common/hw_features_common.c#check_40mhz_2g4
//= hostap@2.10 src/common/hw_features_common.c#check_40mhz_5g
pub fn judge(channel: OperatingChannel, found: &[ScanResult]) -> Coexistence {
    let primary = channel.freq;
    let secondary = primary.saturating_add_signed(20 * i32::from(channel.secondary));
    if band_of(primary) != Some(Band::Ghz2) {
        return judge_5_ghz(primary, secondary, found);
    }
    let (first, last) = (channel.center() - 25, channel.center() + 25);
    let affected = |freq: u32| (first..=last).contains(&freq);
    let forbids = |bss: &ScanResult| {
        if affected(bss.freq) && bss.freq != primary && is_of_20_mhz(bss) {
            return true;
        }
        let second = secondary_of(bss);
        if !affected(bss.freq) && !affected(second.unwrap_or(bss.freq)) {
            return false;
        }
        second.is_some_and(|second| bss.freq != primary || second != secondary) || is_intolerant(bss)
    };
    if found.iter().any(forbids) { Coexistence::NotPermitted } else { Coexistence::Permitted }
}

fn judge_5_ghz(primary: u32, secondary: u32, found: &[ScanResult]) -> Coexistence {
    let is_used = |freq: u32| found.iter().any(|bss| bss.freq == freq);
    let are_used = |first: u32, second: u32| {
        found.iter().any(|bss| bss.freq == first && secondary_of(bss) == Some(second))
    };
    let swaps = is_used(secondary) && !is_used(primary)
        || !are_used(primary, secondary) && are_used(secondary, primary);
    if swaps { Coexistence::Exchanged } else { Coexistence::Permitted }
}

/// Returns the offset octet of the HT Operation element.
fn ht_parameters(bss: &ScanResult) -> Option<u8> {
    find(&bss.ies, eid::HT_OPERATION).and_then(|body| body.get(1)).copied()
}

fn is_of_20_mhz(bss: &ScanResult) -> bool {
    match (find(&bss.ies, eid::HT_CAP), ht_parameters(bss)) {
        (None, _) => true,
        (Some(_), parameters) => parameters.is_some_and(|octet| octet & 3 == 0),
    }
}

/// Returns the secondary channel of a BSS whose stations may use it, in MHz.
fn secondary_of(bss: &ScanResult) -> Option<u32> {
    const ANY_WIDTH: u8 = 4;
    match ht_parameters(bss).filter(|octet| octet & ANY_WIDTH != 0)? & 3 {
        1 => Some(bss.freq + 20),
        3 => Some(bss.freq - 20),
        _ => None,
    }
}

fn is_intolerant(bss: &ScanResult) -> bool {
    const FORTY_MHZ_INTOLERANT: u8 = 0x40;
    find(&bss.ies, eid::HT_CAP)
        .and_then(|body| body.get(1))
        .is_some_and(|octet| octet & FORTY_MHZ_INTOLERANT != 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::MacAddr;
    use crate::wire::elements::push;
    use crate::wire::time::Instant;

    fn bss(freq: u32, ht: Option<u8>) -> ScanResult {
        let mut ies = Vec::new();
        if let Some(parameters) = ht {
            push(&mut ies, eid::HT_CAP, &[0; 26]);
            push(&mut ies, eid::HT_OPERATION, &[1, parameters, 0, 0]);
        }
        ScanResult {
            bssid: MacAddr::ZERO,
            freq,
            beacon_interval: 100,
            capability: 1,
            signal_dbm: -30,
            noise_dbm: None,
            tsf: 0,
            last_seen: Instant::ZERO,
            ies,
            beacon_ies: Vec::new(),
            associated: false,
        }
    }

    #[test]
    fn neighbours_that_overlap_otherwise_forbid_40_mhz() {
        let own = OperatingChannel { freq: 2412, ht: true, secondary: 1 };
        let says = |found: ScanResult| judge(own, &[found]);
        assert_eq!(says(bss(2422, Some(0))), Coexistence::NotPermitted);
        assert_eq!(says(bss(2422, None)), Coexistence::NotPermitted);
        assert_eq!(says(bss(2412, None)), Coexistence::Permitted);
        assert_eq!(says(bss(2412, Some(5))), Coexistence::Permitted);
        assert_eq!(says(bss(2432, Some(7))), Coexistence::NotPermitted);
        assert_eq!(says(bss(2462, None)), Coexistence::Permitted);
    }

    #[test]
    fn at_5_ghz_channels_are_exchanged() {
        let own = OperatingChannel { freq: 5180, ht: true, secondary: 1 };
        assert_eq!(judge(own, &[bss(5200, None)]), Coexistence::Exchanged);
        assert_eq!(judge(own, &[bss(5180, None), bss(5200, Some(7))]), Coexistence::Exchanged);
        assert_eq!(judge(own, &[bss(5180, Some(5)), bss(5200, Some(7))]), Coexistence::Permitted);
    }
}
