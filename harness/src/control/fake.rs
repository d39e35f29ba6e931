//! A supplicant's control interface for tests: answers from a function, and can die, hang, flood or
//! send garbage.

use std::net::{SocketAddr, UdpSocket};
use std::os::unix::net::UnixDatagram;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

/// The cookie of the UDP server.
pub const COOKIE: &str = "COOKIE=00112233aabbccdd";

/// The consequences of a command.
#[derive(Clone, Default)]
pub struct Answer {
    pub reply: Option<Vec<u8>>,
    /// To every attached connection, before the reply, as 2.10 does it.
    pub events: Vec<Vec<u8>>,
    /// The process ends after this, its socket's file stays.
    pub die: bool,
    /// Events without end, until nobody takes them.
    pub flood: bool,
}

impl Answer {
    pub fn reply(text: &str) -> Self {
        Answer { reply: Some(text.as_bytes().to_vec()), ..Answer::default() }
    }

    pub fn silence() -> Self {
        Answer::default()
    }

    pub fn event(mut self, text: &str) -> Self {
        self.events.push(text.as_bytes().to_vec());
        self
    }

    pub fn death(mut self) -> Self {
        self.die = true;
        self
    }
}

/// A running server; ends when dropped.
pub struct Fake {
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Fake {
    /// Serves a path.
    pub fn serve(path: &Path, answer: impl FnMut(&str) -> Answer + Send + 'static) -> Self {
        Self::run(Server::Unix(UnixDatagram::bind(path).unwrap()), answer)
    }

    /// Serves any bound socket.
    pub fn serve_socket(socket: UnixDatagram, answer: impl FnMut(&str) -> Answer + Send + 'static) -> Self {
        Self::run(Server::Unix(socket), answer)
    }

    /// Serves a free port of the loopback interface, and returns it.
    pub fn serve_udp(answer: impl FnMut(&str) -> Answer + Send + 'static) -> (Self, u16) {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        let port = socket.local_addr().unwrap().port();
        (Self::run(Server::Udp(socket), answer), port)
    }

    fn run(server: Server, mut answer: impl FnMut(&str) -> Answer + Send + 'static) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let told = stop.clone();
        server.set_timeout();
        let thread = std::thread::spawn(move || {
            let mut attached: Vec<Client> = Vec::new();
            let mut flooding = false;
            while !told.load(Ordering::Relaxed) {
                if flooding {
                    attached.iter().for_each(|client| server.send(client, b"<3>FLOOD"));
                }
                let Some((command, client)) = server.receive(flooding) else { continue };
                let mut given = match command.as_str() {
                    "ATTACH" => {
                        attached.push(client.clone());
                        Answer::reply("OK\n")
                    }
                    "DETACH" => {
                        attached.retain(|a| *a != client);
                        Answer::reply("OK\n")
                    }
                    other => answer(other),
                };
                for event in &given.events {
                    attached.iter().for_each(|client| server.send(client, event));
                }
                if let Some(reply) = given.reply.take() {
                    server.send(&client, &reply);
                }
                flooding |= given.flood;
                if given.die {
                    return;
                }
            }
        });
        Fake { stop, thread: Some(thread) }
    }
}

impl Drop for Fake {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

enum Server {
    Unix(UnixDatagram),
    Udp(UdpSocket),
}

#[derive(Clone, PartialEq)]
enum Client {
    Path(PathBuf),
    Address(SocketAddr),
}

impl Server {
    fn set_timeout(&self) {
        let wait = Some(Duration::from_millis(5));
        match self {
            Server::Unix(socket) => socket.set_read_timeout(wait).unwrap(),
            Server::Udp(socket) => socket.set_read_timeout(wait).unwrap(),
        }
        if let Server::Unix(socket) = self {
            socket.set_write_timeout(Some(Duration::from_millis(100))).unwrap();
        }
    }

    /// A command that is none of wpa_ctrl's own, which this answers itself.
    fn receive(&self, flooding: bool) -> Option<(String, Client)> {
        let mut buffer = [0u8; 9000];
        match self {
            Server::Unix(socket) => {
                socket.set_nonblocking(flooding).unwrap();
                let (length, from) = socket.recv_from(&mut buffer).ok()?;
                socket.set_nonblocking(false).unwrap();
                let from = from.as_pathname()?.to_owned();
                Some((String::from_utf8_lossy(&buffer[..length]).into_owned(), Client::Path(from)))
            }
            Server::Udp(socket) => {
                let (length, from) = socket.recv_from(&mut buffer).ok()?;
                let text = String::from_utf8_lossy(&buffer[..length]).into_owned();
                if text == "GET_COOKIE" {
                    socket.send_to(COOKIE.as_bytes(), from).unwrap();
                    return None;
                }
                let command = text.strip_prefix(COOKIE)?.trim_start_matches(' ').to_owned();
                Some((command, Client::Address(from)))
            }
        }
    }

    fn send(&self, client: &Client, data: &[u8]) {
        let _ = match (self, client) {
            (Server::Unix(socket), Client::Path(path)) => socket.send_to(data, path),
            (Server::Udp(socket), Client::Address(address)) => socket.send_to(data, address),
            _ => Ok(0),
        };
    }
}

/// A directory of its own, removed at the end.
pub struct Scratch(PathBuf);

impl Scratch {
    pub fn make() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!("wpasim-test-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let dir = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&dir).unwrap();
        Scratch(dir)
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
