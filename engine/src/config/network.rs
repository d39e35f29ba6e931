//! A network block: its variables as typed values, set and printed as 2.10 sets and prints them.

use super::keys::network;
use std::collections::BTreeMap;

use wpasim_wire::{MacAddr, Ssid};

use super::key::{Key, value};
use super::network_fields::{Field, Kind, lookup};
use super::refusal::SetError;
use super::text::{self, MaskedAddr};
use super::words::{self, cipher, key_mgmt};

/// Whether an accepted assignment changed anything.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SetOutcome {
    Changed,
    Unchanged,
}

/// A stored value of a network variable.
#[derive(Clone, PartialEq, Eq, Debug)]
enum Value {
    Int(i32),
    Text(Vec<u8>),
    Addr(MacAddr),
    Addrs(Vec<MaskedAddr>),
    Ints(Vec<i32>),
    Bits(u32),
    Methods(Vec<&'static str>),
    Password(Password),
    PskList(Vec<PskListEntry>),
}

/// The forms of an EAP password.
#[derive(Clone, PartialEq, Eq, Debug)]
enum Password {
    Plain(Vec<u8>),
    NtHash([u8; 16]),
}

/// A per-device PSK of a P2P group owner.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PskListEntry {
    pub p2p: bool,
    pub addr: MacAddr,
    pub psk: [u8; 32],
}

/// The way in which the network's PSK was given.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct PskConfig {
    pub passphrase: Option<Vec<u8>>,
    /// Given as 64 digits, or derived from the passphrase and the SSID.
    pub psk: Option<[u8; 32]>,
}

/// One network block.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Network {
    /// As LIST_NETWORKS numbers it.
    pub id: i32,
    pub psk: PskConfig,
    /// Made by the supplicant itself and never saved.
    pub temporary: bool,
    /// The number of the enrolment that the block came from; 0: from none.
    pub wps_run: u8,
    /// Disabled only until an enrolment is over.
    pub disabled_for_connect: bool,
    /// The block of a Wi-Fi Direct group.
    pub p2p_group: bool,
    /// The group is kept for later.
    pub p2p_persistent_group: bool,
    /// Only values that were set; the rest have the table's default.
    values: BTreeMap<&'static str, Value>,
}

impl Network {
    /// An empty block with 2.10's defaults.
    pub fn new(id: i32) -> Self {
        Network {
            id,
            psk: PskConfig::default(),
            temporary: false,
            wps_run: 0,
            disabled_for_connect: false,
            p2p_group: false,
            p2p_persistent_group: false,
            values: BTreeMap::new(),
        }
    }

    /// Assigns a variable in the configuration file's syntax.
    pub fn set(&mut self, name: &str, value: &[u8]) -> Result<SetOutcome, SetError> {
        let field =
            lookup(name).ok_or_else(|| SetError::unknown(format!("unknown network field '{name}'.")))?;
        match field.kind {
            Kind::AliasOf(target) => self.set(target, value),
            Kind::Text { max, keeps_nul, .. } => self.set_text(field, max, keeps_nul, value),
            Kind::Psk => self.set_psk(value),
            Kind::Password => self.set_password(field, value),
            Kind::WepKey => self.set_wep_key(field, value),
            kind => self.set_from_text(field, kind, &String::from_utf8_lossy(value)),
        }
    }

