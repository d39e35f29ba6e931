//! The value formats of wpa_supplicant.conf: numbers as `strtol` reads them, strings in their three
//! notations, and word lists that stand for bit sets.

use wpasim_wire::MacAddr;

pub use wpasim_runtime::text::{atoi, hex, parse_hex, read_addr, strtol};

use super::refusal::SetError;

/// Reads a number as C's `strtol(text, &end, 0)` stored into an `int` does. `None` if anything
/// follows the number; an empty text is 0, as there.
pub fn parse_int(text: &str) -> Option<i32> {
    let (value, rest) = strtol(text);
    rest.is_empty().then_some(value as i32)
}

/// Returns the error of a value that is no number.
pub(super) fn no_number(value: &str) -> SetError {
    SetError::new(format!("invalid number \"{value}\""))
}

/// Checks a number against its bounds, of which 0 is none; the error has the bound that it goes beyond.
pub(super) fn within(name: &str, number: i32, min: i32, max: i32) -> Result<(), (i32, SetError)> {
    if min != 0 && number < min {
        let text = format!("too small {name} (value={number} min_value={min})");
        return Err((min, SetError::new(text)));
    }
    if max != 0 && number > max {
        let text = format!("too large {name} (value={number} max_value={max})");
        return Err((max, SetError::new(text)));
    }
    Ok(())
}

/// Reads an address with colons, dots, dashes or nothing between the octets, and what
/// follows it.
//= hostap@2.10 src/utils/common.c#hwaddr_aton2
pub fn any_addr_prefix(text: &str) -> Option<(MacAddr, &str)> {
    let mut rest = text;
    let mut octets = [0u8; 6];
    for octet in &mut octets {
        rest = rest.trim_start_matches([':', '.', '-']);
        *octet = *parse_hex(rest.get(..2)?)?.first()?;
        rest = rest.get(2..)?;
    }
    Some((MacAddr(octets), rest))
}

/// A string value: `"text"`, `P"printf\tescapes"` or hexadecimal octets.
pub fn parse_string(value: &[u8]) -> Option<Vec<u8>> {
    let quoted = |body: &[u8]| -> Option<Vec<u8>> {
        match body.iter().rposition(|b| *b == b'"') {
            Some(end) if end + 1 == body.len() => Some(body[..end].to_vec()),
            _ => None,
        }
    };
    match value {
        [b'"', body @ ..] => quoted(body),
        [b'P', b'"', body @ ..] => quoted(body).map(|text| printf_decode(&text)),
        _ => parse_hex(core::str::from_utf8(value).ok()?),
    }
}

/// The inverse of [`parse_string`]: quoted if every octet is printable ASCII, else hexadecimal.
pub fn write_string(value: &[u8]) -> String {
    if value.iter().all(|b| (32..127).contains(b)) {
        let mut out = String::with_capacity(value.len() + 2);
        out.push('"');
        out.extend(value.iter().map(|b| *b as char));
        out.push('"');
        out
    } else {
        hex(value)
    }
}

/// Decodes a text with escapes: `\"`, `\\`, `\n`, `\r`, `\t`, `\e`, `\xHH` (one or two digits), `\ooo`.
//= hostap@2.10 src/utils/common.c#printf_decode
pub fn printf_decode(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let [first, tail @ ..] = rest {
        if *first != b'\\' {
            out.push(*first);
            rest = tail;
            continue;
        }
        rest = match tail {
            [b'x', digits @ ..] => decode_hex_escape(digits, &mut out),
            [b'0'..=b'7', ..] => decode_octal_escape(tail, &mut out),
            [c, after @ ..] => {
                out.extend(match c {
                    b'\\' => Some(b'\\'),
                    b'"' => Some(b'"'),
                    b'n' => Some(b'\n'),
                    b'r' => Some(b'\r'),
                    b't' => Some(b'\t'),
                    b'e' => Some(0x1b),
                    _ => None,
                });
                // An unknown escape loses its backslash only.
                if matches!(c, b'\\' | b'"' | b'n' | b'r' | b't' | b'e') { after } else { tail }
            }
            [] => tail,
        };
    }
    out
}

fn decode_hex_escape<'a>(digits: &'a [u8], out: &mut Vec<u8>) -> &'a [u8] {
    let value = |b: &u8| (*b as char).to_digit(16);
    match digits {
        [h, l, after @ ..] if value(h).is_some() && value(l).is_some() => {
            out.push((value(h).unwrap_or(0) * 16 + value(l).unwrap_or(0)) as u8);
            after
        }
        [h, after @ ..] if value(h).is_some() => {
            out.push(value(h).unwrap_or(0) as u8);
            after
        }
        _ => digits,
    }
}

fn decode_octal_escape<'a>(digits: &'a [u8], out: &mut Vec<u8>) -> &'a [u8] {
    let len = digits.iter().take(3).take_while(|b| matches!(b, b'0'..=b'7')).count();
    let value = digits[..len].iter().fold(0u32, |v, b| v * 8 + u32::from(b - b'0'));
    out.push(value as u8);
    &digits[len..]
}

