//! The services of this device, as P2P_SERVICE_ADD, -DEL, -REP and -FLUSH keep them.

use super::text::{c_hex_octet, scan_hex, split_word, unescaped};
use wpasim_runtime::text::{atoi, parse_hex};

/// Services of one kind, at most. 2.10 knows no limit.
const MOST: usize = 256;

/// A command about services that cannot be carried out.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum BadService {
    #[error("the kind of service is none of bonjour, upnp and asp")]
    Kind,
    #[error("an argument is missing or malformed")]
    Argument,
    #[error("there is no such service")]
    Unknown,
    #[error("there is an advertisement with this identifier, or none to replace")]
    Identifier,
    #[error("there are too many services")]
    TooMany,
}

/// A Bonjour service: what is asked for, and the answer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Bonjour {
    pub query: Vec<u8>,
    pub response: Vec<u8>,
}

/// A UPnP service.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Upnp {
    pub version: u8,
    pub service: Vec<u8>,
}

/// An advertisement of Wi-Fi Direct Services.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Advertisement {
    pub id: u32,
    pub name: Vec<u8>,
    pub state: u8,
    pub config_methods: u16,
    pub info: Vec<u8>,
}

/// Everything that this device offers. Commands return whether the service update indicator moves
/// ([`super::super::Device::service_update`]).
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Services {
    /// Newest first.
    pub(super) bonjour: Vec<Bonjour>,
    /// Newest first.
    pub(super) upnp: Vec<Upnp>,
    /// Those of one name together.
    pub(super) asp: Vec<Advertisement>,
}

impl Services {
    /// The arguments of P2P_SERVICE_ADD. `config_methods` are this device's.
    pub fn add(&mut self, arguments: &str, config_methods: u16) -> Result<bool, BadService> {
        let (kind, rest) = split_word(arguments).ok_or(BadService::Kind)?;
        match kind {
            "bonjour" => self.add_bonjour(rest),
            "upnp" => self.add_upnp(rest),
            "asp" => self.advertise(rest, config_methods, false),
            _ => Err(BadService::Kind),
        }
    }

    /// The arguments of P2P_SERVICE_DEL.
    pub fn delete(&mut self, arguments: &str) -> Result<bool, BadService> {
        let (kind, rest) = split_word(arguments).ok_or(BadService::Kind)?;
        match kind {
            "bonjour" => {
                let query = parse_hex(rest).ok_or(BadService::Argument)?;
                remove_first(&mut self.bonjour, |s| s.query == query)
            }
            "upnp" => {
                let (version, service) = upnp_arguments(rest)?;
                remove_first(&mut self.upnp, |s| s.version == version && s.service == service)
            }
            "asp" if rest == "all" => {
                self.asp.clear();
                Ok(false)
            }
            "asp" => {
                let id = scan_hex(rest).ok_or(BadService::Argument)?.0;
                remove_first(&mut self.asp, |a| a.id == id)
            }
            _ => Err(BadService::Kind),
        }
    }

    /// The arguments of P2P_SERVICE_REP.
    pub fn replace(&mut self, arguments: &str, config_methods: u16) -> Result<bool, BadService> {
        match split_word(arguments) {
            Some(("asp", rest)) => self.advertise(rest, config_methods, true),
            _ => Err(BadService::Kind),
        }
    }

    /// P2P_SERVICE_FLUSH; the service update indicator moves.
    pub fn flush(&mut self) {
        *self = Services::default();
    }

    /// Whether nothing is offered.
    pub fn is_empty(&self) -> bool {
        self.bonjour.is_empty() && self.upnp.is_empty() && self.asp.is_empty()
    }

    /// The same service twice is two services.
    fn add_bonjour(&mut self, arguments: &str) -> Result<bool, BadService> {
        let (query, response) = split_word(arguments).ok_or(BadService::Argument)?;
        let query = parse_hex(query).ok_or(BadService::Argument)?;
        let response = parse_hex(response).ok_or(BadService::Argument)?;
        prepend(&mut self.bonjour, Bonjour { query, response })
    }

