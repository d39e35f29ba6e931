//! hwsim's commands with their attributes, both ways.

use wpasim_wire::MacAddr;

use super::netlink::{Attribute, Attributes, Header, Message, write_attribute, write_message};
use super::{CodecError, Fault};

/// HWSIM_CMD_*.
mod number {
    pub const REGISTER: u8 = 1;
    pub const FRAME: u8 = 2;
    pub const TX_INFO_FRAME: u8 = 3;
    pub const NEW_RADIO: u8 = 4;
    pub const DEL_RADIO: u8 = 5;
    pub const GET_RADIO: u8 = 6;
    pub const ADD_MAC_ADDR: u8 = 7;
    pub const DEL_MAC_ADDR: u8 = 8;
}

/// HWSIM_ATTR_*.
mod attr {
    pub const ADDR_RECEIVER: u16 = 1;
    pub const ADDR_TRANSMITTER: u16 = 2;
    pub const FRAME: u16 = 3;
    pub const FLAGS: u16 = 4;
    pub const RX_RATE: u16 = 5;
    pub const SIGNAL: u16 = 6;
    pub const TX_INFO: u16 = 7;
    pub const COOKIE: u16 = 8;
    pub const CHANNELS: u16 = 9;
    pub const RADIO_ID: u16 = 10;
    pub const REG_HINT_ALPHA2: u16 = 11;
    pub const REG_CUSTOM_REG: u16 = 12;
    pub const REG_STRICT_REG: u16 = 13;
    pub const SUPPORT_P2P_DEVICE: u16 = 14;
    pub const USE_CHANCTX: u16 = 15;
    pub const DESTROY_RADIO_ON_CLOSE: u16 = 16;
    pub const RADIO_NAME: u16 = 17;
    pub const NO_VIF: u16 = 18;
    pub const FREQ: u16 = 19;
    pub const TX_INFO_FLAGS: u16 = 21;
    pub const PERM_ADDR: u16 = 22;
}

/// IEEE80211_TX_MAX_RATES.
const RATES: usize = 4;

/// A command of the family, from the kernel or to it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Command {
    /// To the kernel: this socket is the medium from now on.
    Register,
    /// From the kernel: a radio transmits.
    Transmit(Transmit),
    /// To the kernel: a radio receives.
    Deliver(Deliver),
    /// To the kernel: what became of a transmission.
    TxInfo(TxInfo),
    /// To the kernel: make a radio. From it: one was made.
    NewRadio(RadioAttributes),
    /// To the kernel: delete the radio with this number or name. From it: one was deleted.
    DelRadio(RadioAttributes),
    /// To the kernel: which radios are there (a dump), or what is the one with this number. From it:
    /// the answer.
    GetRadio(RadioAttributes),
    /// From the kernel: a radio receives for another address.
    AddAddress { radio: MacAddr, addr: MacAddr },
    /// From the kernel: a radio no longer receives for an address.
    RemoveAddress { radio: MacAddr, addr: MacAddr },
    /// A command that this version does not know.
    Other(u8),
}

/// A frame that a radio transmits.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Transmit {
    /// The radio's second address, which names it; not the frame's transmitter.
    pub radio: MacAddr,
    /// As on the air, without FCS.
    pub frame: Vec<u8>,
    pub flags: TxFlags,
    /// In MHz.
    pub freq: u32,
    /// The rates that rate control chose, in the order of trial.
    pub rates: [TxRate; RATES],
    /// The meaning of each rate's index; all zero where the kernel does not say.
    pub rate_flags: [TxRateFlags; RATES],
    /// Names the transmission in its [`TxInfo`].
    pub cookie: u64,
}

/// A frame that a radio receives.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Deliver {
    /// The radio's second address.
    pub radio: MacAddr,
    /// As on the air, without FCS.
    pub frame: Vec<u8>,
    /// Counts the legacy rates of the band.
    pub rate_index: u32,
    /// In dBm.
    pub signal_dbm: i32,
    /// In MHz. A radio that is not there then does not receive; without it, it always does.
    pub freq: Option<u32>,
}

