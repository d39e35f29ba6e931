//! Somebody watches.

use std::os::unix::net::UnixDatagram;
use std::path::PathBuf;

use wpasim::serve::{Frame, Observer, Options, Speaker, Speed, Watched, World};
use wpasim::target::DeviceId;

use crate::place::Place;

/// Counts, and ends the server once the station is connected and its command was answered.
#[derive(Default)]
struct Counter {
    seen: std::rc::Rc<std::cell::RefCell<Vec<String>>>,
    asked: Option<(UnixDatagram, PathBuf)>,
}

impl Observer for Counter {
    fn devices(&mut self, devices: &[Watched]) {
        self.seen.borrow_mut().extend(devices.iter().map(|d| format!("device {}", d.device.name)));
    }

    fn command(&mut self, _: wpasim_wire::time::Instant, from: Speaker<'_>, command: &[u8]) {
        self.seen.borrow_mut().push(format!("{} > {}", from.device.0, String::from_utf8_lossy(command)));
    }

    fn reply(&mut self, _: wpasim_wire::time::Instant, to: Speaker<'_>, reply: &[u8]) {
        self.seen.borrow_mut().push(format!("{} < {}", to.device.0, String::from_utf8_lossy(reply).trim()));
    }

    fn event(&mut self, _: wpasim_wire::time::Instant, from: Speaker<'_>, event: &[u8]) {
        self.seen.borrow_mut().push(format!("{} ! {}", from.device.0, String::from_utf8_lossy(event)));
    }

    fn frame(&mut self, frame: &Frame<'_>) {
        self.seen.borrow_mut().push(format!("{:?} {}", frame.from.map(|d| d.0), frame.kind));
    }

    fn tick(&mut self, world: &mut dyn World) -> bool {
        let state = world.state(DeviceId(0)).unwrap_or_default();
        if state.contains("COMPLETED")
            && let Some((socket, path)) = self.asked.take()
        {
            socket.send_to(b"PING", path).unwrap();
        }
        !self.seen.borrow().iter().any(|line| line == "0 < PONG")
    }
}

#[test]
fn an_observer_sees_commands_events_frames_and_states() {
    let place = Place::new("observer");
    let source = "devices:
  sta: {networks: [{ssid: '\"net\"', key_mgmt: NONE}]}
  ap: {hostapd: {ssid: net, channel: 1}}
";
    let options = Options {
        topology: wpasim::scenario::read_topology("t.yaml", source).unwrap(),
        run_dir: place.path("run"),
        speed: Speed::Max,
        seed: 1,
        pcap: None,
        udp: None,
    };
    let (_told, end) = UnixDatagram::pair().unwrap();
    let mut server = wpasim::serve::Server::new(&options, end).unwrap();
    let socket = UnixDatagram::bind(place.path("client")).unwrap();
    let counter =
        Counter { asked: Some((socket, place.path("run/wpa_supplicant/wlan0"))), ..Counter::default() };
    let seen = counter.seen.clone();
    server.observe(Box::new(counter));
    server.run().unwrap();
    let seen = seen.borrow();
    let has = |line: &str| assert!(seen.iter().any(|l| l.contains(line)), "{line}: {seen:#?}");
    for line in [
        "device sta",
        "device ap",
        "0 > PING",
        "0 < PONG",
        "0 ! <3>CTRL-EVENT-CONNECTED - ",
        "1 ! <3>AP-STA-CONNECTED ",
        "Some(0) association-request",
        "Some(1) beacon",
    ] {
        has(line);
    }
}