    fn set_from_text(&mut self, field: &Field, kind: Kind, value: &str) -> Result<SetOutcome, SetError> {
        match kind {
            Kind::Int { min, max, .. } => self.set_int(field, min, max, value),
            Kind::Addr | Kind::P2pDevAddr => self.set_addr(field, value),
            Kind::AddrList { strict } => {
                let refused = || SetError::new(format!("Invalid {} address '{value}'", field.name));
                let list = text::parse_addr_list(value, strict).ok_or_else(refused)?;
                self.store(field, Value::Addrs(list));
                Ok(SetOutcome::Changed)
            }
            Kind::PskList => self.add_psk_list_entry(field, value),
            Kind::Proto => self.set_words(field, value, words::PROTO),
            Kind::KeyMgmt => self.set_words(field, value, words::KEY_MGMT),
            Kind::AuthAlg => self.set_words(field, value, words::AUTH_ALG),
            Kind::Pairwise => self.set_ciphers(field, value, 0, words::ALLOWED_PAIRWISE),
            Kind::Group => {
                self.set_ciphers(field, value, cipher::WEP104 | cipher::WEP40, words::ALLOWED_GROUP)
            }
            Kind::GroupMgmt => self.set_ciphers(field, value, 0, words::ALLOWED_GROUP_MGMT),
            Kind::IntArray => {
                self.store(field, Value::Ints(text::parse_int_array(value)));
                Ok(SetOutcome::Changed)
            }
            Kind::Eap => self.set_eap(field, value),
            Kind::Ocv => self.set_ocv(field, value),
            Kind::Ignored => Ok(SetOutcome::Changed),
            Kind::HexKey(lengths) => {
                let fits = |k: &Vec<u8>| {
                    (1..=32).contains(&k.len()) && (lengths.is_empty() || lengths.contains(&k.len()))
                };
                let refused = || {
                    let name = field.name.to_ascii_uppercase().replace('_', "-");
                    SetError::new(format!("Invalid {name} '{value}'."))
                };
                let key = text::parse_hex(value).filter(fits).ok_or_else(refused)?;
                self.store(field, Value::Text(key));
                Ok(SetOutcome::Changed)
            }
            Kind::AliasOf(_) | Kind::Text { .. } | Kind::Psk | Kind::Password | Kind::WepKey => {
                Err(SetError::silent())
            }
        }
    }

    fn store(&mut self, field: &Field, value: Value) {
        self.values.insert(field.name, value);
    }

    fn set_text(
        &mut self,
        field: &Field,
        max: usize,
        keeps_nul: bool,
        value: &[u8],
    ) -> Result<SetOutcome, SetError> {
        if value == b"NULL" {
            let had = self.values.remove(field.name).is_some();
            return Ok(if had { SetOutcome::Changed } else { SetOutcome::Unchanged });
        }
        let unreadable = || {
            let shown = match field.kind.is_key() {
                true => "[KEY DATA REMOVED]".into(),
                false => String::from_utf8_lossy(value),
            };
            SetError::new(format!("failed to parse {} '{shown}'.", field.name))
        };
        let mut text = text::parse_string(value).ok_or_else(unreadable)?;
        if max != 0 && text.len() > max {
            let (name, len) = (field.name, text.len());
            return Err(SetError::new(format!("too long {name} (len={len} max_len={max})")));
        }
        if !keeps_nul && let Some(end) = text.iter().position(|b| *b == 0) {
            text.truncate(end);
        }
        if self.text_named(field.name) == Some(&text[..]) {
            return Ok(SetOutcome::Unchanged);
        }
        self.store(field, Value::Text(text));
        Ok(SetOutcome::Changed)
    }

    /// A value out of range is refused, but the nearest bound is stored, as in 2.10.
    fn set_int(&mut self, field: &Field, min: i32, max: i32, value: &str) -> Result<SetOutcome, SetError> {
        let number = text::parse_int(value).ok_or_else(|| text::no_number(value))?;
        if self.int_named(field.name) == number {
            return Ok(SetOutcome::Unchanged);
        }
        if let Err((bound, refused)) = text::within(field.name, number, min, max) {
            self.store(field, Value::Int(bound));
            return Err(refused);
        }
        self.store(field, Value::Int(number));
        Ok(SetOutcome::Changed)
    }

    fn set_addr(&mut self, field: &Field, value: &str) -> Result<SetOutcome, SetError> {
        if matches!(value, "" | "\"\"" | "any") {
            self.values.remove(field.name);
            return Ok(SetOutcome::Changed);
        }
        // 2.10 reads into the variable itself, so the octets before an error are changed.
        let before = self.addr_named(field.name);
        let mut addr = before.unwrap_or(MacAddr::ZERO);
        let whole = text::read_addr(value, &mut addr);
        if whole || before.is_some() || field.kind == Kind::P2pDevAddr {
            self.store(field, Value::Addr(addr));
        }
        let what = match field.name {
            "bssid" => "BSSID",
            "bssid_hint" => "BSSID hint",
            _ => "GO P2P Device Address",
        };
        if whole { Ok(SetOutcome::Changed) } else { Err(SetError::new(format!("Invalid {what} '{value}'."))) }
    }

