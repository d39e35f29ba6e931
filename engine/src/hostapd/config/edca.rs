//! Queue parameters: `wmm_ac_*` for stations, `tx_queue_*` for the access point itself.

use super::values::atoi;
use crate::ap::AccessCategory;

/// Whether a value of `tx_queue_*` is one; it has no effect here.
pub(super) fn tx_queue_fits(variable: &str, value: &str) -> bool {
    let Some(name) = variable.strip_prefix("tx_queue_") else { return false };
    if name.starts_with("after_beacon_") || name.starts_with("beacon_") {
        return true;
    }
    let Some((queue, field)) = name.strip_prefix("data").and_then(|rest| rest.split_once('_')) else {
        return false;
    };
    let number = atoi(value);
    match (queue.parse::<u8>(), field) {
        (Ok(4..=9), _) | (Ok(0..=3), "burst") => true,
        (Ok(0..=3), "aifs") => (0..=255).contains(&number),
        // Contention windows are one less than a power of two.
        (Ok(0..=3), "cwmin" | "cwmax") => (1..=32_767).contains(&number) && (number + 1).count_ones() == 1,
        _ => false,
    }
}

/// Sets what `wmm_ac_*` (`wme_ac_*`) names. Whether name and value are valid.
pub(super) fn set_access_category(all: &mut [AccessCategory; 4], variable: &str, value: &str) -> bool {
    let name = variable.strip_prefix("wmm_ac_").or_else(|| variable.strip_prefix("wme_ac_"));
    let Some((category, field)) = name.and_then(|n| n.split_once('_')) else { return false };
    let Some(at) = ["be", "bk", "vi", "vo"].iter().position(|c| *c == category) else { return false };
    let Some(params) = all.get_mut(at) else { return false };
    let number = atoi(value);
    let within = |from, to| u16::try_from(number).ok().filter(|n| (from..=to).contains(n));
    let (place, limits): (&mut u16, (u16, u16)) = match field {
        "aifs" => (&mut params.aifs, (1, 255)),
        "cwmin" => (&mut params.cw_min, (0, 15)),
        "cwmax" => (&mut params.cw_max, (0, 15)),
        "txop_limit" => (&mut params.txop_limit, (0, u16::MAX)),
        "acm" => (&mut params.admission_control, (0, 1)),
        _ => return false,
    };
    match within(limits.0, limits.1) {
        Some(number) => *place = number,
        None => return false,
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_ranges() {
        let mut all = AccessCategory::DEFAULTS;
        assert!(set_access_category(&mut all, "wmm_ac_vo_txop_limit", "12"));
        assert_eq!(all[3].txop_limit, 12);
        for (variable, value) in [("wmm_ac_be_aifs", "0"), ("wmm_ac_xx_aifs", "1"), ("wmm_ac_be_x", "1")] {
            assert!(!set_access_category(&mut all, variable, value), "{variable}");
        }
        assert!(tx_queue_fits("tx_queue_data2_cwmin", "7") && !tx_queue_fits("tx_queue_data2_cwmin", "8"));
        assert!(tx_queue_fits("tx_queue_data9_x", "x") && !tx_queue_fits("tx_queue_x", "1"));
    }
}
