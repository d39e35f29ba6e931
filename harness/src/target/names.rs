//! The scenario's names for interfaces and addresses, and the devices' own.
//!
//! A scenario and its transcript know wlan0 and 02:00:00:00:00:00; the device that plays the part
//! has a name and an address of its own. Everything that goes to a device or comes from it is
//! translated, so that what is compared with a reference is what was said, not who said it.

/// Words of one side, and what the other side calls them.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Names {
    /// The scenario's word and the device's.
    pairs: Vec<(Vec<u8>, Vec<u8>)>,
}

impl Names {
    /// Adds a pair; words that both sides share need none.
    pub fn add(&mut self, scenario: &str, device: &str) {
        let pair = (scenario.as_bytes().to_vec(), device.as_bytes().to_vec());
        if !pair.0.is_empty() && !pair.1.is_empty() && !self.pairs.contains(&pair) {
            self.pairs.push(pair);
        }
    }

    /// A scenario's text as the device understands it.
    pub fn to_device(&self, text: &[u8]) -> Vec<u8> {
        self.replace(text, |(scenario, device)| (scenario, device))
    }

    /// A device's text as the scenario has it.
    pub fn to_scenario(&self, text: &[u8]) -> Vec<u8> {
        self.replace(text, |(scenario, device)| (device, scenario))
    }

    /// Replaces whole words, all at once, so that two devices may have each other's names.
    fn replace(
        &self,
        text: &[u8],
        direction: impl Fn(&(Vec<u8>, Vec<u8>)) -> (&Vec<u8>, &Vec<u8>),
    ) -> Vec<u8> {
        if self.pairs.iter().all(|(scenario, device)| scenario == device) {
            return text.to_vec();
        }
        let mut out = Vec::with_capacity(text.len());
        let mut at = 0;
        while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
            let begins = at == 0 || !is_in_word(text.get(at - 1));
            let found = self
                .pairs
                .iter()
                .map(&direction)
                .find(|(from, _)| begins && rest.starts_with(from) && !is_in_word(rest.get(from.len())));
            match found {
                Some((from, to)) => {
                    out.extend_from_slice(to);
                    at += from.len();
                }
                None => {
                    out.extend(rest.first());
                    at += 1;
                }
            }
        }
        out
    }
}

/// Whether a neighbour makes a longer word. `p2p-wlan0-0` has the word wlan0 in it.
fn is_in_word(neighbour: Option<&u8>) -> bool {
    neighbour.is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_translated_both_ways_at_once() {
        let mut names = Names::default();
        names.add("wlan0", "wlan1");
        names.add("wlan1", "wlan0");
        names.add("02:00:00:00:00:00", "aa:bb:cc:dd:ee:ff");
        let there = names.to_device(b"P2P_CONNECT 02:00:00:00:00:00 wlan0 p2p-wlan1-0 xwlan0 wlan01");
        assert_eq!(there, b"P2P_CONNECT aa:bb:cc:dd:ee:ff wlan1 p2p-wlan0-0 xwlan0 wlan01");
        assert_eq!(
            names.to_scenario(&there),
            b"P2P_CONNECT 02:00:00:00:00:00 wlan0 p2p-wlan1-0 xwlan0 wlan01"
        );
        assert_eq!(Names::default().to_device(b"\xff\0"), b"\xff\0");
    }
}
