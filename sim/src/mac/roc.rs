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

/// A stay on a channel. Several on one channel are under way together.
pub(crate) struct RemainOnChannel {
    pub vif: VifIx,
    pub freq: u32,
    duration: Duration,
    pub cookie: u64,
    stay: Stay,
    /// Of its timer, once it is under way.
    generation: Option<u32>,
}

impl RemainOnChannel {
    /// Whether the stay is under way.
    pub fn is_started(&self) -> bool {
        self.generation.is_some()
    }
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
        self.queue_stay(RemainOnChannel {
            vif,
            freq,
            duration,
            cookie,
            stay: Stay::Listen,
            generation: None,
        });
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
        self.queue_stay(RemainOnChannel { vif, freq, duration, cookie, stay, generation: None });
    }

    fn queue_stay(&mut self, stay: RemainOnChannel) {
        let radio = self.vif(stay.vif).radio;
        self.radio_mut(radio).roc.push(stay);
        self.start_waiting_roc(radio);
    }

    /// Begins what can begin: every stay on the channel of those under way, or the first one's if
    /// nothing else holds the radio.
    pub fn start_waiting_roc(&mut self, radio_ix: RadioIx) {
        let radio = self.radio(radio_ix);
        if radio.scan.as_ref().is_some_and(|s| !s.waiting) {
            return;
        }
        let under_way = radio.roc.iter().find(|r| r.is_started()).map(|r| r.freq);
        let Some(freq) = under_way.or(radio.roc.first().map(|r| r.freq)) else { return };
        if under_way.is_none() && freq != radio.oper_freq {
            self.leave_operating_channel(radio_ix);
        }
        while let Some(place) =
            self.radio(radio_ix).roc.iter().position(|r| !r.is_started() && r.freq == freq)
        {
            self.start_stay(radio_ix, place);
        }
    }

    fn start_stay(&mut self, radio_ix: RadioIx, place: usize) {
        let now = self.now;
        let generation = self.next_generation();
        let Some(stay) = self.radio_mut(radio_ix).roc.get_mut(place) else { return };
        stay.generation = Some(generation);
        let (vif, freq, duration, cookie) = (stay.vif, stay.freq, stay.duration, stay.cookie);
        let frame = match &mut stay.stay {
            Stay::Listen => None,
            Stay::Frame { frame, no_ack, no_cck } => frame.take().map(|f| (f, *no_ack, *no_cck)),
        };
        self.retune(radio_ix);
        self.start_timer(now + duration, MacTimer::RemainOnChannel { radio: radio_ix, generation });
        match frame {
            Some((frame, no_ack, no_cck)) => self.send_user_mgmt(vif, frame, freq, cookie, no_ack, no_cck),
            None => self.notify(vif, DriverEvent::RemainOnChannel { cookie, freq, duration }),
        }
    }

    /// A stay's time is over.
    pub fn roc_timer(&mut self, radio: RadioIx, generation: u32) {
        let place = self.radio(radio).roc.iter().position(|r| r.generation == Some(generation));
        if let Some(place) = place {
            self.end_stay(radio, place);
        }
    }

    /// Ends a stay, tells its owner and begins what waited.
    fn end_stay(&mut self, radio: RadioIx, place: usize) {
        let ended = self.radio_mut(radio).roc.remove(place);
        self.leave_if_done(radio, &ended);
        let RemainOnChannel { vif, freq, cookie, .. } = ended;
        match ended.stay {
            Stay::Listen => self.notify(vif, DriverEvent::RemainOnChannelDone { cookie, freq }),
            Stay::Frame { .. } => self.notify(vif, DriverEvent::MgmtTxWaitExpired { cookie }),
        }
        self.go_on(radio);
    }

    /// Back to the operating channel if the last stay under way is over.
    fn leave_if_done(&mut self, radio_ix: RadioIx, ended: &RemainOnChannel) {
        let radio = self.radio(radio_ix);
        if !ended.is_started() || radio.roc.iter().any(RemainOnChannel::is_started) {
            return;
        }
        if ended.freq == radio.oper_freq {
            self.retune(radio_ix);
        } else {
            self.return_to_operating_channel(radio_ix);
        }
    }

    fn go_on(&mut self, radio: RadioIx) {
        self.start_waiting_roc(radio);
        if self.radio(radio).roc.is_empty() {
            self.resume_waiting_scan(radio);
        }
    }

    /// NL80211_CMD_CANCEL_REMAIN_ON_CHANNEL and NL80211_CMD_FRAME_WAIT_CANCEL.
    pub fn cancel_stay(&mut self, vif: VifIx, cookie: u64) {
        let radio = self.vif(vif).radio;
        match self.radio(radio).roc.iter().position(|r| r.vif == vif && r.cookie == cookie) {
            Some(place) => self.end_stay(radio, place),
            None => self.refuse(vif, Refused::Other, Errno::NoEntry),
        }
    }

    /// The interface goes down: its stays end without a word.
    pub fn drop_stays(&mut self, vif: VifIx) {
        let radio = self.vif(vif).radio;
        while let Some(place) = self.radio(radio).roc.iter().position(|r| r.vif == vif) {
            let ended = self.radio_mut(radio).roc.remove(place);
            self.leave_if_done(radio, &ended);
        }
        self.go_on(radio);
    }
}
