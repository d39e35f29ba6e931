//! ADD: access points from configuration files, or without one, to be configured by SET.

use std::collections::BTreeSet;

use super::sections::{Sections, value_of};
use super::{Bss, Group, Hostapd, HostapdConfig, OWN, Process, Replies, Silence};
use crate::entropy::Entropy;
use crate::runtime::monitors::Monitors;
use crate::wire::MacAddr;
use crate::wire::driver::IfId;
use crate::wire::time::Instant;
use crate::{Env, InterfaceConfig, Output, SocketChange};

/// The number of BSSs that a radio has room for (mac80211_hwsim's max_interfaces).
const MOST_BSSS: usize = 2048;

/// A BSS that is to be.
struct Wanted {
    config: HostapdConfig,
    ifname: String,
    addr: Option<MacAddr>,
}

impl Wanted {
    fn read(radio: &[u8], section: &[u8], env: Env<'_>) -> Option<Wanted> {
        let text = Sections::with_radio(radio, section);
        let config = HostapdConfig::parse(&text, &|file| env.files.read(file)).ok()?;
        let addr = match value_of(section, "bssid") {
            Some(text) => Some(MacAddr::parse_prefix(&text)?.0),
            None => None,
        };
        let ifname = config.interface.clone();
        crate::is_interface_name(&ifname).then_some(Wanted { config, ifname, addr })
    }
}

/// The addresses of a radio's BSSs.
struct Addresses {
    taken: BTreeSet<MacAddr>,
    /// The last one that was looked at, as a number: all from the radio's to it are taken.
    last: u64,
}

impl Addresses {
    /// Remembers that a BSS has this one.
    fn taken(&mut self, addr: MacAddr) -> MacAddr {
        self.taken.insert(addr);
        addr
    }

    /// The next address after the radio's that no BSS of it has.
    fn free(&mut self) -> MacAddr {
        loop {
            self.last = self.last.wrapping_add(1);
            let [_, _, octets @ ..] = self.last.to_be_bytes();
            if self.taken.insert(MacAddr(octets)) {
                return MacAddr(octets);
            }
        }
    }
}

fn number_of(addr: MacAddr) -> u64 {
    let [a, b, c, d, e, f] = addr.0;
    u64::from_be_bytes([0, 0, a, b, c, d, e, f])
}

impl Process {
    /// Adds an access point at run time.
    //= hostap@2.10 src/ap/hostapd.c#hostapd_add_iface
    pub(super) fn add(&mut self, now: Instant, arguments: &str, env: Env<'_>) -> bool {
        let added = match arguments.strip_prefix("bss_config=") {
            Some(rest) => rest.split_once(':').and_then(|(label, file)| self.add_bss(now, label, file, env)),
            None => self.add_interface(arguments, env),
        };
        if added.is_none() {
            self.say_refusals(arguments, env);
        }
        added.is_some()
    }

    /// Says why the file of an addition is refused, if it is.
    fn say_refusals(&mut self, arguments: &str, env: Env<'_>) {
        let file = match arguments.strip_prefix("bss_config=") {
            Some(rest) => rest.split_once(':').map(|(_, file)| file),
            None => arguments.split_once(" config=").map(|(_, file)| file),
        };
        let file = file.filter(|file| !file.is_empty());
        let refusals = file.map(|file| HostapdConfig::refusals(file, env.files)).unwrap_or_default();
        self.outputs.extend(refusals.iter().map(|line| Output::Log(line.to_string())));
    }