    /// The known words are stored even if an unknown one fails the assignment, as in 2.10.
    fn set_words(&mut self, field: &Field, value: &str, words: text::Words) -> Result<SetOutcome, SetError> {
        let (bits, unknown) = text::parse_words(value, words);
        let valid = unknown.is_empty() && bits != 0;
        if valid && self.bits_named(field.name) == bits {
            return Ok(SetOutcome::Unchanged);
        }
        self.store(field, Value::Bits(bits));
        if valid {
            return Ok(SetOutcome::Changed);
        }
        let name = field.name;
        let mut refused = SetError::silent();
        for word in unknown {
            refused = refused.and(format!("invalid {name} '{word}'"));
        }
        if bits == 0 {
            refused = refused.and(format!("no {name} values configured."));
        }
        Err(refused)
    }

    fn set_ciphers(
        &mut self,
        field: &Field,
        value: &str,
        drop: u32,
        allowed: u32,
    ) -> Result<SetOutcome, SetError> {
        let bits = words::ciphers(value)? & !drop;
        if bits & !allowed != 0 {
            let what = match field.kind {
                Kind::Pairwise => "pairwise",
                Kind::Group => "group",
                _ => "group management",
            };
            return Err(SetError::new(format!("not allowed {what} cipher (0x{bits:x}).")));
        }
        if self.bits_named(field.name) == bits {
            return Ok(SetOutcome::Unchanged);
        }
        self.store(field, Value::Bits(bits));
        Ok(SetOutcome::Changed)
    }

    fn set_psk(&mut self, value: &[u8]) -> Result<SetOutcome, SetError> {
        if let Some(body) = value.strip_prefix(b"\"") {
            let end = body.iter().rposition(|b| *b == b'"').unwrap_or(body.len());
            let passphrase = &body[..end];
            if !(8..=63).contains(&passphrase.len()) {
                let (len, shown) = (passphrase.len(), String::from_utf8_lossy(body));
                let text = format!("Invalid passphrase length {len} (expected: 8..63) '{shown}'.");
                return Err(SetError::new(text));
            }
            if passphrase.iter().any(|b| *b < 32 || *b == 127) {
                return Err(SetError::new("Invalid passphrase character"));
            }
            if self.psk.passphrase.as_deref() == Some(passphrase) {
                return Ok(SetOutcome::Unchanged);
            }
            self.psk.passphrase = Some(passphrase.to_vec());
            self.psk.psk = None;
            return Ok(SetOutcome::Changed);
        }
        let digits = String::from_utf8_lossy(value);
        let psk = text::parse_hex(&digits).and_then(|octets| octets.try_into().ok());
        let psk: [u8; 32] = psk.ok_or_else(|| SetError::new(format!("Invalid PSK '{digits}'.")))?;
        self.psk.passphrase = None;
        self.psk.psk = Some(psk);
        Ok(SetOutcome::Changed)
    }

    fn set_password(&mut self, field: &Field, value: &[u8]) -> Result<SetOutcome, SetError> {
        if value == b"NULL" {
            let had = self.values.remove(field.name).is_some();
            return Ok(if had { SetOutcome::Changed } else { SetOutcome::Unchanged });
        }
        let name = field.name;
        let password = if let Some(digits) = value.strip_prefix(b"hash:") {
            if digits.len() != 32 {
                let text = format!("Invalid {name} hash length (expected 32 hex digits)");
                return Err(SetError::new(text));
            }
            let hash = text::parse_hex(&String::from_utf8_lossy(digits)).and_then(|h| h.try_into().ok());
            Password::NtHash(hash.ok_or_else(|| SetError::new(format!("Invalid {name} hash")))?)
        } else {
            let unreadable = || SetError::new(format!("failed to parse {name}."));
            Password::Plain(text::parse_string(value).ok_or_else(unreadable)?)
        };
        self.store(field, Value::Password(password));
        Ok(SetOutcome::Changed)
    }

