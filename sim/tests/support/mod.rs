//! Scripted nodes: a station and an access point with no more sense than a test needs.
#![allow(dead_code)]

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex};

use wpasim_engine::{ConnId, CtrlSocket, Env, Input, InterfaceConfig, Node, Output, Secret};
use wpasim_sim::{NodeId, NodeSpec, Step, World, WorldConfig};
use wpasim_wire::driver::{
    Beacon, DriverEvent, DriverRequest, IfId, IfType, ScanRequest, ScanResult, StationInfo, StationParams,
};
use wpasim_wire::elements::{eid, push};
use wpasim_wire::ieee80211::{MgmtBody, MgmtFrame};
use wpasim_wire::time::{Duration, Instant};
use wpasim_wire::{MacAddr, Ssid};

pub const IF: IfId = IfId(0);
pub const SSID: &[u8] = b"jkm guest";

/// How a node answers by itself.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Only does what it is told.
    Passive,
    /// After a scan authenticates and associates with the first BSS.
    Station,
    /// Answers probe requests, authenticates and associates whoever asks.
    AccessPoint,
}

#[derive(Default)]
pub struct State {
    pub requests: VecDeque<DriverRequest>,
    pub events: Vec<(Instant, DriverEvent)>,
    pub results: Vec<ScanResult>,
    pub station: Option<StationInfo>,
    pub watch: Option<MacAddr>,
    next_aid: u16,
}

pub struct Script {
    role: Role,
    addr: MacAddr,
    state: Arc<Mutex<State>>,
    out: VecDeque<Output>,
}

pub type Shared = Arc<Mutex<State>>;

impl Script {
    fn ask(&mut self, request: DriverRequest) {
        self.out.push_back(Output::Driver { iface: IF, request });
    }

    fn answer_as_ap(&mut self, event: &DriverEvent) {
        let DriverEvent::RxMgmt { frame, .. } = event else { return };
        let Ok(m) = MgmtFrame::parse(frame) else { return };
        let (own, peer) = (self.addr, m.header.sa);
        let body = match m.body {
            MgmtBody::ProbeRequest { .. } => MgmtBody::ProbeResponse {
                timestamp: 0,
                interval: 100,
                capability: 0x401,
                ies: bss_elements(SSID),
            },
            MgmtBody::Authentication { .. } => {
                self.ask(DriverRequest::DelStation { addr: peer });
                self.ask(DriverRequest::NewStation(Box::new(StationParams {
                    addr: peer,
                    authenticated: true,
                    ..StationParams::default()
                })));
                MgmtBody::Authentication { algorithm: 0, transaction: 2, status: 0, ies: vec![] }
            }
            MgmtBody::AssocRequest { capability, listen_interval, .. }
            | MgmtBody::ReassocRequest { capability, listen_interval, .. } => {
                let aid = {
                    let mut state = self.state.lock().unwrap();
                    state.next_aid += 1;
                    state.next_aid
                };
                self.ask(DriverRequest::SetStation(Box::new(StationParams {
                    addr: peer,
                    aid,
                    capability,
                    listen_interval,
                    authenticated: true,
                    associated: true,
                    authorized: true,
                    ..StationParams::default()
                })));
                MgmtBody::AssocResponse { capability: 0x401, status: 0, aid, ies: vec![] }
            }
            _ => return,
        };
        let no_ack = matches!(body, MgmtBody::ProbeResponse { .. });
        let frame = MgmtFrame::new(peer, own, own, body).emit();
        self.ask(DriverRequest::TxMgmt {
            frame,
            freq: 0,
            wait: Duration::ZERO,
            cookie: 7,
            no_ack,
            no_cck: false,
        });
    }

    fn answer_as_station(&mut self, event: &DriverEvent) {
        let first = self.state.lock().unwrap().results.first().cloned();
        let Some(bss) = first else { return };
        let ssid = Ssid::new(bss.ies[2..2 + bss.ies[1] as usize].to_vec()).unwrap();
        match event {
            DriverEvent::ScanDone { .. } => self.ask(DriverRequest::Authenticate {
                bssid: bss.bssid,
                freq: bss.freq,
                ssid,
                algorithm: 0,
                ies: vec![],
            }),
            DriverEvent::Authenticated { .. } => self.ask(DriverRequest::Associate {
                bssid: bss.bssid,
                freq: bss.freq,
                ssid,
                ies: vec![],
                prev_bssid: None,
                privacy: false,
                ht: Default::default(),
            }),
            _ => {}
        }
    }
}

