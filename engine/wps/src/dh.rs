//! Diffie-Hellman of a run: group 5 with private exponents of 256 bits.

pub use wpasim_wire::crypto::dh::{ELEMENT_LEN, PrivateKey};
