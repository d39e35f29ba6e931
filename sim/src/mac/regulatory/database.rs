//! The regulatory database as Linux's firmware loader reads it (version 20 of net/wireless/reg.c's format).

/// The beginning of such a file, and its version.
const MAGIC: &[u8] = b"RGDB\0\0\0\x14";
/// A country: its letters, and where its collection of rules is, in units of four octets.
const COUNTRY: usize = 4;
/// A rule without what later versions add: length, flags, power, first and last frequency in kHz, bandwidth.
const RULE: usize = 16;

/// A file that is no regulatory database.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("no regulatory database of version 20: octet {0} is not what belongs there")]
pub struct NotADatabase(usize);

/// The permissions between two frequencies.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct RegulatoryRule {
    /// In kHz.
    pub first: u32,
    /// In kHz.
    pub last: u32,
    /// The widest channel in kHz.
    pub bandwidth: u32,
    /// In hundredths of a dBm.
    pub power: u16,
    flags: u8,
}

impl RegulatoryRule {
    const DFS: u8 = 1 << 2;
    const NO_IR: u8 = 1 << 3;

    /// Returns whether radars have to be looked for.
    pub fn dfs(&self) -> bool {
        self.flags & RegulatoryRule::DFS != 0
    }

    /// Returns whether nobody may transmit first.
    pub fn no_ir(&self) -> bool {
        self.flags & RegulatoryRule::NO_IR != 0
    }

    /// Returns whether `length` MHz from a frequency in MHz on lie within.
    pub fn covers(&self, from: u32, length: u32) -> bool {
        from.saturating_mul(1000) >= self.first && (from + length).saturating_mul(1000) <= self.last
    }

    /// Returns whether a channel of 20 MHz in the middle of which is `freq` (in MHz) lies within.
    pub fn has_channel(&self, freq: u32) -> bool {
        let khz = freq.saturating_mul(1000);
        khz.saturating_sub(10_000) >= self.first && khz.saturating_add(10_000) <= self.last
    }
}

/// Returns the rules of a country, `00` for the world; `None` if the database has no such country.
///
/// # Errors
/// The file is no database of this version, or is cut off.
pub fn rules_of(database: &[u8], country: [u8; 2]) -> Result<Option<Vec<RegulatoryRule>>, NotADatabase> {
    if !database.starts_with(MAGIC) {
        return Err(NotADatabase(0));
    }
    let mut at = MAGIC.len();
    loop {
        let letters: [u8; 2] = octets(database, at)?;
        let collection = usize::from(u16::from_be_bytes(octets(database, at + 2)?)) << 2;
        match collection {
            0 => return Ok(None),
            _ if letters == country => return rules(database, collection).map(Some),
            _ => at += COUNTRY,
        }
    }
}

/// Returns the letters of every country of a database, the world's `00` first.
///
/// # Errors
/// The file is no database of this version, or is cut off.
pub fn countries_of(database: &[u8]) -> Result<Vec<[u8; 2]>, NotADatabase> {
    if !database.starts_with(MAGIC) {
        return Err(NotADatabase(0));
    }
    let mut all = Vec::new();
    loop {
        let [a, b, high, low] = octets(database, MAGIC.len() + all.len() * COUNTRY)?;
        if [high, low] == [0; 2] {
            return Ok(all);
        }
        all.push([a, b]);
    }
}

fn rules(database: &[u8], collection: usize) -> Result<Vec<RegulatoryRule>, NotADatabase> {
    let [length, count] = octets(database, collection)?;
    let pointers = collection + usize::from(length).next_multiple_of(2);
    let rule = |index: usize| {
        let at = usize::from(u16::from_be_bytes(octets(database, pointers + 2 * index)?)) << 2;
        let [length, flags] = octets(database, at)?;
        if usize::from(length) < RULE {
            return Err(NotADatabase(at));
        }
        let number = |place: usize| octets(database, at + place).map(u32::from_be_bytes);
        Ok(RegulatoryRule {
            flags,
            power: u16::from_be_bytes(octets(database, at + 2)?),
            first: number(4)?,
            last: number(8)?,
            bandwidth: number(12)?,
        })
    };
    (0..usize::from(count)).map(rule).collect()
}

fn octets<const N: usize>(database: &[u8], at: usize) -> Result<[u8; N], NotADatabase> {
    database.get(at..).and_then(|rest| rest.first_chunk()).copied().ok_or(NotADatabase(at))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A database of one country.
    fn database(country: [u8; 2], rules: &[RegulatoryRule]) -> Vec<u8> {
        let mut out = MAGIC.to_vec();
        let collection = 16 + rules.len() * RULE;
        out.extend(country);
        out.extend(((collection / 4) as u16).to_be_bytes());
        out.extend([0; 4]);
        for rule in rules {
            out.extend([RULE as u8, rule.flags]);
            out.extend(rule.power.to_be_bytes());
            [rule.first, rule.last, rule.bandwidth].iter().for_each(|n| out.extend(n.to_be_bytes()));
        }
        out.extend([4, rules.len() as u8, 0, 0]);
        (0..rules.len()).for_each(|n| out.extend((((16 + n * RULE) / 4) as u16).to_be_bytes()));
        out
    }

    fn rule() -> impl Strategy<Value = RegulatoryRule> {
        (any::<[u32; 3]>(), any::<u16>(), any::<u8>()).prop_map(|([first, last, bandwidth], power, flags)| {
            RegulatoryRule { first, last, bandwidth, power, flags }
        })
    }

    proptest! {
        #[test]
        fn what_was_written_is_read(country: [u8; 2], rules in proptest::collection::vec(rule(), 1..20)) {
            let octets = database(country, &rules);
            prop_assert_eq!(rules_of(&octets, country), Ok(Some(rules)));
            prop_assert_eq!(countries_of(&octets), Ok(vec![country]));
            for length in 0..octets.len() {
                prop_assert!(rules_of(&octets[..length], country).is_err());
            }
        }

        #[test]
        fn any_octets_are_a_database_or_not(tail in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = rules_of(&[MAGIC, &tail[..]].concat(), *b"DE");
        }
    }
}
