//! Answers to service discovery requests out of this device's services.

use std::collections::BTreeMap;

use super::database::{Advertisement, Bonjour, Services};
use super::dns;
use super::tlv::{Tlv, TlvWriter, Tlvs, protocol, status};

/// Octets of a response, at most.
const ROOM: usize = 10_000;

/// Wi-Fi Display subelements, whole, by identifier; none if Wi-Fi Display is off.
pub type WfdSubelements = Option<BTreeMap<u8, Vec<u8>>>;

/// The greatest identifier of a Wi-Fi Display subelement that is kept, and one.
const WFD_SUBELEMENTS: u8 = 12;

impl Services {
    /// The TLVs of the response to a request's TLVs; `None` if the request is malformed.
    /// `force_long` answers each of them with all there is (P2P_SET force_long_sd).
    pub fn respond(&self, request: &[u8], wfd: &WfdSubelements, force_long: bool) -> Option<Vec<u8>> {
        let mut out = TlvWriter::new(ROOM);
        for tlv in Tlvs::new(request) {
            let tlv = tlv?;
            if force_long {
                self.everything(&mut out, tlv.transaction);
                break;
            }
            self.respond_to(&mut out, &tlv, wfd);
        }
        Some(out.into_octets())
    }

    fn respond_to(&self, out: &mut TlvWriter, tlv: &Tlv<'_>, wfd: &WfdSubelements) {
        match tlv.protocol {
            protocol::ALL if !self.is_empty() => self.everything(out, tlv.transaction),
            protocol::BONJOUR if !self.bonjour.is_empty() => self.bonjour_for(out, tlv),
            protocol::UPNP if !self.upnp.is_empty() => self.upnp_for(out, tlv),
            protocol::WIFI_DISPLAY => match wfd {
                Some(subelements) => wfd_for(out, tlv, subelements),
                None => out.push_status(tlv.protocol, tlv.transaction, status::PROTOCOL_NOT_AVAILABLE),
            },
            protocol::ASP => self.asp_for(out, tlv),
            other => out.push_status(other, tlv.transaction, status::PROTOCOL_NOT_AVAILABLE),
        }
    }

    fn everything(&self, out: &mut TlvWriter, transaction: u8) {
        self.every_bonjour(out, transaction);
        self.every_upnp(out, transaction);
        if !self.asp.is_empty() {
            // A name that begins with nothing, any information.
            self.asp_for(out, &Tlv { protocol: protocol::ASP, transaction, data: &[1, b'*', 0] });
        }
    }

    fn every_bonjour(&self, out: &mut TlvWriter, transaction: u8) {
        for service in &self.bonjour {
            if !push_bonjour(out, transaction, &service.query, service) {
                return;
            }
        }
    }

    /// Each matching service with the query as it was asked.
    fn bonjour_for(&self, out: &mut TlvWriter, tlv: &Tlv<'_>) {
        if tlv.data.is_empty() {
            return self.every_bonjour(out, tlv.transaction);
        }
        let mut matching = self.bonjour.iter().filter(|s| answers(s, tlv.data)).peekable();
        if matching.peek().is_none() {
            out.push_status(tlv.protocol, tlv.transaction, status::REQUESTED_INFO_NOT_AVAILABLE);
        }
        for service in matching {
            if !push_bonjour(out, tlv.transaction, tlv.data, service) {
                return;
            }
        }
    }

    fn every_upnp(&self, out: &mut TlvWriter, transaction: u8) {
        for service in &self.upnp {
            if out.room() < 6 + service.service.len() {
                return;
            }
            let data = [&[status::SUCCESS, service.version], service.service.as_slice()].concat();
            out.push(protocol::UPNP, transaction, &data);
        }
    }

    /// The services of the version that have the text in their names, in one TLV with commas between.
    fn upnp_for(&self, out: &mut TlvWriter, tlv: &Tlv<'_>) {
        let Some((version, text)) = tlv.data.split_first() else {
            return self.every_upnp(out, tlv.transaction);
        };
        let Some(room) = out.room().checked_sub(5) else { return };
        let text = text.split(|octet| *octet == 0).next().unwrap_or_default();
        let mut data = Vec::new();
        for service in self.upnp.iter().filter(|s| s.version == *version) {
            if text != b"ssdp:all" && !contains(&service.service, text) {
                continue;
            }
            match data.is_empty() {
                true => data.extend_from_slice(&[status::SUCCESS, *version]),
                false => data.push(b','),
            }
            if room + 1 < data.len() + service.service.len() {
                break;
            }
            data.extend_from_slice(&service.service);
        }
        if data.is_empty() {
            data.push(status::REQUESTED_INFO_NOT_AVAILABLE);
        }
        out.push(tlv.protocol, tlv.transaction, &data);
    }

