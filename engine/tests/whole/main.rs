//! The engine from outside, without an air.

mod bench;
mod configuration;
mod control_interface;
mod p2p;
