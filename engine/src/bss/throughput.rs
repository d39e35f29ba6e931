//! 2.10's estimate of what a BSS could carry, in kbit/s.

use wpasim_wire::elements::{self, eid};

/// (rates above this in 500 kbit/s, at a ratio below this in dB, count as this). The first row that fits
/// holds.
const LEGACY_LIMITS: &[(u32, i32, u32)] = &[
    (2, 1, 2),
    (4, 4, 4),
    (12, 5, 12),
    (18, 6, 18),
    (24, 7, 24),
    (24, 8, 28),
    (24, 9, 32),
    (36, 10, 36),
    (48, 11, 48),
    (48, 12, 54),
    (48, 13, 60),
    (48, 14, 66),
    (72, 15, 72),
    (72, 16, 78),
    (72, 17, 84),
    (72, 18, 90),
    (96, 19, 96),
    (96, 20, 102),
    (108, 21, 108),
];

/// (least signal-to-noise ratio, kbit/s) of one 20 MHz HT stream: nothing, then MCS 0 to 7.
const HT20: &[(i32, u32)] = &[
    (0, 0),
    (2, 6500),
    (5, 13000),
    (9, 19500),
    (11, 26000),
    (15, 39000),
    (18, 52000),
    (20, 58500),
    (25, 65000),
];

/// The estimate for elements heard at `snr` dB. Without HT on our side only legacy rates count.
pub fn estimate(ies: &[u8], snr: i32, ht: bool) -> u32 {
    let rate = limit(max_legacy_rate(ies), snr);
    let legacy = rate * 500;
    let has_ht = ht && elements::find(ies, eid::HT_CAP).is_some();
    if has_ht { legacy.max(ht20(snr)) } else { legacy }
}

/// The highest rate announced, in 500 kbit/s.
fn max_legacy_rate(ies: &[u8]) -> u32 {
    [eid::SUPP_RATES, eid::EXT_SUPP_RATES]
        .iter()
        .filter_map(|id| elements::find(ies, *id))
        .flatten()
        .map(|r| u32::from(r & 0x7f))
        .max()
        .unwrap_or(0)
}

fn limit(rate: u32, snr: i32) -> u32 {
    LEGACY_LIMITS
        .iter()
        .find(|(above, below, _)| rate > *above && snr < *below)
        .map_or(rate, |(_, _, becomes)| *becomes)
}

/// Between two rows the rate is interpolated.
fn ht20(snr: i32) -> u32 {
    let Some(row) = HT20.iter().rposition(|(least, _)| snr >= *least) else { return 0 };
    let (snr0, rate0) = HT20[row];
    let Some((snr1, rate1)) = HT20.get(row + 1) else { return rate0 };
    rate0 + (snr - snr0) as u32 * (rate1 - rate0) / (snr1 - snr0) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_strong_legacy_bss_is_worth_54_mbit() {
        let ies = [1, 8, 0x82, 0x84, 0x8b, 0x96, 12, 18, 24, 36, 50, 4, 48, 72, 96, 108];
        assert_eq!(estimate(&ies, 59, true), 54000);
        assert_eq!(estimate(&ies, 0, true), 1000);
    }
}
