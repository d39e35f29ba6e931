//! Queue parameters, which both programs read: `wmm_ac_*` for stations, `tx_queue_*` for the access point itself.

use super::refusal::SetError;
use super::text::atoi;
use crate::ap::AccessCategory;

/// Checks an assignment of `tx_queue_*`; it has no effect here.
pub fn tx_queue(variable: &str, value: &str) -> Result<(), SetError> {
    let name = variable.strip_prefix("tx_queue_").unwrap_or(variable);
    let unknown = || SetError::bare(format!("Unknown tx_queue name '{name}'"));
    if name.starts_with("after_beacon_") || name.starts_with("beacon_") {
        return Ok(());
    }
    let (queue, field) = name.strip_prefix("data").and_then(|n| n.split_once('_')).ok_or_else(unknown)?;
    let &[digit @ b'0'..=b'9'] = queue.as_bytes() else { return Err(unknown()) };
    if digit >= b'4' {
        return Ok(());
    }
    let number = atoi(value);
    // Contention windows are one less than a power of two.
    let is_window = (1..=32_767).contains(&number) && (number + 1).count_ones() == 1;
    match field {
        "aifs" if !(0..=255).contains(&number) => Err(invalid("AIFS", number)),
        "cwmin" if !is_window => Err(invalid("cwMin", number)),
        "cwmax" if !is_window => Err(invalid("cwMax", number)),
        "aifs" | "cwmin" | "cwmax" | "burst" => Ok(()),
        _ => Err(SetError::bare(format!("Unknown queue field '{field}'"))),
    }
}

/// Sets what `wmm_ac_*` (`wme_ac_*`) names.
pub fn access_category(all: &mut [AccessCategory; 4], variable: &str, value: &str) -> Result<(), SetError> {
    let name = variable.get(7..).unwrap_or_default();
    let unknown = || SetError::bare(format!("Unknown WMM name '{name}'"));
    let (category, field) = name.split_once('_').ok_or_else(unknown)?;
    let at = ["be", "bk", "vi", "vo"].iter().position(|c| *c == category).ok_or_else(unknown)?;
    let params = all.get_mut(at).ok_or_else(unknown)?;
    let number = atoi(value);
    let (place, shown, limits): (&mut u16, &str, (u16, u16)) = match field {
        "aifs" => (&mut params.aifs, "AIFS", (1, 255)),
        "cwmin" => (&mut params.cw_min, "cwMin", (0, 15)),
        "cwmax" => (&mut params.cw_max, "cwMax", (0, 15)),
        "txop_limit" => (&mut params.txop_limit, "txop", (0, u16::MAX)),
        "acm" => (&mut params.admission_control, "acm", (0, 1)),
        _ => return Err(SetError::bare(format!("Unknown wmm_ac_ field '{field}'"))),
    };
    match u16::try_from(number).ok().filter(|n| (limits.0..=limits.1).contains(n)) {
        Some(number) => *place = number,
        None => return Err(invalid(shown, number)),
    }
    Ok(())
}

fn invalid(what: &str, number: i32) -> SetError {
    SetError::bare(format!("Invalid {what} value {number}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_ranges() {
        let mut all = AccessCategory::DEFAULTS;
        access_category(&mut all, "wmm_ac_vo_txop_limit", "12").unwrap();
        assert_eq!(all[3].txop_limit, 12);
        for (variable, value, said) in [
            ("wmm_ac_be_aifs", "0", "Invalid AIFS value 0"),
            ("wmm_ac_xx_aifs", "1", "Unknown WMM name 'xx_aifs'"),
            ("wme_ac_be_x", "1", "Unknown wmm_ac_ field 'x'"),
        ] {
            assert_eq!(access_category(&mut all, variable, value).unwrap_err().to_string(), said);
        }
        for (variable, value, said) in [
            ("tx_queue_data2_cwmin", "8", "Invalid cwMin value 8"),
            ("tx_queue_x", "1", "Unknown tx_queue name 'x'"),
            ("tx_queue_data1_x", "1", "Unknown queue field 'x'"),
        ] {
            assert_eq!(tx_queue(variable, value).unwrap_err().to_string(), said);
        }
        tx_queue("tx_queue_data2_cwmin", "7").unwrap();
        tx_queue("tx_queue_data9_x", "x").unwrap();
    }
}
