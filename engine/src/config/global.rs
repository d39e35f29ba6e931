//! The global variables of a configuration.

use std::collections::BTreeMap;

use super::global_fields::{FIELDS, Field, Kind, SAVE_ORDER, lookup};
use super::key::{Key, value};
use super::network::SetOutcome;
use super::refusal::SetError;
use super::{edca, text};
use crate::ap::AccessCategory;

#[derive(Clone, PartialEq, Eq, Debug)]
enum Value {
    Int(i32),
    Text(String),
    Octets(Vec<u8>),
    Ints(Vec<i32>),
    List(Vec<String>),
}

/// The global variables; only those that were set are stored.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Globals {
    values: BTreeMap<&'static str, Value>,
    /// `tx_queue_*` and `wmm_ac_*` assignments.
    queues: BTreeMap<String, String>,
}

impl Globals {
    /// Processes `name=value`. As in 2.10, the assignment of an unknown variable is refused.
    pub fn assign(&mut self, line: &str) -> Result<SetOutcome, SetError> {
        let unknown = |shown: &str| SetError::unknown(format!("unknown global field '{shown}'."));
        let (name, value) = line.split_once('=').ok_or_else(|| unknown(line))?;
        if name.starts_with("wmm_ac_") {
            return self.assign_access_category(name, value);
        }
        if name.starts_with("tx_queue_") {
            // 2.10 takes these, and then says that it does not know them.
            let wrong = edca::tx_queue(name, value).err();
            return Err(wrong.map_or_else(|| unknown(name), |said| said.and("invalid TX queue item")));
        }
        let field = lookup(name).ok_or_else(|| unknown(line))?;
        self.assign_field(field, value)
    }

    /// Returns the part of an invalid line that 2.10 shows: of queue parameters only the name is left.
    pub(super) fn shown_line(line: &str) -> &str {
        let queue = line.starts_with("wmm_ac_") || line.starts_with("tx_queue_");
        line.split_once('=').filter(|_| queue).map_or(line, |(name, _)| name)
    }

    fn assign_access_category(&mut self, name: &str, value: &str) -> Result<SetOutcome, SetError> {
        let mut read = AccessCategory::DEFAULTS;
        edca::access_category(&mut read, name, value).map_err(|said| said.and("invalid WMM AC item"))?;
        self.queues.insert(name.to_owned(), value.to_owned());
        Ok(SetOutcome::Changed)
    }

    fn assign_field(&mut self, field: &'static Field, value: &str) -> Result<SetOutcome, SetError> {
        let name = field.name;
        let invalid = || SetError::new(format!("invalid {name}"));
        let invalid_value = || SetError::new(format!("Invalid {name} '{value}'"));
        let stored = match field.kind {
            Kind::Int { min, max, .. } => return self.assign_int(field, min, max, value),
            Kind::Text { min, max } => {
                checked_text(name, value, min, max)?;
                Value::Text(value.to_owned())
            }
            Kind::Quoted => {
                let unreadable = || SetError::new(format!("failed to parse {name}"));
                let octets = text::parse_string(value.as_bytes()).ok_or_else(unreadable)?;
                let end = octets.iter().position(|b| *b == 0).unwrap_or(octets.len());
                let text = String::from_utf8_lossy(&octets[..end]).into_owned();
                checked_text(name, &text, 0, 0)?;
                Value::Text(text)
            }
            Kind::Ipv4 => Value::Octets(parse_ipv4(value).ok_or_else(SetError::silent)?.to_vec()),
            Kind::Hex => {
                let said = || if name.starts_with("ap_") { invalid() } else { SetError::silent() };
                Value::Octets(text::parse_hex(value).ok_or_else(said)?)
            }
            Kind::HexPairs => {
                let octets = value.get(..value.len() & !1).and_then(text::parse_hex);
                Value::Octets(octets.filter(|o| !o.is_empty()).ok_or_else(invalid)?)
            }
            Kind::Uuid => {
                let uuid = parse_uuid(value).ok_or_else(|| SetError::new("invalid UUID"))?;
                Value::Octets(uuid.to_vec())
            }
            Kind::DeviceType => {
                Value::Octets(parse_device_type(value).ok_or_else(SetError::silent)?.to_vec())
            }
            Kind::DeviceTypes => self.with_device_type(field, value)?,
            Kind::OsVersion => Value::Octets(value.get(..8).and_then(text::parse_hex).ok_or_else(invalid)?),
            Kind::Country => Value::Text(value.get(..2).ok_or_else(SetError::silent)?.to_owned()),
            Kind::Addr => {
                let (addr, _) = text::any_addr_prefix(value).ok_or_else(invalid_value)?;
                Value::Octets(addr.0.to_vec())
            }
            Kind::IntArray => Value::Ints(text::parse_int_array(value)),
            Kind::PrefChannels => {
                let said = || SetError::new(format!("Invalid {name} list"));
                Value::List(parse_pref_channels(value).ok_or_else(said)?)
            }
            Kind::FreqRanges => Value::List(parse_freq_ranges(value)),
            Kind::NoCtrlInterface => {
                self.values.remove("ctrl_interface");
                return Ok(SetOutcome::Changed);
            }
            Kind::Ignored => return Ok(SetOutcome::Changed),
        };
        if self.values.get(field.name) == Some(&stored) {
            return Ok(SetOutcome::Unchanged);
        }
        self.values.insert(field.name, stored);
        Ok(SetOutcome::Changed)
    }

