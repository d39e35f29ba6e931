//! Scanning as net/mac80211/scan.c does it in software: a state machine of delays.

use wpasim_wire::MacAddr;
use wpasim_wire::driver::{Channel, DriverEvent, Errno, IfType, RandomAddr, Refused, ScanRequest};
use wpasim_wire::time::{Duration, Instant};

use super::{RadioIx, VifIx, compose};
use crate::air::{Air, MacTimer};

/// The next step of the scan's timer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Next {
    Decide,
    Probe,
    Resume,
    /// The channels are done; the kernel still waits for its grace periods.
    Complete,
    Report,
}

/// A scan under way.
pub(crate) struct Scan {
    pub vif: VifIx,
    request: ScanRequest,
    channels: Vec<Channel>,
    position: usize,
    next: Next,
    started: Instant,
    left_operating: Instant,
    /// The channel on which the radio is for the scan; `None` while it is back on the operating channel.
    pub away_on: Option<u32>,
    /// One channel, the operating one: nothing stops for it.
    pub on_channel: bool,
    /// Beacons and probe responses are taken in.
    pub hearing: bool,
    aborted: bool,
    /// A remain-on-channel comes first.
    pub waiting: bool,
    /// The source address of probe requests, if it is not the interface's address.
    source: Option<MacAddr>,
}

impl Scan {
    /// Whether frames to this address are for the scan.
    pub fn is_source(&self, vif: VifIx, addr: MacAddr) -> bool {
        self.vif == vif && self.source == Some(addr)
    }
}

impl Air {
    /// NL80211_CMD_TRIGGER_SCAN. An access point's too (NL80211_SCAN_FLAG_AP): it is silent meanwhile.
    pub fn trigger_scan(&mut self, vif: VifIx, request: ScanRequest) {
        let v = self.vif(vif);
        let radio_ix = v.radio;
        let refusal = if !v.up {
            Some(Errno::NetDown)
        } else if self.radio(radio_ix).scan.is_some() {
            Some(Errno::Busy)
        } else if request.random_addr.is_some() && v.mlme.associated.is_some() {
            Some(Errno::NotSupported)
        } else {
            None
        };
        if let Some(errno) = refusal {
            return self.refuse(vif, Refused::TriggerScan, errno);
        }
        // The kernel keeps the order it is given.
        let channels: Vec<Channel> = if request.freqs.is_empty() {
            self.regulatory.channels.iter().filter(|c| !c.disabled).copied().collect()
        } else {
            request.freqs.iter().filter_map(|f| self.regulatory.channel(*f)).collect()
        };
        let Some(first) = channels.first().copied() else {
            return self.refuse(vif, Refused::TriggerScan, Errno::Invalid);
        };
        let now = self.now;
        let source = request.random_addr.map(|random| self.random_source(vif, random));
        let radio = self.radio_mut(radio_ix);
        radio.scan_generation += 1;
        radio.surveyed.clear();
        let on_channel = channels.len() == 1 && first.freq == radio.oper_freq;
        let waiting = !radio.roc.is_empty();
        radio.scan = Some(Scan {
            vif,
            request,
            channels,
            position: 0,
            next: Next::Decide,
            started: now,
            left_operating: now,
            away_on: None,
            on_channel,
            hearing: false,
            aborted: false,
            waiting,
            source,
        });
        self.notify(vif, DriverEvent::ScanStarted);
        if !waiting {
            self.begin_scan(radio_ix);
        }
    }

    /// An address for one scan; frames to it reach the interface until the scan ends.
    fn random_source(&mut self, vif: VifIx, random: RandomAddr) -> MacAddr {
        let mut addr = random.addr;
        for (octet, mask) in addr.0.iter_mut().zip(random.mask.0) {
            *octet = (*octet & mask) | (self.scan_addresses.below(256) as u8 & !mask);
        }
        self.interfaces.add_address(addr, vif);
        addr
    }

    /// A remain-on-channel ended: a scan that waited for it begins.
    pub fn resume_waiting_scan(&mut self, radio: RadioIx) {
        if let Some(scan) = &mut self.radio_mut(radio).scan
            && scan.waiting
        {
            scan.waiting = false;
            self.begin_scan(radio);
        }
    }

