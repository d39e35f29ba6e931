//! The radio for the device machine: listening, and action frames on any channel, as radio works beside
//! those of the interfaces (2.10's offchannel.c and the radio works of p2p_supplicant.c).

use wpasim_wire::MacAddr;
use wpasim_wire::driver::{DriverRequest, IfId};
use wpasim_wire::ieee80211::{MgmtBody, MgmtFrame};
use wpasim_wire::time::Duration;

use super::{ActionFrame, P2pWork};
use crate::Awaited;
use crate::p2p::SendResult;
use crate::supplicant::Supplicant;
use crate::supplicant::interface::Context;
use crate::supplicant::interface::work::Work;

/// The longest stay on a channel that the driver allows (capa.max_remain_on_chan).
pub(super) const MAX_REMAIN_ON_CHANNEL: Duration = Duration::from_millis(5000);

/// An action frame whose transmit status is awaited.
#[derive(Clone, PartialEq, Eq, Debug)]
struct PendingFrame {
    cookie: u64,
    freq: u32,
    dst: MacAddr,
    src: MacAddr,
    bssid: MacAddr,
}

/// The share of the radio that the device machine has.
#[derive(Clone, Debug, Default)]
pub(super) struct OffChannel {
    pending: Option<PendingFrame>,
    /// Frames whose waits may not be over, and the interfaces they were sent from.
    waits: Vec<(IfId, u64)>,
    /// A wait was asked for since the last exchange was over.
    wait_used: bool,
    last_wait: Duration,
    /// A stay that was asked for: its cookie, until the next is asked for.
    stay: u64,
    /// The channel the radio is on, and the one it is to go to; 0 for none.
    on_channel: u32,
    waits_for_channel: u32,
    /// The stay is for listening: the channel and the time asked for.
    to_listen: Option<(u32, Duration)>,
}

impl OffChannel {
    /// A wait is over by itself.
    pub fn forget_wait(&mut self, cookie: u64) {
        self.waits.retain(|(_, c)| *c != cookie);
    }
}

/// A management frame for the air.
fn action_frame(frame: &ActionFrame) -> Vec<u8> {
    let (category, body) = frame.body.split_first().map_or((0, &[][..]), |(c, b)| (*c, b));
    let body = MgmtBody::Action { category, body: body.to_vec() };
    MgmtFrame::new(frame.dst, frame.src, frame.bssid, body).emit()
}

impl Supplicant {
    /// Returns the answers about remaining on channels and frames that the driver still owes.
    pub(crate) fn awaited_off_channel(&self) -> impl Iterator<Item = (IfId, Awaited)> {
        let radio = &self.p2p.off_channel;
        let stays = (radio.on_channel != 0 || radio.waits_for_channel != 0)
            .then_some((self.p2p.shared.device_iface, Awaited::Stay { cookie: radio.stay }));
        let frame = radio.pending.as_ref().and_then(|pending| {
            let (from, cookie) = radio.waits.iter().find(|(_, cookie)| *cookie == pending.cookie)?;
            Some((*from, Awaited::Frame { cookie: *cookie }))
        });
        stays.into_iter().chain(frame)
    }

    /// Returns the work for which the device's interface has the radio.
    pub(super) fn device_work(&self) -> Option<&Work> {
        self.held_work(self.p2p.shared.device_iface)
    }

    /// The action frame that the device has the radio for.
    fn action_under_way(&self) -> Option<&ActionFrame> {
        match self.device_work() {
            Some(Work::P2p(P2pWork::Action(frame))) => Some(frame),
            _ => None,
        }
    }

    /// Whether a listen state or an action frame has the radio on this channel.
    pub(super) fn is_on_channel(&self, channel: u32) -> bool {
        match self.device_work() {
            Some(Work::P2p(P2pWork::Listen { freq, .. })) => *freq == channel,
            Some(Work::P2p(P2pWork::Action(frame))) => frame.freq == channel,
            _ => false,
        }
    }

    /// Sends a probe response, which nobody repeats.
    //= hostap@2.10 wpa_supplicant/p2p_supplicant.c#wpas_send_probe_resp
    pub(super) fn send_probe_response(&mut self, frame: Vec<u8>, freq: u32) {
        let cookie = self.p2p.cookie();
        let freq = if freq == 0 { self.p2p.off_channel.on_channel } else { freq };
        let wait = Duration::ZERO;
        let request = DriverRequest::TxMgmt { frame, freq, wait, cookie, no_ack: true, no_cck: true };
        self.on_device_interface(|i| i.driver(request));
    }

    /// Sends an action frame, at once if the radio is there already.
    //= hostap@2.10 wpa_supplicant/p2p_supplicant.c#wpas_send_action
    pub(super) fn send_action(&mut self, cx: Context<'_>, frame: ActionFrame) {
        if self.is_on_channel(frame.freq) {
            return self.transmit(frame);
        }
        let waiting = |w: &Work| matches!(w, Work::P2p(P2pWork::Action(_)));
        let device = self.p2p.shared.device_iface;
        let busy = self.device_interface().is_none()
            || self.waiting_works(device).chain(self.device_work()).any(waiting);
        if busy {
            let ActionFrame { freq, dst, src, bssid, .. } = frame;
            self.with_device(cx, |d, cx| d.send_action_cb(cx, freq, dst, src, bssid, SendResult::Failed));
            return;
        }
        self.with_device_interface(cx, |i, cx| i.add_work(cx, Work::P2p(P2pWork::Action(Box::new(frame)))));
    }

