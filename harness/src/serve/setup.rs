//! The world that is served: the devices of a topology, and the host of access points that come at run time.

use wpasim_wire::time::Duration;

use super::control_sockets::ControlSockets;
use super::observe::Watched;
use super::sockets::{self, ControlSocket, Place};
use super::{Options, ServeError};
use crate::scenario::model::{Device, Role};
use crate::scenario::{Topology, problem};
use crate::target::sim::{Sim, SimKind};
use crate::target::{Limits, Setup, Target, TargetError};

/// A world before it begins, with the sockets that it begins with.
pub(super) struct ServeSetup {
    pub sim: Sim,
    pub devices: Vec<Watched>,
    pub wanted: Vec<ControlSocket>,
}

impl ServeSetup {
    /// Puts every device in its place.
    pub fn set(options: &Options, control_sockets: &ControlSockets) -> Result<ServeSetup, ServeError> {
        let mut sim = SimKind::default().world(&setup(options))?;
        sim.tell_sockets();
        let mut stage = ServeSetup { sim, devices: Vec::new(), wanted: Vec::new() };
        for device in options.topology.devices.iter().filter(|d| d.role != Role::Scripted) {
            stage.add(with_ctrl_interface(device, options), control_sockets)?;
        }
        lay_links(&mut stage.sim, &stage.devices);
        let radios = ap_radios(&options.topology);
        if let Some(id) = stage.sim.add_ap_host(&radios) {
            stage.sim.read_disk(id);
            stage.wanted.extend(control_sockets.of_ap_host(id));
            stage.devices.extend(radios.into_iter().take(1).map(|device| Watched { id, device }));
        }
        for control_socket in &stage.wanted {
            if let Place::Path(path) = &control_socket.place {
                sockets::check_length(path)?;
            }
        }
        Ok(stage)
    }

    fn add(&mut self, device: Device, control_sockets: &ControlSockets) -> Result<(), TargetError> {
        let id = self.sim.add(&device)?;
        self.wanted.extend(control_sockets.of_device(&device, id));
        self.sim.read_disk(id);
        for (path, content) in &device.files {
            self.sim.put_file(id, Some(path), content.clone().into_bytes());
        }
        self.devices.push(Watched { id, device });
        Ok(())
    }
}

/// A world without end.
fn setup(options: &Options) -> Setup {
    Setup {
        seed: options.seed,
        world: options.topology.world.clone(),
        limits: Limits {
            events: u64::MAX,
            virtual_time: Duration::from_secs(100 * 365 * 24 * 3600),
            ends_runaways: true,
            ..Limits::default()
        },
        capture: options.pcap.is_some(),
        watch_frames: false,
        refusals: false,
    }
}

/// Links between devices, as the topology has them.
fn lay_links(sim: &mut Sim, devices: &[Watched]) {
    let named = |name: &str| devices.iter().find(|d| d.device.name == name).map(|d| d.id);
    let Some(air) = sim.air() else { return };
    for link in devices.iter().flat_map(|d| &d.device.links) {
        if let (Some(a), Some(b)) = (named(&link.a), named(&link.b)) {
            air.set_link(a, b, link);
        }
    }
}

/// The device with where its sockets are in its configuration: those of further interfaces follow it.
fn with_ctrl_interface(device: &Device, options: &Options) -> Device {
    let mut device = device.clone();
    let (config, directory) = match &mut device.role {
        Role::Supplicant(config) => (config, "wpa_supplicant"),
        Role::Hostapd(config) => (config, "hostapd"),
        Role::Scripted => return device,
    };
    let setting = format!("ctrl_interface={}", options.run_dir.join(directory).display());
    // It takes the place of the line that is there, so that the lines keep their numbers.
    let lines: Vec<&str> = config
        .lines()
        .map(|line| if line.trim_start().starts_with("ctrl_interface=") { setting.as_str() } else { line })
        .collect();
    *config = lines.join("\n") + "\n";
    device
}

/// The radios of the host on which access points are made: they come after those of the devices.
fn ap_radios(topology: &Topology) -> Vec<Device> {
    let first = topology.devices.iter().map(|d| d.radio + 1).max().unwrap_or(0);
    let radio = |radio| Device {
        name: AP_HOST.to_owned(),
        place: problem::Place { line: 1, column: 1 },
        radio,
        role: Role::Hostapd(String::new()),
        started: true,
        position_mm: None,
        links: Vec::new(),
        shows_start: true,
        used_before: false,
        testing: None,
        files: Vec::new(),
        origins: Vec::new(),
    };
    (first..first + topology.ap_radios).map(radio).collect()
}

/// The name by which observers see the host on which access points are made.
const AP_HOST: &str = "aps";

/// The world that is served without a topology: three supplicants, and radios for three access points.
pub const DEFAULT_TOPOLOGY: &str = "devices:\n  wlan0: {}\n  wlan1: {}\n  wlan2: {}\nap_radios: 3\n";
