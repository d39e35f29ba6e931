//! The time that frames and their acknowledgements take (IEEE 802.11-2020 §15.3, §17.3).

use wpasim_wire::time::Duration;

/// The lowest rate of OFDM, in units of 100 kbit/s.
pub const OFDM_BASIC_RATE: u16 = 60;

/// The lowest rate of a band, which management frames use, in units of 100 kbit/s.
pub fn basic_rate(freq: u32) -> u16 {
    if freq < 3000 { 10 } else { OFDM_BASIC_RATE }
}

/// The rate of data frames in units of 100 kbit/s.
pub const DATA_RATE: u16 = 540;

/// The time between a frame and its acknowledgement.
pub fn sifs(freq: u32) -> Duration {
    Duration::from_micros(if freq < 3000 { 10 } else { 16 })
}

/// SIFS and two slots: how long a channel must be idle before a frame.
pub fn difs(freq: u32) -> Duration {
    Duration::from_micros(if freq < 3000 { 28 } else { 34 })
}

/// A back-off slot.
pub const SLOT: Duration = Duration::from_micros(9);

/// Whether a rate (in units of 100 kbit/s) is one of DSSS/CCK.
pub fn is_cck(rate: u16) -> bool {
    matches!(rate, 10 | 20 | 55 | 110)
}

/// Returns the time that a frame of `octets` (without FCS) occupies the channel; `rate` in units of 100 kbit/s.
pub fn airtime(octets: usize, rate: u16) -> Duration {
    let octets = octets as i64 + 4;
    let rate = i64::from(rate.max(10));
    let us = if is_cck(rate as u16) {
        // Long preamble and header, then the octets.
        192 + (octets * 80 + rate - 1) / rate
    } else {
        // 20 µs of preamble and SIGNAL; symbols of 4 µs carry rate × 0.4 bits, 22 of them overhead.
        let bits_per_symbol = rate * 4 / 10;
        20 + (octets * 8 + 22 + bits_per_symbol - 1) / bits_per_symbol * 4
    };
    Duration::from_micros(us)
}

/// An acknowledgement goes at the highest basic rate not above the frame's.
pub fn ack_rate(freq: u32, rate: u16) -> u16 {
    if is_cck(rate) {
        rate.min(20)
    } else if freq < 3000 {
        240.min(rate)
    } else {
        match rate {
            240.. => 240,
            120.. => 120,
            _ => 60,
        }
    }
}

/// Returns the time that an acknowledgement (10 octets) takes.
pub fn ack_airtime(freq: u32, rate: u16) -> Duration {
    airtime(10, ack_rate(freq, rate))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn airtimes_are_those_of_the_standard() {
        assert_eq!(airtime(10, 10), Duration::from_micros(304));
        assert_eq!(airtime(10, 60), Duration::from_micros(44));
        assert_eq!(airtime(1500, 540), Duration::from_micros(20 + 56 * 4));
    }
}
