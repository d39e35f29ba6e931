//! What Linux 6.1 (User-Mode Linux, x86-64) said, octet for octet.
#![cfg(target_endian = "little")]

use wpasim_hwsim::codec::{
    Answer, CodecError, Command, Header, Message, RadioAttributes, Transmit, TxFlags, TxRate, TxRateFlags,
    family, messages,
};
use wpasim_wire::MacAddr;

/// hwsim's family in that kernel.
const FAMILY: u16 = 23;

/// A captured datagram.
macro_rules! captured {
    ($name:literal) => {
        include_bytes!(concat!("messages/", $name)).as_slice()
    };
}

fn only(datagram: &[u8]) -> Message<'_> {
    let all: Result<Vec<_>, CodecError> = messages(datagram).collect();
    let [message] = all.unwrap()[..] else { panic!("one message") };
    message
}

fn answer(datagram: &[u8]) -> Answer {
    only(datagram).answer().unwrap().unwrap()
}

fn command(datagram: &[u8]) -> Command {
    let message = only(datagram);
    assert_eq!(message.header.kind, FAMILY);
    Command::read(&message).unwrap()
}

fn radio(n: u8) -> MacAddr {
    MacAddr([0x42, 0, 0, 0, n, 0])
}

fn address(n: u8) -> MacAddr {
    MacAddr([2, 0, 0, 0, n, 0])
}

#[test]
fn the_controller_describes_the_family() {
    let described = family::read_description(&only(captured!("family"))).unwrap();
    let expected = family::Family { id: FAMILY, groups: vec![("config".to_owned(), 10)] };
    assert_eq!(described, expected);
}

#[test]
fn answers() {
    assert_eq!(answer(captured!("register_done")), Answer::Done);
    // EBUSY, ENODEV, EINVAL.
    assert_eq!(answer(captured!("register_busy")), Answer::Refused(16));
    assert_eq!(answer(captured!("get_radio_missing")), Answer::Refused(19));
    assert_eq!(answer(captured!("deliver_refused")), Answer::Refused(22));
    assert_eq!(answer(captured!("new_radio_answer")), Answer::Made(3));
    assert_eq!(only(captured!("new_radio_answer")).header.sequence, 6);
}

#[test]
fn radios_come_and_go() {
    let made = RadioAttributes {
        id: Some(3),
        name: Some("phy3".to_owned()),
        channels: Some(1),
        country: Some(*b"DE"),
        ..RadioAttributes::default()
    };
    assert_eq!(command(captured!("new_radio_made")), Command::NewRadio(made));
    let gone = RadioAttributes { id: Some(3), name: Some("phy3".to_owned()), ..RadioAttributes::default() };
    assert_eq!(command(captured!("del_radio")), Command::DelRadio(gone));
}

#[test]
fn a_dump_has_several_messages_and_an_end() {
    let all: Vec<_> = messages(captured!("dump")).map(|m| Command::read(&m.unwrap()).unwrap()).collect();
    let names: Vec<_> = all
        .iter()
        .map(|c| match c {
            Command::GetRadio(r) => (r.id, r.name.clone().unwrap_or_default(), r.channels),
            other => panic!("{other:?}"),
        })
        .collect();
    let expected = [0, 1, 2].map(|n| (Some(n), format!("phy{n}"), Some(1)));
    assert_eq!(names, expected);
    assert_eq!(only(captured!("dump_done")).header.kind, 3);
}

#[test]
fn addresses_come_and_go() {
    let (radio, addr) = (radio(0), address(0));
    assert_eq!(command(captured!("add_address")), Command::AddAddress { radio, addr });
    assert_eq!(command(captured!("remove_address")), Command::RemoveAddress { radio, addr });
}

fn transmit(datagram: &[u8]) -> Transmit {
    match command(datagram) {
        Command::Transmit(t) => t,
        other => panic!("{other:?}"),
    }
}

