//! Channel switches: an access point's countdown in its beacons, and the stations that follow
//! (IEEE 802.11-2020 §11.8.8).

use wpasim_wire::MacAddr;
use wpasim_wire::channel;
use wpasim_wire::driver::{Beacon, ChannelSwitch, DriverEvent, Errno, OperatingChannel, Refused};
use wpasim_wire::elements::{eid, find};
use wpasim_wire::time::{Duration, Instant};

use super::VifIx;
use crate::air::{Air, MacTimer};
use crate::queue::Priority;

/// A switch that an access point has announced.
pub(crate) struct Announced {
    channel: OperatingChannel,
    after: Box<Beacon>,
    /// In the last beacon.
    count: u8,
}

/// A station's part in the switch of its access point.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Following {
    /// The switch was announced.
    Waiting(OperatingChannel),
    /// The station has gone there and waits for a beacon.
    Switched(OperatingChannel),
}

/// Returns the places of the counts in the elements: their last octets.
fn counts(elements: &mut [u8]) -> impl Iterator<Item = &mut u8> {
    let mut at = 0;
    let mut places = Vec::new();
    while let Some([id, length]) = elements.get(at..at + 2) {
        let next = at + 2 + usize::from(*length);
        if matches!((*id, *length), (eid::CHANNEL_SWITCH, 3) | (eid::EXT_CHANSWITCH, 4)) {
            places.push(next - 1);
        }
        at = next;
    }
    elements.iter_mut().enumerate().filter(move |(n, _)| places.contains(n)).map(|(_, octet)| octet)
}

/// The time that a kernel takes to end the BSS and to begin another: its stations find the switch failed before.
const GIVING_UP: Duration = Duration::from_millis(13);

impl Air {
    /// NL80211_CMD_CHANNEL_SWITCH.
    pub fn switch_channel(&mut self, vif: VifIx, switch: ChannelSwitch) {
        let freq = switch.channel.freq;
        let allowed = self.regulatory.channel(freq).is_some_and(|c| !c.no_ir && !c.radar);
        let taken = self.is_channel_taken(vif, freq);
        let refusal = match &self.vif(vif).ap {
            None => Some(Errno::NotSupported),
            Some(ap) if ap.switch.is_some() || taken => Some(Errno::Busy),
            Some(_) if !allowed => Some(Errno::Invalid),
            Some(_) => None,
        };
        if let Some(errno) = refusal {
            return self.refuse(vif, Refused::SwitchChannel, errno);
        }
        let ChannelSwitch { channel, count, during, after } = switch;
        self.notify(vif, DriverEvent::ChannelSwitchStarted { channel });
        if let Some(ap) = &mut self.vif_mut(vif).ap {
            ap.switch = Some(Box::new(Announced { channel, after: Box::new(after), count }));
            if count > 1 {
                *ap.beacon = during;
                return;
            }
        }
        self.finish_switch(vif);
    }

    /// A beacon is to be sent: it counts down. Whether it is the last on the old channel.
    pub fn count_down(&mut self, vif: VifIx) -> bool {
        let members = self.listeners_of_beacons(vif);
        let Some(ap) = &mut self.vif_mut(vif).ap else { return false };
        let Some(switch) = &mut ap.switch else { return false };
        switch.count = switch.count.saturating_sub(1).max(1);
        let count = switch.count;
        counts(&mut ap.beacon.tail).for_each(|octet| *octet = count);
        ap.wanted = members;
        count == 1
    }

    /// The count of a probe response that goes out while the beacons count down.
    pub fn count_in_probe_response(&self, vif: VifIx, frame: &mut [u8]) {
        const BEFORE_ELEMENTS: usize = 36;
        if let (Some(ap), Some(elements)) = (&self.vif(vif).ap, frame.get_mut(BEFORE_ELEMENTS..))
            && let Some(switch) = &ap.switch
        {
            counts(elements).for_each(|octet| *octet = switch.count);
        }
    }

    /// The last beacon on the old channel is over.
    pub fn switch_timer(&mut self, vif: VifIx, generation: u32) {
        if self.vif(vif).ap.as_ref().is_some_and(|ap| ap.is_of(generation)) {
            self.finish_switch(vif);
        }
    }

    fn finish_switch(&mut self, vif: VifIx) {
        let addr = self.vif(vif).addr;
        let Some(ap) = &mut self.vif_mut(vif).ap else { return };
        let Some(switch) = ap.switch.take() else { return };
        let before = ap.beacon.channel();
        let freq = switch.channel.freq;
        if freq == before.freq && switch.channel.secondary * before.secondary >= 0 {
            // mac80211 goes on in the channel context that it has, finds the old channel in it, and gives up.
            self.notify_at(self.now + GIVING_UP, Priority::Event, vif, DriverEvent::ApUnavailable);
            return self.drop_ap(vif);
        }
        ap.beacon = switch.after;
        for member in self.interfaces.members(addr).collect::<Vec<_>>() {
            if self.vif(member).associated_bss().is_some_and(|(_, f)| f != freq) {
                self.lose_clean_beacons(member);
            }
        }
        self.use_channel(vif, freq);
        self.meet_neighbors(vif);
        self.notify(vif, DriverEvent::ChannelSwitch { channel: switch.channel });
    }

