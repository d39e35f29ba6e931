//! Device passwords of digits (WSC 2.0.5 §7.4).

use wpasim_runtime::entropy::Stream;

/// The digit that completes seven digits to a PIN.
pub fn pin_checksum(pin: u32) -> u32 {
    let (mut rest, mut sum, mut weight) = (pin, 0, 3);
    while rest != 0 {
        sum += weight * (rest % 10);
        rest /= 10;
        weight = 4 - weight;
    }
    (10 - sum % 10) % 10
}

/// Whether the last digit of eight is the checksum of the others.
pub fn pin_valid(pin: u32) -> bool {
    pin_checksum(pin / 10) == pin % 10
}

/// A random PIN of eight digits, with its checksum.
pub fn generate_pin(random: &mut Stream) -> u32 {
    let digits = random.below(10_000_000);
    digits * 10 + pin_checksum(digits)
}

/// Whether this is a PIN: four or eight digits. A wrong checksum does not matter.
pub fn pin_str_valid(pin: &str) -> bool {
    matches!(pin.len(), 4 | 8) && pin.bytes().all(|b| b.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;
    use wpasim_runtime::entropy::Entropy;

    #[test]
    fn pins_have_a_checksum() {
        assert_eq!(pin_checksum(1_234_567), 0);
        assert!(pin_valid(12_345_670) && pin_valid(0) && !pin_valid(12_345_671));
        let mut random = Entropy::new(1, "sta").stream("wps");
        let pins: Vec<u32> = (0..50).map(|_| generate_pin(&mut random)).collect();
        assert!(pins.iter().all(|pin| pin_valid(*pin) && *pin < 100_000_000));
        assert!(pins.windows(2).all(|pair| pair[0] != pair[1]));
    }

    #[test]
    fn pins_are_four_or_eight_digits() {
        assert!(pin_str_valid("1234") && pin_str_valid("12345678"));
        for not_a_pin in ["", "123", "12345", "1234567a", "123456789", "1234 ", "١٢"] {
            assert!(!pin_str_valid(not_a_pin), "{not_a_pin}");
        }
    }
}
