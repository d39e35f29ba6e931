//! Going to another channel with everyone (CHAN_SWITCH; IEEE 802.11-2020 §11.8.8).

use super::elements::operating_class;
use super::{AccessPoint, ApAction, ApContext, ApState, HtConfig};
use crate::config::text::{atoi, strtol};
use crate::wire::channel::freq_to_channel;
use crate::wire::driver::{ChannelSwitch, DriverRequest, OperatingChannel};
use crate::wire::elements::{eid, push};

/// HT Capability Information: 40 MHz are used.
const SUPP_CHANNEL_WIDTH_SET: u16 = 0x0002;

/// The settings that CHAN_SWITCH asks for.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct SwitchSettings {
    /// Beacons until then.
    pub count: u8,
    pub channel: OperatingChannel,
    /// Nobody may transmit until then.
    pub block_tx: bool,
    /// In MHz; 0 where the command names none.
    center: [i32; 2],
    bandwidth: i32,
}

impl SwitchSettings {
    /// A switch of 20 MHz, announced in so many beacons.
    pub fn new(count: u8, channel: OperatingChannel) -> Self {
        SwitchSettings { count, channel, block_tx: false, center: [0; 2], bandwidth: 20 }
    }

    /// `COUNT FREQ [sec_channel_offset=N] [center_freq1=MHZ] [center_freq2=MHZ] [bandwidth=MHZ] [blocktx]
    /// [ht|vht|he]`. `None` without count or channel.
    pub fn parse(text: &str) -> Option<SwitchSettings> {
        let (count, rest) = leading_number(text)?;
        let freq = u32::try_from(atoi(rest)).ok().filter(|f| *f > 0)?;
        let number = |word: &str| text.split_once(word).map_or(0, |(_, value)| atoi(value));
        let secondary = number(" sec_channel_offset=").clamp(-2, 2) as i8;
        Some(SwitchSettings {
            count: count as u8,
            channel: OperatingChannel { freq, ht: text.contains(" ht"), secondary },
            block_tx: text.contains(" blocktx"),
            center: [number(" center_freq1="), number(" center_freq2=")],
            bandwidth: number(" bandwidth="),
        })
    }

    /// Whether the width agrees with the rest, as hostapd wants it. 80 MHz and more this radio has not.
    pub fn fits_together(&self) -> bool {
        let [first, second] = self.center;
        match self.bandwidth {
            0 | 20 => {
                (first == 0 || first == self.channel.freq as i32)
                    && second == 0
                    && self.channel.secondary == 0
            }
            40 => {
                second == 0
                    && matches!(self.channel.secondary, 1 | -1)
                    && (first == 0 || first == self.channel.center() as i32)
            }
            _ => false,
        }
    }
}

/// A decimal number with nothing but blanks before it, and what follows.
fn leading_number(text: &str) -> Option<(i64, &str)> {
    let trimmed = text.trim_start();
    let digits = trimmed.strip_prefix(['-', '+']).unwrap_or(trimmed);
    let length = digits.bytes().take_while(u8::is_ascii_digit).count();
    if length == 0 {
        return None;
    }
    let negative = trimmed.starts_with('-');
    let (value, _) = strtol(digits.get(..length)?.trim_start_matches('0'));
    Some((if negative { -value } else { value }, digits.get(length..)?))
}

/// The words of an operating channel in events.
pub(crate) fn channel_text(channel: OperatingChannel) -> String {
    let OperatingChannel { freq, ht, secondary } = channel;
    let width = channel.width_text();
    let (ht, center) = (u8::from(ht), channel.center());
    format!("freq={freq} ht_enabled={ht} ch_offset={secondary} ch_width={width} cf1={center} cf2=0")
}

impl AccessPoint {
    /// The channel and its width.
    fn operating_channel(&self) -> OperatingChannel {
        OperatingChannel {
            freq: self.config.freq,
            ht: self.config.ht.is_some(),
            secondary: self.config.ht.map_or(0, |ht| ht.secondary_channel),
        }
    }

    /// Whether a switch is announced.
    pub fn is_switching(&self) -> bool {
        self.switch.is_some()
    }

    /// CHAN_SWITCH. Whether the switch was announced.
    pub fn switch_channel(&mut self, cx: ApContext<'_>, settings: SwitchSettings) -> bool {
        let SwitchSettings { channel, count, .. } = settings;
        let usable = |freq| {
            let channels = cx.driver.channels(self.iface);
            channels.iter().any(|c| c.freq == freq && !c.disabled && !c.no_ir && !c.radar)
        };
        let current = self.operating_channel();
        let same = channel == current;
        let width_is_known = matches!(channel.secondary, -1..=1) && (channel.ht || channel.secondary == 0);
        if self.state != ApState::Enabled || self.stopped || self.switch.is_some() || same || !width_is_known
        {
            return false;
        }
        if operating_class(channel.freq, channel.secondary).is_none()
            || !usable(channel.freq)
            || (channel.secondary != 0
                && !usable(channel.center().saturating_add_signed(10 * i32::from(channel.secondary))))
        {
            return false;
        }
        self.use_operating_channel(channel);
        let after = self.beacon();
        self.use_operating_channel(current);
        self.switch = Some(settings);
        let during = self.beacon();
        let request = ChannelSwitch { channel, count, during, after };
        let request = DriverRequest::SwitchChannel(Box::new(request));
        let is_refused = cx.driver.would_refuse(self.iface, &request).is_some();
        self.request(request);
        !is_refused
    }