    /// A value out of range is refused, but the nearest bound is stored, as in 2.10.
    fn assign_int(
        &mut self,
        field: &'static Field,
        min: i32,
        max: i32,
        value: &str,
    ) -> Result<SetOutcome, SetError> {
        let number = text::parse_int(value).ok_or_else(|| text::no_number(value))?;
        let same = self.int_named(field.name) == number;
        if let Err((bound, refused)) = text::within(field.name, number, min, max) {
            self.values.insert(field.name, Value::Int(bound));
            return Err(refused);
        }
        self.values.insert(field.name, Value::Int(number));
        Ok(if same { SetOutcome::Unchanged } else { SetOutcome::Changed })
    }

    fn with_device_type(&self, field: &Field, value: &str) -> Result<Value, SetError> {
        let octets = parse_device_type(value).ok_or_else(SetError::silent);
        let mut list = match self.values.get(field.name) {
            Some(Value::List(list)) => list.clone(),
            _ => Vec::new(),
        };
        if list.len() >= 5 {
            return Err(SetError::new(format!("too many {} items", field.name)));
        }
        list.push(device_type_text(&octets?));
        Ok(Value::List(list))
    }

    /// A number, its default if it was never set.
    pub fn int(&self, key: Key<Globals, value::Int>) -> i32 {
        self.int_named(key.name())
    }

    fn int_named(&self, name: &str) -> i32 {
        match self.values.get(name) {
            Some(Value::Int(v)) => *v,
            _ => match lookup(name).map(|f| f.kind) {
                Some(Kind::Int { default, .. }) => default,
                _ => 0,
            },
        }
    }

    /// Overwrites a number without checks.
    pub fn set_int(&mut self, key: Key<Globals, value::Int>, value: i32) {
        self.values.insert(key.name(), Value::Int(value));
    }

    /// A text, `None` if unset.
    pub fn text(&self, key: Key<Globals, value::Text>) -> Option<&str> {
        match self.values.get(key.name()) {
            Some(Value::Text(v)) => Some(v),
            _ => None,
        }
    }

    /// Octets (uuid, device_type, os_version, addresses, elements), empty if unset.
    pub fn octets(&self, key: Key<Globals, value::Octets>) -> &[u8] {
        match self.values.get(key.name()) {
            Some(Value::Octets(v)) => v,
            _ => &[],
        }
    }

    /// Entries of a list (p2p_pref_chan, p2p_no_go_freq), empty if unset.
    pub fn list(&self, key: Key<Globals, value::List>) -> &[String] {
        match self.values.get(key.name()) {
            Some(Value::List(v)) => v,
            _ => &[],
        }
    }

    /// Takes a variable over from another configuration, if it is set there.
    pub(crate) fn copy(&mut self, from: &Globals, name: &'static str) {
        if let Some(value) = from.values.get(name) {
            self.values.insert(name, value.clone());
        }
    }

    /// Gives a variable octets that nobody wrote into a configuration.
    pub(crate) fn set_octets(&mut self, key: Key<Globals, value::Octets>, value: Vec<u8>) {
        self.values.insert(key.name(), Value::Octets(value));
    }

    /// Overwrites a text without checks; `None` is unset.
    pub(crate) fn set_text(&mut self, key: Key<Globals, value::Text>, value: Option<String>) {
        match value {
            Some(text) => self.values.insert(key.name(), Value::Text(text)),
            None => self.values.remove(key.name()),
        };
    }

    /// Forgets a value; the variable has its default again.
    pub(crate) fn unset<V>(&mut self, key: Key<Globals, V>) {
        self.values.remove(key.name());
    }

    /// Numbers (freq_list, sae_groups), empty if unset.
    pub fn ints(&self, key: Key<Globals, value::Ints>) -> &[i32] {
        match self.values.get(key.name()) {
            Some(Value::Ints(v)) => v,
            _ => &[],
        }
    }

