//! Worlds full of real engines: access points in mode 2 and stations that look for them.
#![allow(dead_code, reason = "each benchmark uses its own part")]

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use wpasim_engine::entropy::Entropy;
use wpasim_engine::supplicant::Supplicant;
use wpasim_engine::{ConnId, CtrlSocket, InterfaceConfig, PskSource};
use wpasim_sim::{Budgets, NodeId, NodeSpec, Step, World, WorldConfig};
use wpasim_wire::MacAddr;
use wpasim_wire::driver::IfId;
use wpasim_wire::time::Duration;

const IF: IfId = IfId(0);
const CONF: &str = "/etc/wpa_supplicant.conf";

/// The security of the fleet's air.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Security {
    /// Not at all.
    Open,
    /// WPA2 with a passphrase.
    Wpa2,
}

/// Passphrase and SSID.
type PskInput = (Vec<u8>, Vec<u8>);

/// Remembers the PSKs of a fleet, as the harness does.
#[derive(Default)]
struct Memory(Mutex<BTreeMap<PskInput, [u8; 32]>>);

impl PskSource for Memory {
    fn psk(&self, passphrase: &[u8], ssid: &[u8]) -> [u8; 32] {
        let mut known = self.0.lock().unwrap();
        *known
            .entry((passphrase.to_vec(), ssid.to_vec()))
            .or_insert_with(|| wpasim_wire::crypto::psk(passphrase, ssid))
    }
}

/// A world with its access points and stations.
pub struct Fleet {
    pub world: World,
    stations: Vec<NodeId>,
}

impl Fleet {
    /// `aps` access points on channels 1, 6 and 11 in turn, each with its own SSID, beaconing.
    pub fn new(aps: u32, security: Security) -> Fleet {
        let budgets = Budgets { total_events: u64::MAX, ..Budgets::default() };
        let mut world = World::new(WorldConfig { budgets, ..WorldConfig::default() });
        world.set_psk_source(Arc::new(Memory::default()));
        let mut fleet = Fleet { world, stations: Vec::new() };
        for ap in 0..aps {
            let frequency = [2412, 2437, 2462][ap as usize % 3];
            let network = network(ap, security, &format!("mode=2\nfrequency={frequency}\n"));
            // 802.11 numbers at most 2007 associations.
            let id = fleet.add(
                &format!("ap{ap}"),
                MacAddr([2, 1, 0, 0, 0, ap as u8]),
                &format!("max_num_sta=2007\n{network}"),
            );
            fleet.world.start(id);
        }
        fleet.run(Duration::from_millis(500));
        fleet
    }

    fn add(&mut self, name: &str, addr: MacAddr, conf: &str) -> NodeId {
        let interface = InterfaceConfig {
            id: IF,
            ifname: "wlan0".to_owned(),
            phy: "phy0".to_owned(),
            addr,
            second_addr: addr,
            ifindex: 2,
            config_path: CONF.to_owned(),
        };
        let node = Supplicant::new(vec![interface.clone()], Entropy::new(1, name));
        self.world.add_node(NodeSpec {
            name: name.to_owned(),
            node: Box::new(node),
            interfaces: vec![interface],
            position_mm: None,
            files: BTreeMap::from([(CONF.to_owned(), conf.as_bytes().to_vec())]),
        })
    }

    /// Starts `count` stations for access point `ap`, 2 ms apart, each scanning only its channel; which they are.
    pub fn join(&mut self, count: u32, ap: u32, security: Security) -> Vec<NodeId> {
        let first = self.stations.len();
        let frequency = [2412, 2437, 2462][ap as usize % 3];
        let network = network(ap, security, &format!("scan_freq={frequency}\n"));
        for _ in 0..count {
            let n = self.stations.len() as u32;
            let [_, _, high, low] = n.to_be_bytes();
            let id = self.add(&format!("sta{n}"), MacAddr([2, 0, 0, 0, high, low]), &network);
            self.world.start(id);
            self.stations.push(id);
            self.run(Duration::from_millis(2));
        }
        self.stations[first..].to_vec()
    }

    /// All stations.
    pub fn stations(&self) -> &[NodeId] {
        &self.stations
    }

    /// Lets virtual time pass.
    pub fn run(&mut self, time: Duration) {
        let end = self.world.now() + time;
        while !matches!(self.world.step_until(end).expect("within the budgets"), Step::Limit | Step::Empty) {}
        self.world.take_outbox();
    }

    /// Gives these stations a command.
    pub fn command(&mut self, stations: &[NodeId], command: &[u8]) {
        for &station in stations {
            self.world.command(station, ConnId(1), CtrlSocket::Interface(IF), command);
        }
    }

    /// Returns the number of stations that are connected.
    pub fn connected(&mut self) -> usize {
        self.command(&self.stations.clone(), b"STATUS");
        let completed = |e: &wpasim_sim::Emitted| match &e.what {
            wpasim_sim::Emission::Reply(text) => text.windows(19).any(|w| w == b"wpa_state=COMPLETED"),
            _ => false,
        };
        self.world.take_outbox().iter().filter(|e| completed(e)).count()
    }
}

fn network(ap: u32, security: Security, more: &str) -> String {
    let key = match security {
        Security::Open => "key_mgmt=NONE",
        Security::Wpa2 => "key_mgmt=WPA-PSK\nproto=RSN\npairwise=CCMP\npsk=\"correct horse battery\"",
    };
    format!("network={{\nssid=\"fleet {ap}\"\n{key}\n{more}}}\n")
}
