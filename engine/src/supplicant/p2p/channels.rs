//! The channels that Wi-Fi Direct may use on the radio, and the one that a group gets.

use crate::config::key::GlobalKey;
use crate::config::key::value::Int;
use crate::config::keys::{global, network};
use wpasim_wire::driver::{Channel, IfId};

use super::ConnectError;
use crate::p2p::{Channels, ClassChannel, Device, GoNegResults, OperatingClass};
use crate::select::mode;
use crate::supplicant::Supplicant;
use crate::supplicant::interface::Interface;
use crate::supplicant::state::WpaState;

/// The width of the channels of an operating class, and the neighbours they need.
#[derive(Clone, Copy)]
enum Width {
    Mhz20,
    /// With the channel above.
    Plus40,
    /// With the channel below.
    Minus40,
    /// A block of four channels.
    Mhz80,
    /// A block of eight.
    Mhz160,
}

/// Operating classes of Wi-Fi Direct below 6 GHz (IEEE 802.11-2020 table E-4): class, first and last
/// channel, their distance, and the width.
const CLASSES: [(u8, u8, u8, u8, Width); 11] = [
    (81, 1, 13, 1, Width::Mhz20),
    (115, 36, 48, 4, Width::Mhz20),
    (116, 36, 44, 8, Width::Plus40),
    (117, 40, 48, 8, Width::Minus40),
    (124, 149, 161, 4, Width::Mhz20),
    (125, 149, 177, 4, Width::Mhz20),
    (126, 149, 173, 8, Width::Plus40),
    (127, 153, 177, 8, Width::Minus40),
    (128, 36, 177, 4, Width::Mhz80),
    (129, 36, 177, 4, Width::Mhz160),
    (130, 36, 177, 4, Width::Mhz20),
];

/// Classes of 40 MHz channels in the 5 GHz band, and the one of 80 MHz channels.
const CLASSES_40: [u8; 4] = [116, 117, 126, 127];
const CLASS_80: u8 = 128;

/// First channels of blocks of four and of eight.
const BLOCKS_80: [u8; 7] = [36, 52, 100, 116, 132, 149, 165];
const BLOCKS_160: [u8; 3] = [36, 100, 149];

/// Whether a channel may be used, in 2.10's order of what stands against it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Allowed {
    No,
    NoIr,
    Radar,
    Yes,
}

/// Social channels, from which a group's is drawn.
const SOCIAL: [u32; 3] = [2412, 2437, 2462];
/// Channels of 5 GHz without radar.
const FIVE_GHZ: [u32; 8] = [5180, 5200, 5220, 5240, 5745, 5765, 5785, 5805];

/// The facts that decide an owner's channel beside the configuration. Channels are in MHz.
//= hostap@2.10 wpa_supplicant/p2p_supplicant.c#wpas_p2p_init_go_params
#[derive(Clone, Copy, Default)]
pub(super) struct OwnerChoice<'a> {
    /// This one or none.
    pub forced: Option<u32>,
    /// The channels that the peers allow.
    pub among: Option<&'a Channels>,
    /// The radio is there already.
    pub used: Option<u32>,
    /// Those that suit the clients of the group.
    pub common: &'a [u32],
    /// A channel whose band is preferred.
    pub band_of: Option<u32>,
}

/// Returns the channels that the radio allows a group owner, and those that it allows a client besides.
//= hostap@2.10 wpa_supplicant/p2p_supplicant.c#wpas_p2p_setup_channels
pub(super) fn of_radio(
    radio: &[Channel],
    disallowed: &crate::p2p::FreqRanges,
    client: bool,
) -> (Channels, Channels) {
    let one = |number: u8, low_band: bool| {
        let channel = radio.iter().find(|c| c.number == number && (c.freq < 3000) == low_band);
        match channel {
            None => Allowed::No,
            Some(c) if c.disabled || disallowed.includes(c.freq) => Allowed::No,
            Some(c) if c.no_ir => Allowed::NoIr,
            Some(c) if c.radar => Allowed::Radar,
            Some(_) => Allowed::Yes,
        }
    };
    let block = |number: u8, starts: &[u8], count: u8| {
        let within = |start: &&u8| (**start..**start + 4 * count).contains(&number);
        let Some(start) = starts.iter().find(within) else { return Allowed::No };
        (0..count).map(|n| one(start + 4 * n, false)).min().unwrap_or(Allowed::No)
    };
    let mut own = Channels::default();
    let mut as_client = Channels::default();
    for (class, first, last, step, width) in CLASSES {
        let low_band = class == 81;
        let mut owned = OperatingClass { class, channels: Vec::new() };
        let mut only_client = OperatingClass { class, channels: Vec::new() };
        for number in channel_numbers(class, first, last, step) {
            let itself = one(number, low_band);
            let with = match width {
                Width::Mhz20 => itself,
                Width::Plus40 => one(number + 4, low_band),
                Width::Minus40 => one(number.saturating_sub(4), low_band),
                Width::Mhz80 => block(number, &BLOCKS_80, 4),
                Width::Mhz160 => block(number, &BLOCKS_160, 8),
            };
            match itself.min(with) {
                Allowed::Yes => owned.channels.push(number),
                Allowed::NoIr if client => only_client.channels.push(number),
                _ => {}
            }
        }
        for (list, class) in [(&mut own, owned), (&mut as_client, only_client)] {
            if !class.channels.is_empty() {
                list.0.push(class);
            }
        }
    }
    (own, as_client)
}

