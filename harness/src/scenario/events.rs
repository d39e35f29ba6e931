//! The names of events, as the control interface's header and the programs of each release have them: an expectation
//! of an event that no release knows can only be a slip.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use super::problem::nearest;
use crate::release::Release;

/// Events of 2.9 and of all releases since.
const SINCE_2_9: &str = "
ACS-COMPLETED ACS-FAILED ACS-STARTED ANQP-QUERY-DONE AP-CSA-FINISHED AP-DISABLED AP-ENABLED
AP-REJECTED-BLOCKED-STA AP-REJECTED-MAX-STA AP-STA-CONNECTED AP-STA-DISCONNECTED AP-STA-POLL-OK
AP-STA-POSSIBLE-PSK-MISMATCH BEACON-REQ-TX-STATUS BEACON-RESP-RX BSS-TM-RESP COLOC-INTF-REPORT COLOC-INTF-REQ
CRED-ADDED CRED-MODIFIED CRED-REMOVED CTRL-EVENT-ASSOC-REJECT CTRL-EVENT-AUTH-REJECT CTRL-EVENT-AVOID-FREQ
CTRL-EVENT-BEACON-LOSS CTRL-EVENT-BSS-ADDED CTRL-EVENT-BSS-REMOVED CTRL-EVENT-CHANNEL-SWITCH CTRL-EVENT-CONNECTED
CTRL-EVENT-DISCONNECTED CTRL-EVENT-EAP-FAILURE CTRL-EVENT-EAP-FAILURE2 CTRL-EVENT-EAP-METHOD
CTRL-EVENT-EAP-NOTIFICATION CTRL-EVENT-EAP-PEER-ALT CTRL-EVENT-EAP-PEER-CERT CTRL-EVENT-EAP-PROPOSED-METHOD
CTRL-EVENT-EAP-RETRANSMIT CTRL-EVENT-EAP-RETRANSMIT2 CTRL-EVENT-EAP-STARTED CTRL-EVENT-EAP-STATUS
CTRL-EVENT-EAP-SUCCESS CTRL-EVENT-EAP-SUCCESS2 CTRL-EVENT-EAP-TIMEOUT-FAILURE CTRL-EVENT-EAP-TIMEOUT-FAILURE2
CTRL-EVENT-EAP-TLS-CERT-ERROR CTRL-EVENT-FREQ-CONFLICT CTRL-EVENT-NETWORK-NOT-FOUND CTRL-EVENT-PASSWORD-CHANGED
CTRL-EVENT-REGDOM-CHANGE CTRL-EVENT-SAE-UNKNOWN-PASSWORD-IDENTIFIER CTRL-EVENT-SCAN-FAILED CTRL-EVENT-SCAN-RESULTS
CTRL-EVENT-SCAN-STARTED CTRL-EVENT-SIGNAL-CHANGE CTRL-EVENT-SSID-REENABLED CTRL-EVENT-SSID-TEMP-DISABLED
CTRL-EVENT-STARTED-CHANNEL-SWITCH CTRL-EVENT-STATE-CHANGE CTRL-EVENT-SUBNET-STATUS-UPDATE CTRL-EVENT-TERMINATING
DATA-TEST-RX DFS-CAC-COMPLETED DFS-CAC-START DFS-NEW-CHANNEL DFS-NOP-FINISHED DFS-PRE-CAC-EXPIRED
DFS-RADAR-DETECTED DPP-AUTH-DIRECTION DPP-AUTH-INIT-FAILED DPP-AUTH-SUCCESS DPP-C-SIGN-KEY DPP-CONF-FAILED
DPP-CONF-RECEIVED DPP-CONF-REQ-RX DPP-CONF-SENT DPP-CONFOBJ-AKM DPP-CONFOBJ-PASS DPP-CONFOBJ-PSK DPP-CONFOBJ-SSID
DPP-CONNECTOR DPP-FAIL DPP-INTRO DPP-MISSING-CONNECTOR DPP-NET-ACCESS-KEY DPP-NETWORK-ID DPP-NOT-COMPATIBLE
DPP-PKEX-T-LIMIT DPP-RESPONSE-PENDING DPP-RX DPP-SCAN-PEER-QR-CODE DPP-TX DPP-TX-STATUS EAP-ERROR-CODE EAPOL-RX
EAPOL-TX ESS-DISASSOC-IMMINENT EXT-RADIO-WORK-START EXT-RADIO-WORK-TIMEOUT FILS-HLP-RX FST-EVENT-IFACE
FST-EVENT-PEER FST-EVENT-SESSION GAS-QUERY-DONE GAS-QUERY-START GAS-RESPONSE-INFO HS20-DEAUTH-IMMINENT-NOTICE
HS20-SUBSCRIPTION-REMEDIATION HS20-T-C-ACCEPTANCE HS20-T-C-FILTERING-ADD HS20-T-C-FILTERING-REMOVE
IBSS-RSN-COMPLETED INTERFACE-DISABLED INTERFACE-ENABLED INTERWORKING-ALREADY-CONNECTED INTERWORKING-AP
INTERWORKING-BLACKLISTED INTERWORKING-NO-MATCH INTERWORKING-SELECTED MBO-CELL-PREFERENCE MBO-TRANSITION-REASON
MESH-GROUP-REMOVED MESH-GROUP-STARTED MESH-PEER-CONNECTED MESH-PEER-DISCONNECTED MESH-SAE-AUTH-BLOCKED
MESH-SAE-AUTH-FAILURE MGMT-RX MGMT-TX-STATUS P2P-CROSS-CONNECT-DISABLE P2P-CROSS-CONNECT-ENABLE P2P-DEVICE-FOUND
P2P-DEVICE-LOST P2P-FALLBACK-TO-GO-NEG P2P-FALLBACK-TO-GO-NEG-ENABLED P2P-FIND-STOPPED P2P-GO-NEG-FAILURE
P2P-GO-NEG-REQUEST P2P-GO-NEG-SUCCESS P2P-GROUP-FORMATION-FAILURE P2P-GROUP-FORMATION-SUCCESS P2P-GROUP-REMOVED
P2P-GROUP-STARTED P2P-INVITATION-ACCEPTED P2P-INVITATION-RECEIVED P2P-INVITATION-RESULT
P2P-LISTEN-OFFLOAD-STOP-REASON P2P-LISTEN-OFFLOAD-STOPPED P2P-NFC-BOTH-GO P2P-NFC-PEER-CLIENT P2P-NFC-WHILE-CLIENT
P2P-PERSISTENT-PSK-FAIL P2P-PRESENCE-RESPONSE P2P-PROV-DISC-ENTER-PIN P2P-PROV-DISC-FAILURE P2P-PROV-DISC-PBC-REQ
P2P-PROV-DISC-PBC-RESP P2P-PROV-DISC-SHOW-PIN P2P-REMOVE-AND-REFORM-GROUP P2P-SERV-ASP-RESP P2P-SERV-DISC-REQ
P2P-SERV-DISC-RESP P2PS-PROV-DONE P2PS-PROV-START PMKSA-CACHE-ADDED PMKSA-CACHE-REMOVED RRM-NEIGHBOR-REP-RECEIVED
RRM-NEIGHBOR-REP-REQUEST-FAILED RX-ANQP RX-HS20-ANQP RX-HS20-ANQP-ICON RX-HS20-ICON RX-MBO-ANQP RX-PROBE-REQUEST
RX-VENUE-URL STA-OPMODE-MAX-BW-CHANGED STA-OPMODE-N_SS-CHANGED STA-OPMODE-SMPS-MODE-CHANGED TSPEC-ADDED
TSPEC-REMOVED TSPEC-REQ-FAILED WDS-STA-INTERFACE-ADDED WDS-STA-INTERFACE-REMOVED WPS-AP-AVAILABLE
WPS-AP-AVAILABLE-AUTH WPS-AP-AVAILABLE-PBC WPS-AP-AVAILABLE-PIN WPS-AP-PIN-DISABLED WPS-AP-PIN-ENABLED
WPS-AP-SETUP-LOCKED WPS-AP-SETUP-UNLOCKED WPS-CANCEL WPS-CRED-RECEIVED WPS-ENROLLEE-SEEN WPS-ER-AP-ADD
WPS-ER-AP-REMOVE WPS-ER-AP-SET-SEL-REG WPS-ER-AP-SETTINGS WPS-ER-ENROLLEE-ADD WPS-ER-ENROLLEE-REMOVE
WPS-EVENT-PIN-NEEDED WPS-FAIL WPS-M2D WPS-NEW-AP-SETTINGS WPS-OPEN-NETWORK WPS-OVERLAP-DETECTED WPS-PBC-ACTIVE
WPS-PBC-DISABLE WPS-PIN-ACTIVE WPS-PIN-NEEDED WPS-REG-SUCCESS WPS-SUCCESS WPS-TIMEOUT";

