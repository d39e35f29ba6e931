//! Numbers, addresses and octets as the commands and the configuration of hostap write them.

use wpasim_wire::MacAddr;

/// Reads the number at the start of `text` as C's `atoi` does; 0 if there is none.
pub fn atoi(text: &str) -> i32 {
    let trimmed = text.trim_start_matches([' ', '\t', '\n', '\r', '\x0b', '\x0c']);
    let (negative, digits) = match trimmed.as_bytes().first() {
        Some(b'-') => (true, &trimmed[1..]),
        Some(b'+') => (false, &trimmed[1..]),
        _ => (false, trimmed),
    };
    let mut value: i64 = 0;
    for b in digits.bytes().take_while(u8::is_ascii_digit) {
        value = value.saturating_mul(10).saturating_add(i64::from(b - b'0'));
    }
    (if negative { -value } else { value }) as i32
}

/// `strtol` with base 0: the value, and what follows it. Without digits nothing is consumed.
pub fn strtol(text: &str) -> (i64, &str) {
    let trimmed = text.trim_start_matches([' ', '\t', '\n', '\r', '\x0b', '\x0c']);
    let (negative, unsigned) = match trimmed.as_bytes().first() {
        Some(b'-') => (true, &trimmed[1..]),
        Some(b'+') => (false, &trimmed[1..]),
        _ => (false, trimmed),
    };
    let hex = unsigned.len() > 2
        && (unsigned.starts_with("0x") || unsigned.starts_with("0X"))
        && unsigned.as_bytes()[2].is_ascii_hexdigit();
    let (radix, digits) = if hex {
        (16, &unsigned[2..])
    } else if unsigned.starts_with('0') {
        (8, unsigned)
    } else {
        (10, unsigned)
    };
    let len = digits.bytes().take_while(|b| (*b as char).is_digit(radix)).count();
    if len == 0 {
        return (0, text);
    }
    let mut value: i64 = 0;
    for b in digits.bytes().take(len) {
        let digit = i64::from((b as char).to_digit(radix).unwrap_or(0));
        value = value.saturating_mul(i64::from(radix)).saturating_add(digit);
    }
    (if negative { value.saturating_neg() } else { value }, &digits[len..])
}

/// Reads an address octet by octet as 2.10 does; whether it was a whole one. What was read before an
/// error stays in `addr`.
pub fn read_addr(text: &str, addr: &mut MacAddr) -> bool {
    let bytes = text.as_bytes();
    let digit = |at: usize| bytes.get(at).and_then(|b| (*b as char).to_digit(16));
    for (i, octet) in addr.0.iter_mut().enumerate() {
        let (Some(high), Some(low)) = (digit(3 * i), digit(3 * i + 1)) else { return false };
        *octet = (high << 4 | low) as u8;
        if i < 5 && bytes.get(3 * i + 2) != Some(&b':') {
            return false;
        }
    }
    true
}

/// Hexadecimal octets, exactly; `None` on an odd length or another character.
pub fn parse_hex(text: &str) -> Option<Vec<u8>> {
    let bytes = text.as_bytes();
    if !bytes.len().is_multiple_of(2) {
        return None;
    }
    bytes
        .chunks_exact(2)
        .map(|pair| {
            let high = (pair[0] as char).to_digit(16)?;
            let low = (pair[1] as char).to_digit(16)?;
            Some((high * 16 + low) as u8)
        })
        .collect()
}

/// Lower-case hexadecimal.
pub fn hex(data: &[u8]) -> String {
    use core::fmt::Write as _;
    let mut out = String::with_capacity(data.len() * 2);
    for b in data {
        let _ = write!(out, "{b:02x}");
    }
    out
}