/// The fate of a transmission.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct TxInfo {
    /// The radio's second address.
    pub radio: MacAddr,
    /// Those of the transmission, [`TxFlags::ACKED`] added if it was acknowledged.
    pub flags: TxFlags,
    /// The rates that were tried, and how often each.
    pub rates: [TxRate; RATES],
    /// Of the acknowledgement, in dBm.
    pub signal_dbm: i32,
    pub cookie: u64,
}

/// HWSIM_TX_*.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct TxFlags(pub u32);

impl TxFlags {
    /// mac80211 wants to know what becomes of the frame. (hwsim waits for the status of any frame.)
    pub const WANTS_STATUS: TxFlags = TxFlags(1);
    /// The frame asks for no acknowledgement.
    pub const NO_ACK: TxFlags = TxFlags(2);
    /// The frame was acknowledged.
    pub const ACKED: TxFlags = TxFlags(4);

    /// Whether all of `other`'s bits are set.
    pub fn has(self, other: TxFlags) -> bool {
        self.0 & other.0 == other.0
    }

    /// These flags and others.
    pub fn with(self, other: TxFlags) -> TxFlags {
        TxFlags(self.0 | other.0)
    }
}

/// An entry of a rate table.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TxRate {
    /// Counts the legacy rates of the band, or is an MCS; -1 ends the table.
    pub index: i8,
    /// The number of times that it was tried.
    pub count: u8,
}

impl Default for TxRate {
    fn default() -> Self {
        TxRate { index: -1, count: 0 }
    }
}

/// MAC80211_HWSIM_TX_RC_*.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct TxRateFlags(pub u16);

impl TxRateFlags {
    /// The index is an HT MCS.
    pub const HT_MCS: u16 = 1 << 3;
    /// The index is a VHT MCS in its lower four bits, streams above.
    pub const VHT_MCS: u16 = 1 << 8;
}

/// The attributes that a radio is made with, or described by.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct RadioAttributes {
    pub id: Option<u32>,
    /// The wiphy's, `phy0`.
    pub name: Option<String>,
    /// The number of channels that it can use at once; the medium can only serve radios with one.
    pub channels: Option<u32>,
    /// Both addresses of the radio; otherwise it has 02:… and 42:… by its number.
    pub permanent_addr: Option<MacAddr>,
    /// The country that it hints at.
    pub country: Option<[u8; 2]>,
    /// The number of one of hwsim's own regulatory domains.
    pub custom_regulatory: Option<u32>,
    /// Nothing but its own country's rules may be used.
    pub strict_regulatory: bool,
    pub p2p_device: bool,
    pub channel_contexts: bool,
    /// The radio goes away with the socket that made it.
    pub destroy_on_close: bool,
    /// No interface is made with it.
    pub no_interface: bool,
}

impl Command {
    /// HWSIM_CMD_*.
    pub fn number(&self) -> u8 {
        match self {
            Command::Register => number::REGISTER,
            Command::Transmit(_) | Command::Deliver(_) => number::FRAME,
            Command::TxInfo(_) => number::TX_INFO_FRAME,
            Command::NewRadio(_) => number::NEW_RADIO,
            Command::DelRadio(_) => number::DEL_RADIO,
            Command::GetRadio(_) => number::GET_RADIO,
            Command::AddAddress { .. } => number::ADD_MAC_ADDR,
            Command::RemoveAddress { .. } => number::DEL_MAC_ADDR,
            Command::Other(n) => *n,
        }
    }