    fn set_wep_key(&mut self, field: &Field, value: &[u8]) -> Result<SetOutcome, SetError> {
        let refused = |how: &str| {
            let (index, shown) = (&field.name[field.name.len() - 1..], String::from_utf8_lossy(value));
            SetError::new(format!("{how} WEP key {index} '{shown}'."))
        };
        let key = text::parse_string(value).ok_or_else(|| refused("Invalid"))?;
        if key.len() > 16 {
            return Err(refused("Too long"));
        }
        self.store(field, Value::Text(key));
        Ok(SetOutcome::Changed)
    }

    fn add_psk_list_entry(&mut self, field: &Field, value: &str) -> Result<SetOutcome, SetError> {
        let (p2p, rest) = match value.strip_prefix("P2P-") {
            Some(rest) => (true, rest),
            None => (false, value),
        };
        let refused = |what: &str, text: &str| SetError::new(format!("Invalid psk_list{what} '{text}'"));
        let (addr, rest) = MacAddr::parse_prefix(rest).ok_or_else(|| refused(" address", rest))?;
        let digits = rest.strip_prefix('-').ok_or_else(|| refused("", rest))?;
        let psk = text::parse_hex(digits).and_then(|octets| octets.try_into().ok());
        let psk = psk.ok_or_else(|| refused(" PSK", digits))?;
        let mut list = self.psk_list().to_vec();
        list.push(PskListEntry { p2p, addr, psk });
        self.store(field, Value::PskList(list));
        Ok(SetOutcome::Changed)
    }

    fn set_eap(&mut self, field: &Field, value: &str) -> Result<SetOutcome, SetError> {
        let mut methods = Vec::new();
        let mut unknown = Vec::new();
        for word in value.split([' ', '\t']).filter(|w| !w.is_empty()) {
            match words::EAP_METHODS.iter().find(|m| **m == word) {
                // An unknown name is stored as what ends the list in 2.10.
                Some(name) if unknown.is_empty() => methods.push(*name),
                Some(_) => {}
                None => unknown.push(word),
            }
        }
        self.store(field, Value::Methods(methods));
        if unknown.is_empty() {
            return Ok(SetOutcome::Changed);
        }
        let refused = SetError::silent();
        Err(unknown.into_iter().fold(refused, unknown_method))
    }

    fn set_ocv(&mut self, field: &Field, value: &str) -> Result<SetOutcome, SetError> {
        let (number, rest) = text::strtol(value);
        let number = number as i32;
        self.store(field, Value::Int(number));
        if !rest.is_empty() || !(0..=1).contains(&number) {
            return Err(SetError::new(format!("Invalid ocv value '{value}'.")));
        }
        if number == 1 && self.int(network::IEEE80211W) == 0 {
            self.values.insert(network::IEEE80211W.name(), Value::Int(1));
        }
        Ok(SetOutcome::Changed)
    }

    /// The value in the configuration file's syntax, keys included; `None` if unset.
    pub fn get(&self, name: &str) -> Option<String> {
        let field = lookup(name)?;
        let printed = match field.kind {
            Kind::AliasOf(target) => return self.get(target),
            Kind::Int { .. } | Kind::Ocv => Some(self.int_named(field.name).to_string()),
            Kind::Psk => self.psk_text(),
            Kind::Proto => text::write_words(self.bits_named(field.name), words::PROTO),
            Kind::KeyMgmt => text::write_words(self.bits_named(field.name), words::KEY_MGMT_WRITE),
            Kind::AuthAlg => text::write_words(self.bits_named(field.name), words::AUTH_ALG),
            Kind::Pairwise | Kind::Group | Kind::GroupMgmt => {
                Some(text::write_words(self.bits_named(field.name), words::CIPHERS_WRITE).unwrap_or_default())
            }
            Kind::PskList | Kind::Ignored => None,
            _ => self.values.get(field.name).and_then(|v| stored_text(field.kind, v)),
        };
        printed.filter(|t| !t.contains('\n'))
    }

