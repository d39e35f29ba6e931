//! Remain-on-channel and management frames off the operating channel.

use wpasim_wire::driver::{DriverEvent, Errno, Refused};
use wpasim_wire::time::{Duration, Instant};

use super::{RadioIx, VifIx};
use crate::air::{Air, MacTimer};

/// nl80211 refuses longer stays (wiphy max_remain_on_channel_duration).
const LONGEST: Duration = Duration::from_millis(5000);

/// nl80211 refuses shorter stays (NL80211_MIN_REMAIN_ON_CHANNEL_TIME), and mac80211 stays as long for a
/// frame without a wait.
const SHORTEST: Duration = Duration::from_millis(10);

/// The reason why the radio stays.
pub(crate) enum Stay {
    /// NL80211_CMD_REMAIN_ON_CHANNEL.
    Listen,
    /// NL80211_CMD_FRAME: the frame goes out when the stay begins.
    Frame { frame: Option<Vec<u8>>, no_ack: bool, no_cck: bool },
}

/// A stay on a channel. Those of one interface on one channel are under way together.
pub(crate) struct RemainOnChannel {
    pub vif: VifIx,
    pub freq: u32,
    duration: Duration,
    pub cookie: u64,
    stay: Stay,
    /// Since when, and the generation of its timer, once it is under way.
    started: Option<(Instant, u32)>,
}

impl RemainOnChannel {
    /// Whether the stay is under way.
    pub fn is_started(&self) -> bool {
        self.started.is_some()
    }

    fn is_with(&self, other: &Self) -> bool {
        self.vif == other.vif && self.freq == other.freq
    }
}

impl Air {
    /// NL80211_CMD_REMAIN_ON_CHANNEL.
    pub fn remain_on_channel(&mut self, vif: VifIx, freq: u32, duration: Duration, cookie: u64) {
        let refused = Refused::RemainOnChannel(cookie);
        if !self.vif(vif).up {
            return self.refuse(vif, refused, Errno::NetDown);
        }
        if self.regulatory.channel(freq).is_none() || duration > LONGEST || duration < SHORTEST {
            return self.refuse(vif, refused, Errno::Invalid);
        }
        self.queue_stay(RemainOnChannel { vif, freq, duration, cookie, stay: Stay::Listen, started: None });
    }

    /// A management frame of an interface that does not operate on the channel.
    pub fn send_off_channel(
        &mut self,
        vif: VifIx,
        frame: Vec<u8>,
        freq: u32,
        wait: Duration,
        cookie: u64,
        (no_ack, no_cck): (bool, bool),
    ) {
        if wait > LONGEST {
            return self.refuse(vif, Refused::TxMgmt(cookie), Errno::Invalid);
        }
        let stay = Stay::Frame { frame: Some(frame), no_ack, no_cck };
        let duration = wait.max(SHORTEST);
        self.queue_stay(RemainOnChannel { vif, freq, duration, cookie, stay, started: None });
    }

    /// ieee80211_start_roc_work: at once if nothing holds the radio or the interface is there already,
    /// otherwise behind what waits.
    fn queue_stay(&mut self, stay: RemainOnChannel) {
        let now = self.now;
        let radio_ix = self.vif(stay.vif).radio;
        let radio = self.radio_mut(radio_ix);
        let scanning = radio.scan.as_ref().is_some_and(|s| !s.waiting);
        if radio.roc.is_empty() && !scanning {
            radio.roc.push(stay);
            return self.start_first_stays(radio_ix);
        }
        let companion = radio.roc.iter().position(|other| {
            let fits = |(since, _): (Instant, u32)| now - since + stay.duration <= LONGEST;
            other.is_with(&stay) && other.started.is_none_or(fits)
        });
        let Some(place) = companion else { return radio.roc.push(stay) };
        let is_there = radio.roc.get(place).is_some_and(RemainOnChannel::is_started);
        radio.roc.insert(place + 1, stay);
        if is_there {
            self.start_stay(radio_ix, place + 1);
        }
    }

    /// Starts the next work that waited for the radio: the kernel delays the next stay by about half a second,
    /// rounded to whole ones, and a scan to the next whole one if the last is past by a quarter.
    pub fn start_next_stay(&mut self, radio_ix: RadioIx) {
        let generation = self.next_generation();
        let (now, clock) = (self.now, self.clock);
        let radio = self.radio_mut(radio_ix);
        let (delay, timer) = match (radio.roc.first(), &radio.scan) {
            (Some(first), _) if first.is_started() => return,
            (Some(_), _) => (
                clock.rounded_delay(now, clock.hz_over(2)),
                MacTimer::NextStay { radio: radio_ix, generation },
            ),
            (None, Some(scan)) if scan.waiting => {
                (clock.rounded_delay(now, 0), MacTimer::DeferredScan { radio: radio_ix, generation })
            }
            (None, _) => return,
        };
        radio.roc_generation = generation;
        self.start_timer(now + delay, timer);
    }

