//! A group that gives no security: numbers modulo a prime of 64 bits.

use crypto_bigint::U1536;

/// The greatest prime below 2 to the power of 64.
const PRIME: u64 = 0xffff_ffff_ffff_ffc5;

/// The base to the power of an exponent of so many bits, of which the lowest 64 count, modulo the prime.
pub fn power(base: &U1536, exponent: &U1536, bits: u32) -> U1536 {
    let mut factor = remainder(base);
    let mut exponent = exponent.to_words()[0];
    let mut product = 1;
    for _ in 0..bits.min(64) {
        if exponent & 1 == 1 {
            product = times(product, factor);
        }
        factor = times(factor, factor);
        exponent >>= 1;
    }
    U1536::from_u64(product)
}

/// The prime less 1.
pub fn minus_one() -> U1536 {
    U1536::from_u64(PRIME - 1)
}

fn times(a: u64, b: u64) -> u64 {
    (u128::from(a) * u128::from(b) % u128::from(PRIME)) as u64
}

fn remainder(number: &U1536) -> u64 {
    let octets = number.to_be_bytes();
    let digits = octets.as_ref().iter();
    digits.fold(0, |rest, octet| ((u128::from(rest) * 256 + u128::from(*octet)) % u128::from(PRIME)) as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn powers_are_those_of_group_5_as_long_as_they_are_small() {
        for (base, exponent) in [(2, 0), (2, 1), (2, 63), (3, 40), (7, 20)] {
            let (base, exponent) = (U1536::from_u64(base), U1536::from_u64(exponent));
            assert_eq!(power(&base, &exponent, 256), super::super::group5::power(&base, &exponent, 256));
        }
    }

    #[test]
    fn both_ends_share_a_secret() {
        let (a, b) = (U1536::from_u64(0x1234_5678_9abc_def1), U1536::from_u64(0xfedc_ba98_7654_3211));
        let public = |private: &U1536| power(&U1536::from_u8(2), private, 256);
        assert_eq!(power(&public(&b), &a, 256), power(&public(&a), &b, 256));
        assert_ne!(power(&public(&b), &a, 256), U1536::ONE);
        // The square of the prime less 1 is 1; greater numbers count as their remainders.
        assert_eq!(power(&minus_one(), &U1536::from_u8(2), 256), U1536::ONE);
        assert_eq!(power(&U1536::MAX, &U1536::ONE, 256), U1536::from_u64(remainder(&U1536::MAX)));
    }
}
