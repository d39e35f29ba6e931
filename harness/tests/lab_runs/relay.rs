//! A supplicant that is broken on purpose: the reference behind a relay of its control interface, which keeps
//! one kind of event to itself.

use std::fs;
use std::io;
use std::os::unix::net::{SocketAddr, UnixDatagram};
use std::process::Command;

use rustix::event::{PollFd, PollFlags, Timespec, poll};

/// Where the real supplicant's control interface is.
const BEHIND: &str = "/run/behind";
/// Where the relay is taken for it.
const FRONT: &str = "/run/wpa_supplicant";

/// A client of the relay, and the connection to the supplicant in its name.
struct Client {
    address: SocketAddr,
    socket: UnixDatagram,
}

/// Relays until the supplicant ends. The arguments: what an event has to contain to be swallowed, then interface,
/// configuration, global control socket and log, as the places in a command line are filled.
pub fn run(arguments: &[String]) -> io::Result<()> {
    let [swallowed, ifname, config, global, log] = arguments else {
        return Err(io::Error::other("SWALLOWED {ifname} {config} {global} {log}"));
    };
    let moved = fs::read_to_string(config)?.replace(FRONT, BEHIND);
    let config = format!("{config}.moved");
    fs::write(&config, moved)?;
    let mut supplicant = Command::new("wpa_supplicant")
        .args(["-Dnl80211", "-i", ifname, "-c", &config, "-g", global, "-f", log, "-tdd"])
        .spawn()?;
    let behind = format!("{BEHIND}/{ifname}");
    let mut front = None;
    let mut clients: Vec<Client> = Vec::new();
    while supplicant.try_wait()?.is_none() {
        match &front {
            Some(front) => relay(front, &behind, &mut clients, swallowed)?,
            None if fs::exists(&behind)? => {
                fs::create_dir_all(FRONT)?;
                let socket = UnixDatagram::bind(format!("{FRONT}/{ifname}"))?;
                socket.set_nonblocking(true)?;
                front = Some(socket);
            }
            None => wait(&[], 1)?,
        }
    }
    Ok(())
}

/// Waits until one of the sockets can be read, at most so many milliseconds.
fn wait(sockets: &[&UnixDatagram], milliseconds: i64) -> io::Result<()> {
    let mut polled: Vec<PollFd<'_>> = sockets.iter().map(|s| PollFd::new(*s, PollFlags::IN)).collect();
    poll(&mut polled, Some(&Timespec { tv_sec: 0, tv_nsec: milliseconds * 1_000_000 }))?;
    Ok(())
}

/// Waits a little and passes on what came.
fn relay(front: &UnixDatagram, behind: &str, clients: &mut Vec<Client>, swallowed: &str) -> io::Result<()> {
    let sockets: Vec<&UnixDatagram> =
        std::iter::once(front).chain(clients.iter().map(|c| &c.socket)).collect();
    wait(&sockets, 100)?;
    let mut datagram = vec![0; 65536];
    while let Ok((length, from)) = front.recv_from(&mut datagram) {
        let known = clients.iter().position(|c| format!("{:?}", c.address) == format!("{from:?}"));
        let at = match known {
            Some(at) => at,
            None => {
                let socket = UnixDatagram::bind(format!("{BEHIND}-{}", clients.len()))?;
                socket.set_nonblocking(true)?;
                socket.connect(behind)?;
                clients.push(Client { address: from, socket });
                clients.len() - 1
            }
        };
        clients[at].socket.send(&datagram[..length])?;
    }
    for client in clients {
        while let Ok(length) = client.socket.recv(&mut datagram) {
            let said = &datagram[..length];
            if !String::from_utf8_lossy(said).contains(swallowed) {
                // A client that has gone misses nothing.
                let _ = front.send_to_addr(said, &client.address);
            }
        }
    }
    Ok(())
}
