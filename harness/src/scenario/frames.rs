//! The vocabulary of frames in scenarios, and frames built from fields for injection. What a field is called in a scenario is
//! said here; how a frame is laid out is the business of the wire crate.

use std::fmt;

use wpasim_sim::FrameKind;
use wpasim_wire::MacAddr;
use wpasim_wire::channel::{Band, band_of, channel_to_freq, freq_to_channel};
use wpasim_wire::ieee80211::{MgmtBody, MgmtFrame, MgmtSubtype};

use super::model::Station;

/// Names of frame kinds that rules and expectations may use.
pub fn kinds() -> Vec<&'static str> {
    FrameKind::names().collect()
}

/// The kind that a word means which is none: message N of a handshake, and the abbreviations of other tools.
pub fn meant(word: &str) -> Option<&'static str> {
    let word = word.to_ascii_lowercase().replace('_', "-");
    let message = ["eapol-key-", "eapol-", "4way-", "msg", "m"].iter().find_map(|p| word.strip_prefix(p));
    if let Some(number) = message.map(|rest| rest.trim_end_matches("/4")) {
        let kind = match number {
            "1" => Some("eapol-1of4"),
            "2" => Some("eapol-2of4"),
            "3" => Some("eapol-3of4"),
            "4" => Some("eapol-4of4"),
            "group" | "group-1" => Some("eapol-group-1of2"),
            "group-2" => Some("eapol-group-2of2"),
            _ => None,
        };
        if kind.is_some() {
            return kind;
        }
    }
    Some(match word.as_str() {
        "auth" => "authentication",
        "assoc" | "assoc-req" => "association-request",
        "assoc-resp" => "association-response",
        "reassoc" | "reassoc-req" => "reassociation-request",
        "reassoc-resp" => "reassociation-response",
        "deauth" => "deauthentication",
        "disassoc" => "disassociation",
        "probe" | "probe-req" => "probe-request",
        "probe-resp" => "probe-response",
        "go-neg-req" | "go-neg-request" => "p2p-go-neg-request",
        "go-neg-resp" | "go-neg-response" => "p2p-go-neg-response",
        "go-neg-confirm" | "go-neg-conf" => "p2p-go-neg-confirmation",
        _ => return None,
    })
}

/// A kind of management frame that can be built from fields.
pub struct Built {
    pub kind: FrameKind,
    /// Whether the DS parameter set tells the channel.
    tells_channel: bool,
    /// Address 3, unless it is given: of the transmitter and the receiver.
    bssid: fn(MacAddr, MacAddr) -> MacAddr,
    /// The body with these elements; the number is the TSF in microseconds.
    body: fn(&FrameFields, u64, Vec<u8>) -> MgmtBody,
}

/// Every kind that can be built.
pub static BUILT: &[Built] = &[
    Built {
        kind: FrameKind::Beacon,
        tells_channel: true,
        bssid: |from, _| from,
        body: |f, timestamp, ies| MgmtBody::Beacon {
            timestamp,
            interval: f.interval,
            capability: f.capability,
            ies,
        },
    },
    Built {
        kind: FrameKind::ProbeRequest,
        tells_channel: false,
        bssid: |_, _| MacAddr::BROADCAST,
        body: |_, _, ies| MgmtBody::ProbeRequest { ies },
    },
    Built {
        kind: FrameKind::ProbeResponse,
        tells_channel: true,
        bssid: |from, _| from,
        body: |f, timestamp, ies| MgmtBody::ProbeResponse {
            timestamp,
            interval: f.interval,
            capability: f.capability,
            ies,
        },
    },
    Built {
        kind: FrameKind::Authentication,
        tells_channel: false,
        bssid: |from, _| from,
        body: |f, _, ies| MgmtBody::Authentication {
            algorithm: f.algorithm,
            transaction: f.transaction,
            status: f.status,
            ies,
        },
    },
    Built {
        kind: FrameKind::AssociationRequest,
        tells_channel: false,
        bssid: |_, to| to,
        body: |f, _, ies| MgmtBody::AssocRequest {
            capability: f.capability,
            listen_interval: LISTEN_INTERVAL,
            ies,
        },
    },
    Built {
        kind: FrameKind::AssociationResponse,
        tells_channel: false,
        bssid: |from, _| from,
        body: |f, _, ies| MgmtBody::AssocResponse {
            capability: f.capability,
            status: f.status,
            aid: AID,
            ies,
        },
    },
    Built {
        kind: FrameKind::Deauthentication,
        tells_channel: false,
        bssid: |from, _| from,
        body: |f, _, ies| MgmtBody::Deauthentication { reason: f.reason, ies },
    },
    Built {
        kind: FrameKind::Disassociation,
        tells_channel: false,
        bssid: |from, _| from,
        body: |f, _, ies| MgmtBody::Disassociation { reason: f.reason, ies },
    },
    // Its `elements:` are the whole body, category included.
    Built {
        kind: FrameKind::Action,
        tells_channel: false,
        bssid: |from, _| from,
        body: |_, _, body| match body.split_first() {
            Some((category, body)) => MgmtBody::Action { category: *category, body: body.to_vec() },
            None => MgmtBody::Other { body },
        },
    },
];

