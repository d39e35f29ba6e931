//! Addresses and interfaces of the reference, and what stands for them in a scenario.

use wpasim_engine::config::global::uuid_text;
use wpasim_wire::MacAddr;
use wpasim_wire::crypto::uuid_from_mac;

use super::recording::{Observed, Recorded};

/// One text of the reference.
struct Known {
    real: String,
    /// In a step: `{sta}`.
    step: String,
    /// On a simulated radio, and so in the transcript.
    simulated: String,
}

/// All of them.
#[derive(Default)]
pub struct Names {
    known: Vec<Known>,
}

/// A simulated radio's address, and that of its second interface (mac80211_hwsim).
fn simulated(radio: usize, second: bool) -> MacAddr {
    let [.., high, low] = (radio as u32).to_be_bytes();
    MacAddr([if second { 0x42 } else { 2 }, 0, 0, high, low, 0])
}

impl Names {
    /// Of devices in the order of the scenario: those that were recorded, then access points that were heard, with
    /// their names.
    pub fn new(devices: &[Recorded], heard: &[(String, &Observed)]) -> Self {
        let mut names = Names::default();
        for (radio, device) in devices.iter().enumerate() {
            names.add_device(radio, device);
        }
        for (i, (name, heard)) in heard.iter().enumerate() {
            let radio = devices.len() + i;
            names.add(&heard.bssid.to_string(), format!("{{{name}}}"), simulated(radio, false).to_string());
        }
        names
    }

    fn add_device(&mut self, radio: usize, device: &Recorded) {
        let name = &device.name;
        let addr = simulated(radio, false);
        if let Some(real) = device.addr {
            self.add(&real.to_string(), format!("{{{name}}}"), addr.to_string());
            if let MacAddr([2, 0, 0, high, low, 0]) = real {
                let second = MacAddr([0x42, 0, 0, high, low, 0]);
                self.add(
                    &second.to_string(),
                    format!("{{{name}.second}}"),
                    simulated(radio, true).to_string(),
                );
            }
        }
        self.add(&device.ifname, format!("{{{name}.ifname}}"), format!("wlan{radio}"));
        // Only a derived UUID is another one on another address.
        if let (Some(real), Some(uuid)) = (device.addr, &device.uuid)
            && uuid_text(&uuid_from_mac(real)) == *uuid
        {
            let simulated = uuid_text(&uuid_from_mac(addr));
            self.add(uuid, simulated.clone(), simulated);
        }
    }

    fn add(&mut self, real: &str, step: String, simulated: String) {
        if !real.is_empty() && !self.known.iter().any(|k| k.real == real) {
            self.known.push(Known { real: real.to_owned(), step, simulated });
        }
    }

    /// A text for a step: names for what is known, and its own braces doubled.
    pub fn in_step(&self, text: &str) -> String {
        self.translated(text, |known| &known.step, true)
    }

    /// A line for the transcript.
    pub fn in_transcript(&self, text: &str) -> String {
        self.translated(text, |known| &known.simulated, false)
    }

    fn translated(&self, text: &str, to: fn(&Known) -> &str, is_step: bool) -> String {
        let is_word = |c: char| c.is_alphanumeric() || c == '_';
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        let mut before = ' ';
        while let Some(next) = rest.chars().next() {
            let found = self.known.iter().find(|known| {
                let ends = |after: &str| !after.chars().next().is_some_and(is_word);
                !is_word(before) && strip_any_case(rest, &known.real).is_some_and(ends)
            });
            let taken = match found {
                Some(known) => {
                    out.push_str(to(known));
                    known.real.len()
                }
                None => {
                    out.push(next);
                    if is_step && matches!(next, '{' | '}') {
                        out.push(next);
                    }
                    next.len_utf8()
                }
            };
            let (passed, after) = rest.split_at(taken);
            before = passed.chars().next_back().unwrap_or(' ');
            rest = after;
        }
        out
    }
}

/// Returns the text that follows `real` at the beginning of `text`; addresses are written in either case.
fn strip_any_case<'t>(text: &'t str, real: &str) -> Option<&'t str> {
    let head = text.get(..real.len())?;
    let same = if real.contains(':') { head.eq_ignore_ascii_case(real) } else { head == real };
    same.then(|| text.get(real.len()..))?
}

#[cfg(test)]
mod tests {
    use super::super::recording::RecordedRole;
    use super::*;

    fn names() -> Names {
        let device = |name: &str, ifname: &str, addr: &str| Recorded {
            name: name.to_owned(),
            ifname: ifname.to_owned(),
            addr: addr.parse().ok(),
            uuid: None,
            made_by: String::new(),
            role: RecordedRole::Hostapd(Vec::new()),
        };
        Names::new(
            &[device("b", "wlp3s0", "aa:BB:cc:00:11:22"), device("a", "wlan0", "02:00:00:00:07:00")],
            &[],
        )
    }

    #[test]
    fn whole_words_are_translated() {
        let names = names();
        let text = "P2P-GROUP-STARTED p2p-wlp3s0-0 GO AA:bb:cc:00:11:22 wlan01 xwlan0 {x} wlan0";
        assert_eq!(
            names.in_step(text),
            "P2P-GROUP-STARTED p2p-{b.ifname}-0 GO {b} wlan01 xwlan0 {{x}} {a.ifname}"
        );
        assert_eq!(
            names.in_transcript(text),
            "P2P-GROUP-STARTED p2p-wlan0-0 GO 02:00:00:00:00:00 wlan01 xwlan0 {x} wlan1"
        );
        assert_eq!(names.in_step("42:00:00:00:07:00"), "{a.second}");
    }
}
