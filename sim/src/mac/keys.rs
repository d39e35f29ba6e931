//! Keys in the driver: packet numbers that only grow, replay counters, and reinstallation that
//! changes nothing.

use wpasim_wire::crypto::ccmp::{self, CcmpKey};
use wpasim_wire::crypto::tkip::{self, TkipKey};
use wpasim_wire::crypto::{self, MpduError};
use wpasim_wire::driver::{Cipher, Key};

use super::fragments::is_fragment;

/// The replay counter of frames without a traffic identifier.
const NON_QOS: usize = 16;

/// Packet numbers have 48 bits.
const LARGEST_PN: u64 = (1 << 48) - 1;

enum Material {
    Ccmp(Box<CcmpKey>),
    Tkip(Box<TkipKey>),
}

/// A key in use.
pub(crate) struct KeyState {
    cipher: Cipher,
    octets: Vec<u8>,
    material: Material,
    transmitted: u64,
    received: [u64; NON_QOS + 1],
    color: KeyColor,
}

/// Tells the keys that a scope had one after the other from each other, at whatever index (mac80211's key color).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct KeyColor(u32);

/// A protected MPDU, opened.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Opened {
    /// With the Protected bit cleared. A fragment under TKIP has its part of the MSDU's MIC.
    pub plain: Vec<u8>,
    pub under: Protection,
}

/// The protection of an MPDU.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Protection {
    Ccmp {
        color: KeyColor,
        packet_number: u64,
    },
    /// The sequence counter is not yet the last received.
    Tkip {
        color: KeyColor,
        key_index: u8,
        counter: u64,
    },
}

/// The reason why a protected frame is thrown away.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Unprotect {
    /// No key, a wrong one, or damage.
    Garbage,
    /// The packet number is not above the last.
    Replay,
    /// TKIP: right but for the Michael MIC.
    MichaelFailure,
}

impl KeyState {
    /// `None` for ciphers that protect no data here, and for keys of the wrong length.
    fn new(key: &Key, color: KeyColor) -> Option<Self> {
        let material = match key.cipher {
            Cipher::Ccmp => Material::Ccmp(Box::new(CcmpKey::from_slice(&key.key)?)),
            Cipher::Tkip => Material::Tkip(Box::new(TkipKey::from_slice(&key.key)?)),
            Cipher::Wep40 | Cipher::Wep104 | Cipher::BipCmac128 => return None,
        };
        let [a, b, c, d, e, f] = key.rsc;
        let rsc = u64::from_le_bytes([a, b, c, d, e, f, 0, 0]);
        Some(KeyState {
            cipher: key.cipher,
            octets: key.key.clone(),
            material,
            transmitted: 0,
            received: [rsc; NON_QOS + 1],
            color,
        })
    }

    /// The protected form of a frame that is a whole MSDU, under the next packet number; `None` when they are used up.
    #[cfg(test)]
    pub fn protect(&mut self, frame: &[u8], index: u8) -> Option<Vec<u8>> {
        let msdu = self.with_mic(frame)?;
        self.protect_mpdu(&msdu, index)
    }

    /// A frame that is a whole MSDU with what its key adds before it is divided: TKIP's Michael MIC.
    pub fn with_mic(&self, frame: &[u8]) -> Option<Vec<u8>> {
        match &self.material {
            Material::Ccmp(_) => Some(frame.to_vec()),
            Material::Tkip(key) => tkip::with_mic(frame, key).ok(),
        }
    }

    /// The protected form of such a frame, or of a fragment of one, under the next packet number; `None` when they are used
    /// up.
    pub fn protect_mpdu(&mut self, frame: &[u8], index: u8) -> Option<Vec<u8>> {
        if self.transmitted >= LARGEST_PN {
            return None;
        }
        self.transmitted += 1;
        match &self.material {
            Material::Ccmp(key) => ccmp::encrypt(frame, key, self.transmitted, index).ok(),
            Material::Tkip(key) => tkip::encrypt_mpdu(frame, key, self.transmitted, index).ok(),
        }
    }

