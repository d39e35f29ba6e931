//! The arguments of P2P_SERV_DISC_REQ and P2P_SERV_DISC_RESP.

use super::text::{c_hex_octet, scan_hex, scan_hex64, split_word, unescaped};
use super::tlv::{TlvWriter, protocol};
use wpasim_runtime::text::{atoi, parse_hex, read_addr};
use wpasim_wire::MacAddr;

/// TLVs of a query, at most: a command has no more.
const ROOM: usize = 8192;

/// A query to a peer, or to every peer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Query {
    /// A P2P Device Address; none asks every peer.
    pub peer: Option<MacAddr>,
    pub tlvs: Vec<u8>,
    /// Only for peers that say they support Wi-Fi Display's service discovery.
    pub wfd: bool,
}

impl Query {
    /// The arguments of P2P_SERV_DISC_REQ; `None` if they are malformed.
    pub fn parse(arguments: &str) -> Option<Self> {
        let mut addr = MacAddr::ZERO;
        read_addr(arguments, &mut addr).then_some(())?;
        let rest = arguments.get(17..)?.strip_prefix(' ')?;
        let peer = (addr != MacAddr::ZERO).then_some(addr);
        let kind = split_word(rest);
        let tlvs = match kind {
            Some(("upnp", rest)) => upnp(rest)?,
            Some(("wifi-display", rest)) => wifi_display(rest)?,
            Some(("asp", rest)) => asp(rest)?,
            _ => parse_hex(rest)?,
        };
        Some(Query { peer, tlvs, wfd: matches!(kind, Some(("wifi-display", _))) })
    }
}

/// Reads the query's number that P2P_SERV_DISC_CANCEL_REQ names.
pub fn query_number(arguments: &str) -> Option<u64> {
    scan_hex64(arguments).map(|(number, _)| number)
}

/// The response that P2P_SERV_DISC_RESP sends: the answer of an external program.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ExternalResponse {
    /// In MHz.
    pub freq: u32,
    pub peer: MacAddr,
    pub dialog_token: u8,
    pub tlvs: Vec<u8>,
}

impl ExternalResponse {
    /// The arguments of P2P_SERV_DISC_RESP; `None` if they are malformed.
    pub fn parse(arguments: &str) -> Option<Self> {
        let (freq, rest) = split_word(arguments)?;
        let freq = u32::try_from(atoi(freq)).ok().filter(|freq| *freq != 0)?;
        let mut peer = MacAddr::ZERO;
        read_addr(rest, &mut peer).then_some(())?;
        let (dialog_token, tlvs) = split_word(rest.get(17..)?.strip_prefix(' ')?)?;
        Some(ExternalResponse { freq, peer, dialog_token: atoi(dialog_token) as u8, tlvs: parse_hex(tlvs)? })
    }
}

/// `10 ssdp:all`: version and text.
fn upnp(arguments: &str) -> Option<Vec<u8>> {
    let version = c_hex_octet(arguments)?;
    let text = arguments.get(2..)?.strip_prefix(' ')?;
    Some(one(protocol::UPNP, 1, &[&[version], text.as_bytes()].concat()))
}

/// `[source][pri-sink] 2,3,4`: a TLV for each role, with the subelements wanted of it.
fn wifi_display(arguments: &str) -> Option<Vec<u8>> {
    /// Subelements that are asked for at most.
    const MOST: usize = 20;
    const ROLES: [&str; 4] = ["[source]", "[pri-sink]", "[sec-sink]", "[source+sink]"];
    let (_, list) = split_word(arguments)?;
    let list = list.strip_suffix(',').unwrap_or(list);
    let wanted = list.split(',').map(atoi).filter_map(|id| u8::try_from(id).ok()).take(MOST);
    let wanted: Vec<u8> = if list.is_empty() { Vec::new() } else { wanted.collect() };
    let mut out = TlvWriter::new(ROOM);
    let asked = (0u8..).zip(ROLES).filter(|(_, role)| arguments.contains(role));
    for (transaction, (role, _)) in (1..).zip(asked) {
        out.push(protocol::WIFI_DISPLAY, transaction, &[&[role], wanted.as_slice()].concat());
    }
    Some(out.into_octets())
}