    /// The value as GET and DUMP print it; `None` if the variable has none.
    pub fn get(&self, name: &str) -> Option<String> {
        let field = lookup(name)?;
        match (field.kind, self.values.get(field.name)) {
            (Kind::Int { .. }, _) => Some(self.int_named(name).to_string()),
            (Kind::Text { .. }, Some(Value::Text(t))) => Some(t.clone()),
            (Kind::Ipv4, Some(Value::Octets(o))) => Some(dotted(o)),
            (Kind::Ipv4, _) => Some("0.0.0.0".to_owned()),
            _ => None,
        }
    }

    /// DUMP: every variable that GET knows, `null` for unset texts.
    pub fn dump(&self) -> String {
        let mut out = String::new();
        for field in FIELDS {
            if matches!(field.kind, Kind::Int { .. } | Kind::Ipv4 | Kind::Text { .. }) {
                let printed = self.get(field.name).unwrap_or_else(|| "null".to_owned());
                out.push_str(&format!("{}={}\n", field.name, printed));
            }
        }
        out
    }

    /// The lines that SAVE_CONFIG writes, in 2.10's order, defaults left out; then what 2.10 forgets to
    /// save.
    pub fn lines(&self) -> Vec<String> {
        let forgotten = FIELDS.iter().map(|f| f.name).filter(|name| !SAVE_ORDER.contains(name));
        let mut lines: Vec<String> =
            SAVE_ORDER.iter().copied().chain(forgotten).flat_map(|name| self.saved(name)).collect();
        lines.extend(self.queues.iter().map(|(name, value)| format!("{name}={value}")));
        lines
    }

    fn saved(&self, name: &str) -> Vec<String> {
        let Some(field) = lookup(name) else { return Vec::new() };
        let Some(value) = self.values.get(name) else { return Vec::new() };
        let texts = match (field.kind, value) {
            (Kind::Int { default, .. }, Value::Int(v)) if *v == default => Vec::new(),
            (Kind::Int { .. }, Value::Int(v)) => vec![v.to_string()],
            (Kind::Quoted, Value::Text(t)) => vec![format!("\"{t}\"")],
            (_, Value::Text(t)) => vec![t.clone()],
            (_, Value::Octets(o)) if o.iter().all(|b| *b == 0) => Vec::new(),
            (Kind::Ipv4, Value::Octets(o)) => vec![dotted(o)],
            (Kind::Uuid, Value::Octets(o)) => vec![uuid_text(o)],
            (Kind::DeviceType, Value::Octets(o)) => vec![device_type_text(o)],
            (Kind::Addr, Value::Octets(o)) => {
                vec![o.iter().map(|b| format!("{b:02x}")).collect::<Vec<_>>().join(":")]
            }
            (_, Value::Octets(o)) => vec![text::hex(o)],
            (_, Value::Ints(v)) => text::write_int_array(v).into_iter().collect(),
            (Kind::DeviceTypes, Value::List(l)) => l.clone(),
            (_, Value::List(l)) => vec![l.join(",")],
            (_, Value::Int(v)) => vec![v.to_string()],
        };
        texts.into_iter().map(|t| format!("{name}={t}")).collect()
    }
}

/// A text of an allowed length (0: any) and without a newline.
fn checked_text(name: &str, value: &str, min: usize, max: usize) -> Result<(), SetError> {
    let len = value.len();
    if min != 0 && len < min {
        return Err(SetError::new(format!("too short {name} (len={len} min_len={min})")));
    }
    if max != 0 && len > max {
        return Err(SetError::new(format!("too long {name} (len={len} max_len={max})")));
    }
    if value.contains(['\n', '\r']) {
        return Err(SetError::new(format!("invalid {name} value with newline")));
    }
    Ok(())
}

fn dotted(octets: &[u8]) -> String {
    octets.iter().map(u8::to_string).collect::<Vec<_>>().join(".")
}

/// As `inet_aton` reads it: one to four numbers in base 8, 10 or 16, the last of which fills what is
/// left; what follows a blank does not count.
fn parse_ipv4(value: &str) -> Option<[u8; 4]> {
    let word = value.split([' ', '\t', '\n', '\r', '\x0b', '\x0c']).next().unwrap_or_default();
    let numbers: Option<Vec<u32>> = word.split('.').map(c_number).collect();
    let (last, leading) = numbers.as_deref().and_then(|n| n.split_last())?;
    if leading.len() > 3 || leading.iter().any(|n| *n > 0xff) {
        return None;
    }
    if u64::from(*last) >= 1 << (32 - 8 * leading.len()) {
        return None;
    }
    let mut out = last.to_be_bytes();
    for (octet, number) in out.iter_mut().zip(leading) {
        *octet = *number as u8;
    }
    Some(out)
}

