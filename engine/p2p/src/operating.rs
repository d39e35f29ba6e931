//! The choice of the operating channel (Wi-Fi Direct 1.7 §3.1.4.2.3).

use super::channels::{Channels, ClassChannel};
use super::device::Device;
use super::{Event, FreqRanges, Refused};
use wpasim_wire::MacAddr;
use wpasim_wire::p2p::{ChannelAttribute, status};

const VHT_80: [u8; 1] = [128];
const VHT: [u8; 3] = [128, 129, 130];
const HT40: [u8; 4] = [126, 127, 116, 117];
const GHZ5: [u8; 3] = [124, 125, 115];
/// Octets of the country string; 0x04 in the third says that the classes are the global ones.
const GLOBAL_CLASSES: u8 = 0x04;

impl Device {
    /// Selects the operating channel of a negotiation with a peer before its channels are known. `go`:
    /// this device insists on being the owner. Frequencies are in MHz.
    pub(super) fn prepare_channel(
        &mut self,
        peer: MacAddr,
        force_freq: Option<u32>,
        pref_freq: Option<u32>,
        go: bool,
    ) -> Result<(), Refused> {
        match force_freq.or(pref_freq) {
            Some(freq) => self.prepare_requested_channel(freq, force_freq.is_some(), go)?,
            None => {
                self.operating.channel = self.best_channel();
                self.operating.channels = self.config.channels.copied_without_6ghz();
            }
        }
        if go {
            self.operating.channels.remove_freqs(&self.config.no_go_freqs);
        } else if force_freq.is_none() {
            self.operating.channels.unite(&self.config.client_channels);
        }
        self.peer_mut(peer).into_iter().for_each(|p| p.flags.force_freq = force_freq.is_some());
        Ok(())
    }

    /// Returns the channels on which this device may own a group.
    pub fn channels_as_owner(&self) -> &Channels {
        &self.config.channels
    }

    /// Returns the channels of a group whose clients have these P2P Device Addresses. Clients whose channels are not known
    /// do not count.
    pub fn channels_in_common(&self, clients: &[MacAddr]) -> Channels {
        let theirs =
            clients.iter().filter_map(|c| self.peer(*c)).map(|p| &p.channels).filter(|c| !c.is_empty());
        theirs.fold(self.config.channels.clone(), |common, channels| common.intersect(channels))
    }

    fn prepare_requested_channel(&mut self, freq: u32, forced: bool, go: bool) -> Result<(), Refused> {
        let channel = ClassChannel::of_freq(freq).ok_or(Refused::Channel)?;
        let as_client = !go && self.config.client_channels.includes(channel);
        if !self.config.channels.includes(channel) && !as_client {
            return Err(Refused::Channel);
        }
        self.operating.channel = channel;
        self.operating.channels = match forced {
            true => Channels::single(channel),
            false => self.config.channels.copied_without_6ghz(),
        };
        Ok(())
    }

    /// The channel this device would have if the peer had none to say.
    fn best_channel(&mut self) -> ClassChannel {
        let channels = &self.config.channels;
        let random = &mut self.draws.channel;
        let (ghz2, ghz5, overall) = self.operating.best;
        let supported = |f: u32| ClassChannel::of_freq(f).filter(|c| channels.includes(*c));
        let best = [overall, ghz5, ghz2].into_iter().find_map(supported);
        let preferred = self.config.preferred_channels.first().copied().filter(|c| channels.includes(*c));
        let configured = Some(self.config.operating).filter(|c| channels.includes(*c));
        best.filter(|_| !self.config.operating_configured)
            .or(preferred)
            .or_else(|| channels.select(&VHT_80, random))
            .or_else(|| channels.select(&HT40, random))
            .or_else(|| channels.select(&GHZ5, random))
            .or(configured)
            .or_else(|| channels.random_social(&FreqRanges::default(), &FreqRanges::default(), random))
            .or_else(|| channels.select_any(random))
            .unwrap_or(self.operating.channel)
    }

    /// Selects the operating channel again, of those that the peer can use too.
    pub(super) fn reselect_channel(&mut self, common: &Channels) {
        let random = &mut self.draws.channel;
        let (ghz2, ghz5, overall) = self.operating.best;
        let current = self.operating.channel;
        let usable = |f: u32| ClassChannel::of_freq(f).filter(|c| common.includes(*c));
        let other_band = match current.freq().unwrap_or_default() {
            _ if common.includes(current) => None,
            2400..2500 => usable(ghz5),
            4900..6000 => usable(ghz2),
            _ => None,
        };
        let preferred = self.config.preferred_channels.iter().copied().find(|c| common.includes(*c));
        let first = common.0.first().and_then(|c| Some((c.class, *c.channels.first()?)));
        self.operating.channel = self
            .operating
            .preference
            .and_then(usable)
            .or(usable(overall))
            .or(other_band)
            .or(preferred)
            .or_else(|| common.select(&VHT, random))
            .or_else(|| common.select(&HT40, random))
            .or_else(|| common.select(&GHZ5, random))
            .or(Some(current).filter(|c| common.includes(*c)))
            .or(first.map(|(class, channel)| ClassChannel { class, channel }))
            .unwrap_or(current);
    }

