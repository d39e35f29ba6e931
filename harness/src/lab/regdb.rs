//! The regulatory database that is built into the lab's kernel: Debian's, without the channels below
//! 1 GHz (IEEE 802.11ah). hwsim's radios have such channels, databases allow them since 2024 even in the world domain, and a
//! scan of all channels then takes twice as long as with the database of the recordings.

use std::collections::BTreeMap;

/// The beginning of such a file, and its version.
const MAGIC: &[u8] = b"RGDB\0\0\0\x14";
/// A country: its letters, and where its collection of rules is, in units of four octets.
const COUNTRY: usize = 4;
/// A rule: length, flags, power, first and last frequency in kHz, bandwidth.
const RULE: usize = 16;
/// Rules that end below are moved, in kHz.
const LOWEST: u32 = 1_000_000;
/// The frequency to which it is moved: no radio has a channel there. In kHz.
const NOWHERE: u32 = 100_000;

/// The kind of a part of a file.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Countries,
    Collection,
    Rule,
}

/// The parts of a file by their beginning: the end of each, and its kind.
type Parts = BTreeMap<usize, (usize, Part)>;

/// A file that is no regulatory database.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("no regulatory database of version 20: octet {0} is not what belongs there")]
pub struct NotARegulatoryDatabase(usize);

/// The database without channels below 1 GHz.
///
/// # Errors
/// It is none, it is cut off, or parts of it overlap: then a rule could not be moved without a change of something else.
pub fn without_sub_1_ghz(database: &[u8]) -> Result<Vec<u8>, NotARegulatoryDatabase> {
    if !database.starts_with(MAGIC) {
        return Err(NotARegulatoryDatabase(0));
    }
    let mut out = database.to_vec();
    let mut parts = Parts::new();
    let mut at = MAGIC.len();
    loop {
        let collection = usize::from(number16(database, at + 2)?) << 2;
        if collection == 0 {
            take(&mut parts, Part::Countries, 0, at + COUNTRY)?;
            return Ok(out);
        }
        let octet = |at: usize| database.get(at).copied().ok_or(NotARegulatoryDatabase(at));
        let (length, rules) = (usize::from(octet(collection)?), usize::from(octet(collection + 1)?));
        let pointers = collection + length.next_multiple_of(2);
        take(&mut parts, Part::Collection, collection, (pointers + 2 * rules).max(collection + 2))?;
        for rule in 0..rules {
            let rule = usize::from(number16(database, pointers + 2 * rule)?) << 2;
            let (first, last) = (number32(database, rule + 4)?, number32(database, rule + 8)?);
            // The whole rule must be there, and it must be one.
            number32(database, rule + RULE - 4)?;
            take(&mut parts, Part::Rule, rule, rule + RULE)?;
            let width = last.checked_sub(first).ok_or(NotARegulatoryDatabase(rule + 4))?;
            if last < LOWEST {
                let moved = [NOWHERE.to_be_bytes(), (NOWHERE + width).to_be_bytes()].concat();
                out.splice(rule + 4..rule + 12, moved);
            }
        }
        at += COUNTRY;
    }
}

/// Takes a part of a file. What several countries share is the same part.
fn take(parts: &mut Parts, part: Part, from: usize, to: usize) -> Result<(), NotARegulatoryDatabase> {
    match parts.range(..to).next_back() {
        Some((begins, there)) if (*begins, *there) == (from, (to, part)) => Ok(()),
        Some((_, (ends, _))) if *ends > from => Err(NotARegulatoryDatabase(from)),
        _ => {
            parts.insert(from, (to, part));
            Ok(())
        }
    }
}

fn number16(database: &[u8], at: usize) -> Result<u16, NotARegulatoryDatabase> {
    let octets = database.get(at..).and_then(|rest| rest.first_chunk()).ok_or(NotARegulatoryDatabase(at))?;
    Ok(u16::from_be_bytes(*octets))
}

fn number32(database: &[u8], at: usize) -> Result<u32, NotARegulatoryDatabase> {
    let octets = database.get(at..).and_then(|rest| rest.first_chunk()).ok_or(NotARegulatoryDatabase(at))?;
    Ok(u32::from_be_bytes(*octets))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// One country with rules of these frequencies in MHz.
    fn database(rules: &[(u32, u32)]) -> Vec<u8> {
        let mut out = MAGIC.to_vec();
        // The country at 8, the end at 12, rules from 16 on, then the collection.
        let collection = 16 + rules.len() * RULE;
        out.extend(*b"00");
        out.extend(((collection / 4) as u16).to_be_bytes());
        out.extend([0; 4]);
        for (first, last) in rules {
            out.extend([16, 0, 0, 0]);
            out.extend((first * 1000).to_be_bytes());
            out.extend((last * 1000).to_be_bytes());
            out.extend(2000u32.to_be_bytes());
        }
        out.extend([3, rules.len() as u8, 0, 0]);
        (0..rules.len()).for_each(|rule| out.extend((((16 + rule * RULE) / 4) as u16).to_be_bytes()));
        out
    }

    #[test]
    fn only_rules_below_1_ghz_are_moved() {
        let moved = without_sub_1_ghz(&database(&[(755, 928), (2402, 2472), (57240, 63720)])).unwrap();
        assert_eq!(moved, database(&[(100, 273), (2402, 2472), (57240, 63720)]));
        assert_eq!(without_sub_1_ghz(&moved).unwrap(), database(&[(100, 273), (2402, 2472), (57240, 63720)]));
    }

    #[test]
    fn what_is_cut_off_is_no_database() {
        let whole = database(&[(755, 928)]);
        for length in 0..whole.len() {
            assert!(without_sub_1_ghz(&whole[..length]).is_err(), "{length}");
        }
        assert!(without_sub_1_ghz(b"RGDB\0\0\0\x13").is_err());
    }

    #[test]
    fn parts_that_overlap_are_no_database() {
        // The second rule begins within the first one, then within the countries.
        let whole = database(&[(755, 928), (2402, 2472)]);
        let pointer = whole.len() - 2;
        for place in [5u16, 1] {
            let mut odd = whole.clone();
            odd[pointer..].copy_from_slice(&place.to_be_bytes());
            assert!(without_sub_1_ghz(&odd).is_err(), "{place}");
        }
        // Rules may be shared.
        let mut shared = whole;
        shared[pointer..].copy_from_slice(&4u16.to_be_bytes());
        assert!(without_sub_1_ghz(&shared).is_ok());
    }

    proptest! {
        #[test]
        fn any_octets_are_a_database_or_not(tail in proptest::collection::vec(any::<u8>(), 0..200)) {
            let bytes = [MAGIC, &tail[..]].concat();
            if let Ok(moved) = without_sub_1_ghz(&bytes) {
                prop_assert_eq!(moved.len(), bytes.len());
                prop_assert_eq!(without_sub_1_ghz(&moved), Ok(moved.clone()));
            }
        }
    }
}
