//! 200 clients of which half are hostile: how long a PING of the others takes.

use std::os::unix::net::UnixDatagram;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use super::{Client, serve};

/// Of each of the four kinds of hostile clients, and for each of the threads of the others.
const PER_THREAD: usize = 25;
const THREADS: usize = 4;
const MEASURED: Duration = Duration::from_secs(10);

/// What a kind of hostile client does once.
type Attack = fn(&Hostile, usize);

/// A client that reads only if it wants to.
struct Hostile {
    socket: UnixDatagram,
    own: PathBuf,
    server: PathBuf,
}

impl Hostile {
    fn new(place: &Path, name: &str, server: &Path) -> Self {
        let own = place.join(name);
        let _ = std::fs::remove_file(&own);
        let socket = UnixDatagram::bind(&own).unwrap();
        socket.set_nonblocking(true).unwrap();
        Hostile { socket, own, server: server.to_owned() }
    }

    /// A server that has no room for more is a success of the attack.
    fn send(&self, data: &[u8]) {
        let _ = self.socket.send_to(data, &self.server);
    }
}

impl Drop for Hostile {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.own);
    }
}

/// As many commands as the socket takes; the replies are thrown away, or not even that.
fn flood(client: &Hostile, round: usize) {
    for command in ["STATUS", "LIST_NETWORKS", "SCAN_RESULTS", "GET_CAPABILITY freq"] {
        client.send(command.as_bytes());
    }
    let mut buffer = [0; 4096];
    while round.is_multiple_of(2) && client.socket.recv(&mut buffer).is_ok() {}
}

/// The client is gone, or does not receive, when the reply comes.
fn half_closed(client: &Hostile, round: usize) {
    let path = client.own.with_extension((round % 8).to_string());
    let _ = std::fs::remove_file(&path);
    let Ok(short) = UnixDatagram::bind(&path) else { return };
    let _ = short.set_nonblocking(true);
    if round.is_multiple_of(2) {
        let _ = short.shutdown(std::net::Shutdown::Read);
    }
    let _ = short.send_to(b"ATTACH", &client.server);
    let _ = short.send_to(b"STATUS", &client.server);
    drop(short);
    let _ = std::fs::remove_file(&path);
}

/// Attached to every message, and never reads one; scans see to it that there are some.
fn deaf(client: &Hostile, _: usize) {
    for command in ["ATTACH", "LEVEL 0", "SCAN"] {
        client.send(command.as_bytes());
    }
}

fn malformed(client: &Hostile, round: usize) {
    let octets: Vec<u8> = (0..round * 37 % 9000).map(|n| (n * 31 + round) as u8).collect();
    client.send(&octets);
    client.send(b"");
    client.send(b"SET_NETWORK 0 ssid \"\0\xff\n");
    client.send(&[b'P'; 8192]);
}

/// Says the median and more, with hostile clients and without.
pub fn hostile(place: &Path) {
    let attacks: [(&str, Attack); 4] =
        [("flood", flood), ("half", half_closed), ("deaf", deaf), ("malformed", malformed)];
    let server = serve(place, &[]);
    let socket = |n: usize| place.join(format!("run/wpa_supplicant/wlan{}", n % 2));
    for with_attacks in [false, true] {
        let (over, attempts) = (AtomicBool::new(false), AtomicU64::new(0));
        let mut times: Vec<Duration> = Vec::new();
        std::thread::scope(|scope| {
            for (kind, attack) in attacks.iter().filter(|_| with_attacks) {
                let clients: Vec<Hostile> =
                    (0..PER_THREAD).map(|n| Hostile::new(place, &format!("{kind}{n}"), &socket(n))).collect();
                let (over, attempts) = (&over, &attempts);
                scope.spawn(move || {
                    for round in 0.. {
                        for client in &clients {
                            attack(client, round);
                        }
                        attempts.fetch_add(clients.len() as u64, Ordering::Relaxed);
                        if over.load(Ordering::Relaxed) {
                            return;
                        }
                        // A client that never rests measures the scheduler, not the server.
                        std::thread::sleep(Duration::from_millis(1));
                    }
                });
            }
            let asking: Vec<_> = (0..THREADS)
                .map(|thread| {
                    scope.spawn(move || {
                        let clients: Vec<Client> = (0..PER_THREAD)
                            .map(|n| Client::new(place, &format!("good{thread}-{n}"), &socket(n)))
                            .collect();
                        ask_in_turn(&clients)
                    })
                })
                .collect();
            times.extend(asking.into_iter().flat_map(|a| a.join().unwrap()));
            over.store(true, Ordering::Relaxed);
        });
        times.sort();
        let at = |share: f64| times.get((times.len() as f64 * share) as usize).copied().unwrap_or_default();
        println!(
            "hostile   {:5} rounds of attacks: PING median {:?}, 99 % {:?}, slowest {:?} of {}",
            attempts.load(Ordering::Relaxed),
            at(0.5),
            at(0.99),
            times.last().copied().unwrap_or_default(),
            times.len()
        );
    }
    drop(server);
}

fn ask_in_turn(clients: &[Client]) -> Vec<Duration> {
    let (end, mut times, mut buffer) = (Instant::now() + MEASURED, Vec::new(), [0; 64]);
    for client in clients.iter().cycle() {
        let begun = Instant::now();
        if begun > end {
            break;
        }
        assert_eq!(client.ask(b"PING", &mut buffer), 5);
        times.push(begun.elapsed());
        std::thread::sleep(Duration::from_micros(200));
    }
    times
}