/// Numbers separated by blanks, up to the first that reads as 0.
pub fn parse_int_array(text: &str) -> Vec<i32> {
    let mut out = Vec::new();
    let mut pos = text;
    loop {
        pos = pos.trim_start_matches(' ');
        let value = atoi(pos);
        if value == 0 {
            return out;
        }
        out.push(value);
        match pos.get(1..).and_then(|p| p.find(' ').map(|i| &p[i..])) {
            Some(next) => pos = next,
            None => return out,
        }
    }
}

/// The words of an int array value, as 2.10 prints them: without a sign.
pub fn write_int_array(values: &[i32]) -> Option<String> {
    if values.is_empty() {
        return None;
    }
    Some(values.iter().map(|v| (*v as u32).to_string()).collect::<Vec<_>>().join(" "))
}

/// An address and the mask it applies under, as `aa:bb:cc:dd:ee:ff[/mask]`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct MaskedAddr {
    pub addr: MacAddr,
    pub mask: MacAddr,
}

/// Reads one `addr`, or `addr/mask` where masks are allowed, at the start of `text`.
fn parse_masked(text: &str, maskable: bool) -> Option<MaskedAddr> {
    let (addr, rest) = MacAddr::parse_prefix(text)?;
    match rest.strip_prefix('/').filter(|_| maskable) {
        Some(mask_text) => Some(MaskedAddr { addr, mask: MacAddr::parse_prefix(mask_text)?.0 }),
        None => {
            let terminated = rest.is_empty() || rest.starts_with([' ', '\t', '\n', '\x0b', '\x0c', '\r']);
            terminated.then_some(MaskedAddr { addr, mask: MacAddr::BROADCAST })
        }
    }
}

/// A list of addresses. `strict` allows masks and refuses any malformed entry; otherwise only the
/// first must be good, since a long line of a configuration file may have been cut.
pub fn parse_addr_list(text: &str, strict: bool) -> Option<Vec<MaskedAddr>> {
    let mut out = Vec::new();
    let mut pos = Some(text);
    while let Some(p) = pos.filter(|p| !p.is_empty()) {
        let p = p.trim_start_matches(' ');
        match parse_masked(p, strict) {
            Some(entry) => out.push(entry),
            None if strict || out.is_empty() => return None,
            None => {}
        }
        pos = p.find(' ').map(|i| &p[i..]);
    }
    Some(out)
}

/// The text of an address list.
pub fn write_addr_list(list: &[MaskedAddr]) -> Option<String> {
    if list.is_empty() {
        return None;
    }
    let words: Vec<String> = list
        .iter()
        .map(|e| if e.mask.is_broadcast() { e.addr.to_string() } else { format!("{}/{}", e.addr, e.mask) })
        .collect();
    Some(words.join(" "))
}

/// Words and the bits they stand for, in the order in which they are written back.
pub type Words = &'static [(&'static str, u32)];

/// Reads a list of words. The bits of the known words, and the other words.
pub fn parse_words(text: &str, words: Words) -> (u32, Vec<&str>) {
    let mut bits = 0;
    let mut unknown = Vec::new();
    for word in text.split([' ', '\t']).filter(|w| !w.is_empty()) {
        match words.iter().find(|(name, _)| *name == word) {
            Some((_, bit)) => bits |= bit,
            None => unknown.push(word),
        }
    }
    (bits, unknown)
}

/// The words of a bit set, `None` for an empty one.
pub fn write_words(bits: u32, words: Words) -> Option<String> {
    let mut seen = 0;
    let mut out: Vec<&str> = Vec::new();
    for (name, bit) in words {
        // A second name for the same bit is only read.
        if bits & bit != 0 && seen & bit == 0 {
            out.push(name);
            seen |= bit;
        }
    }
    (!out.is_empty()).then(|| out.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_as_strtol_reads_them() {
        assert_eq!(parse_int("5"), Some(5));
        assert_eq!(parse_int("0x10"), Some(16));
        assert_eq!(parse_int("010"), Some(8));
        assert_eq!(parse_int("-1"), Some(-1));
        assert_eq!(parse_int(""), Some(0));
        assert_eq!(parse_int("x"), None);
        assert_eq!(parse_int("5 "), None);
        assert_eq!(atoi("12abc"), 12);
        assert_eq!(atoi("x"), 0);
    }

    #[test]
    fn strings_have_three_notations() {
        assert_eq!(parse_string(b"\"a\"b\""), Some(b"a\"b".to_vec()));
        assert_eq!(parse_string(b"P\"tab\\tquote\\\"x\""), Some(b"tab\tquote\"x".to_vec()));
        assert_eq!(parse_string(b"6162"), Some(b"ab".to_vec()));
        assert_eq!(parse_string(b"unquoted"), None);
        assert_eq!(parse_string(b"\"open"), None);
        assert_eq!(write_string(b"tab\tx"), "7461620978");
        assert_eq!(write_string(b"plain"), "\"plain\"");
    }

    #[test]
    fn int_arrays_stop_at_zero() {
        assert_eq!(parse_int_array("2412 2437"), vec![2412, 2437]);
        assert_eq!(parse_int_array("x"), Vec::<i32>::new());
    }
}