    fn begin_scan(&mut self, radio: RadioIx) {
        let now = self.now;
        let Some(scan) = &mut self.radio_mut(radio).scan else { return };
        scan.hearing = true;
        scan.left_operating = now;
        if !scan.on_channel {
            self.leave_operating_channel(radio);
            self.scan_timer(radio, Next::Decide, Duration::ZERO);
            return;
        }
        let Some(channel) = scan.channels.first().copied() else { return };
        let passive = is_passive(channel, &scan.request);
        self.retune(radio);
        let divisor = if passive { 9 } else { 33 };
        if !passive {
            self.send_probe_requests(radio, channel);
        }
        let dwell = self.clock.delayed_work(now, self.clock.hz_over(divisor));
        self.scan_timer(radio, Next::Complete, dwell);
    }

    /// NL80211_CMD_ABORT_SCAN.
    pub fn abort_scan(&mut self, vif: VifIx) {
        let radio = self.vif(vif).radio;
        match &mut self.radio_mut(radio).scan {
            Some(scan) if scan.vif == vif => {
                scan.aborted = true;
                self.radio_mut(radio).scan_generation += 1;
                self.complete_scan(radio);
                // mac80211 tells at once.
                self.scan_timer(radio, Next::Report, Duration::ZERO);
            }
            _ => self.refuse(vif, Refused::AbortScan, Errno::NoEntry),
        }
    }

    /// The scan's interface changes its type: the scan ends, and the supplicant hears of it.
    pub fn cancel_scan(&mut self, vif: VifIx) {
        let radio_ix = self.vif(vif).radio;
        let radio = self.radio_mut(radio_ix);
        if let Some(scan) = radio.scan.as_mut().filter(|s| s.vif == vif) {
            scan.aborted = true;
            radio.scan_generation += 1;
            self.report_scan(radio_ix);
        }
    }

    /// The scan's interface goes down: it ends without a word.
    pub fn drop_scan(&mut self, vif: VifIx) {
        let radio_ix = self.vif(vif).radio;
        let radio = self.radio_mut(radio_ix);
        if radio.scan.as_ref().is_some_and(|s| s.vif == vif)
            && let Some(scan) = radio.scan.take()
        {
            radio.scan_generation += 1;
            self.forget_source(&scan);
            self.retune(radio_ix);
        }
    }

    fn scan_timer(&mut self, radio_ix: RadioIx, next: Next, after: Duration) {
        let at = self.now + after;
        let radio = self.radio_mut(radio_ix);
        let generation = radio.scan_generation;
        if let Some(scan) = &mut radio.scan {
            scan.next = next;
        }
        self.start_timer(at, MacTimer::Scan { radio: radio_ix, generation });
    }

    /// The scan's timer fired.
    pub fn scan_step(&mut self, radio: RadioIx, generation: u32) {
        if self.radio(radio).scan_generation != generation {
            return;
        }
        let Some(scan) = &self.radio(radio).scan else { return };
        match scan.next {
            Next::Decide => self.scan_decide(radio),
            Next::Probe => self.scan_probe(radio),
            Next::Resume => {
                let now = self.now;
                if let Some(scan) = &mut self.radio_mut(radio).scan {
                    scan.left_operating = now;
                }
                self.leave_operating_channel(radio);
                self.scan_set_channel(radio);
            }
            Next::Complete => self.complete_scan(radio),
            Next::Report => self.report_scan(radio),
        }
    }

    /// The next channel, or a break on the operating one if the AP waits for its station.
    fn scan_decide(&mut self, radio_ix: RadioIx) {
        let (now, clock) = (self.now, self.clock);
        let associated = self.is_station_associated(radio_ix);
        let Some(scan) = &mut self.radio_mut(radio_ix).scan else { return };
        let Some(channel) = scan.channels.get(scan.position).copied() else {
            return self.complete_scan(radio_ix);
        };
        let ticks = if is_passive(channel, &scan.request) { clock.hz_over(9) } else { 2 * clock.hz_over(33) };
        let longest = scan.left_operating + clock.ticks(clock.hz_over(8));
        if associated && now + clock.ticks(ticks) > longest {
            scan.away_on = None;
            self.survey_operating_channel(radio_ix);
            self.return_to_operating_channel(radio_ix);
            let pause = clock.delayed_work(now, clock.hz_over(5));
            return self.scan_timer(radio_ix, Next::Resume, pause);
        }
        self.scan_set_channel(radio_ix);
    }

