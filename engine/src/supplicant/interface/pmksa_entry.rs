//! An entry of the PMKSA cache (IEEE 802.11-2020 §12.6.8.3).

use wpasim_wire::MacAddr;
use wpasim_wire::time::Instant;

/// A cached key.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Entry {
    /// The authenticator.
    pub aa: MacAddr,
    pub pmkid: [u8; 16],
    /// 32 to 64 octets.
    pub pmk: Vec<u8>,
    pub reauth_at: Instant,
    pub expires_at: Instant,
    /// 2.10's number of the key management suite (WPA_KEY_MGMT_*).
    pub akmp: i32,
    pub opportunistic: i32,
    pub fils_cache_id: Option<[u8; 2]>,
    /// The network block.
    pub network: i32,
}