/// The listen interval of association requests, in beacon intervals.
const LISTEN_INTERVAL: u16 = 5;
/// The association identifier in association responses.
const AID: u16 = 1;

/// The names of the kinds that can be built.
pub fn built_kinds() -> Vec<String> {
    BUILT.iter().map(|built| built.kind.to_string()).collect()
}

impl PartialEq for Built {
    fn eq(&self, other: &Self) -> bool {
        self.kind == other.kind
    }
}

impl fmt::Debug for Built {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.kind)
    }
}

/// The fields of a management frame to be injected.
#[derive(Clone, Debug, PartialEq)]
pub struct FrameFields {
    /// The kind of the thing.
    pub built: &'static Built,
    /// Address 2.
    pub from: Station,
    /// Address 1; broadcast if `None`.
    pub to: Option<Station>,
    /// Address 3; what the kind says if `None`.
    pub bssid: Option<Station>,
    /// The SSID element, if the kind has one.
    pub ssid: Option<Vec<u8>>,
    /// The DS parameter set's channel, if any.
    pub channel: Option<u8>,
    /// Beacon interval in TU.
    pub interval: u16,
    /// Capability information.
    pub capability: u16,
    /// Reason code.
    pub reason: u16,
    /// Status code.
    pub status: u16,
    /// Authentication algorithm.
    pub algorithm: u16,
    /// Authentication transaction sequence number.
    pub transaction: u16,
    /// Octets after everything else: elements, or an action frame's body.
    pub elements: Vec<u8>,
    /// The sequence number.
    pub sequence: u16,
}

impl FrameFields {
    /// The frame's octets without FCS (IEEE 802.11-2020 §9.3.3). `resolve` knows devices' addresses,
    /// `timestamp` is the TSF of beacons and probe responses in microseconds.
    pub fn build(&self, resolve: &dyn Fn(&Station) -> MacAddr, timestamp: u64) -> Vec<u8> {
        let from = resolve(&self.from);
        let to = self.to.as_ref().map_or(MacAddr::BROADCAST, resolve);
        let bssid = self.bssid.as_ref().map_or_else(|| (self.built.bssid)(from, to), resolve);
        let mut frame = MgmtFrame::new(to, from, bssid, (self.built.body)(self, timestamp, self.elements()));
        if self.built.kind == FrameKind::Action {
            frame.header.subtype = MgmtSubtype::Action;
        }
        frame.header.seq = self.sequence;
        frame.emit()
    }

    /// The elements: what the fields say, then those that are given as octets.
    fn elements(&self) -> Vec<u8> {
        let mut out = Vec::new();
        if let Some(ssid) = &self.ssid {
            out.extend_from_slice(&[SSID, ssid.len() as u8]);
            out.extend_from_slice(ssid);
            out.extend_from_slice(&SUPPORTED_RATES);
        }
        if let Some(channel) = self.channel {
            out.extend_from_slice(&[DS_PARAMETER_SET, 1, channel]);
        }
        out.extend_from_slice(&self.elements);
        out
    }
}

