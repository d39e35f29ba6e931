//! Operating classes with their channels (Wi-Fi Direct 1.7 §4.1.13; IEEE 802.11-2020 Annex E).

use wpasim_runtime::entropy::Stream;

/// The centres of the social channels 1, 6 and 11, in MHz.
pub(super) const SOCIAL_FREQS: [u32; 3] = [2412, 2437, 2462];

/// Operating classes of a peer's list beyond these are ignored.
pub const MAX_CLASSES: usize = 15;
/// Channels of one operating class beyond these are ignored.
pub const MAX_CHANNELS: usize = 60;
/// Frequencies of a list, at most.
const MAX_FREQS: usize = 49;

/// The channels of one operating class.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct OperatingClass {
    /// 81, 115, …; 0 without channels fills a list up, as 2.10 sends it.
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

impl ClassChannel {
    /// The centre in MHz (the global operating classes of IEEE 802.11-2020 table E-4).
    pub fn freq(self) -> Option<u32> {
        let channel = u32::from(self.channel);
        let (channels, base) = match self.class {
            81 | 83 | 84 => (1..=13, 2407),
            82 => (14..=14, 2414),
            115..=120 => (36..=64, 5000),
            121..=123 => (100..=140, 5000),
            124 => (149..=161, 5000),
            125..=127 => (149..=177, 5000),
            128..=130 => (36..=177, 5000),
            131..=135 => (1..=233, 5950),
            136 => (2..=2, 5925),
            _ => return None,
        };
        channels.contains(&self.channel).then_some(base + 5 * channel)
    }

    /// The channel of 20 MHz whose centre is at `freq` MHz; its class is 0 where 2.10 knows none.
    pub fn of_freq(freq: u32) -> Option<Self> {
        let (class, base) = match freq {
            2412..=2472 => (81, 2407),
            2484 => (82, 2414),
            4900..=4999 => (0, 4000),
            5180..=5240 => (115, 5000),
            5260..=5320 => (118, 5000),
            5500..=5720 => (121, 5000),
            5745..=5805 => (124, 5000),
            5806..=5885 => (125, 5000),
            5000..=5899 => (0, 5000),
            5951..=7115 => (131, 5950),
            5935 => (136, 5925),
            _ => return None,
        };
        let channel = u8::try_from((freq - base) / 5).ok()?;
        (freq - base).is_multiple_of(5).then_some(ClassChannel { class, channel })
    }
}

impl Channels {
    /// Whether no class is left.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// One channel only.
    pub fn single(channel: ClassChannel) -> Self {
        Channels(vec![OperatingClass { class: channel.class, channels: vec![channel.channel] }])
    }

    /// Every channel in order.
    pub fn iter(&self) -> impl Iterator<Item = ClassChannel> {
        self.0.iter().flat_map(|c| c.channels.iter().map(|ch| ClassChannel { class: c.class, channel: *ch }))
    }

    /// Whether a channel is in the list.
    pub fn includes(&self, channel: ClassChannel) -> bool {
        self.iter().any(|c| c == channel)
    }

    /// Whether a channel with this centre in MHz is in the list.
    pub fn includes_freq(&self, freq: u32) -> bool {
        self.iter().any(|c| c.freq() == Some(freq))
    }

    /// Returns the channels that both have, in the order of `self`.
    pub fn intersect(&self, other: &Channels) -> Channels {
        let mut out = Vec::new();
        for a in &self.0 {
            for b in other.0.iter().filter(|b| b.class == a.class) {
                let common = a.channels.iter().copied().filter(|c| b.channels.contains(c));
                let channels: Vec<u8> = common.take(MAX_CHANNELS).collect();
                if !channels.is_empty() && out.len() < MAX_CLASSES {
                    out.push(OperatingClass { class: a.class, channels });
                }
            }
        }
        Channels(out)
    }