    /// Sends an action frame on a channel, for which the radio is taken if need be.
    //= hostap@2.10 wpa_supplicant/offchannel.c#offchannel_send_action
    fn transmit(&mut self, frame: ActionFrame) {
        let cookie = self.p2p.cookie();
        let ActionFrame { freq, dst, src, bssid, wait, .. } = frame;
        let from = self.interface_with_addr(src).unwrap_or(self.p2p.shared.device_iface);
        let radio = &mut self.p2p.off_channel;
        radio.pending = Some(PendingFrame { cookie, freq, dst, src, bssid });
        radio.last_wait = wait;
        radio.wait_used |= wait > Duration::ZERO;
        radio.waits.push((from, cookie));
        let octets = action_frame(&frame);
        let request =
            DriverRequest::TxMgmt { frame: octets, freq, wait, cookie, no_ack: false, no_cck: true };
        self.on_interface(from, |i| i.driver(request));
    }

    /// The radio is free for a work of the device machine.
    pub(super) fn p2p_work_started(&mut self, cx: Context<'_>, work: P2pWork) {
        match work {
            P2pWork::Action(frame) => {
                self.transmit(*frame);
            }
            // An access point has registered for probe requests itself, so that the driver refuses to report them once more.
            P2pWork::Listen { .. } if self.device_interface().is_some_and(|i| i.ap.is_some()) => {
                self.p2p_work_done(cx);
            }
            P2pWork::Listen { freq, duration } => {
                let cookie = self.p2p.cookie();
                let radio = &mut self.p2p.off_channel;
                radio.to_listen = Some((freq, duration));
                radio.stay = cookie;
                radio.on_channel = 0;
                radio.waits_for_channel = freq;
                self.on_device_interface(|i| {
                    i.driver(DriverRequest::ReportProbeRequests(true));
                    i.driver(DriverRequest::RemainOnChannel { freq, duration, cookie });
                });
            }
            P2pWork::Scan(_) => self.p2p_work_done(cx),
        }
    }

    /// The device machine's work on the radio is over.
    pub(super) fn p2p_work_done(&mut self, cx: Context<'_>) {
        self.with_device_interface(cx, |i, cx| {
            if matches!(i.held_work(cx), Some(Work::P2p(_))) {
                i.work_done(cx);
            }
        });
    }

    /// The fate of a frame. Whether it was the device machine's.
    pub(super) fn action_status(&mut self, cx: Context<'_>, cookie: u64, ack: bool) -> bool {
        let radio = &mut self.p2p.off_channel;
        let ours = radio.waits.iter().any(|(_, c)| *c == cookie);
        let Some(sent) = radio.pending.take_if(|p| p.cookie == cookie) else { return ours };
        if let Some(wait) = self.action_under_way().map(|frame| frame.wait) {
            if wait == Duration::ZERO {
                self.end_action_work(cx);
            } else {
                // Nobody may say that the exchange is over.
                self.with_device_interface(cx, |_, cx| cx.radio.hold_until(cx.now + wait));
            }
        }
        if self.p2p.shared.is_on() {
            let result = if ack { SendResult::Success } else { SendResult::NoAck };
            let PendingFrame { freq, dst, src, bssid, .. } = sent;
            self.with_device(cx, |d, cx| d.send_action_cb(cx, freq, dst, src, bssid, result));
            if !ack {
                self.prov_disc_not_acknowledged(cx, dst);
            }
        }
        if self.p2p.long_listen > Duration::ZERO {
            self.listen_on(cx, self.p2p.long_listen);
        }
        true
    }

    /// The driver takes no such frame. Whether it was the device machine's.
    pub(super) fn action_refused(&mut self, cx: Context<'_>, cookie: u64) -> bool {
        let radio = &mut self.p2p.off_channel;
        radio.forget_wait(cookie);
        let Some(frame) = radio.pending.take_if(|p| p.cookie == cookie) else { return false };
        self.end_action_work(cx);
        let PendingFrame { freq, dst, src, bssid, .. } = frame;
        self.with_device(cx, |d, cx| d.send_action_cb(cx, freq, dst, src, bssid, SendResult::Failed));
        true
    }

    /// The radio is free of the action frame.
    pub(crate) fn end_action_work(&mut self, cx: Context<'_>) {
        if self.action_under_way().is_some() {
            self.p2p_work_done(cx);
        }
    }

    /// Ends the exchange of action frames: no answer is awaited any more.
    //= hostap@2.10 wpa_supplicant/p2p_supplicant.c#wpas_send_action_done
    pub(super) fn action_done(&mut self, cx: Context<'_>) {
        self.end_action_work(cx);
        self.end_waits();
    }

