//! Channel numbers and centre frequencies of the 2.4 and 5 GHz bands (IEEE 802.11-2020 Annex E).

/// A frequency band.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Band {
    /// 2.4 GHz, channels 1 to 14.
    Ghz2,
    /// 5 GHz, channels 36 to 177.
    Ghz5,
}

/// The band a frequency in MHz lies in.
pub fn band_of(freq: u32) -> Option<Band> {
    match freq {
        2412..=2484 => Some(Band::Ghz2),
        5000..=5895 => Some(Band::Ghz5),
        _ => None,
    }
}

/// The channel whose centre is at `freq` MHz.
pub fn freq_to_channel(freq: u32) -> Option<u8> {
    match freq {
        2484 => Some(14),
        2412..=2472 if (freq - 2407).is_multiple_of(5) => u8::try_from((freq - 2407) / 5).ok(),
        5005..=5895 if (freq - 5000).is_multiple_of(5) => u8::try_from((freq - 5000) / 5).ok(),
        _ => None,
    }
}

/// The centre of a channel in MHz.
pub fn channel_to_freq(band: Band, channel: u8) -> Option<u32> {
    match (band, channel) {
        (Band::Ghz2, 14) => Some(2484),
        (Band::Ghz2, 1..=13) => Some(2407 + 5 * u32::from(channel)),
        (Band::Ghz5, 1..=179) => Some(5000 + 5 * u32::from(channel)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn channels_and_frequencies_agree() {
        for c in 1..=14 {
            let f = channel_to_freq(Band::Ghz2, c).unwrap();
            assert_eq!(freq_to_channel(f), Some(c));
            assert_eq!(band_of(f), Some(Band::Ghz2));
        }
        assert_eq!(channel_to_freq(Band::Ghz2, 15), None);
        assert_eq!(channel_to_freq(Band::Ghz5, 36), Some(5180));
        assert_eq!(freq_to_channel(5180), Some(36));
        assert_eq!(freq_to_channel(2413), None);
        assert_eq!(freq_to_channel(2477), None);
    }
}
