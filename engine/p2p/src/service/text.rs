//! The parser of commands about services.

/// A word and what follows the blank after it.
pub(super) fn split_word(text: &str) -> Option<(&str, &str)> {
    text.split_once(' ')
}

/// The two hexadecimal digits that a text begins with.
pub(super) fn c_hex_octet(text: &str) -> Option<u8> {
    text.get(..2).filter(|digits| !digits.starts_with('+')).and_then(|d| u8::from_str_radix(d, 16).ok())
}

/// C's `sscanf("%x")` into 32 bits: the value and what follows it.
pub(super) fn scan_hex(text: &str) -> Option<(u32, &str)> {
    scan_hex64(text).map(|(value, rest)| (value as u32, rest))
}

/// C's `sscanf("%llx")`: the value and what follows it.
pub(super) fn scan_hex64(text: &str) -> Option<(u64, &str)> {
    let trimmed = text.trim_start_matches([' ', '\t', '\n', '\r', '\x0b', '\x0c']);
    let unsigned = trimmed.strip_prefix(['+', '-']).unwrap_or(trimmed);
    let prefixed = unsigned.strip_prefix("0x").or_else(|| unsigned.strip_prefix("0X"));
    let digits = prefixed.filter(|d| d.starts_with(|c: char| c.is_ascii_hexdigit())).unwrap_or(unsigned);
    let len = digits.bytes().take_while(u8::is_ascii_hexdigit).count();
    let (number, rest) = digits.split_at(len);
    if number.is_empty() {
        return None;
    }
    let value = number
        .chars()
        .filter_map(|c| c.to_digit(16))
        .fold(0u64, |sum, digit| if sum >> 60 == 0 { sum << 4 | u64::from(digit) } else { u64::MAX });
    Some((if trimmed.starts_with('-') { value.wrapping_neg() } else { value }, rest))
}

/// Removes the escapes of a text: an opening quote is skipped, a bare one ends the text, a backslash takes the
/// next octet as it is. A backslash at the end spoils everything.
//= hostap@2.10 src/utils/common.c#utf8_unescape
pub(super) fn unescaped(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut octets = text.strip_prefix(b"'").unwrap_or(text).iter();
    while let Some(octet) = octets.next() {
        match octet {
            b'\'' => break,
            b'\\' => match octets.next() {
                Some(escaped) => out.push(*escaped),
                None => return Vec::new(),
            },
            other => out.push(*other),
        }
    }
    out
}

/// Escapes a text: quotes and backslashes get a backslash.
//= hostap@2.10 src/utils/common.c#utf8_escape
pub(super) fn escaped(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    for octet in text {
        if matches!(octet, b'\\' | b'\'') {
            out.push(b'\\');
        }
        out.push(*octet);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_c_does() {
        assert_eq!(scan_hex("1F rest"), Some((0x1f, " rest")));
        assert_eq!(scan_hex(" 0x1fz"), Some((0x1f, "z")));
        assert_eq!(scan_hex("0x"), Some((0, "x")));
        assert_eq!((scan_hex("x"), scan_hex("-")), (None, None));
        assert_eq!(scan_hex64("-1").unwrap().0, u64::MAX);
        assert_eq!(scan_hex64("11112222333344445").unwrap().0, u64::MAX);
        assert_eq!((c_hex_octet("10z"), c_hex_octet("1"), c_hex_octet("+1")), (Some(16), None, None));
    }

    #[test]
    fn escapes_go_and_come() {
        assert_eq!(unescaped(b"'it\\'s' rest"), b"it's");
        assert_eq!(unescaped(b"a\\"), b"");
        assert_eq!(unescaped(&escaped(b"a'b\\c")), b"a'b\\c");
    }
}