    /// Ends the sending of an action frame: the radio is given back.
    //= hostap@2.10 wpa_supplicant/offchannel.c#offchannel_send_action_done
    fn end_waits(&mut self) {
        let radio = &mut self.p2p.off_channel;
        radio.pending = None;
        let waited = radio.last_wait > Duration::ZERO || radio.wait_used;
        radio.wait_used = false;
        if !waited {
            return self.leave_channel();
        }
        for (from, cookie) in core::mem::take(&mut self.p2p.off_channel.waits) {
            self.on_interface(from, |i| i.driver(DriverRequest::CancelTxWait { cookie }));
        }
    }

    /// Forgets the frame that waits, since a new operation takes the radio.
    //= hostap@2.10 wpa_supplicant/p2p_supplicant.c#wpas_p2p_clear_pending_action_tx
    pub(super) fn drop_pending_frame(&mut self, cx: Context<'_>) {
        if self.p2p.off_channel.pending.is_none() {
            return;
        }
        if self.action_under_way().is_some() {
            self.end_action_work(cx);
            self.end_waits();
        }
        self.p2p.off_channel.pending = None;
    }

    /// Ends a stay that was asked for, if there is one.
    pub(super) fn leave_channel(&mut self) {
        let radio = &mut self.p2p.off_channel;
        if radio.on_channel == 0 && radio.waits_for_channel == 0 {
            return;
        }
        radio.on_channel = 0;
        radio.waits_for_channel = 0;
        let cookie = radio.stay;
        self.on_device_interface(|i| i.driver(DriverRequest::CancelRemainOnChannel { cookie }));
    }

    /// Queues the radio work that listens on a channel for a time.
    //= hostap@2.10 wpa_supplicant/p2p_supplicant.c#wpas_start_listen
    pub(super) fn start_listen(&mut self, cx: Context<'_>, freq: u32, duration: Duration) {
        let work = Work::P2p(P2pWork::Listen { freq, duration });
        self.with_device_interface(cx, |i, cx| i.add_work(cx, work));
    }

    /// Ends the listen state of the radio.
    //= hostap@2.10 wpa_supplicant/p2p_supplicant.c#wpas_stop_listen
    pub(super) fn stop_listening(&mut self, cx: Context<'_>) {
        self.leave_channel();
        self.on_device_interface(|i| {
            i.driver(DriverRequest::ReportProbeRequests(false));
        });
        self.listen_work_done(cx);
    }

    fn listen_work_done(&mut self, cx: Context<'_>) {
        if matches!(self.device_work(), Some(Work::P2p(P2pWork::Listen { .. }))) {
            self.p2p_work_done(cx);
        }
    }

    /// The radio is on the channel.
    pub(super) fn stay_began(&mut self, cx: Context<'_>, cookie: u64, freq: u32, _duration: Duration) {
        let radio = &mut self.p2p.off_channel;
        if cookie != radio.stay {
            return;
        }
        radio.waits_for_channel = 0;
        radio.on_channel = freq;
        if let Some((freq, duration)) = radio.to_listen.take_if(|(f, _)| *f == freq)
            && self.p2p.shared.is_on()
        {
            self.with_device(cx, |d, cx| d.listen_cb(cx, freq, duration));
        }
    }

    /// Handles the end of a remain-on-channel operation.
    //= hostap@2.10 wpa_supplicant/p2p_supplicant.c#wpas_p2p_cancel_remain_on_channel_cb
    pub(super) fn stay_ended(&mut self, cx: Context<'_>, cookie: u64, freq: u32) {
        if cookie != self.p2p.off_channel.stay {
            return;
        }
        self.p2p.off_channel.on_channel = 0;
        self.listen_work_done(cx);
        if !self.p2p.shared.is_on() {
            return;
        }
        if self.p2p.long_listen > Duration::ZERO {
            self.p2p.long_listen = self.p2p.long_listen - MAX_REMAIN_ON_CHANNEL;
        }
        let goes_on = self.with_device(cx, |d, cx| d.listen_end(cx, freq)).unwrap_or(false);
        if goes_on || self.p2p.off_channel.pending.is_some() {
            return;
        }
        if self.p2p.long_listen > Duration::ZERO {
            self.listen_on(cx, self.p2p.long_listen);
        } else {
            self.with_device(cx, |d, cx| d.stop_listen(cx));
        }
    }

    /// Listens on the listen channel for a time.
    //= hostap@2.10 wpa_supplicant/p2p_supplicant.c#wpas_p2p_listen_start
    pub(super) fn listen_on(&mut self, cx: Context<'_>, duration: Duration) -> bool {
        let duration = duration.min(MAX_REMAIN_ON_CHANNEL);
        self.with_device(cx, |d, cx| d.listen(cx, duration)).is_some_and(|r| r.is_ok())
    }

    /// The driver does not go to the channel.
    pub(super) fn stay_refused(&mut self, cx: Context<'_>, cookie: u64) {
        let radio = &mut self.p2p.off_channel;
        if cookie == radio.stay {
            radio.to_listen = None;
            radio.waits_for_channel = 0;
            self.listen_work_done(cx);
        }
    }
}