    fn add_upnp(&mut self, arguments: &str) -> Result<bool, BadService> {
        let (version, service) = upnp_arguments(arguments)?;
        if self.upnp.iter().any(|s| s.version == version && s.service == service) {
            return Ok(false);
        }
        prepend(&mut self.upnp, Upnp { version, service })
    }

    fn advertise(&mut self, arguments: &str, methods: u16, replace: bool) -> Result<bool, BadService> {
        let mut new = advertisement(arguments)?;
        let known = self.asp.iter().any(|a| a.id == new.id);
        if known != replace {
            return Err(BadService::Identifier);
        }
        new.config_methods &= methods;
        if new.config_methods == 0 || new.name.len() > LONGEST_NAME {
            return Err(BadService::Argument);
        }
        // As the list goes: the one with its identifier, which must have its name, or the first of its
        // name, whichever stands first.
        match self.asp.iter().position(|a| a.id == new.id || a.name == new.name) {
            Some(at) if self.asp.get(at).is_some_and(|a| a.id == new.id) => match self.asp.get_mut(at) {
                Some(old) if old.name == new.name => *old = new,
                _ => return Err(BadService::Identifier),
            },
            _ if self.asp.len() >= MOST => return Err(BadService::TooMany),
            Some(at) => self.asp.insert(at + 1, new),
            None => self.asp.insert(0, new),
        }
        Ok(true)
    }
}

/// The longest name whose hash 2.10 makes.
const LONGEST_NAME: usize = 255;

fn prepend<T>(list: &mut Vec<T>, item: T) -> Result<bool, BadService> {
    if list.len() >= MOST {
        return Err(BadService::TooMany);
    }
    list.insert(0, item);
    Ok(true)
}

fn remove_first<T>(list: &mut Vec<T>, wanted: impl Fn(&T) -> bool) -> Result<bool, BadService> {
    let at = list.iter().position(wanted).ok_or(BadService::Unknown)?;
    list.remove(at);
    Ok(true)
}

/// `10 uuid:…`: the version in hexadecimal, then anything.
fn upnp_arguments(arguments: &str) -> Result<(u8, Vec<u8>), BadService> {
    let (version, service) = split_word(arguments).ok_or(BadService::Argument)?;
    let version = c_hex_octet(version).ok_or(BadService::Argument)?;
    Ok((version, service.as_bytes().to_vec()))
}

/// `<auto accept> <id> <state> <config methods> <name> [cpt=…] [svc_info='…']`, numbers but the first in
/// hexadecimal.
fn advertisement(arguments: &str) -> Result<Advertisement, BadService> {
    /// Of WSC: display, keypad, P2PS.
    const METHODS: u32 = 0x0008 | 0x0100 | 0x1000;
    let field = |rest| split_word(rest).ok_or(BadService::Argument);
    let (auto_accept, rest) = field(arguments)?;
    let (id, rest) = field(rest)?;
    let (state, rest) = field(rest)?;
    let (methods, rest) = field(rest)?;
    let number = |word| scan_hex(word).map(|(value, _)| value).ok_or(BadService::Argument);
    let (id, state, methods) = (number(id)?, number(state)?, number(methods)?);
    let (name, options) = split_word(rest).unwrap_or((rest, ""));
    let state = u8::try_from(state).map_err(|_| BadService::Argument)?;
    if !matches!(atoi(auto_accept), 0 | 1 | 2 | 4) || id == 0 || methods & METHODS == 0 || name.is_empty() {
        return Err(BadService::Argument);
    }
    let options = match options.find("cpt=") {
        Some(at) => {
            check_transports(options.get(at + 4..).unwrap_or_default())?;
            split_word(options).map_or("", |(_, rest)| rest)
        }
        None => options,
    };
    let info = options.find("svc_info='").and_then(|at| options.get(at + 9..));
    let info = info.map(|quoted| unescaped(quoted.as_bytes())).unwrap_or_default();
    Ok(Advertisement { id, name: name.as_bytes().to_vec(), state, config_methods: methods as u16, info })
}