    /// A station heard a beacon of its access point: it may announce a switch, or be the first on the
    /// new channel.
    pub fn follow_switch(&mut self, vif: VifIx, bssid: MacAddr, ies: &[u8], heard_on: u32) {
        let now = self.now;
        let Some(a) = &mut self.vif_mut(vif).mlme.associated else { return };
        match a.following {
            Some(Following::Waiting(_)) => {}
            Some(Following::Switched(channel)) if channel.freq == heard_on => {
                a.following = None;
                self.notify(vif, DriverEvent::ChannelSwitch { channel });
                self.reset_beacon_monitor(vif);
            }
            Some(Following::Switched(_)) => self.want_beacon(bssid, vif),
            None => {
                let Some((channel, count)) = announced(ies, heard_on) else { return };
                let channel =
                    if a.uses_ht { channel } else { OperatingChannel { ht: false, secondary: 0, ..channel } };
                let is_same = channel == a.channel();
                let usable = self.regulatory.channel(channel.freq).is_some_and(|c| !c.disabled);
                if is_same || !usable {
                    return;
                }
                let Some(a) = &mut self.vif_mut(vif).mlme.associated else { return };
                a.following = Some(Following::Waiting(channel));
                let beacons = i64::from(count.saturating_sub(1));
                let at = now + Duration::from_tu(beacons * i64::from(a.beacon_interval));
                let generation = a.session;
                self.notify(vif, DriverEvent::ChannelSwitchStarted { channel });
                self.start_timer(at, MacTimer::FollowSwitch { vif, generation });
            }
        }
    }

    /// A station goes where its access point said it would go.
    pub fn follow_switch_timer(&mut self, vif: VifIx, generation: u32) {
        let now = self.now;
        let radio = self.vif(vif).radio;
        let same = self.vif(vif).associated_bss().map(|(_, freq)| freq);
        let Some(a) = &mut self.vif_mut(vif).mlme.associated else { return };
        let Some(Following::Waiting(channel)) = a.following.filter(|_| a.session == generation) else {
            return;
        };
        if same == Some(channel.freq) {
            // As at the access point, nothing changes, and the connection is given up.
            return self.connection_lost(vif);
        }
        a.following = Some(Following::Switched(channel));
        let old = std::mem::replace(&mut a.freq, channel.freq);
        a.hears_since = now;
        let bssid = a.bssid;
        self.radio_mut(radio).bss.change_channel(bssid, old, channel.freq);
        self.use_channel(vif, channel.freq);
        self.want_beacon(bssid, vif);
    }

    /// From now on the beacons that everyone hears are those of another channel.
    fn lose_clean_beacons(&mut self, vif: VifIx) {
        let last = self.last_beacon(vif);
        if let Some(a) = &mut self.vif_mut(vif).mlme.associated {
            a.last_beacon = last;
            a.hears_since = Instant::FAR_FUTURE;
        }
    }
}

/// The channel that the elements announce, and the beacons until then.
fn announced(ies: &[u8], heard_on: u32) -> Option<(OperatingChannel, u8)> {
    let (number, count) = match (find(ies, eid::EXT_CHANSWITCH), find(ies, eid::CHANNEL_SWITCH)) {
        (Some([_, _, number, count, ..]), _) | (_, Some([_, number, count, ..])) => (*number, *count),
        _ => return None,
    };
    let freq = channel::channel_to_freq(channel::band_of(heard_on)?, number)?;
    let secondary = match find(ies, eid::SECONDARY_CHANNEL_OFFSET).and_then(|b| b.first()) {
        Some(1) => 1,
        Some(3) => -1,
        _ => 0,
    };
    Some((OperatingChannel { freq, ht: true, secondary }, count))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_announcement_names_channel_and_count() {
        let mut ies = vec![3, 1, 1, 37, 3, 0, 6, 5, 60, 4, 0, 81, 6, 5];
        counts(&mut ies).for_each(|c| *c = 2);
        let (channel, count) = announced(&ies, 2412).unwrap();
        assert_eq!((channel.freq, count, channel.secondary), (2437, 2, 0));
        assert_eq!(ies, [3, 1, 1, 37, 3, 0, 6, 2, 60, 4, 0, 81, 6, 2]);
        assert_eq!(announced(&[37, 1, 0], 2412), None);
    }
}