    /// The plain form of a protected frame, if it is genuine and new. A fragment under TKIP is looked at as a whole once
    /// it is complete: [`KeyState::verify`].
    pub fn unprotect(&mut self, frame: &[u8]) -> Result<Opened, Unprotect> {
        let color = self.color;
        let counter = self.received.get_mut(traffic_identifier(frame)).ok_or(Unprotect::Garbage)?;
        match &self.material {
            Material::Ccmp(key) => {
                let (plain, packet_number) = ccmp::decrypt(frame, key).map_err(Unprotect::from)?;
                if packet_number <= *counter {
                    return Err(Unprotect::Replay);
                }
                *counter = packet_number;
                Ok(Opened { plain, under: Protection::Ccmp { color, packet_number } })
            }
            // A replayed frame must not count as an attack on Michael (IEEE 802.11-2020 §12.5.2.6).
            Material::Tkip(_) if sequence_counter(frame).is_none_or(|tsc| tsc <= *counter) => {
                Err(Unprotect::Replay)
            }
            Material::Tkip(key) => {
                let (plain, tsc) = tkip::decrypt_mpdu(frame, key).map_err(Unprotect::from)?;
                let key_index = crypto::key_id(frame).ok_or(Unprotect::Garbage)?;
                let under = Protection::Tkip { color, key_index, counter: tsc };
                if is_fragment(&plain) {
                    return Ok(Opened { plain, under });
                }
                let plain = tkip::verify_msdu(&plain, key).map_err(Unprotect::from)?;
                *counter = tsc;
                Ok(Opened { plain, under })
            }
        }
    }

    /// An MSDU under TKIP that came in fragments, the last with this sequence counter, without its MIC.
    fn verify(&mut self, msdu: &[u8], tsc: u64) -> Result<Vec<u8>, Unprotect> {
        let Material::Tkip(key) = &self.material else { return Err(Unprotect::Garbage) };
        let plain = tkip::verify_msdu(msdu, key).map_err(Unprotect::from)?;
        let counter = self.received.get_mut(traffic_identifier(msdu)).ok_or(Unprotect::Garbage)?;
        *counter = tsc;
        Ok(plain)
    }
}

impl From<MpduError> for Unprotect {
    fn from(error: MpduError) -> Self {
        match error {
            MpduError::MichaelFailure => Unprotect::MichaelFailure,
            _ => Unprotect::Garbage,
        }
    }
}

/// A QoS data frame's traffic identifier, or the place of those without.
fn traffic_identifier(frame: &[u8]) -> usize {
    match frame.first() {
        Some(control) if control & 0x8c == 0x88 => frame.get(24).map_or(NON_QOS, |tid| usize::from(tid & 15)),
        _ => NON_QOS,
    }
}

/// The TKIP sequence counter of a protected data frame.
fn sequence_counter(frame: &[u8]) -> Option<u64> {
    let control = *frame.first()?;
    let four_addresses = frame.get(1)? & 3 == 3;
    let header = 24 + if four_addresses { 6 } else { 0 } + if control & 0x80 != 0 { 2 } else { 0 };
    let iv: &[u8; 8] = frame.get(header..)?.first_chunk()?;
    Some(u64::from_le_bytes([iv[2], iv[0], iv[4], iv[5], iv[6], iv[7], 0, 0]))
}

/// The keys of one scope (a peer's, or a BSS's group keys), by index.
#[derive(Default)]
pub(crate) struct KeySlots {
    slots: [Option<Box<KeyState>>; 6],
    /// The key that protects what is sent.
    sending: Option<u8>,
    /// Of the last key that was installed.
    color: KeyColor,
}

impl KeySlots {
    /// Installs a key. The same key again changes nothing: neither packet numbers nor replay
    /// counters go back (mac80211's ieee80211_key_link, after the key reinstallation attacks).
    pub fn install(&mut self, key: &Key, sends: bool) {
        let Some(slot) = self.slots.get_mut(usize::from(key.index)) else { return };
        if sends {
            self.sending = Some(key.index);
        }
        if slot.as_ref().is_some_and(|k| k.cipher == key.cipher && k.octets == key.key) {
            return;
        }
        self.color = KeyColor(self.color.0.wrapping_add(1));
        *slot = KeyState::new(key, self.color).map(Box::new);
    }

    /// Removes a key.
    pub fn remove(&mut self, index: u8) {
        if let Some(slot) = self.slots.get_mut(usize::from(index)) {
            *slot = None;
        }
        if self.sending == Some(index) {
            self.sending = None;
        }
    }

    /// Removes every key.
    pub fn clear(&mut self) {
        *self = KeySlots { color: self.color, ..KeySlots::default() };
    }

    /// Whether any key is installed.
    pub fn any(&self) -> bool {
        self.slots.iter().any(Option::is_some)
    }

    /// The key that protects what is sent, and its index.
    pub fn sending(&mut self) -> Option<(&mut KeyState, u8)> {
        let index = self.sending?;
        let key = self.slots.get_mut(usize::from(index))?.as_deref_mut()?;
        Some((key, index))
    }