    fn psk_text(&self) -> Option<String> {
        let passphrase = self.psk.passphrase.as_deref();
        match (passphrase.map(core::str::from_utf8), &self.psk.psk) {
            (Some(Ok(passphrase)), _) => Some(format!("\"{passphrase}\"")),
            // Files here are UTF-8; what a passphrase of other octets stands for can be said in digits.
            (_, Some(psk)) => Some(text::hex(psk)),
            (Some(Err(_)), None) => passphrase.map(|p| format!("\"{}\"", String::from_utf8_lossy(p))),
            (None, None) => None,
        }
    }

    /// As GET_NETWORK answers: keys are `*`.
    pub fn get_without_key(&self, name: &str) -> Option<String> {
        let field = lookup(name)?;
        let value = self.get(name);
        if field.kind.is_key() { value.filter(|v| !v.is_empty()).map(|_| "*".to_owned()) } else { value }
    }

    /// A number, the default if it was never set; 0 for a variable that is no number.
    pub fn int(&self, key: Key<Network, value::Int>) -> i32 {
        self.int_named(key.name())
    }

    /// The same of a variable of the table by its name.
    pub(super) fn int_named(&self, name: &str) -> i32 {
        match self.values.get(name) {
            Some(Value::Int(v)) => *v,
            _ => match lookup(name).map(|f| f.kind) {
                Some(Kind::Int { default, .. }) => default,
                _ => 0,
            },
        }
    }

    /// Whether the variable was ever assigned.
    pub fn is_set<V>(&self, key: Key<Network, V>) -> bool {
        self.is_set_named(key.name())
    }

    /// The same of a variable of the table by its name.
    pub(super) fn is_set_named(&self, name: &str) -> bool {
        self.values.contains_key(name)
    }

    /// Whether a number was assigned that is not its default.
    pub(super) fn is_set_to_other_than_default(&self, name: &str) -> bool {
        match (self.values.get(name), lookup(name).map(|f| f.kind)) {
            (Some(Value::Int(v)), Some(Kind::Int { default, .. })) => *v != default,
            _ => false,
        }
    }

    /// Forgets a value; the variable has its default again.
    pub fn unset<V>(&mut self, key: Key<Network, V>) {
        self.values.remove(key.name());
    }

    /// Overwrites a number without checks.
    pub fn set_int_value(&mut self, key: Key<Network, value::Int>, value: i32) {
        self.values.insert(key.name(), Value::Int(value));
    }

    /// A string's octets.
    pub fn text(&self, key: Key<Network, value::Text>) -> Option<&[u8]> {
        self.text_named(key.name())
    }

    fn text_named(&self, name: &str) -> Option<&[u8]> {
        match self.values.get(name) {
            Some(Value::Text(v)) => Some(v),
            _ => None,
        }
    }

    /// An address.
    pub fn addr(&self, key: Key<Network, value::Addr>) -> Option<MacAddr> {
        self.addr_named(key.name())
    }

    fn addr_named(&self, name: &str) -> Option<MacAddr> {
        match self.values.get(name) {
            Some(Value::Addr(v)) => Some(*v),
            _ => None,
        }
    }

    /// Sets or clears an address.
    pub fn set_addr_value(&mut self, key: Key<Network, value::Addr>, addr: Option<MacAddr>) {
        match addr {
            Some(addr) => self.values.insert(key.name(), Value::Addr(addr)),
            None => self.values.remove(key.name()),
        };
    }

    /// An address list, empty if unset.
    pub fn addrs(&self, key: Key<Network, value::Addrs>) -> &[MaskedAddr] {
        match self.values.get(key.name()) {
            Some(Value::Addrs(v)) => v,
            _ => &[],
        }
    }

    /// Overwrites an address list.
    pub(crate) fn set_addrs_value(&mut self, key: Key<Network, value::Addrs>, list: Vec<MaskedAddr>) {
        if list.is_empty() {
            self.values.remove(key.name());
        } else {
            self.values.insert(key.name(), Value::Addrs(list));
        }
    }