    /// The configuration of a channel; HT comes back as it was configured.
    fn use_operating_channel(&mut self, channel: OperatingChannel) {
        let remembered = self.config.ht.or(self.ht_before).unwrap_or(HtConfig::HOSTAPD);
        self.ht_before = Some(remembered);
        let wide = if channel.secondary == 0 { 0 } else { SUPP_CHANNEL_WIDTH_SET };
        self.config.freq = channel.freq;
        self.config.named_channel = None;
        self.config.ht = channel.ht.then_some(HtConfig {
            capab: (remembered.capab & !SUPP_CHANNEL_WIDTH_SET) | wide,
            secondary_channel: channel.secondary,
            ..remembered
        });
    }

    /// The Channel Switch Announcement element while one is announced.
    pub(super) fn push_channel_switch(&self, out: &mut Vec<u8>) {
        let Some(switch) = self.switch.as_ref().filter(|_| !self.config.ecsa_only) else { return };
        let number = freq_to_channel(switch.channel.freq).unwrap_or(0);
        push(out, eid::CHANNEL_SWITCH, &[u8::from(switch.block_tx), number, switch.count]);
    }

    /// The extended form of it.
    pub(super) fn push_extended_channel_switch(&self, out: &mut Vec<u8>) {
        let Some(switch) = &self.switch else { return };
        let OperatingChannel { freq, secondary, .. } = switch.channel;
        let number = freq_to_channel(freq).unwrap_or(0);
        if let Some(class) = operating_class(freq, secondary) {
            push(out, eid::EXT_CHANSWITCH, &[u8::from(switch.block_tx), class, number, switch.count]);
        }
    }

    /// Handles the driver's report that it began to switch the channel.
    //= hostap@2.10 src/ap/drv_callbacks.c#hostapd_event_ch_switch
    pub(super) fn switch_started(&mut self, channel: OperatingChannel) {
        self.use_operating_channel(channel);
        self.event(format!("CTRL-EVENT-STARTED-CHANNEL-SWITCH {} dfs=0", channel_text(channel)));
        self.actions.push(ApAction::ChannelChanged(channel));
    }

    /// The driver gave the BSS up at the end of a switch. It begins anew on the channel, as it is configured by then.
    //= hostap@2.10 src/ap/drv_callbacks.c#hostapd_event_iface_unavailable
    pub(super) fn switch_failed(&mut self) {
        if let Some(switch) = self.switch.take() {
            self.actions.push(ApAction::RestartOn(switch.channel));
        }
    }

    /// The same: the driver has switched.
    pub(super) fn switch_finished(&mut self, channel: OperatingChannel) {
        self.use_operating_channel(channel);
        self.event(format!("CTRL-EVENT-CHANNEL-SWITCH {} dfs=0", channel_text(channel)));
        self.actions.push(ApAction::ChannelChanged(channel));
        if self.switch.take_if(|s| s.channel.freq == channel.freq).is_some() {
            self.update_beacon();
            self.event(format!("AP-CSA-FINISHED freq={} dfs=0", channel.freq));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_arguments_of_chan_switch() {
        let settings = SwitchSettings::parse("5 2437 ht blocktx").unwrap();
        assert_eq!((settings.count, settings.channel.freq, settings.block_tx), (5, 2437, true));
        assert!(settings.channel.ht && settings.fits_together());
        let wide = SwitchSettings::parse("5 2412 sec_channel_offset=1 bandwidth=40 ht").unwrap();
        assert!(wide.fits_together());
        assert_eq!(
            channel_text(wide.channel),
            "freq=2412 ht_enabled=1 ch_offset=1 ch_width=40 MHz cf1=2422 cf2=0"
        );
        assert!(!SwitchSettings::parse("5 2412 sec_channel_offset=1").unwrap().fits_together());
        assert_eq!(SwitchSettings::parse("x 2412"), None);
        assert_eq!(SwitchSettings::parse("5"), None);
    }

    proptest! {
        #[test]
        fn any_arguments_are_read_or_refused(text in "\\PC{0,60}") {
            if let Some(settings) = SwitchSettings::parse(&text) {
                let _ = (settings.fits_together(), channel_text(settings.channel));
            }
        }
    }
}
