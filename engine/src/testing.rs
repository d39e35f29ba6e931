//! The parts that the commands for test suites (CONFIG_TESTING_OPTIONS of hostap) of both programs have in common:
//! test packets, and frames in hexadecimal digits.

use crate::config::text::{any_addr_prefix, atoi, parse_hex, strtol};
use crate::wire::MacAddr;
use crate::wire::driver::DriverRequest;

/// IPv4.
const ETHERTYPE_IP: u16 = 0x0800;
/// Destination, source and type.
const ETHERNET_HEADER: usize = 14;
const IP_HEADER: usize = 20;
/// The longest test packet, header included, and what DATA_TEST_TX sends by default.
const LONGEST_PACKET: usize = 1500 - ETHERNET_HEADER;

/// An address, and what follows it and blanks.
pub(crate) fn address_and_rest(text: &str) -> Option<(MacAddr, &str)> {
    let (addr, rest) = any_addr_prefix(text)?;
    Some((addr, rest.trim_start_matches(' ')))
}

/// An Ethernet frame for the driver.
fn ethernet(dest: MacAddr, source: MacAddr, ethertype: u16, payload: Vec<u8>) -> DriverRequest {
    DriverRequest::TxData { source: Some(source), dest, ethertype, payload }
}

/// The request of DATA_TEST_TX: `DEST SOURCE TOS [len=LENGTH]`.
pub(crate) fn data_test_tx(args: &str) -> Option<DriverRequest> {
    let (dest, rest) = address_and_rest(args)?;
    let (source, rest) = any_addr_prefix(rest)?;
    let (tos, rest) = strtol(rest);
    let tos = u8::try_from(tos).ok()?;
    let length = match rest.split_once(" len=") {
        Some((_, value)) => usize::try_from(atoi(value)).ok()?,
        None => LONGEST_PACKET,
    };
    if !(IP_HEADER..=LONGEST_PACKET).contains(&length) {
        return None;
    }
    Some(ethernet(dest, source, ETHERTYPE_IP, test_packet(tos, length)))
}

/// The request of DATA_TEST_FRAME: an Ethernet frame.
pub(crate) fn data_test_frame(digits: &str) -> Option<DriverRequest> {
    let frame = parse_hex(digits)?;
    let (dest, rest) = frame.split_first_chunk::<6>()?;
    let (source, rest) = rest.split_first_chunk::<6>()?;
    let (ethertype, payload) = rest.split_first_chunk::<2>()?;
    Some(ethernet(MacAddr(*dest), MacAddr(*source), u16::from_be_bytes(*ethertype), payload.to_vec()))
}

/// An IPv4 packet from 192.168.1.1 to 192.168.1.2, `length` octets long, its data counting up.
fn test_packet(tos: u8, length: usize) -> Vec<u8> {
    let [high, low] = (length as u16).to_be_bytes();
    let mut packet = vec![0x45, tos, high, low, 0, 0, 0, 0, 64, 1, 0, 0, 192, 168, 1, 1, 192, 168, 1, 2];
    let sum: u32 = packet.chunks_exact(2).map(|w| u32::from(w[0]) << 8 | u32::from(w[1])).sum();
    let checksum = !((sum & 0xffff) + (sum >> 16)) as u16;
    packet[10..12].copy_from_slice(&checksum.to_be_bytes());
    packet.extend((0..length - IP_HEADER).map(|n| n as u8));
    packet
}

/// The event of a received MSDU if it is a test packet.
pub(crate) fn data_test_rx(dest: MacAddr, source: MacAddr, ethertype: u16, payload: &[u8]) -> Option<String> {
    if ethertype != ETHERTYPE_IP || payload.len() > LONGEST_PACKET {
        return None;
    }
    let (header, data) = payload.split_first_chunk::<IP_HEADER>()?;
    let length = usize::from(u16::from_be_bytes([header[2], header[3]]));
    if header[0] != 0x45 || length > LONGEST_PACKET {
        return None;
    }
    let counted = data.get(..length.checked_sub(IP_HEADER)?)?;
    if !counted.iter().enumerate().all(|(n, octet)| *octet == n as u8) {
        return None;
    }
    let extra = if length == LONGEST_PACKET { String::new() } else { format!(" len={length}") };
    Some(format!("DATA-TEST-RX {dest} {source}{extra}"))
}

/// A frame that MGMT_RX_PROCESS brings: `freq=MHZ datarate=RATE ssi_signal=DBM frame=DIGITS`.
pub(crate) struct ReceivedFrame {
    /// In MHz.
    pub freq: u32,
    pub signal_dbm: i32,
    pub frame: Vec<u8>,
}

impl ReceivedFrame {
    pub(crate) fn parse(args: &str) -> Option<ReceivedFrame> {
        let number = |word| args.split_once(word).map_or(0, |(_, value)| atoi(value));
        let (_, digits) = args.split_once(" frame=")?;
        Some(ReceivedFrame {
            freq: number("freq=") as u32,
            signal_dbm: number(" ssi_signal="),
            frame: parse_hex(digits)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn round_trip(args: &str) -> Option<String> {
        match data_test_tx(args)? {
            DriverRequest::TxData { source, dest, ethertype, payload } => {
                data_test_rx(dest, source?, ethertype, &payload)
            }
            _ => None,
        }
    }

    #[test]
    fn test_packets_are_recognized() {
        let sent = round_trip("02:00:00:00:01:00 020000000000 0");
        assert_eq!(sent.as_deref(), Some("DATA-TEST-RX 02:00:00:00:01:00 02:00:00:00:00:00"));
        let sent = round_trip("ff:ff:ff:ff:ff:ff 02:00:00:00:00:00 0x20 len=60");
        assert_eq!(sent.as_deref(), Some("DATA-TEST-RX ff:ff:ff:ff:ff:ff 02:00:00:00:00:00 len=60"));
        assert_eq!(round_trip("ff:ff:ff:ff:ff:ff 02:00:00:00:00:00 256"), None);
        assert_eq!(round_trip("ff:ff:ff:ff:ff:ff 02:00:00:00:00:00 0 len=19"), None);
    }

    #[test]
    fn the_checksum_is_that_of_ip() {
        let packet = test_packet(0, 84);
        let sum: u32 = packet[..20].chunks_exact(2).map(|w| u32::from(w[0]) << 8 | u32::from(w[1])).sum();
        assert_eq!((sum & 0xffff) + (sum >> 16), 0xffff);
    }

    proptest! {
        #[test]
        fn any_arguments_are_read_or_refused(text in "\\PC{0,60}", payload: Vec<u8>) {
            let _ = (data_test_tx(&text), data_test_frame(&text), address_and_rest(&text));
            let _ = ReceivedFrame::parse(&text).is_some();
            let _ = data_test_rx(MacAddr::ZERO, MacAddr::ZERO, ETHERTYPE_IP, &payload);
        }
    }
}
