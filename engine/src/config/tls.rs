//! The faults that OpenSSL finds in a configuration: wpa_supplicant makes its TLS context as an interface begins, whether a network
//! needs it or not.
//= hostap@2.10 src/crypto/tls_openssl.c#tls_init

use super::key::{GlobalKey, value::Text};
use super::keys::global;
use super::{Config, Refusal};

/// Words of a cipher list that select something in OpenSSL 3.0 (ciphers(1)).
const ALIASES: &[&str] = &[
    "ADH",
    "AECDH",
    "AES",
    "AES128",
    "AES256",
    "AESCCM",
    "AESCCM8",
    "AESGCM",
    "ALL",
    "ARIA",
    "ARIA128",
    "ARIA256",
    "ARIAGCM",
    "CAMELLIA",
    "CAMELLIA128",
    "CAMELLIA256",
    "CBC",
    "CHACHA20",
    "COMPLEMENTOFALL",
    "COMPLEMENTOFDEFAULT",
    "DEFAULT",
    "DH",
    "DHE",
    "DHEPSK",
    "ECDH",
    "ECDHE",
    "ECDHEPSK",
    "ECDSA",
    "EDH",
    "EECDH",
    "FIPS",
    "HIGH",
    "MEDIUM",
    "NULL",
    "PSK",
    "RSA",
    "RSAPSK",
    "SHA",
    "SHA1",
    "SHA256",
    "SHA384",
    "SRP",
    "SSLv3",
    "SUITEB128",
    "SUITEB128C2",
    "SUITEB128ONLY",
    "SUITEB192",
    "TLSv1",
    "TLSv1.0",
    "TLSv1.2",
    "aDSS",
    "aECDSA",
    "aNULL",
    "aPSK",
    "aRSA",
    "eNULL",
    "kDHE",
    "kDHEPSK",
    "kECDHE",
    "kECDHEPSK",
    "kEDH",
    "kEECDH",
    "kPSK",
    "kRSA",
    "kRSAPSK",
    "kSRP",
];

/// Whether OpenSSL finds a cipher in a list. It gives up at a character that belongs to none.
//= hostap@2.10 src/crypto/tls_openssl.c#tls_init
fn selects_a_cipher(list: &str) -> bool {
    let is_of_list = |c: char| c.is_ascii_alphanumeric() || "-_.=!+@: ,;".contains(c);
    let selects = |word: &str| {
        let word = word.split_once('@').map_or(word, |(word, _)| word);
        let is_known = |part: &str| ALIASES.contains(&part) || part.contains('-');
        !word.is_empty() && !word.starts_with(['!', '-', '+']) && word.split('+').all(is_known)
    };
    list.chars().all(is_of_list) && list.split([':', ' ', ',', ';']).any(selects)
}

impl Config {
    /// Returns the lines that wpa_supplicant writes as it cannot make its TLS context; none if it can. `content` is the
    /// file, in which the line is looked for.
    pub fn refused_by_tls(&self, content: &[u8]) -> Vec<Refusal> {
        let engine = |name: &str, key: GlobalKey<Text>| {
            let path = self.globals.text(key)?;
            let text = format!(
                "ENGINE: Failed to load {name} Engine from {path}: realpath: No such file or directory"
            );
            Some((key.name(), text))
        };
        let ciphers = || {
            let list = self.globals.text(global::OPENSSL_CIPHERS).filter(|list| !selects_a_cipher(list))?;
            Some((global::OPENSSL_CIPHERS.name(), format!("OpenSSL: Failed to set cipher string '{list}'")))
        };
        let reason = engine("OpenSC", global::OPENSC_ENGINE_PATH)
            .or_else(|| engine("pkcs11", global::PKCS11_ENGINE_PATH))
            .or_else(ciphers);
        let Some((variable, text)) = reason else { return Vec::new() };
        let sets = |line: &[u8]| {
            line.trim_ascii_start()
                .strip_prefix(variable.as_bytes())
                .is_some_and(|rest| rest.starts_with(b"="))
        };
        let line = content.split(|b| *b == b'\n').collect::<Vec<_>>().iter().rposition(|line| sets(line));
        let reason = Refusal { line: line.map_or(0, |index| index + 1), ..Refusal::of_file(text) };
        let following =
            ["SSL: Failed to initialize TLS context.", "Failed to initialize EAPOL state machines."];
        core::iter::once(reason).chain(following.map(|text| Refusal::of_file(text).following())).collect()
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    /// The values that Debian's wpa_supplicant 2.10 took and refused.
    #[rstest]
    #[case("DEFAULT@SECLEVEL=1", true)]
    #[case("NOSUCH:HIGH", true)]
    #[case("HIGH !aNULL", true)]
    #[case("ECDHE-RSA-AES128-GCM-SHA256", true)]
    #[case("kEECDH+AES", true)]
    #[case("NOSUCH", false)]
    #[case("", false)]
    #[case("!aNULL", false)]
    #[case("@SECLEVEL=1", false)]
    #[case("HIGH*", false)]
    #[case("\"DEFAULT@SECLEVEL=1\"", false)]
    fn lists_of_ciphers(#[case] list: &str, #[case] taken: bool) {
        assert_eq!(selects_a_cipher(list), taken);
    }
}