    /// Forgets the PSK of a client of a persistent group, by its P2P Device Address or its interface's.
    /// Whether there was one.
    pub(crate) fn forget_psk(&mut self, addr: MacAddr, p2p: bool) -> bool {
        let Some(Value::PskList(list)) = self.values.get_mut(network::PSK_LIST.name()) else { return false };
        let before = list.len();
        list.retain(|e| e.p2p != p2p || e.addr != addr);
        list.len() != before
    }

    /// The names of `eap`, if it is set.
    pub fn methods(&self, key: Key<Network, value::Methods>) -> Option<&[&'static str]> {
        match self.values.get(key.name()) {
            Some(Value::Methods(v)) => Some(v),
            _ => None,
        }
    }

    /// A number list, empty if unset.
    pub fn ints(&self, key: Key<Network, value::Ints>) -> &[i32] {
        match self.values.get(key.name()) {
            Some(Value::Ints(v)) => v,
            _ => &[],
        }
    }

    /// A bit set (proto, key_mgmt, pairwise, group, group_mgmt, auth_alg).
    pub fn bits(&self, key: Key<Network, value::Bits>) -> u32 {
        self.bits_named(key.name())
    }

    /// The same of a variable of the table by its name.
    pub(super) fn bits_named(&self, name: &str) -> u32 {
        match self.values.get(name) {
            Some(Value::Bits(v)) => *v,
            _ => match name {
                "proto" => words::proto::WPA | words::proto::RSN,
                "key_mgmt" => key_mgmt::PSK | key_mgmt::IEEE8021X,
                "pairwise" | "group" => cipher::CCMP | cipher::TKIP,
                _ => 0,
            },
        }
    }

    pub(crate) fn set_bits(&mut self, key: Key<Network, value::Bits>, bits: u32) {
        self.values.insert(key.name(), Value::Bits(bits));
    }

    /// Per-device PSKs of a persistent group owner.
    pub fn psk_list(&self) -> &[PskListEntry] {
        match self.values.get(network::PSK_LIST.name()) {
            Some(Value::PskList(v)) => v,
            _ => &[],
        }
    }

    /// Whether an SSID was configured at all.
    pub fn has_ssid(&self) -> bool {
        self.text(network::SSID).is_some()
    }

    /// The SSID, empty if none was configured.
    pub fn ssid(&self) -> Ssid {
        Ssid::new(self.text(network::SSID).unwrap_or_default()).unwrap_or_default()
    }

    /// Sets the SSID; an empty one is none.
    pub(crate) fn set_ssid(&mut self, ssid: &Ssid) {
        if ssid.is_empty() {
            self.values.remove(network::SSID.name());
        } else {
            self.values.insert(network::SSID.name(), Value::Text(ssid.as_bytes().to_vec()));
        }
    }

    /// 2.10's `disabled`: 0 enabled, 1 disabled, 2 a persistent P2P group.
    pub fn disabled(&self) -> i32 {
        self.int(network::DISABLED)
    }

    /// Whether the block stores a persistent P2P group.
    pub fn is_persistent_group(&self) -> bool {
        self.disabled() == 2
    }
}

/// Adds the lines about a method that 2.10 was not built with.
fn unknown_method(said: SetError, word: &str) -> SetError {
    said.and(format!("unknown EAP method '{word}'")).and_bare(
        "You may need to add support for this EAP method during wpa_supplicant\nbuild time configuration.\n\
         See README for more information.",
    )
}

