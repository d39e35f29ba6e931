//! Group keys: two of each kind, one in use and one to come.

use super::{AuthAction, Authenticator, Moment, Timer};
use crate::authenticator::station::PtkState;
use core::cmp::Reverse;
use wpasim_runtime::Secret;
use wpasim_runtime::never;
use wpasim_wire::MacAddr;
use wpasim_wire::crypto;
use wpasim_wire::driver::{Key, KeyScope};
use wpasim_wire::time::Duration;

/// The time that strict rekeying waits for further stations to leave.
const STRICT_REKEY_DELAY: Duration = Duration::from_millis(500);

/// States of the group key machine, with hostapd's numbers.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
enum State {
    #[default]
    GtkInit = 0,
    SetKeys = 1,
    SetKeysDone = 2,
}

/// The group keys of a BSS.
#[derive(Debug)]
pub(super) struct Group {
    state: State,
    gmk: [u8; 32],
    /// A counter that nonces and initialization vectors come from (§12.7.5).
    counter: [u8; 32],
    /// Of key index 1 and 2.
    gtk: [Vec<u8>; 2],
    /// The index in use or being distributed: 1 or 2.
    pub index: u8,
    first_station_seen: bool,
    /// Stations that have yet to confirm the new key.
    pending: u32,
}

impl Default for Group {
    fn default() -> Self {
        Group {
            state: State::GtkInit,
            gmk: [0; 32],
            counter: [0; 32],
            gtk: [Vec::new(), Vec::new()],
            index: 1,
            first_station_seen: false,
            pending: 0,
        }
    }
}

impl Group {
    pub(super) fn state_number(&self) -> u8 {
        self.state as u8
    }

    pub(super) fn key(&self) -> &[u8] {
        let [first, second] = &self.gtk;
        if self.index == 2 { second } else { first }
    }

    /// Whether the key at `index` is what the driver transmits with.
    pub(super) fn in_use(&self) -> bool {
        self.state == State::SetKeysDone
    }

    /// The initialization vector for RC4-encrypted key data: the counter's low half, used once.
    pub(super) fn next_iv(&mut self) -> [u8; 16] {
        let mut iv = [0; 16];
        iv.copy_from_slice(&self.counter[16..]);
        self.increment();
        iv
    }

    fn increment(&mut self) {
        for octet in self.counter.iter_mut().rev() {
            *octet = octet.wrapping_add(1);
            if *octet != 0 {
                break;
            }
        }
    }

    fn update(&mut self, addr: MacAddr, len: usize) {
        let nonce = self.counter;
        self.increment();
        let key = crypto::derive_gtk(&self.gmk, addr, &nonce, len);
        let [first, second] = &mut self.gtk;
        *(if self.index == 2 { second } else { first }) = key;
    }
}

impl Authenticator {
    pub(super) fn draw_master_key(&mut self) {
        self.group.gmk = self.random.bytes();
        self.group.counter = self.random.bytes();
    }

    /// The BSS beacons: compute and install the first group key.
    pub fn init_keys(&mut self) {
        self.group.index = 1;
        self.group.update(self.addr, self.config.group.key_len());
        self.install_group_key();
    }

    fn install_group_key(&mut self) {
        self.group.state = State::SetKeysDone;
        if let Some(cipher) = self.config.group.driver_cipher() {
            let key = self.group.key().to_vec();
            self.actions.push(AuthAction::Secret(Secret::TemporalKey { key: key.clone() }));
            self.actions.push(AuthAction::NewKey(Key {
                cipher,
                scope: KeyScope::Group,
                index: self.group.index,
                key,
                rsc: [0; 6],
                tx: true,
            }));
        }
    }

    /// hostapd computes its keys anew when the first station comes, in case there was too little
    /// randomness when it started.
    pub(super) fn ensure_keys_are_fresh(&mut self) {
        if self.group.first_station_seen {
            return;
        }
        self.group.first_station_seen = true;
        self.draw_master_key();
        self.group.update(self.addr, self.config.group.key_len());
        let state = self.group.state;
        self.install_group_key();
        self.group.state = state;
    }

    /// `REKEY_GTK`, the rekeying timer, or a station's request: a new group key for everyone.
    pub fn rekey_gtk(&mut self, moment: &Moment<'_>) {
        if let Some(period) = self.config.group_rekey {
            self.timers.set(Timer::RekeyGtk, moment.now + period);
        } else {
            self.timers.cancel(Timer::RekeyGtk);
        }
        self.group.state = State::SetKeys;
        self.group.index = 3 - self.group.index;
        self.group.update(self.addr, self.config.group.key_len());
        // The stations that joined last come first, as in hostapd's list.
        let mut addrs: Vec<_> = self
            .stations
            .iter_mut()
            .filter_map(|(addr, s)| {
                s.update_group_key = s.state == PtkState::InitDone;
                s.update_group_key.then_some((Reverse(s.joined), *addr))
            })
            .collect();
        addrs.sort_unstable();
        self.group.pending = addrs.len() as u32;
        for (_, addr) in addrs {
            self.start_group_handshake(moment, addr);
        }
        self.finish_rekey_when_confirmed();
    }

    /// `rekey_gtk` for a station that asks, unless a rekeying is in progress.
    pub(super) fn rekey_gtk_on_request(&mut self, moment: &Moment<'_>) {
        if self.group.pending == 0 {
            self.rekey_gtk(moment);
        }
    }

    /// The new key is transmitted with once nobody is without it.
    pub(super) fn finish_rekey_when_confirmed(&mut self) {
        if self.group.state == State::SetKeys && self.group.pending == 0 {
            self.install_group_key();
        }
    }

    /// A station has the new key, or will not need it.
    pub(super) fn confirm_group_key(&mut self, addr: MacAddr) {
        let Some(station) = self.stations.get_mut(&addr) else {
            return never!("the station has a key machine");
        };
        if core::mem::take(&mut station.update_group_key) {
            self.group.pending = self.group.pending.saturating_sub(1);
        }
        self.finish_rekey_when_confirmed();
    }

    pub(super) fn schedule_strict_rekey(&mut self, moment: &Moment<'_>) {
        let at = moment.now + STRICT_REKEY_DELAY;
        if self.timers.get(Timer::RekeyGtk).is_none_or(|due| at < due) {
            self.timers.set(Timer::RekeyGtk, at);
        }
    }
}