    /// As group owner: selects channel and SSID. `Err` with the status for the peer.
    pub(super) fn go_select_channel(&mut self, peer: MacAddr) -> Result<(), u8> {
        let Some(known) = self.peer(peer) else { return Err(status::NO_COMMON_CHANNELS) };
        let forced = known.flags.force_freq;
        let mut common = self.operating.channels.intersect(&known.channels);
        common.remove_freqs(&self.config.no_go_freqs);
        let common = common.intersect(&self.config.channels);
        let selected = common.includes(self.operating.channel);
        if common.is_empty() || (!selected && forced) {
            return Err(status::NO_COMMON_CHANNELS);
        }
        if !selected || (!forced && !self.config.operating_configured) {
            self.reselect_channel(&common);
        }
        if !self.ssid_set {
            self.ssid = self.build_ssid();
            self.ssid_set = true;
        }
        Ok(())
    }

    /// Takes a peer's Channel List. `Err` if it is malformed, of another country or has nothing in
    /// common with `own`.
    pub(super) fn take_peer_channels(
        &mut self,
        peer: MacAddr,
        own: &Channels,
        list: &[u8],
    ) -> Result<(), ()> {
        let known = self.peer_mut(peer).ok_or(())?;
        known.channels = Channels::default();
        // 2.10 keeps the length in one octet.
        let list = list.get(..list.len() & 0xff).ok_or(())?;
        let (country, classes) = list.split_first_chunk::<3>().ok_or(())?;
        known.country = *country;
        match self.common_channels(peer, own, *country, classes) {
            Ok(()) => Ok(()),
            Err(trouble) => {
                self.event(Event::Message(trouble));
                Err(())
            }
        }
    }

    /// The rest of a Channel List; `Err` with what 2.10 says of a bad one.
    fn common_channels(
        &mut self,
        peer: MacAddr,
        own: &Channels,
        country: [u8; 3],
        classes: &[u8],
    ) -> Result<(), String> {
        let [c0, c1, _] = self.config.country.map(char::from);
        let [p0, p1, _] = country.map(char::from);
        if country[2] != GLOBAL_CLASSES && (p0, p1) != (c0, c1) {
            return Err(format!("Mismatching country (ours={c0}{c1} peer's={p0}{p1})"));
        }
        let channels = Channels::parse(classes).ok_or("Invalid peer Channel List")?;
        let common = own.intersect(&channels);
        self.peer_mut(peer).into_iter().for_each(|p| p.channels = channels.clone());
        if common.is_empty() { Err("No common channels found".to_owned()) } else { Ok(()) }
    }

    /// Takes the channel where a peer wants to operate.
    pub(super) fn peer_operates_at(&mut self, peer: MacAddr, channel: Option<ChannelAttribute>) {
        let freq = channel.map_or(0, super::device::peers::channel_freq);
        self.peer_mut(peer).into_iter().for_each(|p| p.oper_freq = freq);
    }

    /// A channel for the negotiation with an authorized peer, if nobody prepared one.
    pub(super) fn default_channel(&mut self) {
        self.operating.channel = self.config.operating;
        self.operating.channels = self.config.channels.clone();
    }

    /// The operating channel; `configured` by the user.
    pub fn set_operating_channel(
        &mut self,
        operating: ClassChannel,
        configured: bool,
    ) -> Result<(), Refused> {
        operating.freq().ok_or(Refused::Channel)?;
        self.config.operating = operating;
        self.config.operating_configured = configured;
        Ok(())
    }

    /// Channels as a group owner, and more as a client.
    pub fn update_channel_list(&mut self, channels: Channels, client_channels: Channels) {
        self.config.channels = channels;
        self.config.client_channels = client_channels;
    }

    /// The best channels in MHz: 2.4 GHz, 5 GHz, overall; 0 if unknown.
    pub fn set_best_channels(&mut self, ghz2: u32, ghz5: u32, overall: u32) {
        self.operating.best = (ghz2, ghz5, overall);
    }

    /// The channel other interfaces use, in MHz.
    pub fn set_own_freq_preference(&mut self, freq: Option<u32>) {
        self.operating.preference = freq.filter(|f| *f > 0);
    }

    /// Whether a channel can be used for groups.
    pub fn supported_freq(&self, freq: u32) -> bool {
        ClassChannel::of_freq(freq).is_some_and(|c| self.config.channels.includes(c))
    }

    /// Whether it can by a group owner.
    pub fn supported_freq_go(&self, freq: u32) -> bool {
        self.supported_freq(freq) && !self.config.no_go_freqs.includes(freq)
    }

    /// Whether it can by a client.
    pub fn supported_freq_client(&self, freq: u32) -> bool {
        self.supported_freq(freq)
            || ClassChannel::of_freq(freq).is_some_and(|c| self.config.client_channels.includes(c))
    }

    /// The first preferred channel among these (the device's own without), in MHz.
    pub fn preferred_freq(&self, among: Option<&Channels>) -> Option<u32> {
        let among = among.unwrap_or(&self.config.channels);
        let preferred = self.config.preferred_channels.iter().filter_map(|c| c.freq());
        preferred.into_iter().find(|f| among.includes_freq(*f))
    }
}
