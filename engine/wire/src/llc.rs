//! LLC/SNAP encapsulation of an EtherType (IEEE 802.11-2020 §5.1.4, IETF RFC 1042).

/// EtherType of EAPOL.
pub const ETHERTYPE_EAPOL: u16 = 0x888e;

const RFC1042: [u8; 6] = [0xaa, 0xaa, 0x03, 0, 0, 0];
const BRIDGE_TUNNEL: [u8; 6] = [0xaa, 0xaa, 0x03, 0, 0, 0xf8];

/// Puts an LLC/SNAP header before the payload.
pub fn llc_encap(ethertype: u16, payload: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(8 + payload.len());
    out.extend_from_slice(&RFC1042);
    out.extend_from_slice(&ethertype.to_be_bytes());
    out.extend_from_slice(payload);
    out
}

/// Takes the LLC/SNAP header off: the EtherType and what follows it.
pub fn llc_decap(msdu: &[u8]) -> Option<(u16, &[u8])> {
    let (header, payload) = msdu.split_first_chunk::<8>()?;
    let [snap @ .., high, low] = header;
    if *snap != RFC1042 && *snap != BRIDGE_TUNNEL {
        return None;
    }
    Some((u16::from_be_bytes([*high, *low]), payload))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encapsulation_round_trips() {
        let msdu = llc_encap(ETHERTYPE_EAPOL, b"\x01\x03\x00\x00");
        assert_eq!(llc_decap(&msdu), Some((0x888e, &b"\x01\x03\x00\x00"[..])));
        assert_eq!(llc_decap(&msdu[..7]), None);
        assert_eq!(llc_decap(&[0; 20]), None);
    }
}
