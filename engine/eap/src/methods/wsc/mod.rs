//! EAP-WSC's framing of the registration protocol (WSC 2.0.5 §7.7), the same in both directions:
//! Op-Code, flags, and messages in several packets.

mod peer;
mod server;

use wpasim_wire::eap::EapType;
use wpasim_wire::wsc::OpCode;
use wpasim_wps::Message;

pub(super) const ROW: super::Row =
    super::Row { kind: EapType::WSC, peer: Some(peer::start), server: Some(server::start) };

/// More fragments follow.
const MORE_FRAGMENTS: u8 = 0x01;
/// The Message Length field is present.
const LENGTH_FIELD: u8 = 0x02;
/// The largest message that is put together.
const MAX_MESSAGE: u16 = 50_000;
/// The data of a packet by default, in octets, Op-Code and flags included.
const FRAGMENT_SIZE: usize = 1400;
/// Op-Code, flags, Message Length, and one octet that makes progress.
const SMALLEST_FRAGMENT: usize = 5;

/// A packet that 2.10 does not look at.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
enum Malformed {
    #[error("no Op-Code or flags")]
    Header,
    #[error("no Message Length")]
    Length,
    #[error("a Message Length of less than this packet has, or of too much")]
    LengthValue,
}

/// The data of an EAP-WSC packet.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Packet<'a> {
    pub op: u8,
    pub more: bool,
    /// Of the whole message.
    pub length: Option<u16>,
    pub body: &'a [u8],
}

impl<'a> Packet<'a> {
    pub fn parse(data: &'a [u8]) -> Result<Self, Malformed> {
        let ([op, flags], mut body) = data.split_first_chunk::<2>().ok_or(Malformed::Header)?;
        let mut length = None;
        if flags & LENGTH_FIELD != 0 {
            let (field, rest) = body.split_first_chunk::<2>().ok_or(Malformed::Length)?;
            let value = u16::from_be_bytes(*field);
            if usize::from(value) < rest.len() || value > MAX_MESSAGE {
                return Err(Malformed::LengthValue);
            }
            (length, body) = (Some(value), rest);
        }
        Ok(Packet { op: *op, more: flags & MORE_FRAGMENTS != 0, length, body })
    }

    /// The Op-Code of a message; `None` for Start, the acknowledgement of fragments and unknown ones.
    pub fn message_op(&self) -> Option<OpCode> {
        [OpCode::Ack, OpCode::Nack, OpCode::Msg, OpCode::Done].into_iter().find(|op| *op as u8 == self.op)
    }
}

/// Op-Code and flags of a packet without a message.
fn bare(op: OpCode) -> [u8; 2] {
    [op as u8, 0]
}

/// The reason for which a fragment does not continue a message.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
enum FragmentFault {
    #[error("another Op-Code than the first fragment's")]
    OpCode,
    #[error("more than the Message Length said")]
    Overflow,
    #[error("a first fragment without Message Length")]
    NoLength,
}

/// A message that is received in several packets.
#[derive(Debug)]
struct Incoming {
    op: u8,
    length: usize,
    pub body: Vec<u8>,
}

impl Incoming {
    /// Takes a fragment that is not the message's last.
    pub fn first(packet: &Packet<'_>) -> Result<Self, FragmentFault> {
        let length = packet.length.ok_or(FragmentFault::NoLength)?;
        Ok(Incoming { op: packet.op, length: length.into(), body: packet.body.to_vec() })
    }

    /// Takes a further fragment.
    pub fn append(&mut self, packet: &Packet<'_>) -> Result<(), FragmentFault> {
        if packet.op != self.op {
            return Err(FragmentFault::OpCode);
        }
        if packet.body.len() > self.length - self.body.len() {
            return Err(FragmentFault::Overflow);
        }
        self.body.extend_from_slice(packet.body);
        Ok(())
    }
}

/// A message that is sent in as many packets as it needs.
#[derive(Debug)]
struct Outgoing {
    message: Message,
    used: usize,
}

impl Outgoing {
    pub fn new(message: Message) -> Self {
        Outgoing { message, used: 0 }
    }

    pub fn op(&self) -> OpCode {
        self.message.op
    }

    /// The data of the next packet, and whether it is the message's last. `limit` in octets.
    pub fn next_packet(&mut self, limit: usize) -> (Vec<u8>, bool) {
        let limit = limit.max(SMALLEST_FRAGMENT);
        let left = self.message.body.get(self.used..).unwrap_or_default();
        let mut flags = 0;
        let mut size = left.len();
        if 2 + size > limit {
            flags |= MORE_FRAGMENTS;
            size = limit - 2;
            if self.used == 0 {
                flags |= LENGTH_FIELD;
                size -= 2;
            }
        }
        let mut data = vec![self.message.op as u8, flags];
        if flags & LENGTH_FIELD != 0 {
            data.extend_from_slice(&(self.message.body.len() as u16).to_be_bytes());
        }
        data.extend(left.iter().take(size));
        self.used += size;
        (data, self.used >= self.message.body.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn messages_arrive_whole_in_packets_of_any_size(
            body in prop::collection::vec(any::<u8>(), 0..600), limit in 0usize..700,
        ) {
            let mut out = Outgoing::new(Message { op: OpCode::Msg, body: body.clone() });
            let mut incoming: Option<Incoming> = None;
            let received = loop {
                let (data, last) = out.next_packet(limit);
                prop_assert!(data.len() <= limit.max(SMALLEST_FRAGMENT));
                let packet = Packet::parse(&data).unwrap();
                prop_assert_eq!((packet.message_op(), packet.more), (Some(OpCode::Msg), !last));
                match &mut incoming {
                    Some(message) => message.append(&packet).unwrap(),
                    None if packet.more => incoming = Some(Incoming::first(&packet).unwrap()),
                    None => break packet.body.to_vec(),
                }
                if last {
                    break incoming.unwrap().body;
                }
            };
            prop_assert_eq!(received, body);
        }

        #[test]
        fn any_octets_are_a_packet_or_malformed(data in prop::collection::vec(any::<u8>(), 0..20)) {
            if let Ok(packet) = Packet::parse(&data) {
                prop_assert!(packet.length.is_none_or(|l| usize::from(l) >= packet.body.len()));
            }
        }
    }

    #[test]
    fn fragments_that_do_not_fit_are_refused() {
        let first = Packet::parse(&[4, 3, 0, 4, 1, 2]).unwrap();
        let mut message = Incoming::first(&first).unwrap();
        assert_eq!(message.append(&Packet { op: 5, ..first }), Err(FragmentFault::OpCode));
        assert_eq!(message.append(&Packet { body: &[1, 2, 3], ..first }), Err(FragmentFault::Overflow));
        assert_eq!(message.append(&first), Ok(()));
        let unmeasured = Incoming::first(&Packet { length: None, ..first });
        assert_eq!(unmeasured.map(|m| m.body), Err(FragmentFault::NoLength));
        assert_eq!(Packet::parse(&[4, 2, 0, 1, 1, 2]), Err(Malformed::LengthValue));
        assert_eq!(Packet::parse(&[4, 2, 0]), Err(Malformed::Length));
    }
}
