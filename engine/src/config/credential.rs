//! `cred={…}` blocks: known, checked, stored and written back; Interworking uses them.

use super::network::SetError;
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
        let (name, kind) = FIELDS.iter().find(|(n, _)| *n == name).ok_or(SetError::Unknown)?;
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

fn printed(name: &str, kind: Kind, value: &str) -> Result<String, SetError> {
    let octets = || text::parse_string(value.as_bytes()).ok_or(SetError::Invalid);
    match kind {
        Kind::Int { .. } => Ok(text::atoi(value).to_string()),
        Kind::Quoted if name == "password" && value.starts_with("ext:") => Ok(value.to_owned()),
        Kind::Quoted | Kind::QuotedList => {
            let octets = octets()?;
            if octets.contains(&b'\n') {
                return Err(SetError::Invalid);
            }
            Ok(format!("\"{}\"", String::from_utf8(octets).map_err(|_| SetError::Invalid)?))
        }
        Kind::Hex { lengths } => {
            let octets = octets()?;
            if !lengths.contains(&octets.len()) {
                return Err(SetError::OutOfRange);
            }
            Ok(text::hex(&octets))
        }
        Kind::HexList => {
            let octets = octets()?;
            if octets.len() > 32 {
                return Err(SetError::OutOfRange);
            }
            Ok(text::hex(&octets))
        }
        Kind::QuotedHexes => {
            let octets = octets()?;
            let list = String::from_utf8(octets).map_err(|_| SetError::Invalid)?;
            let valid =
                list.split(',').all(|h| text::parse_hex(h).is_some_and(|o| (3..=15).contains(&o.len())));
            if valid { Ok(format!("\"{list}\"")) } else { Err(SetError::Invalid) }
        }
        Kind::Eap => EAP_METHODS.contains(&value).then(|| value.to_owned()).ok_or(SetError::Invalid),
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