/// Events that 2.10 added.
const SINCE_2_10: &str = "
AP-MGMT-FRAME-RECEIVED CTRL-EVENT-DO-ROAM CTRL-EVENT-DSCP-POLICY CTRL-EVENT-MSCS-RESULT CTRL-EVENT-NETWORK-ADDED
CTRL-EVENT-NETWORK-REMOVED CTRL-EVENT-SCS-RESULT CTRL-EVENT-SKIP-ROAM CTRL-EVENT-UNPROT-BEACON DPP-BAND-SUPPORT
DPP-CACERT DPP-CERTBAG DPP-CHIRP-RX DPP-CHIRP-STOPPED DPP-CONFIGURATOR-ID DPP-CONFOBJ-SSID-CHARSET
DPP-CONN-STATUS-RESULT DPP-CSR DPP-MUD-URL DPP-PP-KEY DPP-SERVER-NAME EAPOL-4WAY-HS-COMPLETED OCV-FAILURE
PASN-AUTH-STATUS TRANSITION-DISABLE";

/// Events that 2.11 added.
const SINCE_2_11: &str = "
AP-NO_IR BSS-TM-QUERY CTRL-EVENT-LINK-CHANNEL-SWITCH CTRL-EVENT-LINK-RECONFIG CTRL-EVENT-REGDOM-BEACON-HINT
CTRL-EVENT-STARTED-LINK-CHANNEL-SWITCH CTRL-EVENT-T2LM-UPDATE DPP-CONF-NEEDED DPP-PB-RESULT DPP-PB-STATUS
DPP-RELAY-NEEDS-CONTROLLER LINK-MSR-RESP-RX NAN-DISCOVERY-RESULT NAN-PUBLISH-TERMINATED NAN-RECEIVE NAN-REPLIED
NAN-SUBSCRIBE-TERMINATED";

