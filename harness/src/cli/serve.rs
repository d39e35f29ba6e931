//! `wpasim serve`.

use std::os::unix::net::UnixDatagram;
use std::path::{Path, PathBuf};

use clap::Args;

use super::{BAD_USAGE, complain, say};
use crate::scenario::{self, Topology};
use crate::serve::{DEFAULT_TOPOLOGY, Options, Server, Speed, summary};
use crate::session::write_atomically;

/// What is served, where, and how fast time passes.
#[derive(Args, Debug)]
pub struct ServeArgs {
    /// A YAML file with `devices:` as scenarios have them [default: supplicants on wlan0, wlan1, wlan2]
    topology: Option<PathBuf>,
    /// Where the sockets are made: wpa_supplicant/IFNAME, global/IFNAME, hostapd/IFNAME below it
    #[arg(long, value_name = "DIR")]
    run_dir: PathBuf,
    /// Virtual seconds a second, or `max`: time jumps ahead while nobody waits for a reply
    #[arg(long, default_value = "1", value_name = "X|max")]
    speed: Speed,
    /// The seed of every random choice
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Serve over UDP too, with wpa_ctrl's cookie, from ports 9877 down and 9878 up (8877 and 8878 for access points);
    /// DIR/udp lists them. Anyone who can reach ADDR can give commands
    #[arg(long, value_name = "ADDR", num_args = 0..=1, default_missing_value = "127.0.0.1")]
    udp: Option<std::net::IpAddr>,
    /// Write all frames into this file at the end; they are kept in memory until then
    #[arg(long, value_name = "FILE")]
    pcap: Option<PathBuf>,
}

/// Serves until a signal comes or every process has ended.
pub fn serve(args: &ServeArgs) -> u8 {
    match served(args) {
        Ok(()) => 0,
        Err(text) => {
            complain(&text);
            BAD_USAGE
        }
    }
}

fn served(args: &ServeArgs) -> Result<(), String> {
    let ours = |error: &dyn std::fmt::Display| format!("wpasim: {error}");
    let options = Options {
        topology: topology(args.topology.as_deref())?,
        run_dir: args.run_dir.clone(),
        speed: args.speed,
        seed: args.seed,
        capture: args.pcap.is_some(),
        udp: args.udp,
    };
    let (told, end) = UnixDatagram::pair().map_err(|e| ours(&e))?;
    ctrlc::set_handler(move || {
        // Full means that it was told already.
        let _ = told.send(&[0]);
    })
    .map_err(|e| ours(&e))?;
    let mut server = Server::new(&options, end).map_err(|e| ours(&e))?;
    let sockets: Vec<String> = summary(&server).iter().map(|(kind, n)| format!("{n} in {kind}/")).collect();
    say(&format!("wpasim: serving {} below {}", sockets.join(", "), args.run_dir.display()));
    let end = server.run().map_err(|e| ours(&e));
    if let Some(path) = &args.pcap {
        write_atomically(path, &server.capture()).map_err(|e| format!("wpasim: {}: {e}", path.display()))?;
    }
    end
}

fn topology(path: Option<&Path>) -> Result<Topology, String> {
    let (name, source) = match path {
        None => ("the default topology".to_owned(), DEFAULT_TOPOLOGY.to_owned()),
        Some(path) => {
            let name = path.display().to_string();
            let source = std::fs::read_to_string(path).map_err(|error| format!("wpasim: {name}: {error}"))?;
            (name, source)
        }
    };
    scenario::read_topology(&name, &source).map_err(|invalid| invalid.to_string())
}