    /// The kernel's name for the command.
    pub fn name(&self) -> &'static str {
        match self {
            Command::Register => "REGISTER",
            Command::Transmit(_) | Command::Deliver(_) => "FRAME",
            Command::TxInfo(_) => "TX_INFO_FRAME",
            Command::NewRadio(_) => "NEW_RADIO",
            Command::DelRadio(_) => "DEL_RADIO",
            Command::GetRadio(_) => "GET_RADIO",
            Command::AddAddress { .. } => "ADD_MAC_ADDR",
            Command::RemoveAddress { .. } => "DEL_MAC_ADDR",
            Command::Other(_) => "of an unknown number",
        }
    }

    /// Reads a message of the family.
    pub fn read(message: &Message<'_>) -> Result<Command, CodecError> {
        let (command, attributes) = message.generic()?;
        let place = attributes.offset();
        let table = Table::of(attributes)?;
        Ok(match command {
            number::REGISTER => Command::Register,
            number::FRAME if table.get(attr::ADDR_RECEIVER).is_some() => {
                Command::Deliver(read_deliver(&Needs { table, command: "FRAME", place })?)
            }
            number::FRAME => Command::Transmit(read_transmit(&Needs { table, command: "FRAME", place })?),
            number::TX_INFO_FRAME => {
                Command::TxInfo(read_tx_info(&Needs { table, command: "TX_INFO_FRAME", place })?)
            }
            number::NEW_RADIO => Command::NewRadio(read_radio(&table)?),
            number::DEL_RADIO => Command::DelRadio(read_radio(&table)?),
            number::GET_RADIO => Command::GetRadio(read_radio(&table)?),
            number::ADD_MAC_ADDR => {
                let (radio, addr) = read_addresses(&Needs { table, command: "ADD_MAC_ADDR", place })?;
                Command::AddAddress { radio, addr }
            }
            number::DEL_MAC_ADDR => {
                let (radio, addr) = read_addresses(&Needs { table, command: "DEL_MAC_ADDR", place })?;
                Command::RemoveAddress { radio, addr }
            }
            other => Command::Other(other),
        })
    }

    /// Appends the command as a message.
    pub fn write(&self, header: Header, out: &mut Vec<u8>) {
        write_message(header, self.number(), out, |out| match self {
            Command::Register | Command::Other(_) => {}
            Command::Transmit(t) => write_transmit(t, out),
            Command::Deliver(d) => {
                write_attribute(attr::ADDR_RECEIVER, &d.radio.0, out);
                write_attribute(attr::FRAME, &d.frame, out);
                write_u32(attr::RX_RATE, d.rate_index, out);
                write_u32(attr::SIGNAL, d.signal_dbm.cast_unsigned(), out);
                if let Some(freq) = d.freq {
                    write_u32(attr::FREQ, freq, out);
                }
            }
            Command::TxInfo(t) => {
                write_attribute(attr::ADDR_TRANSMITTER, &t.radio.0, out);
                write_u32(attr::FLAGS, t.flags.0, out);
                write_u32(attr::SIGNAL, t.signal_dbm.cast_unsigned(), out);
                write_attribute(attr::TX_INFO, &rates_to_bytes(&t.rates), out);
                write_attribute(attr::COOKIE, &t.cookie.to_ne_bytes(), out);
            }
            Command::NewRadio(r) | Command::DelRadio(r) | Command::GetRadio(r) => write_radio(r, out),
            Command::AddAddress { radio, addr } | Command::RemoveAddress { radio, addr } => {
                write_attribute(attr::ADDR_TRANSMITTER, &radio.0, out);
                write_attribute(attr::ADDR_RECEIVER, &addr.0, out);
            }
        });
    }
}

/// The last attribute of each number.
struct Table<'a>([Option<Attribute<'a>>; 32]);

impl<'a> Table<'a> {
    fn of(attributes: Attributes<'a>) -> Result<Self, CodecError> {
        let mut table = [None; 32];
        for attribute in attributes {
            let attribute = attribute?;
            if let Some(place) = table.get_mut(usize::from(attribute.number)) {
                *place = Some(attribute);
            }
        }
        Ok(Table(table))
    }

    fn get(&self, number: u16) -> Option<&Attribute<'a>> {
        self.0.get(usize::from(number))?.as_ref()
    }
}

/// The attributes of a command that needs some.
struct Needs<'a> {
    table: Table<'a>,
    command: &'static str,
    place: usize,
}

