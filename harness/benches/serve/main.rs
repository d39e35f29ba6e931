//! What `wpasim serve` takes: `cargo bench -p wpasim --bench serve -- [ping] [commands] [hostile] [memory] [churn]
//! [day]`. Without a name, the first two; `memory` and `churn` ask ten million times, `day` lets 24 virtual hours pass
//! with traffic.
#![allow(clippy::disallowed_methods, reason = "measures time on the wall, and waits for processes")]

mod churn;
mod hostile;

use std::io::{BufRead, BufReader};
use std::os::unix::net::UnixDatagram;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use wpasim::serve::{Observer, Options, Server, Speed, World};

const TOPOLOGY: &str = "devices:
  sta: {networks: [{ssid: '\"net\"', psk: '\"12345678\"', scan_freq: 2412}]}
  other: {}
  ap: {hostapd: {ssid: net, channel: 1, wpa: 2, wpa_key_mgmt: WPA-PSK, rsn_pairwise: CCMP, wpa_passphrase: 12345678}}
";

fn main() {
    let wanted: Vec<String> = std::env::args().skip(1).filter(|a| !a.starts_with('-')).collect();
    let is_wanted =
        |name: &str, usual: bool| if wanted.is_empty() { usual } else { wanted.iter().any(|w| w == name) };
    let place = std::env::temp_dir().join(format!("wpasim-bench-{}", std::process::id()));
    std::fs::create_dir_all(&place).unwrap();
    std::fs::write(place.join("t.yaml"), TOPOLOGY).unwrap();
    if is_wanted("ping", true) {
        ping(&place);
    }
    if is_wanted("commands", true) {
        commands(&place);
    }
    if is_wanted("hostile", false) {
        hostile::hostile(&place);
    }
    if is_wanted("churn", false) {
        churn::churn(&place);
    }
    if is_wanted("memory", false) {
        memory(&place);
    }
    if is_wanted("day", false) {
        day(&place);
    }
    std::fs::remove_dir_all(&place).unwrap();
}

/// A process that is ended when dropped.
struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn serve(place: &Path, arguments: &[&str]) -> Process {
    serve_with(place, &[&["t.yaml"], arguments].concat())
}

/// Without a file of devices, interfaces and access points can be added.
fn serve_with(place: &Path, arguments: &[&str]) -> Process {
    let mut child = Command::new(env!("CARGO_BIN_EXE_wpasim"))
        .args(["serve", "--run-dir", "run"])
        .args(arguments)
        .current_dir(place)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut ready = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut ready).unwrap();
    // What was killed could not remove its sockets; the next one replaces them.
    Process(child)
}

/// A client.
struct Client(UnixDatagram, PathBuf);

impl Client {
    fn new(place: &Path, name: &str, socket: &Path) -> Self {
        let own = place.join(name);
        let _ = std::fs::remove_file(&own);
        let client = UnixDatagram::bind(&own).unwrap();
        client.connect(socket).unwrap();
        client.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
        Client(client, own)
    }

    fn ask(&self, command: &[u8], buffer: &mut [u8]) -> usize {
        self.0.send(command).unwrap();
        self.0.recv(buffer).unwrap()
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.1);
    }
}

/// The median round trip of PING, ours and the real one's.
fn ping(place: &Path) {
    let measure = |name: &str, socket: &Path| {
        let client = Client::new(place, "ping", socket);
        let mut buffer = [0; 64];
        let mut times: Vec<Duration> = (0..50_000)
            .map(|_| {
                let begun = Instant::now();
                assert_eq!(client.ask(b"PING", &mut buffer), 5);
                begun.elapsed()
            })
            .collect();
        times.sort();
        let at = |share: f64| times[(times.len() as f64 * share) as usize];
        println!("ping      {name:24} median {:?}, 99 % {:?}", at(0.5), at(0.99));
    };
    let server = serve(place, &[]);
    measure("wpasim serve", &place.join("run/wpa_supplicant/wlan0"));
    drop(server);
    let directory = place.join("real");
    let real = Command::new("/usr/sbin/wpa_supplicant")
        .args(["-Dwired", "-ilo", "-C"])
        .arg(&directory)
        .stdout(Stdio::null())
        .spawn();
    let Ok(real) = real.map(Process) else {
        println!("ping      wpa_supplicant is not installed");
        return;
    };
    std::thread::sleep(Duration::from_millis(500));
    measure("wpa_supplicant 2.10", &directory.join("lo"));
    drop(real);
}