    /// The delay before the next stay is over.
    pub fn next_stay_timer(&mut self, radio_ix: RadioIx, generation: u32) {
        let radio = self.radio(radio_ix);
        let scanning = radio.scan.as_ref().is_some_and(|s| !s.waiting);
        let waits = radio.roc.first().is_some_and(|first| !first.is_started());
        if radio.roc_generation == generation && waits && !scanning {
            self.start_first_stays(radio_ix);
        }
    }

    /// The delay before a scan that waited is over; a stay may have come first.
    pub fn deferred_scan_timer(&mut self, radio_ix: RadioIx, generation: u32) {
        let radio = self.radio(radio_ix);
        if radio.roc_generation == generation && radio.roc.is_empty() {
            self.resume_waiting_scan(radio_ix);
        }
    }

    /// Begins the first stay and those right behind it that go with it.
    fn start_first_stays(&mut self, radio_ix: RadioIx) {
        let radio = self.radio(radio_ix);
        let Some(first) = radio.roc.first() else { return };
        let together = radio.roc.iter().take_while(|r| r.is_with(first)).count();
        if first.freq != radio.oper_freq {
            self.leave_operating_channel(radio_ix);
        }
        for place in 0..together {
            self.start_stay(radio_ix, place);
        }
    }

    fn start_stay(&mut self, radio_ix: RadioIx, place: usize) {
        let now = self.now;
        let generation = self.next_generation();
        let Some(stay) = self.radio_mut(radio_ix).roc.get_mut(place) else { return };
        stay.started = Some((now, generation));
        let (vif, freq, duration, cookie) = (stay.vif, stay.freq, stay.duration, stay.cookie);
        let frame = match &mut stay.stay {
            Stay::Listen => None,
            Stay::Frame { frame, no_ack, no_cck } => frame.take().map(|f| (f, *no_ack, *no_cck)),
        };
        self.retune(radio_ix);
        let end = now + self.clock.whole_ticks(now, duration);
        self.start_timer(end, MacTimer::RemainOnChannel { radio: radio_ix, generation });
        match frame {
            Some((frame, no_ack, no_cck)) => self.send_user_mgmt(vif, frame, freq, cookie, no_ack, no_cck),
            None => self.notify(vif, DriverEvent::RemainOnChannel { cookie, freq, duration }),
        }
    }

    /// A stay's time is over.
    pub fn roc_timer(&mut self, radio: RadioIx, generation: u32) {
        let is_it = |r: &RemainOnChannel| r.started.is_some_and(|(_, g)| g == generation);
        if let Some(place) = self.radio(radio).roc.iter().position(is_it) {
            self.end_stay(radio, place);
        }
    }

    /// Ends a stay, tells its owner and sees to what waited.
    fn end_stay(&mut self, radio: RadioIx, place: usize) {
        let ended = self.radio_mut(radio).roc.remove(place);
        self.leave_if_done(radio, &ended);
        let RemainOnChannel { vif, freq, cookie, .. } = ended;
        match ended.stay {
            Stay::Listen => self.notify(vif, DriverEvent::RemainOnChannelDone { cookie, freq }),
            // The kernel's cookie of these frames is none of user space's.
            Stay::Frame { no_ack: true, .. } => {}
            Stay::Frame { frame, .. } => {
                if let Some(frame) = frame {
                    self.notify(vif, DriverEvent::MgmtTxStatus { cookie, frame, ack: false });
                }
                self.notify(vif, DriverEvent::MgmtTxWaitExpired { cookie });
            }
        }
        self.start_next_stay(radio);
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

    /// NL80211_CMD_CANCEL_REMAIN_ON_CHANNEL and NL80211_CMD_FRAME_WAIT_CANCEL.
    pub fn cancel_stay(&mut self, vif: VifIx, cookie: u64) {
        let radio = self.vif(vif).radio;
        match self.radio(radio).roc.iter().position(|r| r.vif == vif && r.cookie == cookie) {
            Some(place) => self.end_stay(radio, place),
            None => self.refuse(vif, Refused::Other, Errno::NoEntry),
        }
    }

    /// The interface gets another type: its stays end, and their owner hears of it (ieee80211_roc_purge).
    pub fn expire_stays(&mut self, vif: VifIx) {
        let radio = self.vif(vif).radio;
        while let Some(place) = self.radio(radio).roc.iter().position(|r| r.vif == vif) {
            self.end_stay(radio, place);
        }
    }

    /// The interface's process ended or the interface is gone: its stays end without a word.
    pub fn drop_stays(&mut self, vif: VifIx) {
        let radio = self.vif(vif).radio;
        while let Some(place) = self.radio(radio).roc.iter().position(|r| r.vif == vif) {
            let ended = self.radio_mut(radio).roc.remove(place);
            self.leave_if_done(radio, &ended);
        }
        self.start_next_stay(radio);
    }
}