    fn scan_set_channel(&mut self, radio_ix: RadioIx) {
        let (now, clock) = (self.now, self.clock);
        let radio = self.radio_mut(radio_ix);
        let Some(scan) = &mut radio.scan else { return };
        let Some(channel) = scan.channels.get(scan.position).copied() else {
            return self.complete_scan(radio_ix);
        };
        scan.position += 1;
        scan.away_on = Some(channel.freq);
        let passive = is_passive(channel, &scan.request);
        radio.surveyed.insert(channel.freq);
        self.retune(radio_ix);
        if passive {
            let dwell = clock.delayed_work(now, clock.hz_over(9));
            self.scan_timer(radio_ix, Next::Decide, dwell);
        } else {
            let delay = clock.delayed_work(now, clock.hz_over(33));
            self.scan_timer(radio_ix, Next::Probe, delay);
        }
    }

    /// hwsim surveys whatever channel it is set to before the scan is over, its way back included.
    fn survey_operating_channel(&mut self, radio: RadioIx) {
        let radio = self.radio_mut(radio);
        radio.surveyed.insert(radio.oper_freq);
    }

    fn scan_probe(&mut self, radio: RadioIx) {
        let Some(scan) = &self.radio(radio).scan else { return };
        let position = scan.position.saturating_sub(1);
        if let Some(channel) = scan.channels.get(position).copied() {
            self.send_probe_requests(radio, channel);
        }
        let dwell = self.clock.delayed_work(self.now, self.clock.hz_over(33));
        self.scan_timer(radio, Next::Decide, dwell);
    }

    fn send_probe_requests(&mut self, radio: RadioIx, channel: Channel) {
        let Some(scan) = &self.radio(radio).scan else { return };
        let (vif, source, request) = (scan.vif, scan.source, scan.request.clone());
        let v = self.vif(vif);
        let source = source.unwrap_or(v.addr);
        let (addr, he) = (source, v.iftype == IfType::Station && channel.freq < 3000);
        for ssid in &request.ssids {
            let frame =
                compose::probe_request(addr, &request, ssid.as_bytes(), channel.freq, channel.number, he);
            self.send_mgmt(vif, frame, channel.freq, request.no_cck);
        }
    }

    /// The last channel is done (or the scan is aborted): back to the operating channel; the report
    /// follows when the kernel's grace periods are over.
    fn complete_scan(&mut self, radio: RadioIx) {
        let Some(scan) = &mut self.radio_mut(radio).scan else { return };
        scan.hearing = false;
        let was_away = !scan.on_channel && !scan.waiting;
        scan.away_on = None;
        if was_away {
            self.survey_operating_channel(radio);
            self.return_to_operating_channel(radio);
        } else {
            self.retune(radio);
        }
        self.scan_timer(radio, Next::Report, self.clock.grace_periods());
    }

    fn report_scan(&mut self, radio_ix: RadioIx) {
        let now = self.now;
        let radio = self.radio_mut(radio_ix);
        let Some(scan) = radio.scan.take() else { return };
        radio.bss.expire(now);
        if scan.request.flush && !scan.aborted {
            radio.bss.flush_older_than(scan.started);
        }
        self.forget_source(&scan);
        self.retune(radio_ix);
        let freqs = scan.channels.iter().map(|c| c.freq).collect();
        let ssids = scan.request.ssids;
        self.notify(scan.vif, DriverEvent::ScanDone { aborted: scan.aborted, freqs, ssids });
        self.look_at_deferred(radio_ix);
        self.start_next_stay(radio_ix);
    }

    fn forget_source(&mut self, scan: &Scan) {
        if let Some(addr) = scan.source {
            self.interfaces.remove_address(addr, scan.vif);
        }
    }

    fn is_station_associated(&self, radio: RadioIx) -> bool {
        self.radio(radio).vifs.iter().any(|v| self.vif(*v).mlme.associated.is_some())
    }
}

/// Channels where nobody may transmit first, and scans without SSIDs, are only listened to.
fn is_passive(channel: Channel, request: &ScanRequest) -> bool {
    channel.no_ir || channel.radar || channel.freq > 5950 || request.ssids.is_empty()
}
