//! Operating classes with their channels (Wi-Fi Direct 1.7 §4.1.13; IEEE 802.11-2020 Annex E).

/// The channels of one operating class.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct OperatingClass {
    /// 81, 115, …
    pub class: u8,
    /// Channel numbers in the order in which they are sent.
    pub channels: Vec<u8>,
}

/// Channels that may be used, by operating class.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Channels(pub Vec<OperatingClass>);

/// A channel with its operating class.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct ClassChannel {
    pub class: u8,
    pub channel: u8,
}

/// Ranges of frequencies in MHz, both ends included.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct FreqRanges(pub Vec<(u32, u32)>);

impl FreqRanges {
    /// Whether a frequency lies in one of the ranges.
    pub fn includes(&self, freq: u32) -> bool {
        self.0.iter().any(|(low, high)| (*low..=*high).contains(&freq))
    }
}
