//! Netlink's own framing: messages in a datagram, attributes in a message, answers to requests
//! (include/uapi/linux/netlink.h). All numbers are in the machine's byte order.

use super::{CodecError, Fault};

/// Octets of a message header.
pub const HEADER: usize = 16;
/// Octets of a generic netlink header: command, version, two reserved.
pub const GENERIC_HEADER: usize = 4;
/// Octets of an attribute header.
const ATTRIBUTE_HEADER: usize = 4;

/// The type of an answer: an error number, zero for an acknowledgement.
pub const TYPE_ERROR: u16 = 2;
/// The type of the message that ends a dump.
pub const TYPE_DONE: u16 = 3;
/// Message types below this are netlink's own.
pub const FIRST_FAMILY: u16 = 16;

/// A request to the kernel.
pub const FLAG_REQUEST: u16 = 0x001;
/// The request wants an answer in any case.
pub const FLAG_ACK: u16 = 0x004;
/// The request is for all there is.
pub const FLAG_DUMP: u16 = 0x300;

/// Marks of an attribute's type that are not part of its number.
const ATTRIBUTE_MARKS: u16 = 0xc000;

/// A message's header.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Header {
    /// A family's number, or one of netlink's own types.
    pub kind: u16,
    pub flags: u16,
    /// That of the request which this answers; 0 of what the kernel sends by itself.
    pub sequence: u32,
    /// The socket that the request came from; 0 of what the kernel sends by itself.
    pub port: u32,
}

/// A message within a datagram.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Message<'a> {
    pub header: Header,
    /// The octets that follow the header.
    pub payload: &'a [u8],
    /// Of the payload within the datagram.
    pub offset: usize,
}

/// The answer of the kernel to a request.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Answer {
    /// It was carried out.
    Done,
    /// It was not; a positive errno.
    Refused(i32),
    /// It was carried out and made something with this number: the positive `error` with which
    /// HWSIM_CMD_NEW_RADIO answers.
    Made(u32),
}

/// The messages of a datagram. After an error nothing follows.
pub fn messages(datagram: &[u8]) -> Messages<'_> {
    Messages { datagram, at: 0 }
}

/// See [`messages`].
pub struct Messages<'a> {
    datagram: &'a [u8],
    at: usize,
}

impl<'a> Iterator for Messages<'a> {
    type Item = Result<Message<'a>, CodecError>;

    fn next(&mut self) -> Option<Self::Item> {
        let rest = self.datagram.get(self.at..).filter(|r| !r.is_empty())?;
        let start = self.at;
        let message = read_message(rest, start);
        self.at = match &message {
            Ok(m) => start.saturating_add(aligned(HEADER + m.payload.len())),
            Err(_) => self.datagram.len(),
        };
        Some(message)
    }
}

fn read_message(rest: &[u8], start: usize) -> Result<Message<'_>, CodecError> {
    let short = Fault::Truncated { need: HEADER, have: rest.len() };
    let (head, _) = rest.split_first_chunk::<HEADER>().ok_or(short.at(start))?;
    let [l0, l1, l2, l3, k0, k1, f0, f1, s0, s1, s2, s3, p0, p1, p2, p3] = *head;
    let length = u32::from_ne_bytes([l0, l1, l2, l3]) as usize;
    let payload = rest.get(HEADER..length).ok_or(Fault::BadLength { length }.at(start))?;
    let header = Header {
        kind: u16::from_ne_bytes([k0, k1]),
        flags: u16::from_ne_bytes([f0, f1]),
        sequence: u32::from_ne_bytes([s0, s1, s2, s3]),
        port: u32::from_ne_bytes([p0, p1, p2, p3]),
    };
    Ok(Message { header, payload, offset: start + HEADER })
}

impl<'a> Message<'a> {
    /// The answer that this message is, if it is one.
    pub fn answer(&self) -> Option<Result<Answer, CodecError>> {
        if self.header.kind != TYPE_ERROR {
            return None;
        }
        let short = Fault::Truncated { need: 4, have: self.payload.len() };
        let code = self.payload.first_chunk::<4>().ok_or(short.at(self.offset));
        Some(code.map(|c| match i32::from_ne_bytes(*c) {
            0 => Answer::Done,
            made @ 1.. => Answer::Made(made.unsigned_abs()),
            error => Answer::Refused(error.saturating_neg()),
        }))
    }

    /// A generic netlink message's command and attributes.
    pub fn generic(&self) -> Result<(u8, Attributes<'a>), CodecError> {
        let short = Fault::Truncated { need: GENERIC_HEADER, have: self.payload.len() };
        let (head, rest) = self.payload.split_first_chunk::<GENERIC_HEADER>().ok_or(short.at(self.offset))?;
        Ok((head[0], Attributes { bytes: rest, offset: self.offset + GENERIC_HEADER }))
    }
}

