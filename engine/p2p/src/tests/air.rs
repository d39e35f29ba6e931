//! Devices with radios of their own on one air, where frames can be lost.

use super::*;
use std::collections::VecDeque;
use wpasim_wire::elements::{self, eid};
use wpasim_wire::ieee80211::{MgmtBody, MgmtFrame};
use wpasim_wire::p2p::WILDCARD_SSID;
use wpasim_wire::wsc::{RequestType, probe_request};

/// The time that a scan takes, a third of it on each social channel.
const SCAN: Duration = Duration::from_millis(200);

#[derive(Clone, Debug)]
enum Job {
    Scan { found: Vec<(MacAddr, u32, Vec<u8>)>, device_id: Option<MacAddr> },
    Listen { freq: u32, duration: Duration },
    Send { freq: u32, dst: MacAddr, src: MacAddr, bssid: MacAddr, body: Vec<u8>, wait: Duration },
}

/// A device, its owner, its radio and what it told.
pub struct Station {
    pub device: Device,
    pub desk: Desk,
    pub events: Vec<Event>,
    /// The state after every step, without repetitions.
    pub states: Vec<&'static str>,
    queue: VecDeque<Job>,
    active: Option<(Job, Instant)>,
    /// The frequency at which the radio stays for the answer to a frame, and its end.
    hold: Option<(u32, Instant)>,
}

/// The air and the time.
pub struct Air {
    pub now: Instant,
    pub stations: Vec<Station>,
    /// Whether the `n`th action frame is lost, and whether only its acknowledgement is.
    pub fate: Box<dyn FnMut(usize) -> Fate>,
    pub sent: usize,
    /// Type and subtype octets of action frames in the order in which they were sent.
    pub log: Vec<(MacAddr, u8)>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fate {
    Arrives,
    Lost,
    AckLost,
    Twice,
}

impl Station {
    fn listens_on(&self, freq: u32) -> bool {
        matches!(&self.active, Some((Job::Listen { freq: f, .. }, _)) if *f == freq)
            || (self.active.is_none() && self.hold.is_some_and(|(f, _)| f == freq))
    }

    /// Answers of the owner that depend on the radio.
    fn update_desk(&self) {
        let jobs = || self.queue.iter().chain(self.active.iter().map(|(job, _)| job));
        self.desk.scan_busy.set(jobs().any(|j| matches!(j, Job::Scan { .. })));
        self.desk.listen_busy.set(jobs().any(|j| matches!(j, Job::Listen { .. })));
        let freqs = jobs().filter_map(|j| match j {
            Job::Scan { .. } => None,
            Job::Listen { freq, .. } | Job::Send { freq, .. } => Some(*freq),
        });
        *self.desk.has_channel.borrow_mut() = freqs.collect();
    }

    fn due(&self) -> Option<Instant> {
        let ready = (self.active.is_none() && !self.queue.is_empty()).then_some(Instant::ZERO);
        [self.device.next_timeout(), self.active.as_ref().map(|(_, until)| *until), ready]
            .into_iter()
            .flatten()
            .min()
    }
}

impl Air {
    pub fn new(devices: impl IntoIterator<Item = Device>) -> Self {
        let stations = devices
            .into_iter()
            .map(|device| Station {
                device,
                desk: Desk::default(),
                events: Vec::new(),
                states: vec!["IDLE"],
                queue: VecDeque::new(),
                active: None,
                hold: None,
            })
            .collect();
        let now = Instant::from_micros(5_000_000);
        Air { now, stations, fate: Box::new(|_| Fate::Arrives), sent: 0, log: Vec::new() }
    }

