//! Diffie-Hellman in group 5, the 1536-bit MODP group of RFC 3526 §2, as WPS uses it (WSC 2.0.5 §7.3).

//!
//! Fuzzing builds (`cfg(fuzzing)`) have a group of 64 bits in its place: both ends of a run there are ours, and with group 5
//! nearly all the time would pass in exponentiation.

#[cfg(any(not(fuzzing), test))]
mod group5;
#[cfg(any(fuzzing, test))]
mod small_group;

use crypto_bigint::U1536;
#[cfg(not(fuzzing))]
use group5 as group;
#[cfg(fuzzing)]
use small_group as group;

/// Octets of a public key and of a shared secret.
pub const ELEMENT_LEN: usize = 192;
const EXPONENT_LEN: usize = 32;

/// A private exponent of at most 256 bits, twice the group's strength and more than enough for it.
#[derive(Clone, PartialEq, Eq)]
pub struct PrivateKey(U1536);

/// Keys do not print.
impl core::fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("PrivateKey")
    }
}

impl PrivateKey {
    /// Of 32 random octets, the most significant first.
    pub fn new(exponent: [u8; EXPONENT_LEN]) -> Self {
        let mut octets = [0; ELEMENT_LEN];
        octets.iter_mut().skip(ELEMENT_LEN - EXPONENT_LEN).zip(exponent).for_each(|(to, from)| *to = from);
        PrivateKey(U1536::from_be_slice(&octets))
    }

    fn power(&self, base: &U1536) -> U1536 {
        group::power(base, &self.0, 8 * EXPONENT_LEN as u32)
    }

    /// The public key, 2 to the power of this one.
    pub fn public(&self) -> [u8; ELEMENT_LEN] {
        self.power(&U1536::from_u8(2)).to_be_bytes().into()
    }

    /// The secret shared with the owner of a public key. `None` if the key has more octets than an
    /// element, or makes a secret that anyone could guess: 0, 1, or the modulus less 1.
    pub fn shared(&self, peer: &[u8]) -> Option<[u8; ELEMENT_LEN]> {
        let mut octets = [0; ELEMENT_LEN];
        octets.get_mut(ELEMENT_LEN.checked_sub(peer.len())?..)?.copy_from_slice(peer);
        let secret = self.power(&U1536::from_be_slice(&octets));
        (secret != U1536::ZERO && secret != U1536::ONE && secret != group::minus_one())
            .then(|| secret.to_be_bytes().into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ends_share_a_secret() {
        let (a, b) = (PrivateKey::new([0x5a; 32]), PrivateKey::new([0xc3; 32]));
        assert_eq!(a.shared(&b.public()), b.shared(&a.public()));
        assert_eq!(PrivateKey::new([0; 32]).public()[..191], [0; 191]);
    }

    #[test]
    fn keys_that_give_the_secret_away_are_refused() {
        let key = PrivateKey::new([7; 32]);
        let mut minus_one = [0xff; 192];
        minus_one.copy_from_slice(&group::minus_one().to_be_bytes());
        assert_eq!(key.shared(&minus_one), None);
        assert_eq!((key.shared(&[]), key.shared(&[0; 192])), (None, None));
        assert_eq!((key.shared(&[1]), key.shared(&[1; 193])), (None, None));
        // Beyond the modulus counts as its remainder.
        assert!(key.shared(&[0xff; 192]).is_some());
        assert!(key.shared(&[2]).is_some());
    }
}