    /// A name, or its beginning and an asterisk, and a text in the information.
    fn asp_for(&self, out: &mut TlvWriter, tlv: &Tlv<'_>) {
        let Some((name, info)) = asp_query(tlv.data) else {
            return out.push_status(tlv.protocol, tlv.transaction, status::BAD_REQUEST);
        };
        let (name, prefix) = match name.split_last() {
            Some((b'*', start)) => (start, true),
            _ => (name, false),
        };
        let named = |a: &Advertisement| if prefix { a.name.starts_with(name) } else { a.name == name };
        let mut data = vec![status::SUCCESS, 0];
        for one in self.asp.iter().filter(|a| named(a) && contains(&a.info, info)) {
            let Some(count) = data.get(1).and_then(|n| n.checked_add(1)) else { break };
            if out.room() < data.len() + one.name.len() + one.info.len() + 14 {
                break;
            }
            push_advertisement(&mut data, one);
            data[1] = count;
        }
        match data.len() {
            2 => out.push_status(tlv.protocol, tlv.transaction, status::REQUESTED_INFO_NOT_AVAILABLE),
            _ => out.push(tlv.protocol, tlv.transaction, &data),
        }
    }
}

/// Key and value, if there is room.
fn push_bonjour(out: &mut TlvWriter, transaction: u8, key: &[u8], service: &Bonjour) -> bool {
    let fits = out.room() >= 5 + key.len() + service.response.len();
    if fits {
        let data = [&[status::SUCCESS], key, &service.response].concat();
        out.push(protocol::BONJOUR, transaction, &data);
    }
    fits
}

/// Whether a service answers a query: DNS type and version are the same, and so is the name.
fn answers(service: &Bonjour, query: &[u8]) -> bool {
    let split = |octets| <[u8]>::split_last_chunk::<3>(octets);
    match (split(query), split(&service.query)) {
        (Some((asked, kind)), Some((name, known))) => {
            kind == known && (asked == name || dns::same_name(asked, name))
        }
        _ => false,
    }
}

/// The subelements asked for after the role.
fn wfd_for(out: &mut TlvWriter, tlv: &Tlv<'_>, subelements: &BTreeMap<u8, Vec<u8>>) {
    let Some((_role, wanted)) = tlv.data.split_first() else { return };
    let Some(room) = out.room().checked_sub(5) else { return };
    let mut data = vec![status::SUCCESS];
    for id in wanted.iter().filter(|id| **id < WFD_SUBELEMENTS) {
        match subelements.get(id) {
            Some(one) if room + 1 >= data.len() + one.len() => data.extend_from_slice(one),
            _ => {}
        }
    }
    out.push(tlv.protocol, tlv.transaction, &data);
}

/// The name and the text of a request for Wi-Fi Direct Services, each after its length; the text may be
/// missing.
fn asp_query(data: &[u8]) -> Option<(&[u8], &[u8])> {
    let (len, rest) = data.split_first()?;
    let (name, rest) = rest.split_at_checked(usize::from(*len))?;
    let info = match rest.split_first() {
        Some((len, rest)) => rest.get(..usize::from(*len))?,
        None => &[],
    };
    Some((name, info))
}

fn push_advertisement(out: &mut Vec<u8>, one: &Advertisement) {
    out.extend_from_slice(&one.id.to_le_bytes());
    out.extend_from_slice(&one.config_methods.to_be_bytes());
    // Names have at most 255 octets, and commands 8192.
    out.push(one.name.len() as u8);
    out.extend_from_slice(&one.name);
    out.push(one.state);
    out.extend_from_slice(&(one.info.len() as u16).to_le_bytes());
    out.extend_from_slice(&one.info);
}