/// Whether two channels, in MHz, are in one band.
pub(super) fn same_band(a: u32, b: u32) -> bool {
    (a < 3000) == (b < 3000)
}

fn channel_numbers(class: u8, first: u8, last: u8, step: u8) -> Vec<u8> {
    if class < 128 {
        return (first..=last).step_by(usize::from(step)).collect();
    }
    // The numbers of 5 GHz leave out what lies between 144 and 149.
    (36..=144).step_by(4).chain((149..=177).step_by(4)).collect()
}

impl Supplicant {
    /// Whether a group may be on this channel at all, in MHz.
    pub(super) fn is_supported(&self, freq: u32) -> bool {
        self.device().is_some_and(|d| d.supported_freq(freq))
    }

    /// The channel that an interface of the radio uses, in MHz; there can be only one.
    pub(super) fn used_freq(&self) -> Option<u32> {
        self.freq_used_beside(None)
    }

    /// The same, but for what this interface uses.
    pub(super) fn freq_used_beside(&self, interface: Option<IfId>) -> Option<u32> {
        let phy = &self.device_interface()?.identity.phy;
        let others =
            self.interfaces.iter().rev().filter(|i| &i.identity.phy == phy && Some(i.id()) != interface);
        others.into_iter().find_map(Interface::used_freq)
    }

    /// Returns the channel that a group has to be on and the one that it should be on.
    //= hostap@2.10 wpa_supplicant/p2p_supplicant.c#wpas_p2p_setup_freqs
    pub(super) fn choose_freqs(&self, wanted: Option<u32>, owner: bool) -> Result<Option<u32>, ConnectError> {
        let used = self.used_freq();
        if let Some(freq) = wanted {
            let supported = |d: &Device| {
                if owner { d.supported_freq(freq) } else { d.supported_freq_client(freq) }
            };
            if !self.device().is_some_and(supported) {
                return Err(ConnectError::Unsupported);
            }
            if used.is_some_and(|u| u != freq) {
                return Err(ConnectError::Unavailable);
            }
            return Ok(Some(freq));
        }
        match used {
            Some(freq) if self.is_supported(freq) => Ok(Some(freq)),
            Some(_) => Err(ConnectError::Unavailable),
            None => Ok(None),
        }
    }

    /// Returns the channel that is asked for, or one of the band (2 and 5). `None`: this device may not own a group
    /// there.
    //= hostap@2.10 wpa_supplicant/p2p_supplicant.c#wpas_p2p_select_go_freq
    pub(super) fn freq_as_owner(&mut self, wanted: Option<u32>) -> Option<Option<u32>> {
        let freq = match wanted {
            None => return Some(None),
            Some(2) => SOCIAL[self.p2p.channel_choice.below(3) as usize % 3],
            Some(5) => {
                let start = self.p2p.channel_choice.below(FIVE_GHZ.len() as u32) as usize;
                let turned = FIVE_GHZ.iter().cycle().skip(start).take(FIVE_GHZ.len());
                let supported = |f: &&u32| self.device().is_some_and(|d| d.supported_freq_go(**f));
                *turned.into_iter().find(supported)?
            }
            Some(freq) => freq,
        };
        self.device()?.supported_freq_go(freq).then_some(Some(freq))
    }

    /// Returns the channel of a group that this device owns. `among`: what the peers have in common.
    //= hostap@2.10 wpa_supplicant/p2p_supplicant.c#wpas_p2p_init_go_params
    pub(super) fn owner_params(
        &mut self,
        forced: Option<u32>,
        among: Option<&Channels>,
    ) -> Option<GoNegResults> {
        let freq = self.owner_freq(forced, among)?;
        Some(GoNegResults { role_go: true, freq, ..GoNegResults::default() })
    }

    fn owner_freq(&mut self, forced: Option<u32>, among: Option<&Channels>) -> Option<u32> {
        let common = self.device_interface()?.p2p.common_freqs().to_vec();
        let used = self.used_freq().filter(|_| forced.is_none() || !self.owner_may_move());
        self.choose_owner_freq(&OwnerChoice { forced, among, used, common: &common, band_of: None })
    }

    /// Returns whether the device's own interface runs a group whose channel nobody else of the radio uses: another group in
    /// its place may be anywhere.
    //= hostap@2.10 wpa_supplicant/p2p_supplicant.c#wpas_p2p_init_go_params
    fn owner_may_move(&self) -> bool {
        let Some(device) = self.device_interface() else { return false };
        let is_owner = device.current().is_some_and(|n| n.int(network::MODE) == mode::P2P_GO)
            && device.link.state() == WpaState::Completed;
        is_owner && self.freq_used_beside(Some(device.id())).is_none()
    }

