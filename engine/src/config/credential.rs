//! `cred={…}` blocks: known, checked, stored and written back; Interworking uses them.

use super::refusal::SetError;
use super::text;
use super::words::EAP_METHODS;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Int {
        default: i32,
    },
    Quoted,
    /// A quoted string; each assignment adds one.
    QuotedList,
    /// Octets, written as hexadecimal.
    Hex {
        lengths: &'static [usize],
    },
    HexList,
    /// `hex,hex` within quotes.
    QuotedHexes,
    Eap,
    /// `protocol[:port,…]`, one more with each assignment.
    PortList,
}

/// In the order in which 2.10 saves them.
const FIELDS: &[(&str, Kind)] = &[
    ("priority", Kind::Int { default: 0 }),
    ("pcsc", Kind::Int { default: 0 }),
    ("realm", Kind::Quoted),
    ("username", Kind::Quoted),
    ("password", Kind::Quoted),
    ("ca_cert", Kind::Quoted),
    ("client_cert", Kind::Quoted),
    ("private_key", Kind::Quoted),
    ("private_key_passwd", Kind::Quoted),
    ("imsi", Kind::Quoted),
    ("milenage", Kind::Quoted),
    ("domain", Kind::QuotedList),
    ("domain_suffix_match", Kind::Quoted),
    ("roaming_consortium", Kind::Hex { lengths: &[3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15] }),
    ("eap", Kind::Eap),
    ("phase1", Kind::Quoted),
    ("phase2", Kind::Quoted),
    ("excluded_ssid", Kind::HexList),
    ("roaming_partner", Kind::QuotedList),
    ("update_identifier", Kind::Int { default: 0 }),
    ("provisioning_sp", Kind::Quoted),
    ("sp_priority", Kind::Int { default: 0 }),
    ("min_dl_bandwidth_home", Kind::Int { default: 0 }),
    ("min_ul_bandwidth_home", Kind::Int { default: 0 }),
    ("min_dl_bandwidth_roaming", Kind::Int { default: 0 }),
    ("min_ul_bandwidth_roaming", Kind::Int { default: 0 }),
    ("max_bss_load", Kind::Int { default: 0 }),
    ("ocsp", Kind::Int { default: 0 }),
    ("req_conn_capab", Kind::PortList),
    ("required_roaming_consortium", Kind::Hex { lengths: &[3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15] }),
    ("roaming_consortiums", Kind::QuotedHexes),
    ("sim_num", Kind::Int { default: 1 }),
    ("engine", Kind::Int { default: 0 }),
    ("engine_id", Kind::Quoted),
    ("key_id", Kind::Quoted),
    ("cert_id", Kind::Quoted),
    ("ca_cert_id", Kind::Quoted),
];

/// The names of all variables.
pub fn names() -> impl Iterator<Item = &'static str> {
    FIELDS.iter().map(|(name, _)| *name).chain(["temporary"])
}

/// One credential.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Credential {
    /// As LIST_CREDS numbers it.
    pub id: i32,
    /// Not saved.
    pub temporary: bool,
    /// Name and printed value, in the order of assignment.
    values: Vec<(&'static str, String)>,
}

impl Credential {
    /// An empty credential.
    pub fn new(id: i32) -> Self {
        Credential { id, temporary: false, values: Vec::new() }
    }

    /// Assigns a variable in the configuration file's syntax.
    pub fn set(&mut self, name: &str, value: &str) -> Result<(), SetError> {
        if name == "temporary" {
            self.temporary = text::atoi(value) != 0;
            return Ok(());
        }
        let Some((name, kind)) = FIELDS.iter().find(|(n, _)| *n == name) else {
            // 2.10 reads the value before it looks for a variable of that name.
            let unknown = SetError::unknown(format!("unknown cred field '{name}'."));
            return Err(string(name, value).err().unwrap_or(unknown));
        };
        let printed = printed(name, *kind, value)?;
        if !matches!(kind, Kind::QuotedList | Kind::HexList | Kind::PortList) {
            self.values.retain(|(n, _)| n != name);
        }
        self.values.push((name, printed));
        Ok(())
    }

    /// The value as the control interface prints it, keys replaced by `*`.
    pub fn get(&self, name: &str) -> Option<String> {
        if matches!(name, "password" | "private_key_passwd" | "milenage") {
            return self.values.iter().any(|(n, _)| *n == name).then(|| "*".to_owned());
        }
        let values: Vec<&str> = self
            .values
            .iter()
            .filter(|(n, _)| *n == name)
            .map(|(_, v)| v.strip_prefix('"').and_then(|v| v.strip_suffix('"')).unwrap_or(v))
            .collect();
        match FIELDS.iter().find(|(n, _)| *n == name)?.1 {
            Kind::Int { default } if values.is_empty() => Some(default.to_string()),
            _ if values.is_empty() => None,
            _ => Some(values.join("\n")),
        }
    }

