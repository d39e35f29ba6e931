//! wpa_supplicant.conf: whatever is stored is written and read back the same, and no bytes make the
//! reader panic.

use crate::bench::FixedPsk;
use proptest::prelude::*;
use wpasim_engine::config::network_fields::{FIELDS, Kind};
use wpasim_engine::config::{Config, Network};

/// A value that the variable should take.
fn value_for(kind: Kind, seed: u32) -> Option<String> {
    Some(match kind {
        Kind::Int { min, max, .. } => {
            let (low, high) = if max == 0 { (1, 1000) } else { (min, max) };
            (low + (seed as i32).rem_euclid(high - low + 1)).to_string()
        }
        Kind::Text { max, .. } => {
            format!("\"{}\"", "x".repeat(1 + seed as usize % if max == 0 { 40 } else { max.min(40) }))
        }
        Kind::Addr => format!("02:00:00:00:00:{:02x}", seed % 256),
        Kind::AddrList { .. } => format!("02:00:00:00:00:01 02:00:00:00:01:{:02x}", seed % 256),
        Kind::Psk => format!("{:064x}", seed),
        Kind::KeyMgmt => "WPA-PSK WPA-EAP NONE".to_owned(),
        Kind::Proto => "WPA RSN".to_owned(),
        Kind::Pairwise | Kind::Group => "CCMP TKIP".to_owned(),
        Kind::GroupMgmt => "AES-128-CMAC".to_owned(),
        Kind::AuthAlg => "OPEN SHARED".to_owned(),
        Kind::IntArray => format!("{} 2437", 2412 + seed % 50),
        Kind::Eap => "PEAP TTLS".to_owned(),
        Kind::Password => format!("hash:{seed:032x}"),
        Kind::WepKey => "6162636465".to_owned(),
        Kind::HexKey(_) => format!("{seed:032x}"),
        Kind::Ocv => (seed % 2).to_string(),
        Kind::AliasOf(_) | Kind::P2pDevAddr | Kind::PskList | Kind::Ignored => return None,
    })
}

#[test]
fn every_variable_takes_a_value_and_prints_it() {
    for (i, field) in FIELDS.iter().enumerate() {
        let Some(value) = value_for(field.kind, i as u32 + 1) else { continue };
        let mut network = Network::new(0);
        assert!(network.set(field.name, value.as_bytes()).is_ok(), "{} = {value}", field.name);
        let printed = network.get(field.name).unwrap_or_default();
        let expected = if field.kind == Kind::WepKey { "\"abcde\"".to_owned() } else { value };
        assert_eq!(printed, expected, "{}", field.name);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn what_is_written_reads_back(picks in proptest::collection::vec((0..FIELDS.len(), any::<u32>()), 0..12)) {
        let mut config = Config::default();
        let id = config.add_network();
        let network = config.network_mut(id).unwrap();
        network.set("ssid", b"\"net\"").unwrap();
        network.set("psk", b"\"passphrase\"").unwrap();
        for (index, seed) in picks {
            // Blocks that 2.10 would not save, or refuses to read, are no subject here.
            let name = FIELDS[index].name;
            if matches!(name, "key_mgmt" | "mode" | "ocv" | "mem_only_psk" | "psk" | "proto") {
                continue;
            }
            if let Some(value) = value_for(FIELDS[index].kind, seed) {
                let _ = network.set(name, value.as_bytes());
            }
        }
        let written = config.write();
        let read = Config::parse(written.as_bytes(), &FixedPsk).expect("what we write is readable");
        prop_assert_eq!(read.write(), written);
    }

    #[test]
    fn no_bytes_make_the_reader_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let _ = Config::parse(&bytes, &FixedPsk);
    }

    #[test]
    fn no_lines_make_the_reader_panic(lines in "(network=\\{|cred=\\{|blob-base64-x=\\{|\\}|[a-z_]{1,12}=[\"#P ]{0,3}[a-z0-9\"#]{0,9}|\n){0,30}") {
        let _ = Config::parse(lines.as_bytes(), &FixedPsk);
    }
}
