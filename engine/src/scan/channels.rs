//! Lists of channels in commands: `freq=2412,2437` and ranges, against what the radio has.

use wpasim_wire::driver::Channel;

use crate::config::text::atoi;

/// The channels of a range list (`2412-2432,5180`), as SCAN and SELECT_NETWORK take it: the list ends
/// at a blank. `None` if nothing of it is a channel of the radio that may be used.
pub fn from_range_list(text: &str, channels: &[Channel]) -> Option<Vec<u32>> {
    let list = text.split(' ').next().unwrap_or_default();
    let mut ranges = Vec::new();
    for range in list.split(',').filter(|r| !r.is_empty()) {
        let (low, high) = match range.split_once('-') {
            Some((low, high)) => (atoi(low), atoi(high)),
            None => (atoi(range), atoi(range)),
        };
        ranges.push((low.max(0) as u32, high.max(0) as u32));
    }
    let mut freqs: Vec<u32> = channels
        .iter()
        .filter(|c| !c.disabled && ranges.iter().any(|(low, high)| (*low..=*high).contains(&c.freq)))
        .map(|c| c.freq)
        .collect();
    freqs.sort_unstable();
    freqs.dedup();
    (!freqs.is_empty()).then_some(freqs)
}

/// The channels that may be used in 2.4, 5 and 6 GHz, as far as wanted.
pub fn of_bands([two, five, six]: [bool; 3], channels: &[Channel]) -> Vec<u32> {
    let wanted = |freq: u32| match freq {
        ..5000 => two,
        5000..5950 => five,
        _ => six,
    };
    channels.iter().filter(|c| !c.disabled && wanted(c.freq)).map(|c| c.freq).collect()
}

/// Those of `freqs` that the radio may use; all of them if it may use none, since the driver decides.
pub fn usable(freqs: &[u32], channels: &[Channel]) -> Vec<u32> {
    let known: Vec<u32> =
        freqs.iter().copied().filter(|f| channels.iter().any(|c| c.freq == *f && !c.disabled)).collect();
    if known.is_empty() { freqs.to_vec() } else { known }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn range_lists_name_channels() {
        let channels: Vec<Channel> =
            [2412, 2417, 2437].map(|freq| Channel { freq, ..Channel::default() }).to_vec();
        assert_eq!(from_range_list("2412,2437 passive=1", &channels), Some(vec![2412, 2437]));
        assert_eq!(from_range_list("2412-2420", &channels), Some(vec![2412, 2417]));
        assert_eq!(from_range_list("1", &channels), None);
    }
}
