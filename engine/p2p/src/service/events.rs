//! The texts of the events P2P-SERV-DISC-REQ, P2P-SERV-DISC-RESP and P2P-SERV-ASP-RESP.

use super::text::escaped;
use super::tlv::{Tlvs, protocol};
use wpasim_runtime::text::hex;
use wpasim_wire::MacAddr;

/// The longest response whose octets 2.10 shows.
const SHOWN: usize = 1500;

/// A request came. `freq` in MHz.
pub fn request(freq: u32, src: MacAddr, dialog_token: u8, update_indicator: u16, tlvs: &[u8]) -> String {
    format!("P2P-SERV-DISC-REQ {freq} {src} {dialog_token} {update_indicator} {}", hex(tlvs))
}

/// A response came.
pub fn response(src: MacAddr, update_indicator: u16, tlvs: &[u8]) -> String {
    match tlvs.len() {
        ..=SHOWN => format!("P2P-SERV-DISC-RESP {src} {update_indicator} {}", hex(tlvs)),
        long => format!("P2P-SERV-DISC-RESP {src} {update_indicator} <long response: {long} bytes>"),
    }
}

/// The advertisements of Wi-Fi Direct Services in a response, a line each.
pub fn advertisements(src: MacAddr, tlvs: &[u8]) -> Vec<Vec<u8>> {
    let mut lines = Vec::new();
    for tlv in Tlvs::new(tlvs).map_while(|tlv| tlv) {
        let Some((_status, data)) = tlv.data.split_first() else { break };
        if tlv.protocol == protocol::ASP
            && let Some((count, list)) = data.split_first()
        {
            let mut list = list;
            for _ in 0..*count {
                let Some((line, rest)) = advertisement(src, tlv.transaction, list) else { break };
                lines.push(line);
                list = rest;
            }
        }
    }
    lines
}

/// One advertisement, and what follows it.
fn advertisement(src: MacAddr, transaction: u8, list: &[u8]) -> Option<(Vec<u8>, &[u8])> {
    let (id, rest) = list.split_first_chunk::<4>()?;
    let (methods, rest) = rest.split_first_chunk::<2>()?;
    let (len, rest) = rest.split_first()?;
    let (name, rest) = rest.split_at_checked(usize::from(*len))?;
    let (status, rest) = rest.split_first()?;
    let (len, rest) = rest.split_first_chunk::<2>()?;
    let (info, rest) = rest.split_at_checked(usize::from(u16::from_le_bytes(*len)))?;
    let (id, methods) = (u32::from_le_bytes(*id), u16::from_be_bytes(*methods));
    let mut line =
        format!("P2P-SERV-ASP-RESP {src} {transaction:x} {id:x} {status:x} {methods:x} ").into_bytes();
    line.extend(until_nul(name));
    if !info.is_empty() {
        line.extend_from_slice(b" '");
        line.extend(until_nul(&escaped(info)));
        line.push(b'\'');
    }
    Some((line, rest))
}

/// As C shows a text.
fn until_nul(text: &[u8]) -> impl Iterator<Item = u8> + '_ {
    text.iter().copied().take_while(|octet| *octet != 0)
}

#[cfg(test)]
mod tests {
    use super::super::Services;
    use super::*;
    use crate::service::tlv::TlvWriter;
    use proptest::prelude::*;

    const PEER: MacAddr = MacAddr([2, 0, 0, 0, 1, 0]);

    #[test]
    fn events_are_the_recordings() {
        assert_eq!(
            request(2437, PEER, 0, 4, &[2, 0, 0, 1]),
            "P2P-SERV-DISC-REQ 2437 02:00:00:00:01:00 0 4 02000001"
        );
        assert_eq!(response(PEER, 7, &[3, 0, 0, 1, 1]), "P2P-SERV-DISC-RESP 02:00:00:00:01:00 7 0300000101");
        let long = response(PEER, 7, &[0; 1501]);
        assert_eq!(long, "P2P-SERV-DISC-RESP 02:00:00:00:01:00 7 <long response: 1501 bytes>");
    }

    #[test]
    fn advertisements_are_shown() {
        let mut all = Services::default();
        all.add("asp 1 a1 1 1108 org.wi-fi.wfds.play svc_info='it\\'s'", 0x1188).unwrap();
        all.add("asp 1 a2 0 1108 org.x", 0x1188).unwrap();
        let mut ask = TlvWriter::new(100);
        ask.push(protocol::ASP, 0x1f, b"\x01*\x00");
        let response = all.respond(&ask.into_octets(), &None, false).unwrap();
        let lines: Vec<String> =
            advertisements(PEER, &response).into_iter().map(|l| String::from_utf8(l).unwrap()).collect();
        assert_eq!(
            lines,
            [
                "P2P-SERV-ASP-RESP 02:00:00:00:01:00 1f a2 0 1108 org.x",
                "P2P-SERV-ASP-RESP 02:00:00:00:01:00 1f a1 1 1108 org.wi-fi.wfds.play 'it\\'s'",
            ]
        );
    }

    proptest! {
        #[test]
        fn any_response_is_shown(tlvs in prop::collection::vec(any::<u8>(), 0..400)) {
            let _ = (response(PEER, 0, &tlvs), advertisements(PEER, &tlvs));
        }
    }
}
