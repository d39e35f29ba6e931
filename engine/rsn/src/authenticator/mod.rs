//! The authenticator's side of the 4-way and the group key handshake (IEEE 802.11-2020 §12.7.9, the
//! authenticator state machines) as hostapd 2.10 runs them: one pairwise and one group machine per
//! station, one machine for the group keys.

mod config;
mod group;
mod invariant;
mod mib;
mod overrides;
mod psks;
mod receive;
mod station;
mod timing;

pub use config::{AuthConfig, ElementRefusal, StationSecurity};
pub use overrides::Overrides;
pub use station::{GroupState, PtkState};

use group::Group;
use station::Station;
use std::collections::BTreeMap;
use wpasim_runtime::Secret;
use wpasim_runtime::deadlines::Deadlines;
use wpasim_runtime::entropy::Stream;
use wpasim_wire::MacAddr;
use wpasim_wire::driver::Key;
use wpasim_wire::time::Instant;

/// An action that the authenticator wants done, in this order.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum AuthAction {
    /// An EAPOL frame to send, encrypted if the pairwise key is installed.
    Send {
        dest: MacAddr,
        frame: Vec<u8>,
        encrypt: bool,
    },
    NewKey(Key),
    /// Remove the pairwise key of a station from the driver.
    RemovePairwiseKey {
        addr: MacAddr,
    },
    /// Open or close the station's port.
    SetAuthorized {
        addr: MacAddr,
        authorized: bool,
    },
    /// Deauthenticate the station. Its machine has gone back to the start.
    Disconnect {
        addr: MacAddr,
        reason: u16,
    },
    /// The 4-way handshake ended well.
    HandshakeCompleted {
        addr: MacAddr,
    },
    /// Message 2 does not verify under any of the pre-shared keys.
    PossiblePskMismatch {
        addr: MacAddr,
    },
    /// The station reports a Michael MIC failure (TKIP countermeasures).
    MichaelFailureReport {
        addr: MacAddr,
    },
    Secret(Secret),
}

/// The context of a call: the time, and the packet number of a group key in the driver.
#[derive(Clone, Copy)]
pub struct Moment<'a> {
    pub now: Instant,
    /// The packet number of the group key with this index, least significant octet first.
    pub group_seq: &'a dyn Fn(u8) -> [u8; 6],
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Timer {
    /// An EAPOL-Key frame was not answered.
    Eapol(MacAddr),
    /// `wpa_ptk_rekey`.
    RekeyPtk(MacAddr),
    /// `wpa_group_rekey` and strict rekeying.
    RekeyGtk,
    /// `wpa_gmk_rekey`.
    RekeyGmk,
}

/// The authenticator of one BSS.
#[derive(Debug)]
pub struct Authenticator {
    addr: MacAddr,
    config: AuthConfig,
    random: Stream,
    group: Group,
    stations: BTreeMap<MacAddr, Station>,
    awaiting_psks: Vec<psks::AwaitsPsks>,
    joined: u64,
    timers: Deadlines<Timer>,
    /// The suites that the last association request selected, for the MIB.
    selected: mib::Selected,
    handshake_failures: u32,
    countermeasures: u32,
    /// Draws which of the frames for tests are wrong.
    mistakes: wpasim_runtime::drand48::Drand48,
    actions: Vec<AuthAction>,
}

impl Authenticator {
    /// `random` is the stream that nonces and group keys are drawn from. The rekeying timers start now.
    pub fn new(addr: MacAddr, config: AuthConfig, random: Stream, now: Instant) -> Self {
        let mut authenticator = Authenticator {
            addr,
            group: Group::default(),
            config,
            random,
            stations: BTreeMap::new(),
            awaiting_psks: Vec::new(),
            joined: 0,
            timers: Deadlines::default(),
            selected: mib::Selected::default(),
            handshake_failures: 0,
            countermeasures: 0,
            mistakes: wpasim_runtime::drand48::Drand48::default(),
            actions: Vec::new(),
        };
        authenticator.draw_master_key();
        if let Some(period) = authenticator.config.gmk_rekey {
            authenticator.timers.set(Timer::RekeyGmk, now + period);
        }
        if let Some(period) = authenticator.config.group_rekey {
            authenticator.timers.set(Timer::RekeyGtk, now + period);
        }
        authenticator
    }

    /// Takes the place of another one. The times of the next renewal of keys stay as they are.
    //= hostap@2.10 src/ap/wpa_auth.c#wpa_reconfig
    pub fn continue_rekeying_of(&mut self, before: &Authenticator) {
        for timer in [Timer::RekeyGtk, Timer::RekeyGmk] {
            match before.timers.get(timer) {
                Some(at) => self.timers.set(timer, at),
                None => self.timers.cancel(timer),
            }
        }
    }

    /// Returns the configuration of the machines.
    pub fn config(&self) -> &AuthConfig {
        &self.config
    }

    /// A station has a key of its own, to be tried before others of its own.
    pub fn add_station_psk(&mut self, addr: MacAddr, psk: wpasim_wire::crypto::Pmk) {
        self.config.station_psks.entry(addr).or_default().insert_first(psk);
    }

    /// The actions since the last call, oldest first.
    pub fn take_actions(&mut self) -> Vec<AuthAction> {
        core::mem::take(&mut self.actions)
    }

    /// Returns the time at which [`Authenticator::timeout`] wants to be called.
    pub fn next_timeout(&self) -> Option<Instant> {
        self.timers.next().into_iter().chain(self.awaiting_psks.first().map(|a| a.since)).min()
    }

    /// The state of a station's pairwise machine.
    pub fn ptk_state(&self, addr: MacAddr) -> Option<PtkState> {
        self.stations.get(&addr).map(|s| s.state)
    }

    /// TKIP countermeasures were started.
    pub fn count_countermeasures(&mut self) {
        self.countermeasures = self.countermeasures.wrapping_add(1);
    }

    /// The driver or the AP detected a Michael MIC failure on a frame of this station.
    pub fn count_local_michael_failure(&mut self, addr: MacAddr) {
        if let Some(station) = self.stations.get_mut(&addr) {
            station.local_michael_failures = station.local_michael_failures.wrapping_add(1);
        }
    }
}
