//! The codec on anything at all.

use proptest::option;
use proptest::prelude::*;
use wpasim_hwsim::codec::{
    Command, Deliver, Header, RadioAttributes, Transmit, TxFlags, TxInfo, TxRate, TxRateFlags, family,
    messages,
};
use wpasim_wire::MacAddr;

const CAPTURED: [&[u8]; 5] = [
    include_bytes!("messages/beacon"),
    include_bytes!("messages/family"),
    include_bytes!("messages/dump"),
    include_bytes!("messages/new_radio_made"),
    include_bytes!("messages/register_busy"),
];

fn addr() -> impl Strategy<Value = MacAddr> {
    any::<[u8; 6]>().prop_map(MacAddr)
}

fn frame() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(any::<u8>(), 0..300)
}

fn rate() -> impl Strategy<Value = TxRate> {
    any::<(i8, u8)>().prop_map(|(index, count)| TxRate { index, count })
}

fn transmit() -> impl Strategy<Value = Command> {
    let rates = prop::array::uniform4((rate(), any::<u16>()));
    (addr(), frame(), any::<u32>(), any::<u32>(), rates, any::<u64>()).prop_map(
        |(radio, frame, flags, freq, rates, cookie)| {
            Command::Transmit(Transmit {
                radio,
                frame,
                flags: TxFlags(flags),
                freq,
                rates: rates.map(|(r, _)| r),
                rate_flags: rates.map(|(_, f)| TxRateFlags(f)),
                cookie,
            })
        },
    )
}

fn deliver() -> impl Strategy<Value = Command> {
    (addr(), frame(), any::<u32>(), any::<i32>(), option::of(any::<u32>())).prop_map(
        |(radio, frame, rate_index, signal_dbm, freq)| {
            Command::Deliver(Deliver { radio, frame, rate_index, signal_dbm, freq })
        },
    )
}

fn tx_info() -> impl Strategy<Value = Command> {
    (addr(), any::<u32>(), prop::array::uniform4(rate()), any::<i32>(), any::<u64>()).prop_map(
        |(radio, flags, rates, signal_dbm, cookie)| {
            Command::TxInfo(TxInfo { radio, flags: TxFlags(flags), rates, signal_dbm, cookie })
        },
    )
}

fn radio() -> impl Strategy<Value = RadioAttributes> {
    let numbers = (option::of(any::<u32>()), option::of(any::<u32>()), option::of(any::<u32>()));
    let name = option::of("[a-z0-9é]{0,20}");
    (numbers, name, option::of(addr()), option::of(any::<[u8; 2]>()), any::<[bool; 5]>()).prop_map(
        |((id, channels, custom_regulatory), name, permanent_addr, country, flags)| {
            let [strict_regulatory, p2p_device, channel_contexts, destroy_on_close, no_interface] = flags;
            RadioAttributes {
                id,
                name,
                channels,
                permanent_addr,
                country,
                custom_regulatory,
                strict_regulatory,
                p2p_device,
                channel_contexts,
                destroy_on_close,
                no_interface,
            }
        },
    )
}

fn command() -> impl Strategy<Value = Command> {
    prop_oneof![
        Just(Command::Register),
        transmit(),
        deliver(),
        tx_info(),
        radio().prop_map(Command::NewRadio),
        radio().prop_map(Command::DelRadio),
        radio().prop_map(Command::GetRadio),
        (addr(), addr()).prop_map(|(radio, addr)| Command::AddAddress { radio, addr }),
        (addr(), addr()).prop_map(|(radio, addr)| Command::RemoveAddress { radio, addr }),
        (9..=255u8).prop_map(Command::Other),
    ]
}

fn header() -> impl Strategy<Value = Header> {
    any::<(u16, u16, u32, u32)>().prop_map(|(kind, flags, sequence, port)| Header {
        kind,
        flags,
        sequence,
        port,
    })
}

proptest! {
    #[test]
    fn what_is_written_reads_back(all in prop::collection::vec((header(), command()), 0..5)) {
        let mut written = Vec::new();
        for (header, command) in &all {
            command.write(*header, &mut written);
        }
        let read: Vec<_> = messages(&written)
            .map(|m| m.and_then(|m| Ok((m.header, Command::read(&m)?))))
            .collect::<Result<_, _>>()
            .unwrap();
        prop_assert_eq!(read, all);
    }

    #[test]
    fn any_octets_are_read(octets in prop::collection::vec(any::<u8>(), 0..400)) {
        for message in messages(&octets).flatten() {
            let _ = (message.answer(), Command::read(&message), family::read_description(&message));
        }
    }

    /// Linux's own messages with a few octets changed: more of the reader is reached than by chance.
    #[test]
    fn damaged_messages_are_read(
        which in 0..CAPTURED.len(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
    ) {
        let mut octets = CAPTURED[which].to_vec();
        for (place, octet) in changes {
            let place = place.index(octets.len());
            octets[place] = octet;
        }
        for message in messages(&octets).flatten() {
            let _ = (message.answer(), family::read_description(&message));
            if let Ok(command) = Command::read(&message) {
                let mut written = Vec::new();
                command.write(message.header, &mut written);
                let again = messages(&written).next().unwrap().unwrap();
                prop_assert_eq!(Command::read(&again), Ok(command));
            }
        }
    }

    /// Whatever is wrong within a message, its neighbour can still be read.
    #[test]
    fn a_damaged_message_does_not_hide_the_next(
        command in command(),
        (place, octet) in (any::<prop::sample::Index>(), any::<u8>()),
    ) {
        let header = Header { kind: 23, ..Header::default() };
        let mut written = Vec::new();
        command.write(header, &mut written);
        let length = written.len();
        Command::Register.write(header, &mut written);
        let damaged = 4 + place.index(length - 4);
        written[damaged] = octet;
        let all: Vec<_> = messages(&written).collect();
        prop_assert_eq!(all.len(), 2);
        prop_assert_eq!(Command::read(&all[1].unwrap()), Ok(Command::Register));
    }
}

#[test]
fn a_value_that_no_attribute_can_have_is_cut() {
    let command = Command::Deliver(Deliver { frame: vec![7; 70_000], ..Deliver::default() });
    let mut written = Vec::new();
    command.write(Header::default(), &mut written);
    let message = messages(&written).next().unwrap().unwrap();
    let Ok(Command::Deliver(read)) = Command::read(&message) else { panic!("a delivery") };
    assert_eq!(read.frame, vec![7; 65_531]);
}
