//! The methods that configuration and events know by name.

use wpasim_wire::eap::EapType;

const NAMES: &[(&str, EapType)] = &[
    ("Identity", EapType::IDENTITY),
    ("MD5", EapType::ietf(4)),
    ("OTP", EapType::ietf(5)),
    ("GTC", EapType::ietf(6)),
    ("TLS", EapType::ietf(13)),
    ("LEAP", EapType::ietf(17)),
    ("SIM", EapType::ietf(18)),
    ("TTLS", EapType::ietf(21)),
    ("AKA", EapType::ietf(23)),
    ("PEAP", EapType::ietf(25)),
    ("MSCHAPV2", EapType::ietf(26)),
    ("TNC", EapType::ietf(38)),
    ("FAST", EapType::ietf(43)),
    ("PAX", EapType::ietf(46)),
    ("PSK", EapType::ietf(47)),
    ("SAKE", EapType::ietf(48)),
    ("IKEV2", EapType::ietf(49)),
    ("AKA'", EapType::ietf(50)),
    ("GPSK", EapType::ietf(51)),
    ("PWD", EapType::ietf(52)),
    ("EKE", EapType::ietf(53)),
    ("TEAP", EapType::ietf(55)),
    ("WFA-UNAUTH-TLS", EapType { vendor: 40808, method: 13 }),
    ("WSC", EapType::WSC),
];

/// The name that events and STATUS give a method.
pub fn method_name(method: EapType) -> &'static str {
    NAMES.iter().find(|(_, of)| *of == method).map_or("unknown", |(name, _)| name)
}

/// The method of a word of `eap=`.
pub fn method_of_name(name: &str) -> Option<EapType> {
    NAMES.iter().find(|(of, _)| *of == name).map(|(_, method)| *method)
}