/// A number of C, whole: 0x12, 012, 12.
fn c_number(text: &str) -> Option<u32> {
    let (radix, digits) = match text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        Some(digits) => (16, digits),
        None if text.len() > 1 && text.starts_with('0') => (8, text),
        None => (10, text),
    };
    let all_digits = !digits.is_empty() && digits.bytes().all(|b| (b as char).is_digit(radix));
    all_digits.then(|| u32::from_str_radix(digits, radix).ok()).flatten()
}

/// `12345678-9abc-def0-1234-56789abcdef0`.
pub fn parse_uuid(value: &str) -> Option<[u8; 16]> {
    let groups: Vec<&str> = value.split('-').collect();
    let lengths: Vec<usize> = groups.iter().map(|g| g.len()).collect();
    if lengths != [8, 4, 4, 4, 12] {
        return None;
    }
    text::parse_hex(&groups.concat())?.try_into().ok()
}

/// A UUID of 16 octets as text.
pub fn uuid_text(octets: &[u8]) -> String {
    let digits = text::hex(octets);
    let mut out = String::with_capacity(36);
    for (i, c) in digits.chars().enumerate() {
        if matches!(i, 8 | 12 | 16 | 20) {
            out.push('-');
        }
        out.push(c);
    }
    out
}

/// `category-OUI+type-subcategory`, as `1-0050F204-1` (WSC 2.0.5 §12 Primary Device Type).
pub fn parse_device_type(value: &str) -> Option<[u8; 8]> {
    let category = text::atoi(value) as u16;
    let (_, rest) = value.split_once('-')?;
    let oui = text::parse_hex(rest.get(..8)?)?;
    let (_, subcategory) = rest.split_once('-')?;
    let mut out = [0; 8];
    out[..2].copy_from_slice(&category.to_be_bytes());
    out[2..6].copy_from_slice(&oui);
    out[6..].copy_from_slice(&(text::atoi(subcategory) as u16).to_be_bytes());
    Some(out)
}

/// The inverse of [`parse_device_type`].
pub fn device_type_text(octets: &[u8]) -> String {
    let at = |i: usize| u16::from(octets.get(i).copied().unwrap_or(0));
    let oui: String = (2..6).map(|i| format!("{:02X}", at(i))).collect();
    format!("{}-{}-{}", at(0) << 8 | at(1), oui, at(6) << 8 | at(7))
}

fn parse_pref_channels(value: &str) -> Option<Vec<String>> {
    let mut out = Vec::new();
    for pair in value.split(',').filter(|p| !p.is_empty()) {
        let (class, channel) = pair.split_once(':')?;
        out.push(format!("{}:{}", text::atoi(class) as u8, text::atoi(channel) as u8));
    }
    Some(out)
}

/// A list that 2.10 takes whatever is in it.
fn parse_freq_ranges(value: &str) -> Vec<String> {
    let ranges = value.split(',').map(|range| match range.split_once('-') {
        Some((low, high)) => format!("{}-{}", text::atoi(low) as u32, text::atoi(high) as u32),
        None => (text::atoi(range) as u32).to_string(),
    });
    if value.is_empty() { Vec::new() } else { ranges.collect() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::keys::global;

    #[test]
    fn globals_are_saved_in_order_and_without_defaults() {
        let mut g = Globals::default();
        for line in
            ["update_config=1", "ctrl_interface=/run/wpa_supplicant", "ap_scan=1", "device_type=1-0050F204-1"]
        {
            g.assign(line).unwrap();
        }
        assert_eq!(
            g.lines(),
            ["ctrl_interface=/run/wpa_supplicant", "update_config=1", "device_type=1-0050F204-1"]
        );
        assert!(g.assign("nosuch=1").is_err());
        assert!(g.assign("p2p_go_intent=16").is_err());
        assert_eq!(g.int(global::P2P_GO_INTENT), 15);
    }

    /// Compares the values with the answers of a running wpa_supplicant 2.10 to the same assignments.
    #[test]
    fn odd_values_leave_what_the_real_one_leaves() {
        for (line, accepted, after) in [
            ("ip_addr_go=5", true, Some("0.0.0.5")),
            ("ip_addr_go=10.0.0.1 x", true, Some("10.0.0.1")),
            ("ip_addr_go=10.0x10.010.300", false, Some("0.0.0.0")),
            ("p2p_go_freq_change_policy=4", false, Some("3")),
            ("fst_group_id=00:11:22:33:44:55", false, None),
            ("p2p_no_go_freq=abc", true, None),
            ("hessid=0011.2233-4455x", true, None),
            ("ap_vendor_elements=616263", true, None),
            ("wps_vendor_ext_m1=abc", true, None),
            ("bgscan=\"simple:30:-45:300\"", true, None),
        ] {
            let mut g = Globals::default();
            let name = line.split('=').next().unwrap();
            assert_eq!(g.assign(line).is_ok(), accepted, "{line}");
            assert_eq!(g.get(name).as_deref(), after, "{line}");
        }
    }
}