    /// `LABEL:FILE`: the BSSs of a radio that is not in use, or one more BSS for one that is.
    fn add_bss(&mut self, now: Instant, label: &str, file: &str, env: Env<'_>) -> Option<()> {
        if label.is_empty() || file.is_empty() {
            return None;
        }
        let sections = Sections::split(&env.files.read(file)?);
        let known = self.groups.iter().find(|g| g.label == label).map(|g| (g.number, g.radio.clone()));
        let radio = known.as_ref().map_or(&sections.radio, |(_, radio)| radio);
        // The driver refuses what goes beyond, and the BSSs before it go as well.
        if sections.bsss.len() > MOST_BSSS {
            return None;
        }
        let wanted: Option<Vec<Wanted>> =
            sections.bsss.iter().map(|section| Wanted::read(radio, section, env)).collect();
        let mut wanted = wanted?;
        let taken =
            |w: &Wanted| self.named(&w.ifname).is_some() || self.radios.iter().any(|r| r.ifname == w.ifname);
        match known {
            Some((group, _)) => {
                let one = wanted.pop().filter(|one| wanted.is_empty() && !taken(one))?;
                let mut addresses = self.addresses(group)?;
                let index = self.add_to_group(group, &mut addresses, one)?;
                let is_up = self.of_group(group).first().is_some_and(|first| self.is_enabled(*first));
                (!is_up || self.begin(index, now, env)).then_some(())
            }
            None => {
                if wanted.iter().skip(1).any(taken) {
                    return None;
                }
                self.add_group(now, label, sections.radio, wanted, env)
            }
        }
    }

    /// A radio with its BSSs.
    fn add_group(
        &mut self,
        now: Instant,
        label: &str,
        radio: Vec<u8>,
        wanted: Vec<Wanted>,
        env: Env<'_>,
    ) -> Option<()> {
        let mut wanted = wanted.into_iter();
        let first = wanted.next()?;
        let identity = self.free_radio(&first.ifname)?;
        let group = self.new_group(label, radio);
        self.push(identity, group, first);
        // Each of thousands of BSSs is added without a look at all the others.
        let mut names: BTreeSet<String> = self.bsss.iter().map(|b| b.ap.interface.ifname.clone()).collect();
        let mut addresses = self.addresses(group)?;
        let complete = wanted.all(|one| {
            names.insert(one.ifname.clone()) && self.add_to_group(group, &mut addresses, one).is_some()
        });
        let all = self.of_group(group);
        if complete && all.into_iter().all(|index| self.begin(index, now, env)) {
            return Some(());
        }
        self.remove_group(group, now, env);
        None
    }

    /// `IFNAME config=FILE`, or `IFNAME CTRL_INTERFACE [DRIVER]`: an interface that is not enabled.
    fn add_interface(&mut self, arguments: &str, env: Env<'_>) -> Option<()> {
        let (ifname, rest) = arguments.split_once(' ')?;
        let is_first = |b: &Bss| b.first && b.ap.interface.ifname == ifname;
        if self.bsss.iter().any(is_first) || !crate::is_interface_name(ifname) {
            return None;
        }
        let (config, radio) = match rest.strip_prefix("config=") {
            Some(file) => {
                let sections = Sections::split(&env.files.read(file)?);
                let first = sections.bsss.first()?;
                let text = Sections::with_radio(&sections.radio, first);
                let config = HostapdConfig::parse(&text, &|file| env.files.read(file)).ok()?;
                (config, sections.radio)
            }
            None => {
                let directory = rest.split(' ').next().unwrap_or_default().to_owned();
                (HostapdConfig { ctrl_interface: Some(directory), ..HostapdConfig::default() }, Vec::new())
            }
        };
        let mut identity = self.free_radio(ifname).unwrap_or_else(|| self.without_radio(ifname));
        // The radio of the interface turns out when it is enabled.
        identity.phy.clear();
        let group = self.new_group("", radio);
        self.push(identity, group, Wanted { config, ifname: ifname.to_owned(), addr: None });
        let ap = &mut self.bsss.last_mut()?.ap;
        // It answers, and waits for ENABLE.
        ap.running = true;
        Some(())
    }

    fn new_group(&mut self, label: &str, radio: Vec<u8>) -> u32 {
        self.next_group += 1;
        self.groups.push(Group { number: self.next_group, label: label.to_owned(), radio });
        self.next_group
    }