/// Events whose names go on with what they ask for.
const BEGINNINGS: &[&str] = &["CTRL-REQ-", "CTRL-RSP-"];

/// The first release of each event. A run asks for it whenever an event may be the one that a step waits for.
static RELEASES: LazyLock<BTreeMap<&str, Release>> = LazyLock::new(|| {
    let lists = [(SINCE_2_9, Release::V2_9), (SINCE_2_10, Release::V2_10), (SINCE_2_11, Release::V2_11)];
    lists
        .into_iter()
        .flat_map(|(names, since)| names.split_whitespace().map(move |name| (name, since)))
        .collect()
});

/// The name of every event of 2.9, 2.10 and 2.11.
pub fn names() -> impl Iterator<Item = &'static str> {
    [SINCE_2_9, SINCE_2_10, SINCE_2_11].into_iter().flat_map(str::split_whitespace)
}

/// Whether a word has the form of an event's name: words in capitals with hyphens between them.
pub fn is_formed_as_name(word: &str) -> bool {
    let part = |part: &str| {
        !part.is_empty() && part.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_')
    };
    word.contains('-') && word.starts_with(|c: char| c.is_ascii_uppercase()) && word.split('-').all(part)
}

/// The first release that has an event, given by its text or a pattern of it; `None` for sentences and names that no
/// release has.
pub fn since(event: &str) -> Option<Release> {
    let event = match event.strip_prefix('<').and_then(|rest| rest.split_once('>')) {
        Some((_, rest)) => rest,
        None => event,
    };
    RELEASES.get(event.split(' ').next().unwrap_or_default()).copied()
}

/// Whether some release has an event of this name.
pub fn is_known(name: &str) -> bool {
    RELEASES.contains_key(name) || BEGINNINGS.iter().any(|beginning| name.starts_with(beginning))
}

