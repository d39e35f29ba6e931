//! Domain names in Bonjour queries: compressed as in RFC 1035 §4.1.4, with pointers into a packet that
//! exists in both devices' minds only (Wi-Fi Direct 1.7 annex E).

/// A DNS header, whose content no pointer should reach, and the two implied queries: `_tcp.local. PTR IN`
/// and `_udp.local. PTR IN`.
const IMPLIED: &[u8; 39] =
    b"\0\0\0\0\0\0\0\0\0\0\0\0\x04_tcp\x05local\0\0\x0c\0\x01\x04_udp\xc0\x11\0\x0c\0\x01";

/// The longest name that 2.10 takes, its final NUL included.
const LONGEST: usize = 256;

/// Whether two compressed names are the same; not if one of them is malformed or too long.
pub(super) fn same_name(a: &[u8], b: &[u8]) -> bool {
    match (uncompressed(a), uncompressed(b)) {
        // 2.10 compares them as C strings.
        (Some(a), Some(b)) => until_nul(&a) == until_nul(&b),
        _ => false,
    }
}

fn until_nul(name: &[u8]) -> &[u8] {
    name.split(|octet| *octet == 0).next().unwrap_or_default()
}

/// The labels with dots between them.
fn uncompressed(name: &[u8]) -> Option<Vec<u8>> {
    let packet = [IMPLIED.as_slice(), name].concat();
    let mut out = Vec::new();
    let (mut at, mut end) = (IMPLIED.len(), packet.len());
    // Pointers only lead back, and what they lead to ends before them, so this ends too.
    while at < end {
        let first = *packet.get(at)?;
        match first >> 6 {
            0b11 => {
                let second = *packet.get(at + 1).filter(|_| at + 1 < end)?;
                let target = usize::from(u16::from_be_bytes([first & 0x3f, second]));
                if target >= at {
                    return None;
                }
                (at, end) = (target, at);
            }
            0b00 if first == 0 => break,
            0b00 => {
                let label = packet.get(at + 1..end)?.get(..usize::from(first))?;
                if label.len() + 2 > LONGEST - out.len() {
                    return None;
                }
                out.extend_from_slice(label);
                out.push(b'.');
                at += 1 + label.len();
            }
            _ => return None,
        }
    }
    if out.last() == Some(&b'.') {
        out.pop();
    }
    if out.is_empty() {
        out.push(b'.');
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn pointers_lead_into_the_implied_packet() {
        assert_eq!(uncompressed(b"\x0b_afpovertcp\xc0\x0c").unwrap(), b"_afpovertcp._tcp.local");
        assert_eq!(uncompressed(b"\x04_ipp\xc0\x1c").unwrap(), b"_ipp._udp.local");
        assert_eq!(uncompressed(b"\x07Example\xc0\x27").unwrap(), b"Example.Example");
        assert_eq!(uncompressed(b"\xc0\x27"), None, "to itself");
        assert_eq!(uncompressed(b"\x04_ipp\xc0\x27").unwrap(), b"_ipp._ipp");
        assert!(same_name(b"\x04_ipp\xc0\x1c", b"\x04_ipp\x04_udp\x05local\0"));
        assert_eq!(uncompressed(b"").unwrap(), b".");
        assert_eq!(
            (uncompressed(b"\x40a"), uncompressed(b"\x05a"), uncompressed(b"\xc0")),
            (None, None, None)
        );
        assert_eq!(uncompressed(&[b"\x3f".as_slice(), &[b'a'; 63]].concat().repeat(4)), None, "too long");
    }

    proptest! {
        #[test]
        fn any_name_is_read(name in prop::collection::vec(any::<u8>(), 0..300)) {
            let _ = uncompressed(&name);
        }
    }
}
