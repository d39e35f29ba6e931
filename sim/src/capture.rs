//! pcapng with radiotap headers: one interface, one link type, the frames as they were on the air.

use std::borrow::Cow;
use std::time::Duration as StdDuration;

use pcap_file::pcapng::PcapNgWriter;
use pcap_file::pcapng::blocks::enhanced_packet::EnhancedPacketBlock;
use pcap_file::pcapng::blocks::interface_description::{
    InterfaceDescriptionBlock, InterfaceDescriptionOption,
};
use pcap_file::{DataLink, PcapError};
use wpasim_wire::time::Instant;

/// A frame as a monitor interface beside its transmitter would have heard it.
struct Captured {
    time: Instant,
    freq: u32,
    /// In units of 100 kbit/s.
    rate: u16,
    signal_dbm: i8,
    bytes: Box<[u8]>,
}

/// Gathers frames while a run goes on.
#[derive(Default)]
pub struct Capture {
    frames: Vec<Captured>,
    /// Whether the file's beginning was given out.
    has_begun: bool,
}

/// The capture could not be written; does not happen with memory as the sink.
#[derive(Debug, thiserror::Error)]
#[error("cannot write pcapng: {0}")]
pub struct CaptureError(#[from] PcapError);

impl Capture {
    /// Adds a frame whose first octet went out at `time`. `rate` is in units of 100 kbit/s.
    pub fn push(&mut self, time: Instant, freq: u32, rate: u16, signal_dbm: i32, bytes: &[u8]) {
        let signal_dbm = signal_dbm.clamp(-128, 127) as i8;
        self.frames.push(Captured { time, freq, rate, signal_dbm, bytes: bytes.into() });
    }

    /// Returns the number of frames that were captured.
    pub fn len(&self) -> usize {
        self.frames.len()
    }

    /// Whether nothing was captured.
    pub fn is_empty(&self) -> bool {
        self.frames.is_empty()
    }

    /// The pcapng file, frames in the order of their times; what was taken already is not in it.
    pub fn into_pcapng(mut self, epoch_us: u64) -> Result<Vec<u8>, CaptureError> {
        self.take_until(Instant::FAR_FUTURE, epoch_us)
    }

    /// Takes the frames before `until`, in the order of their times: the next piece of the pcapng file. Nothing earlier may
    /// come afterwards.
    pub fn take_until(&mut self, until: Instant, epoch_us: u64) -> Result<Vec<u8>, CaptureError> {
        let (mut due, later): (Vec<Captured>, Vec<Captured>) =
            std::mem::take(&mut self.frames).into_iter().partition(|f| f.time < until);
        self.frames = later;
        due.sort_by_key(|f| f.time);
        let mut writer = PcapNgWriter::new(Vec::new())?;
        writer.write_pcapng_block(InterfaceDescriptionBlock {
            linktype: DataLink::IEEE802_11_RADIOTAP,
            snaplen: 0,
            // Nanoseconds: ten to the minus nine.
            options: vec![
                InterfaceDescriptionOption::IfName(Cow::Borrowed("air")),
                InterfaceDescriptionOption::IfTsResol(9),
            ],
        })?;
        let header = writer.get_ref().len();
        let mut packet = Vec::new();
        for f in &due {
            packet.clear();
            radiotap(f, &mut packet);
            packet.extend_from_slice(&f.bytes);
            let at = StdDuration::from_micros(epoch_us.wrapping_add(f.time.micros() as u64));
            writer.write_pcapng_block(EnhancedPacketBlock {
                interface_id: 0,
                timestamp: at,
                original_len: packet.len() as u32,
                data: Cow::Borrowed(&packet),
                options: Vec::new(),
            })?;
        }
        let mut bytes = writer.into_inner();
        if std::mem::replace(&mut self.has_begun, true) {
            bytes.drain(..header);
        }
        Ok(bytes)
    }
}

/// Flags, rate, channel and antenna signal (radiotap fields 1, 2, 3 and 5).
fn radiotap(frame: &Captured, out: &mut Vec<u8>) {
    const PRESENT: u32 = (1 << 1) | (1 << 2) | (1 << 3) | (1 << 5);
    const LENGTH: u16 = 8 + 1 + 1 + 4 + 1;
    const CCK: u16 = 0x0020;
    const OFDM: u16 = 0x0040;
    const BAND_2_GHZ: u16 = 0x0080;
    const BAND_5_GHZ: u16 = 0x0100;
    let modulation = if matches!(frame.rate, 10 | 20 | 55 | 110) { CCK } else { OFDM };
    let band = if frame.freq < 3000 { BAND_2_GHZ } else { BAND_5_GHZ };
    out.extend_from_slice(&[0, 0]);
    out.extend_from_slice(&LENGTH.to_le_bytes());
    out.extend_from_slice(&PRESENT.to_le_bytes());
    out.push(0);
    out.push((frame.rate / 5) as u8);
    out.extend_from_slice(&(frame.freq as u16).to_le_bytes());
    out.extend_from_slice(&(modulation | band).to_le_bytes());
    out.push(frame.signal_dbm as u8);
}