impl Node for Script {
    fn handle(&mut self, now: Instant, input: Input, env: Env<'_>) {
        {
            let mut state = self.state.lock().unwrap();
            state.results = env.driver.scan_results(IF, now);
            state.station = state.watch.and_then(|a| env.driver.station(IF, a, now));
        }
        match input {
            Input::Command { .. } => {
                let requests: Vec<_> = self.state.lock().unwrap().requests.drain(..).collect();
                for r in requests {
                    self.ask(r);
                }
            }
            Input::Driver { event, .. } => {
                match self.role {
                    Role::Passive => {}
                    Role::Station => self.answer_as_station(&event),
                    Role::AccessPoint => self.answer_as_ap(&event),
                }
                self.state.lock().unwrap().events.push((now, event));
            }
            _ => {}
        }
    }

    fn poll_output(&mut self) -> Output {
        self.out.pop_front().unwrap_or(Output::Idle { next: None })
    }

    fn describe(&self) -> String {
        "script".to_owned()
    }

    fn take_secrets(&mut self) -> Vec<Secret> {
        Vec::new()
    }
}

/// The address of device `n`.
pub fn addr(n: u32) -> MacAddr {
    MacAddr([2, 0, 0, (n >> 8) as u8, n as u8, 0])
}

/// Adds and starts a scripted node.
pub fn add(world: &mut World, role: Role) -> (NodeId, Shared) {
    let n = world.nodes() as u32;
    let state = Shared::default();
    let script = Script { role, addr: addr(n), state: state.clone(), out: VecDeque::new() };
    let mut second = addr(n);
    second.0[0] = 0x42;
    let id = world.add_node(NodeSpec {
        name: format!("node{n}"),
        node: Box::new(script),
        interfaces: vec![InterfaceConfig {
            id: IF,
            ifname: format!("wlan{n}"),
            phy: format!("phy{n}"),
            addr: addr(n),
            second_addr: second,
            ifindex: n + 2,
            config_path: String::new(),
        }],
        position_mm: None,
        files: BTreeMap::new(),
    });
    world.start(id);
    (id, state)
}

/// Has a node make requests now.
pub fn ask(
    world: &mut World,
    node: NodeId,
    state: &Shared,
    requests: impl IntoIterator<Item = DriverRequest>,
) {
    state.lock().unwrap().requests.extend(requests);
    world.command(node, ConnId(0), CtrlSocket::Interface(IF), b"go");
}

/// Runs until `ms` milliseconds of virtual time.
pub fn run_to(world: &mut World, ms: i64) {
    let limit = Instant::ZERO + Duration::from_millis(ms);
    while world.step_until(limit).unwrap() == Step::Advanced {}
}

/// The elements of a plain BSS on channel 1.
pub fn bss_elements(ssid: &[u8]) -> Vec<u8> {
    let mut ies = Vec::new();
    push(&mut ies, eid::SSID, ssid);
    push(&mut ies, eid::SUPP_RATES, &[0x82, 0x84, 0x8b, 0x96, 12, 18, 24, 36]);
    push(&mut ies, eid::DS_PARAMS, &[1]);
    ies
}

/// Starts the BSS of a scripted access point on channel 1.
pub fn start_ap(world: &mut World, node: NodeId, state: &Shared) {
    start_ap_as(world, node, state, IfType::Ap);
}

/// Starts the BSS of an interface of this type on channel 1.
pub fn start_ap_as(world: &mut World, node: NodeId, state: &Shared, iftype: IfType) {
    let own = addr(node.0);
    let body = MgmtBody::Beacon { timestamp: 0, interval: 100, capability: 0x401, ies: bss_elements(SSID) };
    let head = MgmtFrame::new(MacAddr::BROADCAST, own, own, body).emit();
    let beacon = Beacon {
        head,
        tail: vec![42, 1, 0],
        interval: 100,
        dtim_period: 2,
        ssid: Ssid::new(SSID).unwrap(),
        freq: 2412,
        ..Beacon::default()
    };
    ask(world, node, state, [DriverRequest::SetIfType(iftype), DriverRequest::StartAp(Box::new(beacon))]);
}

/// A wildcard scan of these channels.
pub fn scan(freqs: &[u32]) -> DriverRequest {
    DriverRequest::TriggerScan(ScanRequest {
        ssids: vec![Ssid::wildcard()],
        freqs: freqs.to_vec(),
        ..ScanRequest::default()
    })
}

/// The time of the first event that satisfies a predicate.
pub fn when(state: &Shared, wanted: impl Fn(&DriverEvent) -> bool) -> Option<Instant> {
    state.lock().unwrap().events.iter().find(|(_, e)| wanted(e)).map(|(t, _)| *t)
}

/// A world with an access point and a station that is associated by 300 ms.
pub fn connected(config: WorldConfig) -> (World, (NodeId, Shared), (NodeId, Shared)) {
    let mut world = World::new(config);
    let sta = add(&mut world, Role::Station);
    let ap = add(&mut world, Role::AccessPoint);
    start_ap(&mut world, ap.0, &ap.1);
    ask(&mut world, sta.0, &sta.1, [scan(&[2412])]);
    run_to(&mut world, 300);
    (world, ap, sta)
}