    /// The radio with this interface, unless it is in use.
    fn free_radio(&self, ifname: &str) -> Option<InterfaceConfig> {
        let radio = self.radios.iter().find(|r| r.ifname == ifname)?;
        self.position(radio.id).is_none().then(|| radio.clone())
    }

    /// An interface that no radio has: hostapd finds out when it is enabled.
    fn without_radio(&mut self, ifname: &str) -> InterfaceConfig {
        InterfaceConfig {
            id: self.new_id(),
            ifname: ifname.to_owned(),
            phy: String::new(),
            addr: MacAddr::ZERO,
            second_addr: MacAddr::ZERO,
            ifindex: 0,
            config_path: String::new(),
        }
    }

    fn new_id(&mut self) -> IfId {
        self.next_interface += 1;
        IfId(self.next_interface - 1)
    }

    /// One more BSS; its place.
    fn add_to_group(&mut self, group: u32, addresses: &mut Addresses, wanted: Wanted) -> Option<usize> {
        let of_radio = self.first_of(group)?.ap.interface.clone();
        let addr = match wanted.addr {
            Some(addr) if addr == of_radio.addr => return None,
            Some(addr) => addresses.taken(addr),
            None => addresses.free(),
        };
        let id = self.new_id();
        let identity = InterfaceConfig {
            id,
            ifname: wanted.ifname.clone(),
            phy: of_radio.phy,
            addr,
            second_addr: addr,
            ifindex: of_radio.ifindex + id.0,
            config_path: String::new(),
        };
        Some(self.push(identity, group, wanted))
    }

    /// The addresses that BSSs of a group have, to find free ones.
    fn addresses(&self, group: u32) -> Option<Addresses> {
        let of_group = self.bsss.iter().filter(|b| b.group == group);
        let taken = of_group.flat_map(|b| [Some(b.ap.interface.addr), b.wanted_addr]).flatten().collect();
        Some(Addresses { taken, last: number_of(self.first_of(group)?.ap.interface.addr) })
    }

    /// Puts a BSS behind those of its group; its place. Its socket is there from now on.
    fn push(&mut self, identity: InterfaceConfig, group: u32, wanted: Wanted) -> usize {
        let last = self.bsss.iter().rposition(|b| b.group == group);
        let (first, at) = (last.is_none(), last.map_or(self.bsss.len(), |last| last + 1));
        let change = SocketChange::Opened {
            ifname: identity.ifname.clone(),
            ctrl_interface: wanted.config.ctrl_interface.clone(),
        };
        self.outputs.push_back(Output::Socket { iface: identity.id, change });
        let entropy = self.entropy.derive(&identity.ifname);
        let ap = Hostapd::configured(identity, wanted.config, &entropy);
        self.bsss.insert(at, Bss { ap, group, first, wanted_addr: wanted.addr, made: false, next: None });
        at
    }

    fn is_enabled(&self, index: usize) -> bool {
        self.bsss.get(index).is_some_and(|b| b.ap.ap.state() == crate::ap::ApState::Enabled)
    }

    /// Starts a BSS. If that fails it is gone.
    fn begin(&mut self, index: usize, now: Instant, env: Env<'_>) -> bool {
        self.make_interface(index);
        let Some(bss) = self.bsss.get_mut(index) else { return false };
        bss.ap.begin(now, env);
        let begun = bss.ap.running;
        self.drain(index, Replies::Keep, Silence::OfOthers);
        if !begun {
            self.remove_bss(index, now, env);
        }
        begun
    }
}

impl Hostapd {
    /// With a configuration that is there already.
    fn configured(interface: InterfaceConfig, config: HostapdConfig, entropy: &Entropy) -> Hostapd {
        let mut monitors = Monitors::default();
        // The process hears everything, and decides itself who of its own wants it.
        monitors.attach_with(OWN, "probe_rx_events=1");
        monitors.set_level(OWN, i64::MIN);
        Hostapd { config, monitors, ..Hostapd::new(interface, entropy.clone()) }
    }
}