#[test]
fn radios_transmit() {
    let beacon = transmit(captured!("beacon"));
    assert_eq!((beacon.radio, beacon.freq, beacon.frame.len()), (radio(1), 2412, 106));
    assert_eq!(beacon.frame[..16], [0x80, 0, 0, 0, 255, 255, 255, 255, 255, 255, 2, 0, 0, 0, 1, 0]);
    assert!(beacon.flags.has(TxFlags::NO_ACK) && !beacon.flags.has(TxFlags::ACKED));
    assert_eq!(beacon.rates[0], TxRate { index: 0, count: 1 });
    assert_eq!(beacon.rates[1].index, -1);
    assert_eq!(beacon.rate_flags, [TxRateFlags(0); 4]);
    let probe = transmit(captured!("probe_request"));
    assert_eq!((probe.radio, probe.freq, probe.frame[0]), (radio(0), 2412, 0x40));
    assert_ne!((beacon.radio, beacon.cookie), (probe.radio, probe.cookie));
    assert_eq!(transmit(captured!("deauthentication")).frame[0], 0xc0);
}

/// What is written reads back as it was, and Linux's own attributes come out in its order.
#[test]
fn what_the_kernel_sent_is_written_the_same() {
    for datagram in [
        captured!("beacon"),
        captured!("probe_request"),
        captured!("add_address"),
        captured!("remove_address"),
        captured!("del_radio"),
    ] {
        let message = only(datagram);
        let command = Command::read(&message).unwrap();
        let mut written = Vec::new();
        command.write(message.header, &mut written);
        assert_eq!(Command::read(&only(&written)).unwrap(), command);
        let attributes = |bytes| {
            let (_, all) = only(bytes).generic().unwrap();
            // Linux aligns the cookie with an empty attribute.
            const PAD: u16 = 20;
            let all = all.map(Result::unwrap).filter(|a| a.number != PAD);
            all.map(|a| (a.number, a.value.to_vec())).collect::<Vec<_>>()
        };
        assert_eq!(attributes(&written), attributes(datagram));
    }
}

#[test]
fn every_truncation_is_an_error_or_a_message_with_less_in_it() {
    for datagram in [captured!("beacon"), captured!("family"), captured!("dump"), captured!("register_busy")]
    {
        for length in 0..datagram.len() {
            for message in messages(&datagram[..length]).flatten() {
                let _ = (message.answer(), Command::read(&message), family::read_description(&message));
            }
        }
        let cut = &datagram[..datagram.len() - 5];
        assert!(messages(cut).last().unwrap().is_err(), "the last message is longer than what there is");
    }
}

#[test]
fn errors_name_the_place() {
    let mut datagram = captured!("beacon").to_vec();
    // The attribute ADDR_TRANSMITTER begins after both headers; 5 is too short for an address.
    datagram[20] = 9;
    let error = Command::read(&only(&datagram)).unwrap_err();
    assert_eq!(
        error.to_string(),
        "malformed netlink message at octet 24: attribute ADDR_TRANSMITTER has 5 octets instead of 6"
    );
    // Without it, the command cannot be understood.
    datagram[20] = 10;
    datagram[22] = 60;
    let error = Command::read(&only(&datagram)).unwrap_err();
    assert_eq!(
        error.to_string(),
        "malformed netlink message at octet 20: command FRAME lacks its attribute ADDR_TRANSMITTER"
    );
    datagram[20] = 2;
    let error = Command::read(&only(&datagram)).unwrap_err();
    assert_eq!(error.offset, 20);
}

#[test]
fn unknown_commands_and_attributes_are_passed_over() {
    let header = Header { kind: FAMILY, ..Header::default() };
    let mut written = Vec::new();
    Command::Other(200).write(header, &mut written);
    assert_eq!(Command::read(&only(&written)).unwrap(), Command::Other(200));
    let mut beacon = captured!("beacon").to_vec();
    beacon.extend_from_slice(&[5, 0, 0xff, 0x3f, 1, 0, 0, 0]);
    let length = beacon.len() as u32;
    beacon[..4].copy_from_slice(&length.to_le_bytes());
    assert_eq!(command(&beacon), command(captured!("beacon")));
}