    /// The channel of a group's owner in MHz; `None` if there is none.
    pub(super) fn choose_owner_freq(&mut self, choice: &OwnerChoice<'_>) -> Option<u32> {
        let OwnerChoice { forced, among, used, .. } = *choice;
        let suits = |freq: u32| {
            !self.p2p.disallowed.includes(freq)
                && self.device().is_some_and(|d| d.supported_freq_go(freq))
                && among.is_none_or(|c| c.includes_freq(freq))
        };
        if let Some(freq) = forced {
            return (suits(freq) && used.is_none_or(|u| u == freq)).then_some(freq);
        }
        if let Some(freq) = used {
            return suits(freq).then_some(freq);
        }
        let globals = &self.device_interface()?.config.globals;
        let class = u8::try_from(globals.int(global::P2P_OPER_REG_CLASS)).unwrap_or(0);
        let channel = u8::try_from(globals.int(global::P2P_OPER_CHANNEL)).unwrap_or(0);
        let configured = match class {
            81 if (1..=11).contains(&channel) => Some(2407 + 5 * u32::from(channel)),
            115..=117 | 124..=127 => Some(5000 + 5 * u32::from(channel)),
            _ => None,
        };
        if let Some(freq) = configured.filter(|f| suits(*f)) {
            return Some(freq);
        }
        let preferred = self.device().and_then(|d| d.preferred_freq(among));
        if let Some(freq) = preferred.filter(|f| suits(*f)) {
            return Some(freq);
        }
        let in_common = choice.common.iter().copied().filter(|f| suits(*f)).collect();
        if let Some(freq) = self.widest(in_common, choice.band_of) {
            return Some(freq);
        }
        if let Some(freq) = FIVE_GHZ.into_iter().find(|f| suits(*f)) {
            return Some(freq);
        }
        // No preference: a social channel, or whatever else there is.
        let others = (0..11).map(|n| 2412 + 5 * n).filter(|f| !SOCIAL.contains(f));
        let allowed: Vec<u32> = SOCIAL.into_iter().chain(others).filter(|f| suits(*f)).collect();
        let start = self.p2p.channel_choice.below(3) as usize;
        let turned = SOCIAL.iter().cycle().skip(start).take(SOCIAL.len()).copied();
        turned.into_iter().find(|f| allowed.contains(f)).or_else(|| allowed.first().copied())
    }

    /// Of channels in MHz the one that leaves most room: 80 MHz, then 40 MHz in the band of another channel, then
    /// that band, then any.
    fn widest(&self, among: Vec<u32>, band_of: Option<u32>) -> Option<u32> {
        let own = self.device()?.channels_as_owner();
        let has = |freq: u32, classes: &[u8]| {
            ClassChannel::of_freq(freq).is_some_and(|c| {
                classes.iter().any(|class| own.includes(ClassChannel { class: *class, ..c }))
            })
        };
        // Wi-Fi Direct lists no classes of 40 MHz in the 2.4 GHz band.
        let has_40 = |freq: u32| match freq < 3000 {
            true => [freq - 20, freq + 20].iter().any(|f| own.includes_freq(*f)),
            false => has(freq, &CLASSES_40),
        };
        let is_near = |freq: u32| band_of.is_some_and(|other| same_band(freq, other));
        let of_80 = among.iter().find(|f| has(**f, &[CLASS_80]));
        let of_40 = || among.iter().find(|f| is_near(**f) && has_40(**f));
        let near = || among.iter().find(|f| is_near(**f));
        of_80.or_else(of_40).or_else(near).or_else(|| among.first()).copied()
    }
}

impl Interface {
    /// Returns the frequency of the interface, if it is connected or an access point, in MHz.
    fn used_freq(&self) -> Option<u32> {
        let network = self.current().filter(|_| self.link.freq() != 0)?;
        match network.int(network::MODE) {
            mode::AP | mode::P2P_GO => Some(network.int(network::FREQUENCY) as u32),
            // While a group is being formed its owner's access point has no BSS of a station.
            mode::P2P_GROUP_FORMATION => None,
            _ => Some(self.link.freq()),
        }
    }

    /// The channels of the radio, as Wi-Fi Direct may use them.
    pub(super) fn p2p_channels(
        &self,
        env: crate::Env<'_>,
        disallowed: &crate::p2p::FreqRanges,
    ) -> (Channels, Channels) {
        let client = self.config.globals.int(global::P2P_ADD_CLI_CHAN) != 0;
        of_radio(&self.channels(env), disallowed, client)
    }
}

/// A channel from two variables of the configuration, if both are set.
pub(super) fn configured(
    interface: &Interface,
    class: GlobalKey<Int>,
    channel: GlobalKey<Int>,
) -> Option<ClassChannel> {
    let number = |key| u8::try_from(interface.config.globals.int(key)).ok().filter(|n| *n != 0);
    Some(ClassChannel { class: number(class)?, channel: number(channel)? })
}