/// Commands a second from eight clients.
fn commands(place: &Path) {
    let _server = serve(place, &[]);
    for command in ["PING", "STATUS", "GET_NETWORK 0 ssid", "LIST_NETWORKS"] {
        let begun = Instant::now();
        let per_client = 40_000;
        std::thread::scope(|scope| {
            for n in 0..8 {
                scope.spawn(move || {
                    let socket = place.join(format!("run/wpa_supplicant/wlan{}", n % 2));
                    let client = Client::new(place, &format!("c{n}"), &socket);
                    let mut buffer = [0; 4096];
                    for _ in 0..per_client {
                        client.ask(command.as_bytes(), &mut buffer);
                    }
                });
            }
        });
        let rate = 8.0 * f64::from(per_client) / begun.elapsed().as_secs_f64();
        println!("commands  {command:24} {rate:.0}/s over 8 clients");
    }
}

/// Resident memory in kB.
fn resident(process: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = status.lines().find_map(|l| l.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

/// Ten million commands.
fn memory(place: &Path) {
    let server = serve(place, &["--pcap", "memory.pcapng"]);
    let clients: Vec<Client> = (0..8)
        .map(|n| {
            Client::new(place, &format!("c{n}"), &place.join(format!("run/wpa_supplicant/wlan{}", n % 2)))
        })
        .collect();
    let kinds: [&[u8]; 5] =
        [b"PING", b"STATUS", b"SET_NETWORK 0 priority 5", b"NO SUCH COMMAND", b"GET_NETWORK 0 ssid"];
    for million in 0..=10 {
        println!("memory    after {million:2} million commands {:6} kB", resident(server.0.id()));
        if million == 10 {
            return;
        }
        std::thread::scope(|scope| {
            for client in &clients {
                scope.spawn(move || {
                    let mut buffer = [0; 4096];
                    for n in 0..125_000_usize {
                        client.ask(kinds[n % kinds.len()], &mut buffer);
                    }
                });
            }
        });
    }
}

/// Ends after a virtual day; says the memory each two hours.
struct Day {
    next: i64,
    over: std::sync::Arc<std::sync::atomic::AtomicBool>,
    commands: std::sync::Arc<std::sync::atomic::AtomicU64>,
}

impl Observer for Day {
    fn tick(&mut self, world: &mut dyn World) -> bool {
        let hours = (world.now() - wpasim_wire::time::Instant::ZERO).micros() / 3_600_000_000;
        if hours >= self.next {
            let commands = self.commands.load(std::sync::atomic::Ordering::Relaxed);
            println!("day       {hours:2} h {:6} kB, {commands} commands", resident(std::process::id()));
            self.next = hours + 2;
        }
        self.over.store(hours >= 24, std::sync::atomic::Ordering::Relaxed);
        hours < 24
    }
}

/// A virtual day of beacons, scans, connections and groups, all of it captured.
fn day(place: &Path) {
    let options = Options {
        topology: wpasim::scenario::read_topology("t.yaml", TOPOLOGY).unwrap(),
        run_dir: place.join("day"),
        speed: Speed::Max,
        seed: 1,
        pcap: Some(place.join("day.pcapng")),
        udp: None,
    };
    let (_told, end) = UnixDatagram::pair().unwrap();
    let mut server = Server::new(&options, end).unwrap();
    let day = Day { next: 0, over: Default::default(), commands: Default::default() };
    let (over, commands) = (day.over.clone(), day.commands.clone());
    server.observe(Box::new(day));
    let begun = Instant::now();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let (a, b) = (place.join("day/wpa_supplicant/wlan0"), place.join("day/wpa_supplicant/wlan1"));
            let (a, b) = (Client::new(place, "a", &a), Client::new(place, "b", &b));
            let mut buffer = [0; 8192];
            let traffic: [(&Client, &[u8]); 9] = [
                (&a, b"SCAN"),
                (&b, b"SCAN"),
                (&b, b"P2P_GROUP_ADD"),
                (&a, b"REASSOCIATE"),
                (&a, b"SCAN_RESULTS"),
                (&b, b"P2P_GROUP_REMOVE *"),
                (&a, b"ADD_NETWORK"),
                (&a, b"REMOVE_NETWORK 1"),
                (&b, b"STATUS"),
            ];
            for (client, command) in traffic.iter().cycle() {
                if over.load(std::sync::atomic::Ordering::Relaxed) || client.0.send(command).is_err() {
                    return;
                }
                let _ = client.0.recv(&mut buffer);
                commands.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                std::thread::sleep(Duration::from_micros(300));
            }
        });
        server.run().unwrap();
        drop(server);
    });
    let size = std::fs::metadata(place.join("day.pcapng")).unwrap().len();
    println!("day       24 h in {:?}, {} MB captured", begun.elapsed(), size / 1_000_000);
}