/// Whether a text is somewhere in another; an empty one is.
fn contains(text: &[u8], wanted: &[u8]) -> bool {
    wanted.is_empty() || text.windows(wanted.len()).any(|window| window == wanted)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use wpasim_runtime::text::{hex, parse_hex};

    /// Returns the services that the device of the recording p2p_service_discovery offers.
    fn services() -> Services {
        let mut all = Services::default();
        for service in [
            "bonjour 0b5f6166706f766572746370c00c000c01 074578616d706c65c027",
            "bonjour 076578616d706c650b5f6166706f766572746370c00c001001 00",
            "upnp 10 uuid:6859dede-8574-59ab-9332-123456789012::upnp:rootdevice",
            "upnp 10 uuid:5566d33e-9774-09ab-4822-333456785632::urn:schemas-upnp-org:service:ContentDirectory:2",
        ] {
            assert_eq!(all.add(service, 0), Ok(true));
        }
        all
    }

    fn answer(all: &Services, request: &str) -> String {
        hex(&all.respond(&parse_hex(request).unwrap(), &None, false).unwrap())
    }

    const BOTH_UPNP: [&str; 2] = [
        "10757569643a35353636643333652d393737342d303961622d343832322d3333333435363738353633323a3a75726e3a736368\
         656d61732d75706e702d6f72673a736572766963653a436f6e74656e744469726563746f72793a32",
        "757569643a36383539646564652d383537342d353961622d393333322d3132333435363738393031323a3a75706e703a726f6f\
         74646576696365",
    ];

    #[test]
    fn answers_are_the_recordings() {
        let (all, [directory, root]) = (services(), BOTH_UPNP);
        let everything = format!(
            "1d00010100076578616d706c650b5f6166706f766572746370c00c001001001e000101000b5f6166706f766572746370c00c\
             000c01074578616d706c65c0275e00020100{directory}3e0002010010{root}"
        );
        assert_eq!(answer(&all, "02000001"), everything.replace(' ', ""));
        assert_eq!(answer(&all, "0b00020110737364703a616c6c"), format!("9900020100{directory}2c{root}"));
        assert_eq!(answer(&Services::default(), "02000001"), "0300000101");
    }

    #[test]
    fn each_protocol_says_why_it_has_nothing() {
        let (all, none) = (services(), Services::default());
        assert_eq!(answer(&none, "0200010502000206"), "03000105010300020601");
        assert_eq!(answer(&all, "0300020511"), "0300020502");
        assert_eq!(answer(&all, "0200090703000a0800"), "0300090701030 00a0801".replace(' ', ""));
        assert_eq!(answer(&all, "02000407"), "0300040701");
        assert_eq!(answer(&all, "02000b07"), "03000b0703");
        assert_eq!(answer(&all, "05000b07012a00"), "03000b0702");
        assert_eq!(all.respond(&[9, 0, 1, 1], &None, false), None);
        assert_eq!(all.respond(&[1, 0, 1], &None, false), None);
    }

    #[test]
    fn bonjour_names_are_compared_whole() {
        let all = services();
        let asked = "0b5f6166706f766572746370045f746370056c6f63616c00000c01";
        let data = format!("{asked}074578616d706c65c027");
        let len = 3 + data.len() / 2;
        let request = format!("{:02x}000109{asked}", 2 + asked.len() / 2);
        assert_eq!(answer(&all, &request), format!("{len:02x}00010900{data}"));
        assert_eq!(answer(&all, "070001090161000c01"), "0300010902");
    }

    #[test]
    fn wifi_display_subelements_are_given_if_it_is_on() {
        let wfd = Some(BTreeMap::from([(0, vec![0, 0, 1, 9]), (11, vec![11, 0, 0])]));
        let answer = |request: &[u8]| Services::default().respond(request, &wfd, false).unwrap();
        assert_eq!(answer(&[6, 0, 4, 1, 0, 0, 5, 11]), [10, 0, 4, 1, 0, 0, 0, 1, 9, 11, 0, 0]);
        assert_eq!(answer(&[2, 0, 4, 1]), [0u8; 0]);
    }

    #[test]
    fn advertisements_are_found_by_name_and_information() {
        let mut all = Services::default();
        all.add("asp 1 a1 1 1108 org.wi-fi.wfds.play svc_info='red'", 0x1188).unwrap();
        all.add("asp 1 a2 0 1108 org.x svc_info='green'", 0x1188).unwrap();
        let found = |name: &str, info: &str| {
            let data = [&[name.len() as u8], name.as_bytes(), &[info.len() as u8], info.as_bytes()].concat();
            let mut request = TlvWriter::new(300);
            request.push(protocol::ASP, 3, &data);
            let octets = all.respond(&request.into_octets(), &None, false).unwrap();
            let tlv = Tlvs::new(&octets).next().unwrap().unwrap();
            (tlv.data[0], tlv.data.get(1).copied().unwrap_or(0), tlv.data.len())
        };
        assert_eq!(found("org.*", ""), (0, 2, 2 + 10 + 19 + 3 + 10 + 5 + 5));
        assert_eq!(found("org.*", "ee"), (0, 1, 2 + 10 + 5 + 5));
        assert_eq!(found("org.wi-fi.wfds.play", "re"), (0, 1, 2 + 10 + 19 + 3));
        assert_eq!(found("org", ""), (2, 0, 1));
    }

    #[test]
    fn responses_have_an_end() {
        let mut all = Services::default();
        let long = "00".repeat(3000);
        for n in 0..5 {
            all.add(&format!("bonjour {n:02x} {long}"), 0).unwrap();
            all.add(&format!("upnp 10 {n}{long}"), 0).unwrap();
        }
        let len = |request: &str| answer(&all, request).len() / 2;
        assert_eq!((len("02000001"), len("02000101"), len("02000201")), (9018, 9018, 6007));
        assert!(len("0b00020110737364703a616c6c") <= ROOM);
        let request = parse_hex("0200090102000901").unwrap();
        assert_eq!(all.respond(&request, &None, true).unwrap().len(), 9018);
    }

    proptest! {
        #[test]
        fn any_request_is_answered_within_bounds(
            request in prop::collection::vec(any::<u8>(), 0..400), force: bool,
        ) {
            let wfd = Some(BTreeMap::from([(0, vec![0; 9])]));
            let mut all = services();
            all.add("asp 1 a1 1 1108 org.wi-fi.wfds.play svc_info='red'", 0x1188).unwrap();
            if let Some(response) = all.respond(&request, &wfd, force) {
                prop_assert!(response.len() <= ROOM);
                prop_assert!(Tlvs::new(&response).all(|tlv| tlv.is_some()));
            }
        }
    }
}