    /// The key that a protected frame names.
    pub fn for_frame(&mut self, frame: &[u8]) -> Option<&mut KeyState> {
        let index = crypto::key_id(frame)?;
        self.slots.get_mut(usize::from(index))?.as_deref_mut()
    }

    /// An MSDU under TKIP that came in fragments, without its MIC, if the key of its last fragment is still there and the MIC
    /// is right.
    pub fn verify(&mut self, msdu: &[u8], under: Protection) -> Result<Vec<u8>, Unprotect> {
        match under {
            Protection::Ccmp { .. } => Ok(msdu.to_vec()),
            Protection::Tkip { key_index, counter, .. } => {
                let key = self.slots.get_mut(usize::from(key_index)).and_then(Option::as_deref_mut);
                key.ok_or(Unprotect::Garbage)?.verify(msdu, counter)
            }
        }
    }

    /// The last packet number sent under a key, least significant octet first.
    pub fn transmitted(&self, index: u8) -> [u8; 6] {
        let number = self.slots.get(usize::from(index)).and_then(Option::as_ref).map_or(0, |k| k.transmitted);
        let [a, b, c, d, e, f, ..] = number.to_le_bytes();
        [a, b, c, d, e, f]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wpasim_wire::MacAddr;
    use wpasim_wire::driver::KeyScope;
    use wpasim_wire::ieee80211::DataFrame;

    fn ccmp_key() -> Key {
        let scope = KeyScope::Pairwise(MacAddr([2, 0, 0, 0, 1, 0]));
        Key { cipher: Cipher::Ccmp, scope, index: 0, key: vec![7; 16], rsc: [0; 6], tx: true }
    }

    #[test]
    fn replays_are_refused_and_reinstalling_resets_nothing() {
        let frame = DataFrame::to_ap(MacAddr([2; 6]), MacAddr([4; 6]), MacAddr([6; 6]), vec![1; 20]).emit();
        let (mut a, mut b) = (KeySlots::default(), KeySlots::default());
        a.install(&ccmp_key(), true);
        b.install(&ccmp_key(), true);
        let (key, index) = a.sending().unwrap();
        let first = key.protect(&frame, index).unwrap();
        assert_eq!(b.for_frame(&first).unwrap().unprotect(&first).unwrap().plain, frame);
        a.install(&ccmp_key(), true);
        b.install(&ccmp_key(), true);
        assert_eq!(b.for_frame(&first).unwrap().unprotect(&first), Err(Unprotect::Replay));
        let (key, index) = a.sending().unwrap();
        let second = key.protect(&frame, index).unwrap();
        assert_ne!(first, second);
        assert_eq!(a.transmitted(0), [2, 0, 0, 0, 0, 0]);
        let mut damaged = second.clone();
        *damaged.last_mut().unwrap() ^= 1;
        assert_eq!(b.for_frame(&damaged).unwrap().unprotect(&damaged), Err(Unprotect::Garbage));
        assert!(b.for_frame(&second).unwrap().unprotect(&second).is_ok());
    }

    #[test]
    fn tkip_tells_replays_from_attacks() {
        let group = Key { cipher: Cipher::Tkip, scope: KeyScope::Group, key: vec![5; 32], ..ccmp_key() };
        let (mut a, mut b) = (KeySlots::default(), KeySlots::default());
        a.install(&group, true);
        b.install(&group, false);
        let frame =
            DataFrame::from_ap(MacAddr([0xff; 6]), MacAddr([4; 6]), MacAddr([4; 6]), vec![1; 20]).emit();
        let (key, index) = a.sending().unwrap();
        let first = key.protect(&frame, index).unwrap();
        assert_eq!(b.for_frame(&first).unwrap().unprotect(&first).unwrap().plain, frame);
        // Another MIC key with the same temporal key: only Michael can tell.
        let mut forger = KeySlots::default();
        let mut octets = vec![5; 32];
        octets[16] = 6;
        forger.install(&Key { key: octets, ..group }, true);
        let (key, index) = forger.sending().unwrap();
        let replayed = key.protect(&frame, index).unwrap();
        assert_eq!(b.for_frame(&replayed).unwrap().unprotect(&replayed), Err(Unprotect::Replay));
        let forged = key.protect(&frame, index).unwrap();
        assert_eq!(b.for_frame(&forged).unwrap().unprotect(&forged), Err(Unprotect::MichaelFailure));
        // A failure does not move the counter.
        let (key, index) = a.sending().unwrap();
        let second = key.protect(&frame, index).unwrap();
        assert!(b.for_frame(&second).unwrap().unprotect(&second).is_ok());
    }
}
