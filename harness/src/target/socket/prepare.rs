//! Before and after a scenario: what the scenario's configuration says is set by commands, and what
//! was there before is set again.

use std::time::Duration as WallDuration;

use super::config::{HOSTAPD_BEFORE, Part, parts};
use super::unit::State;
use super::{REPLY, SocketTarget};
use crate::control::words;
use crate::scenario::model::Role;
use crate::target::TargetError;
use crate::wall::Stopwatch;

/// How long a reply may take where nothing depends on it any more.
const BRIEFLY: WallDuration = WallDuration::from_secs(2);
/// What makes a supplicant as good as new, whatever it replies: not every implementation knows all.
const RESET: [&str; 5] = ["DISCONNECT", "FLUSH", "REMOVE_NETWORK all", "REMOVE_CRED all", "BSS_FLUSH 0"];
/// How long an access point may take to come up.
const COMES_UP: WallDuration = WallDuration::from_secs(10);

impl SocketTarget {
    /// Finds out who is there, and gives it the scenario's configuration.
    pub(super) fn prepare(&mut self, unit: usize) -> Result<(), TargetError> {
        let pong = self.ask(unit, "PING", REPLY)?;
        if pong.trim_end() != "PONG" {
            let unit = &self.units[unit];
            return Err(TargetError::Device(format!(
                "{} at {} is no wpa_supplicant or hostapd: it answers PING with \"{}\"",
                unit.device.name,
                unit.at.main,
                pong.trim_end()
            )));
        }
        let version = self.ask(unit, "GET version", REPLY)?;
        self.units[unit].version = one_line(&version).unwrap_or("of unknown version").to_owned();
        match self.units[unit].device.role.clone() {
            Role::Supplicant(conf) => self.prepare_supplicant(unit, &conf),
            Role::Hostapd(conf) => self.prepare_access_point(unit, &conf),
            Role::Scripted => Ok(()),
        }
    }

    fn prepare_supplicant(&mut self, unit: usize, conf: &str) -> Result<(), TargetError> {
        let ifname = self.ask(unit, "IFNAME", REPLY)?;
        let status = self.ask(unit, "STATUS", REPLY)?;
        self.is_called(unit, one_line(&ifname), words::field(&status, "address"));
        for command in RESET {
            self.ask(unit, command, REPLY)?;
        }
        // SAVE_CONFIG must not write the file of whoever runs the process.
        self.try_set(unit, "update_config", "0")?;
        let name = self.units[unit].device.name.clone();
        let mut networks = 0;
        for part in parts(&name, conf)? {
            match part {
                Part::Global(name, value) => self.set(unit, &name, &value)?,
                Part::Network(variables) => {
                    networks += 1;
                    let id = self.add_block(unit, "NETWORK", &variables)?;
                    if variables.iter().all(|(name, _)| name != "disabled") {
                        self.insist(unit, &format!("SET_NETWORK {id} disabled 0"))?;
                    }
                }
                Part::Credential(variables) => {
                    self.add_block(unit, "CRED", &variables)?;
                }
            }
        }
        match networks {
            0 => self.ask(unit, "RECONNECT", REPLY).map(|_| ()),
            _ => {
                self.units[unit].connects_when_attached = true;
                Ok(())
            }
        }
    }

    /// ADD_NETWORK or ADD_CRED, and the variables; returns the identifier.
    fn add_block(
        &mut self,
        unit: usize,
        kind: &str,
        variables: &[(String, String)],
    ) -> Result<u32, TargetError> {
        let reply = self.ask(unit, &format!("ADD_{kind}"), REPLY)?;
        let id = one_line(&reply)
            .and_then(|id| id.parse().ok())
            .ok_or_else(|| self.not_taken(unit, &format!("ADD_{kind}"), &reply))?;
        for (name, value) in variables {
            self.insist(unit, &format!("SET_{kind} {id} {name} {value}"))?;
        }
        Ok(id)
    }

