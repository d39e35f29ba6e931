//! Regulatory domains: which channels there are and what they allow.

use wpasim_wire::driver::Channel;

/// The channels of every radio and the country they belong to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Regulatory {
    /// `00` for the world domain.
    pub country: [u8; 2],
    /// In ascending order of frequency.
    pub channels: Vec<Channel>,
}

/// No regulatory domain is known by this name.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("no regulatory domain is called `{0}` (known: 00, US, custom)")]
pub struct UnknownRegulatory(pub String);

/// Channel numbers of the 5 GHz band that hwsim has, without 144 and those above 165, which the
/// recordings' domain leaves out.
const CHANNELS_5_GHZ: [u8; 24] = [
    36, 40, 44, 48, 52, 56, 60, 64, 100, 104, 108, 112, 116, 120, 124, 128, 132, 136, 140, 149, 153, 157,
    161, 165,
];

impl Regulatory {
    /// The world domain as Debian's wireless-regdb has it: no transmission first on channels 12 to 14
    /// and on 5 GHz, radar detection on 52 to 140.
    pub fn world() -> Self {
        Self::build(*b"00", |number, band_5| Channel {
            no_ir: band_5 || number >= 12,
            radar: (52..=140).contains(&number),
            ..Channel::default()
        })
    }

    /// The United States: channels 1 to 11, 5 GHz open, radar detection on 52 to 140.
    pub fn us() -> Self {
        Self::build(*b"US", |number, band_5| Channel {
            disabled: !band_5 && number >= 12,
            no_ir: (52..=140).contains(&number),
            radar: (52..=140).contains(&number),
            ..Channel::default()
        })
    }

    /// Every channel open to everything; access points start anywhere.
    pub fn custom() -> Self {
        Self::build(*b"99", |_, _| Channel::default())
    }

    /// By the name that scenarios use: `00` or `world`, `US`, `custom`.
    pub fn by_name(name: &str) -> Result<Self, UnknownRegulatory> {
        match name {
            "00" | "world" => Ok(Self::world()),
            "US" => Ok(Self::us()),
            "custom" => Ok(Self::custom()),
            _ => Err(UnknownRegulatory(name.to_owned())),
        }
    }

    fn build(country: [u8; 2], rule: impl Fn(u8, bool) -> Channel) -> Self {
        let low = (1..=14u8).map(|number| {
            let freq = if number == 14 { 2484 } else { 2407 + 5 * u32::from(number) };
            Channel { freq, number, max_tx_power: 20, ..rule(number, false) }
        });
        let high = CHANNELS_5_GHZ.iter().map(|&number| Channel {
            freq: 5000 + 5 * u32::from(number),
            number,
            max_tx_power: 20,
            ..rule(number, true)
        });
        Regulatory { country, channels: low.chain(high).collect() }
    }

    /// The channel at a frequency in MHz, if there is one and it is enabled.
    pub fn channel(&self, freq: u32) -> Option<Channel> {
        self.channels.iter().find(|c| c.freq == freq && !c.disabled).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_world_domain_is_the_recordings() {
        let r = Regulatory::world();
        assert_eq!(r.channels.len(), 14 + 24);
        assert!(!r.channel(2462).unwrap().no_ir);
        assert!(r.channel(2467).unwrap().no_ir);
        assert!(r.channel(5180).unwrap().no_ir && !r.channel(5180).unwrap().radar);
        assert!(r.channel(5260).unwrap().radar);
        assert!(!r.channel(5745).unwrap().radar);
        assert_eq!(r.channel(5720), None);
    }
}