/// The word of an expected event that was meant to be a name and is none, with the nearest name. Events that are
/// sentences (`Trying to associate with …`, `WPA: …`) have no name.
pub fn unknown(event: &str) -> Option<(&str, Option<&'static str>)> {
    let event = match event.strip_prefix('<').and_then(|rest| rest.split_once('>')) {
        Some((level, rest)) if level.bytes().all(|b| b.is_ascii_digit()) => rest,
        _ => event,
    };
    let word = event.split(' ').next().unwrap_or_default();
    if word.contains(['{', '}']) || is_known(word) {
        return None;
    }
    // Other cases, underscores, and a name without its beginning.
    let spelt = word.to_ascii_uppercase().replace('_', "-");
    let whole = format!("CTRL-EVENT-{word}");
    let meant = names().find(|known| *known == spelt).or_else(|| names().find(|known| *known == whole));
    match meant {
        Some(name) => Some((word, Some(name))),
        None if is_formed_as_name(word) => Some((word, nearest(word, names()))),
        None => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;
    use std::collections::BTreeSet;
    use std::fs;
    use std::path::Path;

    #[rstest]
    #[case("CTRL-EVENT-CONECTED x", "CTRL-EVENT-CONNECTED")]
    #[case("<3>CTRL-EVENT-CONECTED", "CTRL-EVENT-CONNECTED")]
    #[case("ctrl-event-connected", "CTRL-EVENT-CONNECTED")]
    #[case("CTRL_EVENT_CONNECTED", "CTRL-EVENT-CONNECTED")]
    #[case("TERMINATING", "CTRL-EVENT-TERMINATING")]
    #[case("P2P-GROUP-START wlan0", "P2P-GROUP-STARTED")]
    fn slips_are_found(#[case] event: &str, #[case] near: &str) {
        assert_eq!(unknown(event).map(|(_, near)| near), Some(Some(near)));
    }

    #[rstest]
    #[case("CTRL-EVENT-CONNECTED - Connection to x")]
    #[case("CTRL-REQ-PASSWORD-0:needed")]
    #[case("WPA: Key negotiation completed")]
    #[case("Trying to associate with x")]
    #[case("SEEN x")]
    #[case("WPS-{x}")]
    #[case("{*}")]
    #[case("")]
    fn names_and_sentences_are_left(#[case] event: &str) {
        assert_eq!(unknown(event), None);
    }

    #[test]
    fn a_name_like_none_is_unknown_all_the_same() {
        assert_eq!(unknown("QQQ-ZZZ").map(|(word, _)| word), Some("QQQ-ZZZ"));
    }

    #[test]
    fn each_name_stands_once() {
        let mut seen = BTreeSet::new();
        for name in names() {
            assert!(seen.insert(name), "{name}");
            assert!(is_formed_as_name(name), "{name}");
        }
    }

    /// The text of every file below a directory with this extension.
    fn texts(dir: &Path, extension: &str, out: &mut Vec<String>) {
        for entry in fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                texts(&path, extension, out);
            } else if path.extension().is_some_and(|e| e == extension) {
                out.push(fs::read_to_string(path).unwrap());
            }
        }
    }

    #[test]
    fn every_event_of_the_recordings_is_known() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../scenarios");
        let mut transcripts = Vec::new();
        texts(&root, "transcript", &mut transcripts);
        let said =
            transcripts.iter().flat_map(|text| text.lines()).filter_map(|line| line.split_once(" ! <"));
        let words: BTreeSet<&str> =
            said.filter_map(|(_, event)| event.get(2..)?.split([' ', ':']).next()).collect();
        let named: Vec<&&str> = words.iter().filter(|word| is_formed_as_name(word)).collect();
        assert!(named.len() > 80, "{}", named.len());
        for word in named {
            assert!(is_known(word), "{word}");
        }
    }

    #[test]
    fn every_event_of_the_engine_is_known() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../engine/src");
        let mut sources = Vec::new();
        texts(&root, "rs", &mut sources);
        let families =
            ["CTRL-EVENT-", "P2P-", "P2PS-", "AP-", "INTERFACE-", "EXT-RADIO-", "MGMT-", "EAPOL-4", "CRED-"];
        // Variables and replies, and pieces of names that are put together.
        let others = ["WPS-AP-SETUP"];
        let mut found = BTreeSet::new();
        for source in &sources {
            for literal in source.split('"').skip(1) {
                let word = literal.split([' ', '{', '\\', ':', '=']).next().unwrap_or_default();
                let is_event = families.iter().any(|f| word.starts_with(f)) || word.starts_with("WPS-");
                if is_event && is_formed_as_name(word) && !others.contains(&word) {
                    found.insert(word.to_owned());
                }
            }
        }
        assert!(found.len() > 60, "{}", found.len());
        for word in &found {
            assert!(is_known(word), "{word}");
        }
    }
}