/// `UDP:MAC`: coordination protocol transports in order of preference, at most two, up to a blank.
fn check_transports(list: &str) -> Result<(), BadService> {
    let list = list.split([' ', '\t']).next().unwrap_or_default();
    let names: Vec<&str> = list.split(':').filter(|name| !name.is_empty()).collect();
    match names.len() <= 2 && names.iter().all(|name| matches!(*name, "UDP" | "MAC")) {
        true => Ok(()),
        false => Err(BadService::Argument),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const METHODS: u16 = 0x1188;

    #[test]
    fn bonjour_and_upnp_services_come_and_go() {
        let mut all = Services::default();
        assert_eq!(all.add("bonjour 0b5f 074578", METHODS), Ok(true));
        assert_eq!(all.add("bonjour 0b5f 00", METHODS), Ok(true));
        assert_eq!(all.bonjour.iter().map(|b| b.response.len()).collect::<Vec<_>>(), [1, 3]);
        assert_eq!(all.add("upnp 10 uuid:1", METHODS), Ok(true));
        assert_eq!(all.add("upnp 10 uuid:1", METHODS), Ok(false));
        assert_eq!(all.delete("bonjour 0b5f"), Ok(true));
        assert_eq!(all.delete("upnp 11 uuid:1"), Err(BadService::Unknown));
        assert_eq!(all.delete("upnp 10 uuid:1"), Ok(true));
        assert_eq!(all.bonjour.len(), 1);
        all.flush();
        assert!(all.is_empty());
    }

    #[test]
    fn malformed_commands_change_nothing() {
        let mut all = Services::default();
        for bad in ["bonjour", "bonjour 0", "bonjour 00 0", "bonjour 0g 00", "upnp 10", "upnp x y", "dns 1 2"]
        {
            assert!(all.add(bad, METHODS).is_err(), "{bad}");
        }
        for bad in [
            "asp 3 1 1 1000 n",
            "asp 0 0 1 1000 n",
            "asp 0 1 100 1000 n",
            "asp 0 1 1 1 n",
            "asp 0 1 1 1000 ",
            "asp 0 1 1 1000",
            "asp 0 1 1 1000 n cpt=TCP",
            "asp 0 1 1 1000 n cpt=UDP:MAC:UDP",
        ] {
            assert_eq!(all.add(bad, METHODS), Err(BadService::Argument), "{bad}");
        }
        assert!(all.is_empty());
    }

    #[test]
    fn advertisements_are_replaced_by_their_identifier() {
        let mut all = Services::default();
        assert_eq!(all.replace("asp 1 1 1 1108 org.wi-fi.wfds.play", METHODS), Err(BadService::Identifier));
        assert_eq!(all.add("asp 1 1 1 1108 org.wi-fi.wfds.play svc_info='it\\'s'", METHODS), Ok(true));
        assert_eq!(all.add("asp 1 1 1 1108 org.wi-fi.wfds.play", METHODS), Err(BadService::Identifier));
        assert_eq!(all.add("asp 1 2 1 1108 x cpt=UDP:MAC svc_info='a'", METHODS), Ok(true));
        assert_eq!(all.add("asp 1 3 1 1108 org.wi-fi.wfds.play", METHODS), Ok(true));
        let list: Vec<_> = all.asp.iter().map(|a| (a.id, a.info.as_slice())).collect();
        assert_eq!(list, [(2, &b"a"[..]), (1, b"it's"), (3, b"")]);
        assert_eq!(all.replace("asp 1 1 2 1108 other", METHODS), Err(BadService::Identifier));
        assert_eq!(all.replace("asp 1 1 2 1108 org.wi-fi.wfds.play", METHODS), Ok(true));
        assert_eq!(all.delete("asp 1"), Ok(true));
        assert_eq!(all.delete("asp 1"), Err(BadService::Unknown));
        assert_eq!(all.delete("asp all"), Ok(false));
        assert!(all.is_empty());
    }
}