/// `<transaction> <name> [text in the information]`.
fn asp(arguments: &str) -> Option<Vec<u8>> {
    let transaction = scan_hex(arguments).and_then(|(id, _)| u8::try_from(id).ok())?;
    let (_, rest) = split_word(arguments)?;
    let (name, info) = split_word(rest).unwrap_or((rest, ""));
    if name.is_empty() {
        return None;
    }
    let info = if info.starts_with(' ') { Vec::new() } else { unescaped(info.as_bytes()) };
    let data = [
        &[u8::try_from(name.len()).ok()?],
        name.as_bytes(),
        &[u8::try_from(info.len()).ok()?],
        info.as_slice(),
    ];
    Some(one(protocol::ASP, transaction, &data.concat()))
}

fn one(protocol: u8, transaction: u8, data: &[u8]) -> Vec<u8> {
    let mut out = TlvWriter::new(ROOM);
    out.push(protocol, transaction, data);
    out.into_octets()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PEER: &str = "02:00:00:00:01:00";

    fn query(rest: &str) -> Option<Query> {
        Query::parse(&format!("{PEER} {rest}"))
    }

    #[test]
    fn queries_are_the_recordings() {
        let all = Query::parse("00:00:00:00:00:00 02000001").unwrap();
        assert_eq!((all.peer, all.tlvs.as_slice(), all.wfd), (None, &[2, 0, 0, 1][..], false));
        let upnp = query("upnp 10 ssdp:all").unwrap();
        assert_eq!(upnp.peer.unwrap().to_string(), PEER);
        assert_eq!(upnp.tlvs, b"\x0b\x00\x02\x01\x10ssdp:all");
    }

    #[test]
    fn wifi_display_asks_each_role() {
        let wfd = query("wifi-display [source][pri-sink] 2,3,400,x").unwrap();
        assert_eq!(wfd.tlvs, [6, 0, 4, 1, 0, 2, 3, 0, 6, 0, 4, 2, 1, 2, 3, 0]);
        assert!(wfd.wfd);
        assert_eq!(query("wifi-display [source]"), None);
        assert_eq!(query("wifi-display [source+sink] ").unwrap().tlvs, [3, 0, 4, 1, 3]);
    }

    #[test]
    fn asp_names_and_texts_have_their_lengths() {
        assert_eq!(query("asp 5 org.x a'b").unwrap().tlvs, b"\x0a\x00\x0b\x05\x05org.x\x01a");
        assert_eq!(query("asp 5 org.x").unwrap().tlvs, b"\x09\x00\x0b\x05\x05org.x\x00");
        for bad in ["asp 100 x", "asp 5", "asp 5 ", "asp 5  x", &format!("asp 5 {}", "n".repeat(256))] {
            assert_eq!(query(bad), None, "{bad}");
        }
    }

    #[test]
    fn malformed_arguments_are_refused() {
        for bad in ["", PEER, "02:00:00:00:01 02000001", "xx:00:00:00:01:00 02000001"] {
            assert_eq!(Query::parse(bad), None, "{bad}");
        }
        assert_eq!((query("0200000"), query("upnp 1 x"), query("upnp 10")), (None, None, None));
        for bad in
            ["2437", "0 02:00:00:00:00:00 0 00", "2437 02:00:00:00:00:00 0", "2437 02:00 0 00", "-1 a 0 00"]
        {
            assert_eq!(ExternalResponse::parse(bad), None, "{bad}");
        }
        let response = ExternalResponse::parse("2437 02:00:00:00:00:00 7 0300000101").unwrap();
        assert_eq!((response.freq, response.dialog_token, response.tlvs.len()), (2437, 7, 5));
        assert_eq!((query_number("5582ce2d80f0"), query_number("x")), (Some(0x5582_ce2d_80f0), None));
    }
}