    /// The lines of the block as they are saved, without the tab.
    pub fn lines(&self) -> Vec<String> {
        let mut out = Vec::new();
        for (name, kind) in FIELDS {
            for (_, value) in self.values.iter().filter(|(n, _)| n == name) {
                let is_default = matches!(kind, Kind::Int { default } if *value == default.to_string());
                if !is_default {
                    out.push(format!("{name}={value}"));
                }
            }
        }
        out
    }
}

/// A string in one of its notations; only octets may hold a newline.
fn string(name: &str, value: &str) -> Result<Vec<u8>, SetError> {
    let is_binary = matches!(name, "excluded_ssid" | "roaming_consortium" | "required_roaming_consortium");
    text::parse_string(value.as_bytes())
        .filter(|octets| is_binary || !octets.contains(&b'\n'))
        .ok_or_else(|| SetError::new(format!("invalid field '{name}' string value '{value}'.")))
}

fn printed(name: &str, kind: Kind, value: &str) -> Result<String, SetError> {
    match kind {
        Kind::Int { .. } if name == "sp_priority" && !(0..=255).contains(&text::atoi(value)) => {
            Err(SetError::silent())
        }
        Kind::Int { .. } => Ok(text::atoi(value).to_string()),
        Kind::Quoted if name == "password" && value.starts_with("ext:") => Ok(value.to_owned()),
        Kind::Quoted => Ok(format!("\"{}\"", String::from_utf8_lossy(&string(name, value)?))),
        Kind::QuotedList => {
            let text = String::from_utf8_lossy(&string(name, value)?).into_owned();
            if name == "roaming_partner" && !is_roaming_partner(&text) {
                return Err(SetError::silent());
            }
            Ok(format!("\"{text}\""))
        }
        Kind::Hex { lengths } => {
            let octets = string(name, value)?;
            if !lengths.contains(&octets.len()) {
                let text = format!("invalid {name} length {} (3..15 expected)", octets.len());
                return Err(SetError::new(text));
            }
            Ok(text::hex(&octets))
        }
        Kind::HexList => {
            let octets = string(name, value)?;
            if octets.len() > 32 {
                return Err(SetError::new(format!("invalid {name} length {}", octets.len())));
            }
            Ok(text::hex(&octets))
        }
        Kind::QuotedHexes => {
            let list = String::from_utf8_lossy(&string(name, value)?).into_owned();
            let wrong = identifiers(&list).err();
            wrong.map_or_else(|| Ok(format!("\"{list}\"")), |said| Err(said.and(format!("invalid {name}"))))
        }
        Kind::Eap => {
            let unknown = || SetError::new(format!("unknown EAP type '{value}' for a credential"));
            EAP_METHODS.contains(&value).then(|| value.to_owned()).ok_or_else(unknown)
        }
        Kind::PortList => {
            let (protocol, ports) = value.split_once(':').unwrap_or((value, ""));
            let mut out = text::atoi(protocol).to_string();
            for (i, port) in ports.split(',').filter(|p| !p.is_empty()).enumerate() {
                out.push(if i == 0 { ':' } else { ',' });
                out.push_str(&text::atoi(port).to_string());
            }
            Ok(out)
        }
    }
}

/// `fqdn,exact,priority,country`.
fn is_roaming_partner(text: &str) -> bool {
    let mut parts = text.splitn(4, ',');
    let domain = parts.next().unwrap_or_default();
    domain.len() <= 128 && parts.by_ref().take(2).count() == 2 && parts.next().is_some_and(|c| c.len() <= 2)
}

/// Up to 36 organization identifiers of at most 15 octets.
fn identifiers(list: &str) -> Result<(), SetError> {
    let mut rest = list;
    for count in 0.. {
        let (one, after) = rest.split_once(',').map_or((rest, None), |(one, after)| (one, Some(after)));
        if one.is_empty() && after.is_none() {
            return Ok(());
        }
        if !text::parse_hex(one).is_some_and(|o| (1..=15).contains(&o.len())) {
            return Err(SetError::bare(format!("Invalid roaming_consortiums entry: {rest}")));
        }
        let Some(after) = after else { return Ok(()) };
        if count + 1 >= 36 {
            return Err(SetError::bare("Too many roaming_consortiums OIs"));
        }
        rest = after;
    }
    Ok(())
}
