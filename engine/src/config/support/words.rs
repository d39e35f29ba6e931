//! The effect of each word that is the value of a variable.

use super::Asks::NotEmpty;
use super::Row;
use super::Standing::{Effect, Missing, Refused, Stored};

const FT: &str = "fast BSS transition (802.11r)";
const SUITE_B: &str = "Suite B";
const FILS: &str = "FILS";

/// `proto` of a network.
pub const PROTO: &[Row] =
    &[("WPA", Effect), ("RSN", Effect), ("WPA2", Effect), ("OSEN", Refused("OSEN (Hotspot 2.0)", NotEmpty))];

/// `key_mgmt` of a network.
pub const KEY_MGMT: &[Row] = &[
    ("WPA-PSK", Effect),
    ("WPA-EAP", Missing("IEEE 802.1X", NotEmpty)),
    ("IEEE8021X", Missing("IEEE 802.1X", NotEmpty)),
    ("NONE", Effect),
    ("WPA-NONE", Missing("IBSS", NotEmpty)),
    ("FT-PSK", Missing(FT, NotEmpty)),
    ("FT-EAP", Missing(FT, NotEmpty)),
    ("FT-EAP-SHA384", Missing(FT, NotEmpty)),
    ("WPA-PSK-SHA256", Effect),
    ("WPA-EAP-SHA256", Missing("IEEE 802.1X", NotEmpty)),
    ("WPS", Effect),
    ("SAE", Missing("SAE (WPA3)", NotEmpty)),
    ("FT-SAE", Missing(FT, NotEmpty)),
    ("OSEN", Refused("OSEN (Hotspot 2.0)", NotEmpty)),
    ("WPA-EAP-SUITE-B", Missing(SUITE_B, NotEmpty)),
    ("WPA-EAP-SUITE-B-192", Missing(SUITE_B, NotEmpty)),
    ("FILS-SHA256", Refused(FILS, NotEmpty)),
    ("FILS-SHA384", Refused(FILS, NotEmpty)),
    ("FT-FILS-SHA256", Refused(FILS, NotEmpty)),
    ("FT-FILS-SHA384", Refused(FILS, NotEmpty)),
    ("DPP", Refused("DPP", NotEmpty)),
    ("OWE", Missing("OWE", NotEmpty)),
];

/// `wpa_key_mgmt` of an access point.
pub const AP_KEY_MGMT: &[Row] = &[
    ("WPA-PSK", Effect),
    ("WPA-EAP", Refused("IEEE 802.1X", NotEmpty)),
    ("FT-PSK", Refused(FT, NotEmpty)),
    ("FT-EAP", Refused(FT, NotEmpty)),
    ("FT-EAP-SHA384", Refused(FT, NotEmpty)),
    ("WPA-PSK-SHA256", Effect),
    ("WPA-EAP-SHA256", Refused("IEEE 802.1X", NotEmpty)),
    ("SAE", Refused("SAE (WPA3)", NotEmpty)),
    ("FT-SAE", Refused(FT, NotEmpty)),
    ("WPA-EAP-SUITE-B", Refused(SUITE_B, NotEmpty)),
    ("WPA-EAP-SUITE-B-192", Refused(SUITE_B, NotEmpty)),
    ("FILS-SHA256", Refused(FILS, NotEmpty)),
    ("FILS-SHA384", Refused(FILS, NotEmpty)),
    ("FT-FILS-SHA256", Refused(FILS, NotEmpty)),
    ("FT-FILS-SHA384", Refused(FILS, NotEmpty)),
    ("OWE", Refused("OWE", NotEmpty)),
    ("DPP", Refused("DPP", NotEmpty)),
    ("OSEN", Refused("OSEN (Hotspot 2.0)", NotEmpty)),
];

/// Ciphers of a network and of an access point.
pub const CIPHERS: &[Row] = &[
    ("CCMP-256", Missing("CCMP-256", NotEmpty)),
    ("GCMP-256", Missing("GCMP-256", NotEmpty)),
    ("CCMP", Effect),
    ("GCMP", Missing("GCMP", NotEmpty)),
    ("TKIP", Effect),
    ("WEP104", Stored("2.10 leaves it out of a group and refuses it elsewhere")),
    ("WEP40", Stored("2.10 leaves it out of a group and refuses it elsewhere")),
    ("NONE", Effect),
    ("GTK_NOT_USED", Effect),
    ("AES-128-CMAC", Stored("used with management frame protection")),
    ("BIP-GMAC-128", Stored("used with management frame protection")),
    ("BIP-GMAC-256", Stored("used with management frame protection")),
    ("BIP-CMAC-256", Stored("used with management frame protection")),
];

/// `auth_alg` of a network.
pub const AUTH_ALG: &[Row] = &[
    ("OPEN", Effect),
    ("SHARED", Missing("shared key authentication", NotEmpty)),
    ("LEAP", Missing("LEAP", NotEmpty)),
];

/// `mode` of a network: a station, an IBSS, an access point, an owner of a P2P group and one that forms, a mesh.
pub const MODE: &[Row] = &[
    ("0", Effect),
    ("1", Missing("IBSS", NotEmpty)),
    ("2", Effect),
    ("3", Effect),
    ("4", Effect),
    ("5", Refused("mesh", NotEmpty)),
];

/// `ieee80211w` of a network: off, possible, required, as the global `pmf` says.
pub const IEEE80211W: &[Row] = &[
    ("0", Effect),
    ("1", Missing("management frame protection (802.11w)", NotEmpty)),
    ("2", Missing("management frame protection (802.11w)", NotEmpty)),
    ("3", Effect),
];

/// `eap` of a network.
pub const EAP: &[Row] = &[
    ("MD5", Missing("EAP-MD5", NotEmpty)),
    ("TLS", Missing("EAP-TLS", NotEmpty)),
    ("WFA-UNAUTH-TLS", Missing("EAP-WFA-UNAUTH-TLS", NotEmpty)),
    ("MSCHAPV2", Missing("EAP-MSCHAPV2", NotEmpty)),
    ("PEAP", Missing("EAP-PEAP", NotEmpty)),
    ("TTLS", Missing("EAP-TTLS", NotEmpty)),
    ("GTC", Missing("EAP-GTC", NotEmpty)),
    ("OTP", Missing("EAP-OTP", NotEmpty)),
    ("SIM", Missing("EAP-SIM", NotEmpty)),
    ("LEAP", Missing("EAP-LEAP", NotEmpty)),
    ("PSK", Missing("EAP-PSK", NotEmpty)),
    ("AKA", Missing("EAP-AKA", NotEmpty)),
    ("AKA'", Missing("EAP-AKA'", NotEmpty)),
    ("FAST", Missing("EAP-FAST", NotEmpty)),
    ("PAX", Missing("EAP-PAX", NotEmpty)),
    ("SAKE", Missing("EAP-SAKE", NotEmpty)),
    ("GPSK", Missing("EAP-GPSK", NotEmpty)),
    ("WSC", Effect),
    ("IKEV2", Missing("EAP-IKEV2", NotEmpty)),
    ("TNC", Missing("EAP-TNC", NotEmpty)),
    ("PWD", Missing("EAP-PWD", NotEmpty)),
    ("EKE", Missing("EAP-EKE", NotEmpty)),
];
