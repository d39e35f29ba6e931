//! `wpasim serve` through clients that are not ours: Debian's wpa_cli and hostapd_cli, and the crate wpactrl.
#![cfg(target_os = "linux")]
#![allow(clippy::disallowed_methods, reason = "waits for processes, on the wall clock")]

mod access_points;
mod clients;
mod debian;
mod file_system;
mod groups;
mod hostile;
mod limits;
mod observer;
mod place;
mod sockets;
mod udp;
