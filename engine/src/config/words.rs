//! The words of wpa_supplicant.conf and the bits hostap gives them.

use super::refusal::SetError;
use super::text::{Words, parse_words};

/// WPA_PROTO_*.
pub mod proto {
    pub const WPA: u32 = 1 << 0;
    pub const RSN: u32 = 1 << 1;
    pub const OSEN: u32 = 1 << 3;
}

/// WPA_KEY_MGMT_*.
pub mod key_mgmt {
    pub const IEEE8021X: u32 = 1 << 0;
    pub const PSK: u32 = 1 << 1;
    pub const NONE: u32 = 1 << 2;
    pub const IEEE8021X_NO_WPA: u32 = 1 << 3;
    pub const WPA_NONE: u32 = 1 << 4;
    pub const FT_IEEE8021X: u32 = 1 << 5;
    pub const FT_PSK: u32 = 1 << 6;
    pub const IEEE8021X_SHA256: u32 = 1 << 7;
    pub const PSK_SHA256: u32 = 1 << 8;
    pub const WPS: u32 = 1 << 9;
    pub const SAE: u32 = 1 << 10;
    pub const FT_SAE: u32 = 1 << 11;
    pub const OSEN: u32 = 1 << 15;
    pub const IEEE8021X_SUITE_B: u32 = 1 << 16;
    pub const IEEE8021X_SUITE_B_192: u32 = 1 << 17;
    pub const FILS_SHA256: u32 = 1 << 18;
    pub const FILS_SHA384: u32 = 1 << 19;
    pub const FT_FILS_SHA256: u32 = 1 << 20;
    pub const FT_FILS_SHA384: u32 = 1 << 21;
    pub const OWE: u32 = 1 << 22;
    pub const DPP: u32 = 1 << 23;
    pub const FT_IEEE8021X_SHA384: u32 = 1 << 24;

    /// Every suite that proves a pre-shared key in the 4-way handshake.
    pub const ANY_PSK: u32 = PSK | FT_PSK | PSK_SHA256 | SAE | FT_SAE;
    /// Every suite of IEEE 802.1X under WPA or RSN.
    pub const ANY_8021X: u32 = IEEE8021X
        | FT_IEEE8021X
        | FT_IEEE8021X_SHA384
        | IEEE8021X_SHA256
        | OSEN
        | IEEE8021X_SUITE_B
        | IEEE8021X_SUITE_B_192
        | FILS_SHA256
        | FILS_SHA384
        | FT_FILS_SHA256
        | FT_FILS_SHA384;
}

/// WPA_CIPHER_*.
pub mod cipher {
    pub const NONE: u32 = 1 << 0;
    pub const WEP40: u32 = 1 << 1;
    pub const WEP104: u32 = 1 << 2;
    pub const TKIP: u32 = 1 << 3;
    pub const CCMP: u32 = 1 << 4;
    pub const AES_128_CMAC: u32 = 1 << 5;
    pub const GCMP: u32 = 1 << 6;
    pub const GCMP_256: u32 = 1 << 8;
    pub const CCMP_256: u32 = 1 << 9;
    pub const BIP_GMAC_128: u32 = 1 << 11;
    pub const BIP_GMAC_256: u32 = 1 << 12;
    pub const BIP_CMAC_256: u32 = 1 << 13;
    pub const GTK_NOT_USED: u32 = 1 << 14;
}

/// WPA_AUTH_ALG_*.
pub mod auth_alg {
    pub const OPEN: u32 = 1 << 0;
    pub const SHARED: u32 = 1 << 1;
    pub const LEAP: u32 = 1 << 2;
}

/// `proto=`.
pub const PROTO: Words =
    &[("WPA", proto::WPA), ("RSN", proto::RSN), ("WPA2", proto::RSN), ("OSEN", proto::OSEN)];

/// `auth_alg=`.
pub const AUTH_ALG: Words =
    &[("OPEN", auth_alg::OPEN), ("SHARED", auth_alg::SHARED), ("LEAP", auth_alg::LEAP)];

/// `key_mgmt=`, every word that is read.
pub const KEY_MGMT: Words = KEY_MGMT_WRITE;