    /// One call on a device, with what follows from it.
    pub fn on<R>(&mut self, i: usize, call: impl FnOnce(&mut Device, &DeviceContext<'_>) -> R) -> R {
        let station = &mut self.stations[i];
        station.update_desk();
        let result = call(&mut station.device, &DeviceContext { now: self.now, host: &station.desk });
        self.drain(i);
        result
    }

    fn drain(&mut self, i: usize) {
        while let Some(action) = self.stations[i].device.take_action() {
            self.carry_out(i, action);
        }
        let station = &mut self.stations[i];
        let state = station.device.state_text();
        if station.states.last() != Some(&state) {
            station.states.push(state);
        }
    }

    fn carry_out(&mut self, i: usize, action: Action) {
        let station = &mut self.stations[i];
        match action {
            Action::Event(event) => station.events.push(event),
            Action::Scan { device_id, .. } => {
                station.queue.push_back(Job::Scan { found: Vec::new(), device_id });
            }
            Action::StartListen { freq, duration, .. } => {
                station.queue.push_back(Job::Listen { freq, duration });
            }
            Action::StopListen => {
                station.queue.retain(|j| !matches!(j, Job::Listen { .. }));
                if matches!(station.active, Some((Job::Listen { .. }, _))) {
                    station.active = None;
                }
            }
            Action::SendAction { freq, dst, src, bssid, body, wait } => {
                let job = Job::Send { freq, dst, src, bssid, body, wait };
                if station.listens_on(freq) && station.active.is_some() {
                    self.transmit(i, job);
                } else {
                    station.queue.push_back(job);
                }
            }
            Action::SendProbeResponse { frame, .. } => self.probe_response(i, &frame),
            Action::ActionDone => station.hold = None,
        }
    }

    fn probe_response(&mut self, from: usize, frame: &[u8]) {
        let frame = MgmtFrame::parse(frame).unwrap();
        let MgmtBody::ProbeResponse { ies, .. } = frame.body else { panic!("not a probe response") };
        let freq = self.stations[from].device.config().listen.freq().unwrap();
        let scanner = self.stations.iter_mut().find(|s| s.device.addr() == frame.header.da);
        if let Some((Job::Scan { found, .. }, _)) = scanner.and_then(|s| s.active.as_mut()) {
            found.push((frame.header.sa, freq, ies));
        }
    }

    /// Sends an action frame: to whoever is on the channel.
    fn transmit(&mut self, from: usize, job: Job) {
        let Job::Send { freq, dst, src, bssid, body, wait } = job else { return };
        let fate = (self.fate)(self.sent);
        self.sent += 1;
        self.log.push((src, body.get(6).copied().unwrap_or_default()));
        let to = self.stations.iter().position(|s| s.device.addr() == dst && s.listens_on(freq));
        let to = to.filter(|_| fate != Fate::Lost);
        if self.stations[from].active.is_none() {
            self.stations[from].hold = Some((freq, self.now + wait));
        }
        let acked = to.is_some() && fate != Fate::AckLost;
        let result = if acked { SendResult::Success } else { SendResult::NoAck };
        self.now += Duration::from_millis(1);
        self.on(from, |d, cx| d.send_action_cb(cx, freq, dst, src, bssid, result));
        let copies = if fate == Fate::Twice { 2 } else { 1 };
        for _ in 0..copies {
            if let Some(to) = to {
                self.now += Duration::from_millis(1);
                self.on(to, |d, cx| d.rx_action(cx, dst, src, bssid, &body, freq));
            }
        }
    }

    /// Lets time pass until `end`, or until `done`. Whether it was.
    pub fn run(&mut self, end: Instant, mut done: impl FnMut(&Air) -> bool) -> bool {
        let mut steps = 0;
        while !done(self) {
            let next = self.stations.iter().enumerate().filter_map(|(i, s)| Some((s.due()?, i))).min();
            let Some((at, i)) = next.filter(|(at, _)| *at <= end) else { return false };
            self.now = self.now.max(at);
            self.step(i);
            steps += 1;
            assert!(steps < 200_000, "the air is not to be busy for nothing");
        }
        true
    }

    pub fn run_for(&mut self, time: Duration) {
        let end = self.now + time;
        self.run(end, |_| false);
        self.now = self.now.max(end);
    }

    fn step(&mut self, i: usize) {
        let station = &mut self.stations[i];
        if station.hold.is_some_and(|(_, until)| until <= self.now) {
            station.hold = None;
        }
        if station.device.next_timeout().is_some_and(|at| at <= self.now) {
            self.on(i, |d, cx| d.timeout(cx));
        } else if station.active.as_ref().is_some_and(|(_, until)| *until <= self.now) {
            let (job, _) = station.active.take().unwrap();
            self.finish(i, job);
        } else if station.active.is_none()
            && let Some(job) = station.queue.pop_front()
        {
            self.begin(i, job);
        }
    }

    fn begin(&mut self, i: usize, job: Job) {
        self.stations[i].hold = None;
        match job {
            Job::Scan { device_id, .. } => {
                self.stations[i].active = Some((Job::Scan { found: Vec::new(), device_id }, self.now + SCAN));
                self.on(i, |d, cx| d.scan_trigger_status(cx, true));
                self.probe(i, device_id);
            }
            Job::Listen { freq, duration } => {
                self.stations[i].active = Some((Job::Listen { freq, duration }, self.now + duration));
                self.on(i, |d, cx| d.listen_cb(cx, freq, duration));
            }
            job @ Job::Send { .. } => self.transmit(i, job),
        }
    }

    /// Probe requests on the social channels.
    fn probe(&mut self, from: usize, device_id: Option<MacAddr>) {
        let device = &self.stations[from].device;
        let (src, config) = (device.addr(), device.config());
        let mut ies = Vec::new();
        elements::push(&mut ies, eid::SSID, WILDCARD_SSID);
        elements::push(&mut ies, eid::SUPP_RATES, &[12, 18, 24]);
        ies.extend(probe_request(0, &config.device, &config.uuid, RequestType::Enrollee, &[]));
        ies.extend(device.scan_ie(device_id));
        for freq in [2412, 2437, 2462] {
            for to in 0..self.stations.len() {
                if to != from && self.stations[to].listens_on(freq) {
                    let broadcast = Some(MacAddr::BROADCAST);
                    let request = ProbeRequest { src, dst: broadcast, bssid: broadcast, ies: &ies, freq };
                    self.on(to, |d, cx| d.rx_probe_req(cx, &request));
                }
            }
        }
    }

    fn finish(&mut self, i: usize, job: Job) {
        match job {
            Job::Scan { found, .. } => {
                let now = self.now;
                for (addr, freq, ies) in found {
                    self.on(i, |d, cx| d.scan_res_handler(cx, addr, freq, now, -50, &ies));
                }
                self.on(i, |d, cx| d.scan_res_handled(cx, Duration::ZERO));
            }
            Job::Listen { freq, .. } => _ = self.on(i, |d, cx| d.listen_end(cx, freq)),
            Job::Send { .. } => {}
        }
    }

    /// Returns the results of negotiations at a station.
    pub fn results(&self, i: usize) -> Vec<GoNegResults> {
        let results = self.stations[i].events.iter().filter_map(|e| match e {
            Event::GoNegCompleted(results) => Some((**results).clone()),
            _ => None,
        });
        results.collect()
    }

    pub fn found(&self, i: usize, peer: MacAddr) -> bool {
        let found = |e: &Event| matches!(e, Event::DeviceFound { addr, .. } if *addr == peer);
        self.stations[i].events.iter().any(found)
    }
}
