//! `wpasim serve` through clients that are not ours: Debian's wpa_cli and hostapd_cli, and the crate wpactrl.
#![cfg(target_os = "linux")]
#![allow(clippy::disallowed_methods, reason = "waits for processes, on the wall clock")]

mod access_points;
mod clients;
mod debian;
mod groups;
mod hostile;
mod observer;
mod place;
mod sockets;
mod udp;