/// `key_mgmt=` in the order in which it is written.
pub const KEY_MGMT_WRITE: Words = &[
    ("WPA-PSK", key_mgmt::PSK),
    ("WPA-EAP", key_mgmt::IEEE8021X),
    ("IEEE8021X", key_mgmt::IEEE8021X_NO_WPA),
    ("NONE", key_mgmt::NONE),
    ("WPA-NONE", key_mgmt::WPA_NONE),
    ("FT-PSK", key_mgmt::FT_PSK),
    ("FT-EAP", key_mgmt::FT_IEEE8021X),
    ("FT-EAP-SHA384", key_mgmt::FT_IEEE8021X_SHA384),
    ("WPA-PSK-SHA256", key_mgmt::PSK_SHA256),
    ("WPA-EAP-SHA256", key_mgmt::IEEE8021X_SHA256),
    ("WPS", key_mgmt::WPS),
    ("SAE", key_mgmt::SAE),
    ("FT-SAE", key_mgmt::FT_SAE),
    ("OSEN", key_mgmt::OSEN),
    ("WPA-EAP-SUITE-B", key_mgmt::IEEE8021X_SUITE_B),
    ("WPA-EAP-SUITE-B-192", key_mgmt::IEEE8021X_SUITE_B_192),
    ("FILS-SHA256", key_mgmt::FILS_SHA256),
    ("FILS-SHA384", key_mgmt::FILS_SHA384),
    ("FT-FILS-SHA256", key_mgmt::FT_FILS_SHA256),
    ("FT-FILS-SHA384", key_mgmt::FT_FILS_SHA384),
    ("DPP", key_mgmt::DPP),
    ("OWE", key_mgmt::OWE),
];

/// `pairwise=`, `group=`, `group_mgmt=`: every word that is read.
pub const CIPHERS: Words = &[
    ("CCMP-256", cipher::CCMP_256),
    ("GCMP-256", cipher::GCMP_256),
    ("CCMP", cipher::CCMP),
    ("GCMP", cipher::GCMP),
    ("TKIP", cipher::TKIP),
    ("WEP104", cipher::WEP104),
    ("WEP40", cipher::WEP40),
    ("NONE", cipher::NONE),
    ("GTK_NOT_USED", cipher::GTK_NOT_USED),
    ("AES-128-CMAC", cipher::AES_128_CMAC),
    ("BIP-GMAC-128", cipher::BIP_GMAC_128),
    ("BIP-GMAC-256", cipher::BIP_GMAC_256),
    ("BIP-CMAC-256", cipher::BIP_CMAC_256),
];

/// Reads the bits of a list of ciphers; both programs say the same of one that can't be read.
pub fn ciphers(value: &str) -> Result<u32, SetError> {
    match parse_words(value, CIPHERS) {
        (_, unknown) if !unknown.is_empty() => Err(SetError::new(format!("invalid cipher '{value}'."))),
        (0, _) => Err(SetError::new("no cipher values configured.")),
        (bits, _) => Ok(bits),
    }
}

/// Ciphers in the order in which they are written; WEP and GTK_NOT_USED never are.
pub const CIPHERS_WRITE: Words = &[
    ("CCMP-256", cipher::CCMP_256),
    ("GCMP-256", cipher::GCMP_256),
    ("CCMP", cipher::CCMP),
    ("GCMP", cipher::GCMP),
    ("TKIP", cipher::TKIP),
    ("AES-128-CMAC", cipher::AES_128_CMAC),
    ("BIP-GMAC-128", cipher::BIP_GMAC_128),
    ("BIP-GMAC-256", cipher::BIP_GMAC_256),
    ("BIP-CMAC-256", cipher::BIP_CMAC_256),
    ("NONE", cipher::NONE),
];

/// The ciphers that `pairwise=` may name.
pub const ALLOWED_PAIRWISE: u32 =
    cipher::CCMP | cipher::GCMP | cipher::TKIP | cipher::NONE | cipher::GCMP_256 | cipher::CCMP_256;
/// The ciphers that `group=` may name.
pub const ALLOWED_GROUP: u32 =
    cipher::CCMP | cipher::GCMP | cipher::TKIP | cipher::GCMP_256 | cipher::CCMP_256 | cipher::GTK_NOT_USED;
/// The ciphers that `group_mgmt=` may name.
pub const ALLOWED_GROUP_MGMT: u32 =
    cipher::AES_128_CMAC | cipher::BIP_GMAC_128 | cipher::BIP_GMAC_256 | cipher::BIP_CMAC_256;

/// The EAP methods of Debian's build, in the order of GET_CAPABILITY eap.
pub const EAP_METHODS: &[&str] = &[
    "MD5",
    "TLS",
    "WFA-UNAUTH-TLS",
    "MSCHAPV2",
    "PEAP",
    "TTLS",
    "GTC",
    "OTP",
    "SIM",
    "LEAP",
    "PSK",
    "AKA",
    "AKA'",
    "FAST",
    "PAX",
    "SAKE",
    "GPSK",
    "WSC",
    "IKEV2",
    "TNC",
    "PWD",
    "EKE",
];

#[cfg(test)]
mod tests {
    use super::EAP_METHODS;

    #[test]
    fn every_eap_method_has_a_number() {
        for name in EAP_METHODS {
            assert_eq!(crate::eap::method_of_name(name).map(crate::eap::method_name), Some(*name));
        }
        assert_eq!(crate::eap::method_name(crate::wire::eap::EapType::ietf(99)), "unknown");
    }
}