impl<'a> Needs<'a> {
    fn need(&self, number: u16, attribute: &'static str) -> Result<&Attribute<'a>, CodecError> {
        let missing = Fault::MissingAttribute { command: self.command, attribute };
        self.table.get(number).ok_or(missing.at(self.place))
    }

    fn u32(&self, number: u16, name: &'static str) -> Result<u32, CodecError> {
        self.need(number, name)?.u32(name)
    }

    fn addr(&self, number: u16, name: &'static str) -> Result<MacAddr, CodecError> {
        self.need(number, name)?.exactly(name).map(MacAddr)
    }

    fn signal(&self) -> Result<i32, CodecError> {
        self.u32(attr::SIGNAL, "SIGNAL").map(u32::cast_signed)
    }

    fn cookie(&self) -> Result<u64, CodecError> {
        self.need(attr::COOKIE, "COOKIE")?.exactly("COOKIE").map(u64::from_ne_bytes)
    }

    fn rates(&self) -> Result<[TxRate; RATES], CodecError> {
        let bytes: [u8; 2 * RATES] = self.need(attr::TX_INFO, "TX_INFO")?.exactly("TX_INFO")?;
        let mut rates = [TxRate::default(); RATES];
        for (rate, entry) in rates.iter_mut().zip(bytes.as_chunks::<2>().0) {
            *rate = TxRate { index: entry[0].cast_signed(), count: entry[1] };
        }
        Ok(rates)
    }
}

fn rates_to_bytes(rates: &[TxRate; RATES]) -> Vec<u8> {
    rates.iter().flat_map(|r| [r.index.cast_unsigned(), r.count]).collect()
}

fn read_transmit(needs: &Needs<'_>) -> Result<Transmit, CodecError> {
    Ok(Transmit {
        radio: needs.addr(attr::ADDR_TRANSMITTER, "ADDR_TRANSMITTER")?,
        frame: needs.need(attr::FRAME, "FRAME")?.value.to_vec(),
        flags: TxFlags(needs.u32(attr::FLAGS, "FLAGS")?),
        freq: needs.u32(attr::FREQ, "FREQ")?,
        rates: needs.rates()?,
        rate_flags: read_rate_flags(&needs.table)?,
        cookie: needs.cookie()?,
    })
}

/// Packed entries of an index, which is known already, and flags.
fn read_rate_flags(table: &Table<'_>) -> Result<[TxRateFlags; RATES], CodecError> {
    let mut flags = [TxRateFlags::default(); RATES];
    if let Some(attribute) = table.get(attr::TX_INFO_FLAGS) {
        let bytes: [u8; 3 * RATES] = attribute.exactly("TX_INFO_FLAGS")?;
        for (flag, [_, low, high]) in flags.iter_mut().zip(bytes.as_chunks::<3>().0) {
            *flag = TxRateFlags(u16::from_ne_bytes([*low, *high]));
        }
    }
    Ok(flags)
}

fn write_transmit(t: &Transmit, out: &mut Vec<u8>) {
    write_attribute(attr::ADDR_TRANSMITTER, &t.radio.0, out);
    write_attribute(attr::FRAME, &t.frame, out);
    write_u32(attr::FLAGS, t.flags.0, out);
    write_u32(attr::FREQ, t.freq, out);
    write_attribute(attr::TX_INFO, &rates_to_bytes(&t.rates), out);
    let mut flags = Vec::with_capacity(3 * RATES);
    for (rate, flag) in t.rates.iter().zip(&t.rate_flags) {
        flags.push(rate.index.cast_unsigned());
        flags.extend_from_slice(&flag.0.to_ne_bytes());
    }
    write_attribute(attr::TX_INFO_FLAGS, &flags, out);
    write_attribute(attr::COOKIE, &t.cookie.to_ne_bytes(), out);
}

fn read_deliver(needs: &Needs<'_>) -> Result<Deliver, CodecError> {
    Ok(Deliver {
        radio: needs.addr(attr::ADDR_RECEIVER, "ADDR_RECEIVER")?,
        frame: needs.need(attr::FRAME, "FRAME")?.value.to_vec(),
        rate_index: needs.u32(attr::RX_RATE, "RX_RATE")?,
        signal_dbm: needs.signal()?,
        freq: needs.table.get(attr::FREQ).map(|a| a.u32("FREQ")).transpose()?,
    })
}

fn read_tx_info(needs: &Needs<'_>) -> Result<TxInfo, CodecError> {
    Ok(TxInfo {
        radio: needs.addr(attr::ADDR_TRANSMITTER, "ADDR_TRANSMITTER")?,
        flags: TxFlags(needs.u32(attr::FLAGS, "FLAGS")?),
        rates: needs.rates()?,
        signal_dbm: needs.signal()?,
        cookie: needs.cookie()?,
    })
}

/// The radio, and the address that it is about.
fn read_addresses(needs: &Needs<'_>) -> Result<(MacAddr, MacAddr), CodecError> {
    let radio = needs.addr(attr::ADDR_TRANSMITTER, "ADDR_TRANSMITTER")?;
    Ok((radio, needs.addr(attr::ADDR_RECEIVER, "ADDR_RECEIVER")?))
}

fn read_radio(table: &Table<'_>) -> Result<RadioAttributes, CodecError> {
    let number = |n, name| table.get(n).map(|a| a.u32(name)).transpose();
    let flag = |n| table.get(n).is_some();
    let name = table.get(attr::RADIO_NAME).map(Attribute::text).transpose()?;
    let addr = table.get(attr::PERM_ADDR).map(|a| a.exactly("PERM_ADDR")).transpose()?;
    Ok(RadioAttributes {
        id: number(attr::RADIO_ID, "RADIO_ID")?,
        name: name.map(str::to_owned),
        channels: number(attr::CHANNELS, "CHANNELS")?,
        permanent_addr: addr.map(MacAddr),
        country: table.get(attr::REG_HINT_ALPHA2).map(|a| a.exactly("REG_HINT_ALPHA2")).transpose()?,
        custom_regulatory: number(attr::REG_CUSTOM_REG, "REG_CUSTOM_REG")?,
        strict_regulatory: flag(attr::REG_STRICT_REG),
        p2p_device: flag(attr::SUPPORT_P2P_DEVICE),
        channel_contexts: flag(attr::USE_CHANCTX),
        destroy_on_close: flag(attr::DESTROY_RADIO_ON_CLOSE),
        no_interface: flag(attr::NO_VIF),
    })
}

fn write_radio(r: &RadioAttributes, out: &mut Vec<u8>) {
    let numbers =
        [(attr::RADIO_ID, r.id), (attr::CHANNELS, r.channels), (attr::REG_CUSTOM_REG, r.custom_regulatory)];
    for (number, value) in numbers {
        if let Some(value) = value {
            write_u32(number, value, out);
        }
    }
    if let Some(name) = &r.name {
        write_attribute(attr::RADIO_NAME, name.as_bytes(), out);
    }
    if let Some(addr) = r.permanent_addr {
        write_attribute(attr::PERM_ADDR, &addr.0, out);
    }
    if let Some(country) = r.country {
        write_attribute(attr::REG_HINT_ALPHA2, &country, out);
    }
    let flags = [
        (attr::REG_STRICT_REG, r.strict_regulatory),
        (attr::SUPPORT_P2P_DEVICE, r.p2p_device),
        (attr::USE_CHANCTX, r.channel_contexts),
        (attr::DESTROY_RADIO_ON_CLOSE, r.destroy_on_close),
        (attr::NO_VIF, r.no_interface),
    ];
    for (number, set) in flags {
        if set {
            write_attribute(number, &[], out);
        }
    }
}

fn write_u32(number: u16, value: u32, out: &mut Vec<u8>) {
    write_attribute(number, &value.to_ne_bytes(), out);
}
