//! Pre-shared keys as they are configured: 256 bits, or a passphrase that becomes a key when it is first wanted.

use crate::PskSource;
use std::collections::BTreeMap;
use wpasim_wire::MacAddr;
use wpasim_wire::crypto::{self, Pmk};

/// A pre-shared key as it is configured.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Psk {
    Passphrase(Vec<u8>),
    Key(Pmk),
}

/// A pre-shared key with the identifier that the configuration gives it (`keyid=`); empty is none.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NamedPsk {
    pub psk: Psk,
    pub id: String,
}

impl From<Psk> for NamedPsk {
    fn from(psk: Psk) -> Self {
        NamedPsk { psk, id: String::new() }
    }
}

/// Keys in the order in which they are tried. Those of passphrases are derived on request, from the first to the last.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct PskList {
    psks: Vec<NamedPsk>,
    /// Nothing before this place is a passphrase.
    derived: usize,
}

impl From<Vec<Psk>> for PskList {
    fn from(psks: Vec<Psk>) -> Self {
        psks.into_iter().map(NamedPsk::from).collect::<Vec<_>>().into()
    }
}

impl From<Vec<NamedPsk>> for PskList {
    fn from(psks: Vec<NamedPsk>) -> Self {
        let mut list = PskList { psks, derived: 0 };
        list.skip_keys();
        list
    }
}

impl PskList {
    fn skip_keys(&mut self) {
        let rest = self.psks.get(self.derived..).unwrap_or_default();
        self.derived += rest.iter().take_while(|p| matches!(p.psk, Psk::Key(_))).count();
    }

    pub fn is_empty(&self) -> bool {
        self.psks.is_empty()
    }

    /// Returns whether no passphrase is left.
    pub fn is_derived(&self) -> bool {
        self.derived == self.psks.len()
    }

    /// The keys that need no derivation any more.
    pub fn keys(&self) -> impl Iterator<Item = &Pmk> {
        self.psks.iter().filter_map(|named| match &named.psk {
            Psk::Key(key) => Some(key),
            Psk::Passphrase(_) => None,
        })
    }

    /// The first key of all, unless it is still to be derived.
    pub fn first(&self) -> Option<&Pmk> {
        match &self.psks.first()?.psk {
            Psk::Key(key) => Some(key),
            Psk::Passphrase(_) => None,
        }
    }

    /// Adds a key that is tried before the others.
    pub fn insert_first(&mut self, key: Pmk) {
        self.psks.insert(0, Psk::Key(key).into());
        self.derived += 1;
    }

    /// Returns the identifier of a key: that of the last one that is equal, as hostapd looks through its list.
    //= hostap@2.10 src/ap/sta_info.c#ap_sta_wpa_get_keyid
    pub fn id_of(&self, key: &Pmk) -> Option<&str> {
        let is_equal = |named: &&NamedPsk| matches!(&named.psk, Psk::Key(own) if own == key);
        self.psks.iter().rfind(is_equal).map(|named| named.id.as_str())
    }

    /// Derives the next key, if one is left to be derived.
    pub fn derive_next(&mut self, ssid: &[u8], source: &dyn PskSource) -> Option<Pmk> {
        let psk = &mut self.psks.get_mut(self.derived)?.psk;
        let key = match psk {
            Psk::Key(key) => *key,
            Psk::Passphrase(text) => source.psk(text, ssid),
        };
        *psk = Psk::Key(key);
        self.skip_keys();
        Some(key)
    }
}

/// Keys that are set aside for enrollees, one for an address; the zero address stands for anyone.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct EnrolleePsks {
    /// The network that the passphrases are of.
    pub ssid: Vec<u8>,
    pub by_addr: BTreeMap<MacAddr, Psk>,
}

impl EnrolleePsks {
    /// The key for this enrollee. An enrolment derives one at most.
    pub fn key_for(&self, addr: MacAddr) -> Option<Pmk> {
        let psk = self.by_addr.get(&addr).or_else(|| self.by_addr.get(&MacAddr::ZERO))?;
        Some(match psk {
            Psk::Key(key) => *key,
            Psk::Passphrase(text) => crypto::psk(text, &self.ssid),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The first octet of the passphrase is that of the key.
    struct Told;

    impl PskSource for Told {
        fn psk(&self, passphrase: &[u8], _: &[u8]) -> [u8; 32] {
            [passphrase[0]; 32]
        }
    }

    #[test]
    fn keys_are_derived_in_their_order_and_once() {
        let phrase = |c: u8| Psk::Passphrase(vec![c; 8]);
        let mut list = PskList::from(vec![Psk::Key([1; 32]), phrase(2), Psk::Key([3; 32]), phrase(4)]);
        assert_eq!(list.first(), Some(&[1; 32]));
        list.insert_first([0; 32]);
        let keys = |list: &PskList| list.keys().map(|k| k[0]).collect::<Vec<_>>();
        assert_eq!((keys(&list), list.is_derived()), (vec![0, 1, 3], false));
        assert_eq!(list.derive_next(b"net", &Told), Some([2; 32]));
        assert_eq!((list.derive_next(b"net", &Told), list.is_derived()), (Some([4; 32]), true));
        assert_eq!((list.derive_next(b"net", &Told), keys(&list)), (None, vec![0, 1, 2, 3, 4]));
    }

    #[test]
    fn the_first_key_is_not_another_one_while_it_is_a_passphrase() {
        let list = PskList::from(vec![Psk::Passphrase(vec![2; 8]), Psk::Key([3; 32])]);
        assert_eq!((list.first(), list.is_empty(), list.is_derived()), (None, false, false));
        assert!(PskList::default().is_derived() && PskList::default().is_empty());
    }

    #[test]
    fn an_enrollee_has_its_own_key_before_that_of_anyone() {
        let addr = MacAddr([2, 0, 0, 0, 0, 1]);
        let anyone = Psk::Passphrase(b"for all of them".to_vec());
        let mut psks = EnrolleePsks { ssid: b"net".to_vec(), by_addr: [(MacAddr::ZERO, anyone)].into() };
        assert_eq!(psks.key_for(addr), Some(crypto::psk(b"for all of them", b"net")));
        psks.by_addr.insert(addr, Psk::Key([7; 32]));
        assert_eq!(psks.key_for(addr), Some([7; 32]));
    }
}