    /// Adds what the other has.
    pub fn unite(&mut self, other: &Channels) {
        for b in &other.0 {
            for a in self.0.iter_mut().filter(|a| a.class == b.class) {
                for channel in &b.channels {
                    if !a.channels.contains(channel) && a.channels.len() < MAX_CHANNELS {
                        a.channels.push(*channel);
                    }
                }
            }
        }
        for b in &other.0 {
            if self.0.len() < MAX_CLASSES && !self.0.iter().any(|a| a.class == b.class) {
                self.0.push(b.clone());
            }
        }
    }

    /// Removes channels in these ranges, and every class without channels.
    pub fn remove_freqs(&mut self, ranges: &FreqRanges) {
        for c in &mut self.0 {
            let class = c.class;
            c.channels
                .retain(|ch| ClassChannel { class, channel: *ch }.freq().is_none_or(|f| !ranges.includes(f)));
        }
        self.0.retain(|c| !c.channels.is_empty());
    }

    /// The list without classes of 6 GHz as 2.10 copies it: filled up with empty classes, which are sent
    /// in frames.
    pub fn copied_without_6ghz(&self) -> Channels {
        let six_ghz = self.0.iter().filter(|c| (131..=136).contains(&c.class)).count();
        let mut out: Vec<_> = self.0.iter().filter(|c| !(131..=136).contains(&c.class)).cloned().collect();
        out.resize(MAX_CLASSES.saturating_sub(six_ghz), OperatingClass::default());
        Channels(out)
    }

    /// The centres in MHz, each once, at most 49.
    pub fn freqs(&self) -> Vec<u32> {
        let mut out = Vec::new();
        for freq in self.iter().filter_map(ClassChannel::freq) {
            if out.len() < MAX_FREQS && !out.contains(&freq) {
                out.push(freq);
            }
        }
        out
    }

    /// A random channel of the first of these classes that has any.
    pub fn select(&self, classes: &[u8], random: &mut Stream) -> Option<ClassChannel> {
        let with = |class: u8| self.0.iter().find(|c| c.class == class && !c.channels.is_empty());
        pick(classes.iter().find_map(|class| with(*class))?, random)
    }

    /// A random channel of the first class that has any.
    pub fn select_any(&self, random: &mut Stream) -> Option<ClassChannel> {
        pick(self.0.iter().find(|c| !c.channels.is_empty())?, random)
    }

    /// A random social channel: of those in the list, and of those that are avoided but not disallowed.
    pub fn random_social(
        &self,
        avoid: &FreqRanges,
        disallow: &FreqRanges,
        random: &mut Stream,
    ) -> Option<ClassChannel> {
        let social = [1, 6, 11].map(|channel| ClassChannel { class: 81, channel });
        let usable = |c: &ClassChannel| {
            let freq = c.freq().unwrap_or_default();
            self.includes(*c) || (avoid.includes(freq) && !disallow.includes(freq))
        };
        let usable: Vec<_> = social.into_iter().filter(usable).collect();
        usable.get(random.below(usable.len() as u32) as usize).copied()
    }

    /// A peer's Channel List attribute after the country string. Lists beyond the limits are cut;
    /// `None` if it is malformed.
    pub fn parse(mut octets: &[u8]) -> Option<Channels> {
        let mut out = Vec::new();
        while octets.len() > 2 && out.len() < MAX_CLASSES {
            let (&[class, count], rest) = octets.split_first_chunk::<2>()?;
            let (channels, rest) = rest.split_at_checked(usize::from(count))?;
            let channels = channels.iter().copied().take(MAX_CHANNELS).collect();
            out.push(OperatingClass { class, channels });
            octets = rest;
        }
        Some(Channels(out))
    }
}

fn pick(class: &OperatingClass, random: &mut Stream) -> Option<ClassChannel> {
    let index = random.below(class.channels.len() as u32) as usize;
    class.channels.get(index).map(|channel| ClassChannel { class: class.class, channel: *channel })
}
