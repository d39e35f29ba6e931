//! Variables of a network by which a station gives up some of its HT capabilities.
//= hostap@2.10 wpa_supplicant/wpa_supplicant.c#wpa_supplicant_apply_ht_overrides

use crate::config::Network;
use crate::config::keys::network;
use wpasim_wire::driver::HtOverrides;

const LDPC: u16 = 0x0001;
const WIDTH_40: u16 = 0x0002;
const SHORT_GI_20: u16 = 0x0020;
const SHORT_GI_40: u16 = 0x0040;
const TX_STBC: u16 = 0x0080;
const RX_STBC: u16 = 0x0300;
const LONG_AMSDU: u16 = 0x0800;
const INTOLERANT_OF_40: u16 = 0x4000;

/// Returns what an association with the network gives up.
pub(super) fn of_network(network: &Network) -> HtOverrides {
    let mut overrides =
        HtOverrides { disabled: network.int(network::DISABLE_HT) != 0, ..HtOverrides::default() };
    let mut set = |mask: u16, on: bool| {
        overrides.info_mask |= mask;
        overrides.info = if on { overrides.info | mask } else { overrides.info & !mask };
    };
    // Only a set bit is kept, so that this one never asks for less.
    match network.int(network::DISABLE_MAX_AMSDU) {
        -1 => {}
        disabled => set(LONG_AMSDU, disabled == 0),
    }
    set(WIDTH_40 | SHORT_GI_40, network.int(network::DISABLE_HT40) == 0);
    set(SHORT_GI_20 | SHORT_GI_40, network.int(network::DISABLE_SGI) == 0);
    set(LDPC, network.int(network::DISABLE_LDPC) == 0);
    if let streams @ 0..=3 = network.int(network::RX_STBC) {
        set(RX_STBC, false);
        set((streams as u16) << 8, true);
    }
    if let on @ 0..=1 = network.int(network::TX_STBC) {
        set(TX_STBC, on == 1);
    }
    if network.int(network::HT40_INTOLERANT) != 0 {
        set(INTOLERANT_OF_40, true);
    }
    if let factor @ 0..=3 = network.int(network::AMPDU_FACTOR) {
        overrides.ampdu_mask |= 0x03;
        overrides.ampdu |= factor as u8;
    }
    if let density @ 0..=7 = network.int(network::AMPDU_DENSITY) {
        overrides.ampdu_mask |= 0x1c;
        overrides.ampdu |= (density as u8) << 2;
    }
    let rates = String::from_utf8_lossy(network.text(network::HT_MCS).unwrap_or_default()).into_owned();
    let octets = rates.split_ascii_whitespace().map_while(octet);
    let given = overrides.mcs.iter_mut().zip(octets).map(|(to, octet)| *to = octet).count();
    if given > 0 {
        overrides.mcs_mask = [0xff; 10];
        // The last three bits are reserved.
        overrides.mcs_mask[9] = 0x1f;
    }
    overrides
}

fn octet(text: &str) -> Option<u8> {
    let digits = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")).unwrap_or(text);
    u64::from_str_radix(digits, 16).ok().map(|number| number as u8)
}