/// An attribute.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Attribute<'a> {
    /// Without the marks for nesting and byte order.
    pub number: u16,
    pub value: &'a [u8],
    /// Of the value within the datagram.
    pub offset: usize,
}

/// Attributes one after the other. After an error nothing follows.
#[derive(Clone, Debug)]
pub struct Attributes<'a> {
    bytes: &'a [u8],
    offset: usize,
}

impl<'a> Attributes<'a> {
    /// Returns the place at which the rest begins within the datagram.
    pub fn offset(&self) -> usize {
        self.offset
    }
}

impl<'a> Attribute<'a> {
    /// The attributes within this one.
    pub fn nested(&self) -> Attributes<'a> {
        Attributes { bytes: self.value, offset: self.offset }
    }

    /// The value as exactly `N` octets. `name` is for the error.
    pub fn exactly<const N: usize>(&self, name: &'static str) -> Result<[u8; N], CodecError> {
        let size = Fault::AttributeSize { attribute: name, need: N, have: self.value.len() };
        self.value.try_into().map_err(|_| size.at(self.offset))
    }

    /// The value as a number.
    pub fn u32(&self, name: &'static str) -> Result<u32, CodecError> {
        self.exactly(name).map(u32::from_ne_bytes)
    }

    /// The value as text, up to its first NUL.
    pub fn text(&self) -> Result<&'a str, CodecError> {
        let end = self.value.iter().position(|b| *b == 0).unwrap_or(self.value.len());
        let text = self.value.get(..end).unwrap_or_default();
        std::str::from_utf8(text).map_err(|e| Fault::NotText.at(self.offset + e.valid_up_to()))
    }
}

impl<'a> Iterator for Attributes<'a> {
    type Item = Result<Attribute<'a>, CodecError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.bytes.is_empty() {
            return None;
        }
        let (bytes, offset) = (self.bytes, self.offset);
        let attribute = read_attribute(bytes, offset);
        let taken = match &attribute {
            Ok(a) => aligned(ATTRIBUTE_HEADER + a.value.len()),
            Err(_) => bytes.len(),
        };
        // The last attribute may lack its padding.
        self.bytes = bytes.get(taken..).unwrap_or_default();
        self.offset = offset + taken;
        Some(attribute)
    }
}

fn read_attribute(bytes: &[u8], offset: usize) -> Result<Attribute<'_>, CodecError> {
    let short = Fault::Truncated { need: ATTRIBUTE_HEADER, have: bytes.len() };
    let (head, _) = bytes.split_first_chunk::<ATTRIBUTE_HEADER>().ok_or(short.at(offset))?;
    let [l0, l1, k0, k1] = *head;
    let length = usize::from(u16::from_ne_bytes([l0, l1]));
    let value = bytes.get(ATTRIBUTE_HEADER..length).ok_or(Fault::BadLength { length }.at(offset))?;
    let number = u16::from_ne_bytes([k0, k1]) & !ATTRIBUTE_MARKS;
    Ok(Attribute { number, value, offset: offset + ATTRIBUTE_HEADER })
}

/// Both headers and attributes begin at multiples of four.
fn aligned(length: usize) -> usize {
    length.saturating_add(3) & !3
}

/// Appends one message: `body` appends what follows the headers.
pub fn write_message(header: Header, command: u8, out: &mut Vec<u8>, body: impl FnOnce(&mut Vec<u8>)) {
    let start = out.len();
    out.extend_from_slice(&[0; 4]);
    out.extend_from_slice(&header.kind.to_ne_bytes());
    out.extend_from_slice(&header.flags.to_ne_bytes());
    out.extend_from_slice(&header.sequence.to_ne_bytes());
    out.extend_from_slice(&header.port.to_ne_bytes());
    out.extend_from_slice(&[command, 1, 0, 0]);
    body(out);
    let length = (out.len() - start) as u32;
    if let Some(field) = out.get_mut(start..start + 4) {
        field.copy_from_slice(&length.to_ne_bytes());
    }
}

/// Appends one attribute and its padding. A value of more than 65,531 octets, which no attribute can
/// have, is cut.
pub fn write_attribute(number: u16, value: &[u8], out: &mut Vec<u8>) {
    let value = value.get(..usize::from(u16::MAX) - ATTRIBUTE_HEADER).unwrap_or(value);
    let length = (ATTRIBUTE_HEADER + value.len()) as u16;
    out.extend_from_slice(&length.to_ne_bytes());
    out.extend_from_slice(&number.to_ne_bytes());
    out.extend_from_slice(value);
    out.resize(aligned(out.len()), 0);
}
