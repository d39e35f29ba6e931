//! The vocabulary of frames in scenarios, and frames built from fields for injection. Only fixed
//! fields and elements are written here; what a frame means is the business of the wire crate.

use wpasim_wire::MacAddr;

use super::model::Station;

/// Names of frame kinds that rules and expectations may use.
pub fn kinds() -> Vec<&'static str> {
    wpasim_sim::FrameKind::names().collect()
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

/// Kinds that can be built from fields.
pub const BUILT_KINDS: &[&str] = &[
    "beacon",
    "probe-request",
    "probe-response",
    "authentication",
    "association-request",
    "association-response",
    "deauthentication",
    "disassociation",
    "action",
];

/// The fields of a management frame to be injected.
#[derive(Clone, Debug, PartialEq)]
pub struct FrameFields {
    /// One of [`BUILT_KINDS`].
    pub kind: String,
    /// Address 2.
    pub from: Station,
    /// Address 1; broadcast if `None`.
    pub to: Option<Station>,
    /// Address 3; the same as address 2 if `None`.
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
        let subtype: u8 = match self.kind.as_str() {
            "association-request" => 0x00,
            "association-response" => 0x10,
            "probe-request" => 0x40,
            "probe-response" => 0x50,
            "beacon" => 0x80,
            "disassociation" => 0xa0,
            "authentication" => 0xb0,
            "deauthentication" => 0xc0,
            _ => 0xd0,
        };
        let from = resolve(&self.from);
        let to = self.to.as_ref().map_or(MacAddr::BROADCAST, resolve);
        let bssid = match (&self.bssid, self.kind.as_str()) {
            (Some(station), _) => resolve(station),
            (None, "probe-request") => MacAddr::BROADCAST,
            (None, "association-request") => to,
            (None, _) => from,
        };
        let mut out = vec![subtype, 0, 0, 0];
        for addr in [to, from, bssid] {
            out.extend_from_slice(&addr.0);
        }
        out.extend_from_slice(&(self.sequence << 4).to_le_bytes());
        let mut fixed = |value: u16| out.extend_from_slice(&value.to_le_bytes());
        match self.kind.as_str() {
            "beacon" | "probe-response" => {
                out.extend_from_slice(&timestamp.to_le_bytes());
                out.extend_from_slice(&self.interval.to_le_bytes());
                out.extend_from_slice(&self.capability.to_le_bytes());
            }
            "authentication" => {
                [self.algorithm, self.transaction, self.status].into_iter().for_each(&mut fixed)
            }
            "association-request" => [self.capability, 5].into_iter().for_each(&mut fixed),
            "association-response" => [self.capability, self.status, 0xc001].into_iter().for_each(&mut fixed),
            "deauthentication" | "disassociation" => fixed(self.reason),
            _ => {}
        }
        if let Some(ssid) = &self.ssid {
            out.extend_from_slice(&[0, ssid.len() as u8]);
            out.extend_from_slice(ssid);
            out.extend_from_slice(&[1, 8, 0x82, 0x84, 0x8b, 0x96, 0x0c, 0x12, 0x18, 0x24]);
        }
        if let Some(channel) = self.channel {
            out.extend_from_slice(&[3, 1, channel]);
        }
        out.extend_from_slice(&self.elements);
        out
    }
}

/// The centre frequency of a 2.4 or 5 GHz channel, in MHz.
pub fn channel_frequency(channel: u32) -> Option<u32> {
    match channel {
        1..=13 => Some(2407 + 5 * channel),
        14 => Some(2484),
        36..=64 | 100..=144 if channel.is_multiple_of(4) => Some(5000 + 5 * channel),
        149..=177 if channel % 4 == 1 => Some(5000 + 5 * channel),
        _ => None,
    }
}

/// The channel of a 2.4 GHz frequency, for the DS parameter set.
pub fn ds_channel(freq: u32) -> Option<u8> {
    (1..=14u8).find(|c| channel_frequency(u32::from(*c)) == Some(freq))
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
            kind: "beacon".into(),
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
