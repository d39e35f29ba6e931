//! `wpasim serve`.

use std::path::{Path, PathBuf};

use clap::Args;
use rustix::event::{Timespec, poll};

use super::{BAD_USAGE, complain, say};
use crate::scenario::{self, Topology};
use crate::serve::ui::Ui;
use crate::serve::{DEFAULT_TOPOLOGY, Options, ServeError, Server, Speed, own};
use crate::system;

/// The world that is served, its sockets, and the speed of its time.
#[derive(Args, Debug)]
pub struct ServeArgs {
    /// A YAML file with `devices:` as scenarios have them [default: supplicants on wlan0, wlan1, wlan2,
    /// and a host with the radios wlan3, wlan4, wlan5 for access points]
    topology: Option<PathBuf>,
    /// Where the sockets are made: wpa_supplicant/IFNAME, global/IFNAME, hostapd-global, hostapd/IFNAME below it
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
    #[arg(long, value_name = "ADDR", num_args = 0..=1, require_equals = true, default_missing_value = "127.0.0.1")]
    udp: Option<std::net::IpAddr>,
    /// Show the devices, their states, and frames and events as they pass
    #[arg(long)]
    ui: bool,
    /// Write every frame into this file, while they come
    #[arg(long, value_name = "FILE")]
    pcap: Option<PathBuf>,
}

/// Serves until a signal comes or every process has ended.
pub fn serve(args: &ServeArgs) -> u8 {
    match served(args) {
        Ok(()) => 0,
        Err((text, code)) => {
            complain(&text);
            code
        }
    }
}

/// The exit code of what went wrong while serving.
const FAILED: u8 = 1;
/// The time that a server which is told to end may take for what it is at.
const PATIENCE: Timespec = Timespec { tv_sec: 0, tv_nsec: 800_000_000 };

/// Ends the process for a server that is busy with something long. What is in the file system goes as at an end in order.
fn end_anyway(ui: bool) -> ! {
    let _ = poll(&mut [], Some(&PATIENCE));
    own::remove_all();
    if ui {
        ratatui::restore();
    }
    std::process::exit(0);
}

fn served(args: &ServeArgs) -> Result<(), (String, u8)> {
    let ours = |error: &dyn std::fmt::Display| (format!("wpasim: {error}"), BAD_USAGE);
    let options = Options {
        topology: topology(args.topology.as_deref()).map_err(|text| (text, BAD_USAGE))?,
        run_dir: args.run_dir.clone(),
        speed: args.speed,
        seed: args.seed,
        pcap: args.pcap.clone(),
        udp: args.udp,
    };
    let (told, end) = system::pair().map_err(|e| ours(&e))?;
    let ui = args.ui;
    ctrlc::set_handler(move || {
        // Full means that it was told already.
        let _ = told.send(&[0]);
        // A second signal has nothing to add.
        static ENDS: std::sync::Once = std::sync::Once::new();
        ENDS.call_once(|| {
            std::thread::spawn(move || end_anyway(ui));
        });
    })
    .map_err(|e| ours(&e))?;
    let mut server = Server::new(&options, end).map_err(|e| ours(&e))?;
    say(&format!("wpasim: serving {} below {}", server.summary(), args.run_dir.display()));
    if args.ui {
        let ui = Ui::start(format!("below {}", args.run_dir.display()))
            .map_err(|e| (format!("wpasim: --ui needs a terminal: {e}"), BAD_USAGE))?;
        server.observe(Box::new(ui));
    }
    server.run().map_err(|error| {
        let code = if matches!(error, ServeError::Capture { .. }) { FAILED } else { BAD_USAGE };
        (format!("wpasim: {error}"), code)
    })
}

fn topology(path: Option<&Path>) -> Result<Topology, String> {
    let (name, source) = match path {
        None => ("the default topology".to_owned(), DEFAULT_TOPOLOGY.to_owned()),
        Some(path) => {
            let name = path.display().to_string();
            let source = system::read_to_string(path).map_err(|error| format!("wpasim: {name}: {error}"))?;
            (name, source)
        }
    };
    scenario::read_topology(&name, &source).map_err(|invalid| invalid.to_string())
}
