//! The elements a supplicant adds to its probe requests: extended capabilities, and the WPS element
//! that 2.10 sends with P2P built in (WSC 2.0.5 §8.2.4).

use wpasim_wire::MacAddr;
use wpasim_wire::crypto::uuid_from_mac;
use wpasim_wire::elements::{eid, push};

use crate::config::Globals;
use crate::config::words::config_method_bits;

/// Extended Capabilities of 2.10 on hwsim (IEEE 802.11-2020 §9.4.2.26).
pub const EXT_CAPABILITIES: [u8; 11] = [0x04, 0x00, 0x4a, 0x02, 0x01, 0x40, 0x40, 0x40, 0x00, 0x01, 0x20];

/// Config methods when the configuration names none.
const DEFAULT_CONFIG_METHODS: u16 = 0x3148;

/// The elements in 2.10's order.
pub fn build(globals: &Globals, own: MacAddr) -> Vec<u8> {
    let mut out = Vec::new();
    push(&mut out, eid::EXT_CAPAB, &EXT_CAPABILITIES);
    if globals.int("p2p_disabled") == 0 {
        push(&mut out, eid::VENDOR_SPECIFIC, &wps(globals, own));
    }
    out
}

/// The UUID of a device: configured, or derived from its address as 2.10 does.
pub fn uuid(globals: &Globals, own: MacAddr) -> [u8; 16] {
    <[u8; 16]>::try_from(globals.octets("uuid"))
        .ok()
        .filter(|u| *u != [0; 16])
        .unwrap_or_else(|| uuid_from_mac(own))
}

/// Config methods as a bit field: physical or virtual is filled in where neither is said.
pub fn config_methods(globals: &Globals) -> u16 {
    let Some(words) = globals.text("config_methods") else { return DEFAULT_CONFIG_METHODS };
    let mut bits = config_method_bits(words);
    if bits & 0x6008 == 0x0008 {
        bits |= 0x2000;
    }
    if bits & 0x0680 == 0x0080 {
        bits |= 0x0200;
    }
    bits
}

fn wps(globals: &Globals, own: MacAddr) -> Vec<u8> {
    let mut out = vec![0x00, 0x50, 0xf2, 0x04];
    let mut attribute = |id: u16, value: &[u8]| {
        out.extend_from_slice(&id.to_be_bytes());
        out.extend_from_slice(&(value.len() as u16).to_be_bytes());
        out.extend_from_slice(value);
    };
    // 2.10 writes one blank for an empty text.
    let text = |name: &str| globals.text(name).filter(|t| !t.is_empty()).unwrap_or(" ").as_bytes().to_vec();
    let device_type = <[u8; 8]>::try_from(globals.octets("device_type")).unwrap_or_default();
    attribute(0x104a, &[0x10]);
    attribute(0x103a, &[0x00]);
    attribute(0x1008, &config_methods(globals).to_be_bytes());
    attribute(0x1047, &uuid(globals, own));
    attribute(0x1054, &device_type);
    attribute(0x103c, &[0x03]);
    attribute(0x1002, &[0, 0]);
    attribute(0x1009, &[0, 0]);
    attribute(0x1012, &[0, 0]);
    attribute(0x1021, &text("manufacturer"));
    attribute(0x1023, &text("model_name"));
    attribute(0x1024, &text("model_number"));
    attribute(0x1011, &text("device_name"));
    attribute(0x1049, &[0x00, 0x37, 0x2a, 0x00, 0x01, 0x20]);
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::text::hex;

    #[test]
    fn the_elements_are_those_of_a_recorded_scan() {
        let out = build(&Globals::default(), MacAddr([2, 0, 0, 0, 0, 0]));
        assert_eq!(
            hex(&out),
            "7f0b04004a0201404040000120dd690050f204104a000110103a0001001008000231481047001036\
             2db47ba53a519188fb5458b986b2e410540008\
             0000000000000000103c0001031002000200001009000200001012000200001021000120\
             1023000120102400012010110001201049000600372a000120"
                .replace(' ', "")
        );
    }

    #[test]
    fn config_methods_get_a_kind() {
        let mut g = Globals::default();
        g.assign("config_methods=display push_button keypad virtual_push_button").unwrap();
        assert_eq!(config_methods(&g), 0x2388);
    }
}