fn stored_text(kind: Kind, value: &Value) -> Option<String> {
    match (kind, value) {
        (Kind::HexKey(_), Value::Text(key)) => Some(text::hex(key)),
        (Kind::WepKey, Value::Text(key)) if key.is_empty() => None,
        (_, Value::Text(octets)) => Some(text::write_string(octets)),
        (Kind::P2pDevAddr, Value::Addr(addr)) if addr.is_zero() => None,
        (_, Value::Addr(addr)) => Some(addr.to_string()),
        (_, Value::Addrs(list)) => text::write_addr_list(list),
        (_, Value::Ints(list)) => text::write_int_array(list),
        (_, Value::Methods(methods)) => Some(methods.join(" ")),
        (_, Value::Password(Password::Plain(p))) => Some(text::write_string(p)),
        (_, Value::Password(Password::NtHash(h))) => Some(format!("hash:{}", text::hex(h))),
        (_, Value::Int(v)) => Some(v.to_string()),
        (_, Value::Bits(_) | Value::PskList(_)) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(n: &mut Network, name: &str, value: &str) -> Result<SetOutcome, SetError> {
        n.set(name, value.as_bytes())
    }

    #[test]
    fn values_read_back_as_recorded_from_the_real_one() {
        let mut n = Network::new(0);
        set(&mut n, "ssid", "P\"tab\\tquote\\\"x\"").unwrap();
        assert_eq!(n.get("ssid").unwrap(), "7461620971756f74652278");
        assert!(set(&mut n, "ssid", "\"012345678901234567890123456789012\"").is_err());
        assert!(set(&mut n, "psk", "\"short\"").is_err());
        set(&mut n, "psk", "\"12345678\"").unwrap();
        assert_eq!(n.get_without_key("psk").unwrap(), "*");
        set(&mut n, "proto", "RSN WPA").unwrap();
        assert_eq!(n.get("proto").unwrap(), "WPA RSN");
        set(&mut n, "group", "CCMP TKIP WEP104").unwrap();
        assert_eq!(n.get("group").unwrap(), "CCMP TKIP");
        set(&mut n, "scan_ssid", "1").unwrap();
        assert!(set(&mut n, "scan_ssid", "2").is_err());
        assert_eq!(n.get("scan_ssid").unwrap(), "1");
        assert_eq!(n.get("key_mgmt").unwrap(), "WPA-PSK WPA-EAP");
        assert!(set(&mut n, "nosuch", "1").is_err());
    }

    /// Compares the values with the answers of a running wpa_supplicant 2.10 to the same assignments.
    #[test]
    fn odd_values_leave_what_the_real_one_leaves() {
        for (name, value, accepted, after) in [
            ("id_str", "006162", true, Some("\"\"")),
            ("identity", "006162", true, Some("006162")),
            ("scan_freq", "-1", true, Some("4294967295")),
            ("eap", "PEAP OPEN LEAP", false, Some("PEAP")),
            ("ocv", "4294967296", true, Some("0")),
            ("go_p2p_dev_addr", "ab:cd", false, Some("ab:cd:00:00:00:00")),
            ("bssid", "ab:cd", false, None),
            ("p2p_client_list", "00:11:22:33:44:55/ff:ff:ff:00:00:00", false, None),
            (
                "bssid_ignore",
                "00:11:22:33:44:55/ff:ff:ff:00:00:00",
                true,
                Some("00:11:22:33:44:55/ff:ff:ff:00:00:00"),
            ),
        ] {
            let mut n = Network::new(0);
            assert_eq!(set(&mut n, name, value).is_ok(), accepted, "{name}");
            assert_eq!(n.get(name).as_deref(), after, "{name}");
        }
        let mut n = Network::new(0);
        set(&mut n, "psk", "\"påssphrase\"").unwrap();
        assert_eq!(n.get("psk").as_deref(), Some("\"påssphrase\""));
        set(&mut n, "bssid", "00:11:22:33:44:55").unwrap();
        set(&mut n, "bssid", "66:7x").unwrap_err();
        assert_eq!(n.get("bssid").as_deref(), Some("66:11:22:33:44:55"));
    }

    #[test]
    fn every_variable_is_printed_as_it_was_set() {
        for (name, value) in [
            ("bssid", "00:11:22:33:44:55"),
            ("bssid_ignore", "02:00:00:00:00:01/ff:ff:ff:ff:ff:00 02:00:00:00:00:02"),
            ("mesh_basic_rates", "10 20"),
            ("mka_cak", "000102030405060708090a0b0c0d0e0f"),
            ("vht_rx_mcs_nss_1", "2"),
            ("password", "hash:8846f7eaee8fb117ad06bdd830b7586c"),
            ("eap", "MD5 TLS"),
        ] {
            let mut n = Network::new(0);
            set(&mut n, name, value).unwrap();
            assert_eq!(n.get(name).as_deref(), Some(value), "{name}");
        }
    }
}