    fn prepare_access_point(&mut self, unit: usize, conf: &str) -> Result<(), TargetError> {
        let status = self.ask(unit, "STATUS", REPLY)?;
        self.is_called(unit, words::field(&status, "bss[0]"), words::field(&status, "bssid[0]"));
        for (name, value) in HOSTAPD_BEFORE {
            self.ask(unit, &format!("SET {name} {value}"), REPLY)?;
        }
        let name = self.units[unit].device.name.clone();
        for part in parts(&name, conf)? {
            if let Part::Global(name, value) = part {
                self.insist(unit, &format!("SET {name} {value}"))?;
            }
        }
        self.ask(unit, "DISABLE", REPLY)?;
        self.insist(unit, "ENABLE")?;
        let watch = Stopwatch::start();
        loop {
            let status = self.ask(unit, "STATUS", REPLY)?;
            match words::field(&status, "state") {
                Some("ENABLED") => return Ok(()),
                state if watch.elapsed() > COMES_UP => {
                    return Err(TargetError::Device(format!(
                        "{name} does not come up: after {} s it is {}",
                        COMES_UP.as_secs(),
                        state.unwrap_or("in no state")
                    )));
                }
                _ => self.pause()?,
            }
        }
    }

    /// Remembers the device's own interface and address.
    fn is_called(&mut self, unit: usize, ifname: Option<&str>, address: Option<&str>) {
        let file_name = self.units[unit].at.main.file_name().map(str::to_owned);
        let ifname = ifname.map(str::to_owned).or(file_name).unwrap_or_default();
        let (scenario, address) = (self.units[unit].device.clone(), address.unwrap_or_default().to_owned());
        self.units[unit].names.add(&scenario.ifname(), &ifname);
        self.units[unit].ifname = ifname;
        self.add_address(&scenario.addr().to_string(), &address);
    }

    /// SET, which must be answered OK.
    fn set(&mut self, unit: usize, name: &str, value: &str) -> Result<(), TargetError> {
        match self.try_set(unit, name, value)? {
            None => Ok(()),
            Some(reply) => Err(self.not_taken(unit, &format!("SET {name} {value}"), &reply)),
        }
    }

    /// SET, remembering the value before; what it replied if that is not OK.
    fn try_set(&mut self, unit: usize, name: &str, value: &str) -> Result<Option<String>, TargetError> {
        let before = self.ask(unit, &format!("GET {name}"), REPLY)?;
        let reply = self.ask_own(unit, &format!("SET {name} {value}"))?;
        if reply.trim_end() != "OK" {
            return Ok(Some(reply));
        }
        let before = one_line(&before).unwrap_or_default().to_owned();
        self.units[unit].restore.push((name.to_owned(), before));
        Ok(None)
    }

    /// Asks with the device's own names for interfaces and addresses.
    fn ask_own(&mut self, unit: usize, command: &str) -> Result<String, TargetError> {
        let command = self.units[unit].names.to_device(command.as_bytes());
        self.ask(unit, &String::from_utf8_lossy(&command), REPLY)
    }

    /// A command that must be answered OK.
    fn insist(&mut self, unit: usize, command: &str) -> Result<(), TargetError> {
        let reply = self.ask_own(unit, command)?;
        if reply.trim_end() == "OK" { Ok(()) } else { Err(self.not_taken(unit, command, &reply)) }
    }

    fn not_taken(&self, unit: usize, command: &str, reply: &str) -> TargetError {
        TargetError::Device(format!(
            "{} does not take the scenario's configuration: it answers {command} with \"{}\"",
            self.units[unit].device.name,
            reply.trim_end()
        ))
    }

    /// Leaves a device as it was: without networks and disconnected, its globals as before.
    pub(super) fn restore(&mut self, unit: usize) -> Result<(), TargetError> {
        if self.units[unit].state != State::Running {
            return Ok(());
        }
        let restore = std::mem::take(&mut self.units[unit].restore);
        if matches!(self.units[unit].device.role, Role::Hostapd(_)) {
            return Ok(());
        }
        for command in RESET {
            self.ask(unit, command, BRIEFLY)?;
        }
        for (name, value) in restore.iter().rev() {
            self.ask(unit, &format!("SET {name} {value}"), BRIEFLY)?;
        }
        Ok(())
    }
}

/// A reply that is one line and no refusal.
fn one_line(reply: &str) -> Option<&str> {
    let line = reply.trim_end_matches('\n');
    let refused = line.is_empty() || line.contains('\n') || line == "FAIL" || line == "UNKNOWN COMMAND";
    (!refused).then_some(line)
}
