//! Remain-on-channel and management frames off the operating channel.

use wpasim_wire::driver::{DriverEvent, Errno, Refused};
use wpasim_wire::time::Duration;

use super::{RadioIx, VifIx};
use crate::air::{Air, MacTimer};

/// nl80211 refuses shorter and longer stays (wiphy max_remain_on_channel_duration).
const LONGEST: Duration = Duration::from_millis(5000);

/// Why the radio stays.
pub(crate) enum Stay {
    /// NL80211_CMD_REMAIN_ON_CHANNEL.
    Listen,
    /// NL80211_CMD_FRAME with a wait: the frame goes out when the stay begins.
    Frame { frame: Option<Vec<u8>>, no_ack: bool, no_cck: bool },
}

/// A stay on a channel, under way if it is the radio's first.
pub(crate) struct RemainOnChannel {
    pub vif: VifIx,
    pub freq: u32,
    duration: Duration,
    pub cookie: u64,
    stay: Stay,
    pub started: bool,
}

impl Air {
    /// NL80211_CMD_REMAIN_ON_CHANNEL.
    pub fn remain_on_channel(&mut self, vif: VifIx, freq: u32, duration: Duration, cookie: u64) {
        let refused = Refused::RemainOnChannel(cookie);
        if !self.vif(vif).up {
            return self.refuse(vif, refused, Errno::NetDown);
        }
        if self.regulatory.channel(freq).is_none()
            || duration > LONGEST
            || duration < Duration::from_millis(10)
        {
            return self.refuse(vif, refused, Errno::Invalid);
        }
        self.queue_stay(RemainOnChannel { vif, freq, duration, cookie, stay: Stay::Listen, started: false });
    }

    /// A management frame for another channel than the operating one.
    pub fn send_off_channel(
        &mut self,
        vif: VifIx,
        frame: Vec<u8>,
        freq: u32,
        wait: Duration,
        cookie: u64,
        (no_ack, no_cck): (bool, bool),
    ) {
        let stay = Stay::Frame { frame: Some(frame), no_ack, no_cck };
        // mac80211 stays a moment even without a wait, so that the frame can go out.
        let duration = wait.max(Duration::from_millis(20));
        self.queue_stay(RemainOnChannel { vif, freq, duration, cookie, stay, started: false });
    }

    fn queue_stay(&mut self, stay: RemainOnChannel) {
        let radio = self.vif(stay.vif).radio;
        self.radio_mut(radio).roc.push(stay);
        self.start_waiting_roc(radio);
    }

    /// Begins the first stay if nothing else holds the radio.
    pub fn start_waiting_roc(&mut self, radio_ix: RadioIx) {
        let now = self.now;
        let radio = self.radio_mut(radio_ix);
        if radio.scan.is_some() {
            return;
        }
        let Some(first) = radio.roc.first_mut() else { return };
        if first.started {
            return;
        }
        first.started = true;
        let (vif, freq, duration, cookie) = (first.vif, first.freq, first.duration, first.cookie);
        let frame = match &mut first.stay {
            Stay::Listen => None,
            Stay::Frame { frame, no_ack, no_cck } => frame.take().map(|f| (f, *no_ack, *no_cck)),
        };
        let listens = matches!(first.stay, Stay::Listen);
        radio.roc_generation += 1;
        let generation = radio.roc_generation;
        let away = freq != radio.oper_freq;
        if away {
            self.leave_operating_channel(radio_ix);
        }
        self.retune(radio_ix);
        self.start_timer(now + duration, MacTimer::RemainOnChannel { radio: radio_ix, generation });
        if listens {
            self.notify(vif, DriverEvent::RemainOnChannel { cookie, freq, duration });
        }
        if let Some((frame, no_ack, no_cck)) = frame {
            self.send_user_mgmt(vif, frame, freq, cookie, no_ack, no_cck);
        }
    }

    /// The stay's time is over.
    pub fn roc_timer(&mut self, radio: RadioIx, generation: u32) {
        if self.radio(radio).roc_generation == generation {
            self.end_first_stay(radio);
        }
    }

    /// Ends the first stay, tells its owner and begins what waited.
    fn end_first_stay(&mut self, radio_ix: RadioIx) {
        let radio = self.radio_mut(radio_ix);
        if radio.roc.is_empty() {
            return;
        }
        radio.roc_generation += 1;
        let ended = radio.roc.remove(0);
        if ended.started && ended.freq != radio.oper_freq {
            self.return_to_operating_channel(radio_ix);
        } else {
            self.retune(radio_ix);
        }
        self.tell_end(&ended);
        self.start_waiting_roc(radio_ix);
        if self.radio(radio_ix).roc.is_empty() {
            self.resume_waiting_scan(radio_ix);
        }
    }

    fn tell_end(&mut self, ended: &RemainOnChannel) {
        let RemainOnChannel { vif, freq, cookie, .. } = *ended;
        match ended.stay {
            Stay::Listen => self.notify(vif, DriverEvent::RemainOnChannelDone { cookie, freq }),
            Stay::Frame { .. } => self.notify(vif, DriverEvent::MgmtTxWaitExpired { cookie }),
        }
    }

    /// NL80211_CMD_CANCEL_REMAIN_ON_CHANNEL and NL80211_CMD_FRAME_WAIT_CANCEL.
    pub fn cancel_stay(&mut self, vif: VifIx, cookie: u64) {
        let radio_ix = self.vif(vif).radio;
        let place = self.radio(radio_ix).roc.iter().position(|r| r.vif == vif && r.cookie == cookie);
        match place {
            Some(0) => self.end_first_stay(radio_ix),
            Some(place) => {
                let ended = self.radio_mut(radio_ix).roc.remove(place);
                self.tell_end(&ended);
            }
            None => self.refuse(vif, Refused::Other, Errno::NoEntry),
        }
    }

    /// The interface goes down: its stays end without a word.
    pub fn drop_stays(&mut self, vif: VifIx) {
        let radio_ix = self.vif(vif).radio;
        let radio = self.radio_mut(radio_ix);
        let first_ends = radio.roc.first().is_some_and(|r| r.vif == vif);
        radio.roc.retain(|r| r.vif != vif);
        if first_ends {
            radio.roc_generation += 1;
            self.retune(radio_ix);
            self.start_waiting_roc(radio_ix);
        }
    }
}