impl Built {
    /// The kind by its name.
    pub fn by_name(name: &str) -> Option<&'static Built> {
        let kind: FrameKind = name.parse().ok()?;
        BUILT.iter().find(|built| built.kind == kind)
    }

    /// The channel that a frame on this frequency tells, if the kind tells it.
    pub fn channel(&self, freq: u32) -> Option<u8> {
        self.tells_channel.then(|| ds_channel(freq)).flatten()
    }
}

/// Elements (IEEE 802.11-2020 Table 9-92).
const SSID: u8 = 0;
const DS_PARAMETER_SET: u8 = 3;
/// The element of the rates of IEEE 802.11b, and of 6 to 18 Mbit/s.
const SUPPORTED_RATES: [u8; 10] = [1, 8, 0x82, 0x84, 0x8b, 0x96, 0x0c, 0x12, 0x18, 0x24];

/// The centre frequency of a 2.4 or 5 GHz channel, in MHz.
pub fn channel_frequency(channel: u32) -> Option<u32> {
    let band = match channel {
        1..=14 => Band::Ghz2,
        36..=64 | 100..=144 if channel.is_multiple_of(4) => Band::Ghz5,
        149..=177 if channel % 4 == 1 => Band::Ghz5,
        _ => return None,
    };
    channel_to_freq(band, u8::try_from(channel).ok()?)
}

/// The channel of a 2.4 GHz frequency, for the DS parameter set.
fn ds_channel(freq: u32) -> Option<u8> {
    freq_to_channel(freq).filter(|_| band_of(freq) == Some(Band::Ghz2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_meant_is_a_kind() {
        let words = [
            ("eapol-3", "eapol-3of4"),
            ("eapol-key-1", "eapol-1of4"),
            ("m4", "eapol-4of4"),
            ("msg2/4", "eapol-2of4"),
            ("EAPOL_group", "eapol-group-1of2"),
            ("deauth", "deauthentication"),
            ("go-neg-confirm", "p2p-go-neg-confirmation"),
        ];
        for (word, kind) in words {
            assert_eq!(meant(word), Some(kind));
            assert!(kinds().contains(&kind), "{kind}");
        }
        assert_eq!(meant("eapol-5"), None);
    }

    #[test]
    fn a_beacon_has_its_fields_in_order() {
        let fields = FrameFields {
            built: Built::by_name("beacon").unwrap(),
            from: Station::Addr(MacAddr([2, 0, 0, 0, 1, 0])),
            to: None,
            bssid: None,
            ssid: Some(b"x".to_vec()),
            channel: Some(6),
            interval: 100,
            capability: 0x0411,
            reason: 0,
            status: 0,
            algorithm: 0,
            transaction: 0,
            elements: vec![0x2a, 1, 0],
            sequence: 3,
        };
        let resolve = |s: &Station| match s {
            Station::Addr(a) => *a,
            Station::Device(_) => MacAddr::ZERO,
        };
        let frame = fields.build(&resolve, 0x0102);
        assert_eq!(frame[..4], [0x80, 0, 0, 0]);
        assert_eq!(frame[4..10], [0xff; 6]);
        assert_eq!(frame[22..24], [0x30, 0]);
        assert_eq!(frame[24..32], [2, 1, 0, 0, 0, 0, 0, 0]);
        assert_eq!(frame[32..39], [100, 0, 0x11, 4, 0, 1, b'x']);
        assert!(frame.ends_with(&[3, 1, 6, 0x2a, 1, 0]));
    }

    #[test]
    fn channels() {
        assert_eq!(channel_frequency(1), Some(2412));
        assert_eq!(channel_frequency(36), Some(5180));
        assert_eq!(channel_frequency(165), Some(5825));
        assert_eq!(channel_frequency(35), None);
        assert_eq!(ds_channel(2437), Some(6));
    }
}
