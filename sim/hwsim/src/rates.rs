//! Rates as hwsim counts them, and as the medium does: in units of 100 kbit/s.

use crate::codec::{TxRate, TxRateFlags};

/// hwsim's legacy rates at 2.4 GHz, in its order.
const BAND_2_GHZ: [u16; 12] = [10, 20, 55, 110, 60, 90, 120, 180, 240, 360, 480, 540];

/// Those of the higher bands: OFDM only.
const OFDM: usize = 4;

/// The legacy rate nearest below each HT or VHT MCS of one stream at 20 MHz.
const MCS: [u16; 10] = [60, 120, 180, 240, 360, 480, 540, 540, 540, 540];

fn band(freq: u32) -> &'static [u16] {
    if freq < 3000 { &BAND_2_GHZ } else { BAND_2_GHZ.get(OFDM..).unwrap_or_default() }
}

/// The rate that a transmission begins with. The medium knows legacy rates only, and a receiver can be
/// told of no others.
pub(crate) fn rate_of(freq: u32, rate: TxRate, flags: TxRateFlags) -> u16 {
    let index = usize::from(rate.index.max(0).cast_unsigned());
    let found = match flags.0 {
        f if f & TxRateFlags::VHT_MCS != 0 => MCS.get(index & 0x0f),
        f if f & TxRateFlags::HT_MCS != 0 => MCS.get(index % 8),
        _ => band(freq).get(index),
    };
    found.or(band(freq).first()).copied().unwrap_or(10)
}

/// The index of the fastest legacy rate of the band that is not faster than `rate`.
pub(crate) fn index_of(freq: u32, rate: u16) -> u32 {
    let known = band(freq).iter().enumerate().filter(|(_, r)| **r <= rate);
    known.max_by_key(|(_, r)| **r).map_or(0, |(i, _)| i as u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn legacy_rates_are_the_same_both_ways() {
        for freq in [2412, 5180, 5955] {
            for (i, rate) in band(freq).iter().enumerate() {
                assert_eq!(index_of(freq, *rate), i as u32);
                let entry = TxRate { index: i as i8, count: 1 };
                assert_eq!(rate_of(freq, entry, TxRateFlags::default()), *rate);
            }
        }
    }

    #[test]
    fn what_cannot_be_expressed_is_clamped() {
        assert_eq!(index_of(2412, 5000), 11);
        assert_eq!(index_of(5180, 10), 0);
        let ht = TxRateFlags(TxRateFlags::HT_MCS);
        assert_eq!(rate_of(2412, TxRate { index: 15, count: 1 }, ht), 540);
        let vht = TxRateFlags(TxRateFlags::VHT_MCS);
        assert_eq!(rate_of(5180, TxRate { index: 0x12, count: 1 }, vht), 180);
        assert_eq!(rate_of(5180, TxRate { index: -1, count: 0 }, TxRateFlags::default()), 60);
        assert_eq!(rate_of(2412, TxRate { index: 99, count: 0 }, TxRateFlags::default()), 10);
    }
}
