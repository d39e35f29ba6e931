//! The process-wide control interface, with hostapd 2.10's replies, and commands of a BSS that concern its radio.

use super::{HostapdConfig, Process, Replies, Silence};
use crate::runtime::never;
use crate::wire::time::Instant;
use crate::{ConnId, Env, Input};

/// Longer commands are cut: hostapd reads into 256 octets and keeps the last for a NUL.
const COMMAND_MAX: usize = 255;
/// The length at which a list of interfaces is cut (hostapd gives it a buffer of a command's size).
const LIST_MAX: usize = 256;
/// Commands that change all BSSs of a radio, by their beginnings as hostapd compares them.
const OF_RADIO: [&[u8]; 3] = [b"ENABLE", b"DISABLE", b"RELOAD"];

impl Process {
    pub(super) fn command(&mut self, now: Instant, conn: ConnId, data: &[u8], env: Env<'_>) {
        let data = data.get(..COMMAND_MAX).unwrap_or(data);
        let data = data.split(|b| *b == 0).next().unwrap_or_default();
        let text = String::from_utf8_lossy(data).into_owned();
        if let Some((ifname, command)) = text.strip_prefix("IFNAME=").and_then(|rest| rest.split_once(' ')) {
            match self.named(ifname) {
                Some(index) => self.bss_command(index, now, conn, command.as_bytes().to_vec(), env),
                None => self.reply(conn, "FAIL-NO-IFNAME-MATCH\n"),
            }
            return;
        }
        let success = match text.as_str() {
            "PING" => return self.reply(conn, "PONG\n"),
            "FLUSH" => true,
            "ATTACH" => {
                self.monitors.attach(conn);
                true
            }
            "DETACH" => self.monitors.detach(conn),
            "TERMINATE" => {
                self.reply(conn, "OK\n");
                return self.terminate(now, env);
            }
            _ => match text.strip_prefix("INTERFACES") {
                Some(kind) => {
                    let list = self.list(kind);
                    return self.reply(conn, &list);
                }
                None => self.change(now, conn, &text, env),
            },
        };
        self.reply(conn, if success { "OK\n" } else { "FAIL\n" });
    }

    fn change(&mut self, now: Instant, conn: ConnId, text: &str, env: Env<'_>) -> bool {
        let (name, arguments) = text.split_once(' ').unwrap_or((text, ""));
        match name {
            _ if text.starts_with("RELOG") => true,
            "ADD" => self.add(now, arguments, env),
            "REMOVE" => self.remove(now, arguments, env),
            "ATTACH" => self.monitors.attach_with(conn, arguments),
            "DUP_NETWORK" => self.dup_network(arguments).is_some(),
            _ => false,
        }
    }

    /// Whole lines only.
    fn list(&self, kind: &str) -> String {
        let mut list = String::new();
        for bss in &self.bsss {
            let name = &bss.ap.interface.ifname;
            let line = if kind.contains("ctrl") {
                let directory = bss.ap.config.ctrl_interface.as_deref().unwrap_or("N/A");
                format!("{name} ctrl_iface={directory}\n")
            } else {
                format!("{name}\n")
            };
            if list.len() + line.len() >= LIST_MAX {
                break;
            }
            list.push_str(&line);
        }
        list
    }

    /// Removes a BSS. The first BSS of a radio takes the others with it.
    //= hostap@2.10 src/ap/hostapd.c#hostapd_remove_iface
    fn remove(&mut self, now: Instant, ifname: &str, env: Env<'_>) -> bool {
        let Some(index) = self.named(ifname) else { return false };
        match self.bsss.get(index).map(|b| (b.first, b.group)) {
            Some((true, group)) => self.remove_group(group, now, env),
            _ => self.remove_bss(index, now, env),
        }
        true
    }

    /// `FROM TO VARIABLE`.
    fn dup_network(&mut self, arguments: &str) -> Option<()> {
        let mut words = arguments.splitn(3, ' ');
        let (from, to, variable) = (words.next()?, words.next()?, words.next()?);
        let (from, to) = (self.named(from)?, self.named(to)?);
        let source = self.bsss.get(from)?.ap.config.clone();
        copy_variable(&source, &mut self.bsss.get_mut(to)?.ap.config, variable)
    }

    /// A command for one BSS.
    pub(super) fn bss_command(
        &mut self,
        index: usize,
        now: Instant,
        conn: ConnId,
        data: Vec<u8>,
        env: Env<'_>,
    ) {
        let ends = data.split(|b| *b == 0).next() == Some(b"TERMINATE");
        if ends {
            self.reply(conn, "OK\n");
            return self.terminate(now, env);
        }
        if OF_RADIO.iter().any(|beginning| data.starts_with(beginning)) {
            return self.radio_command(index, now, conn, &data, env);
        }
        // The radio's other BSSs would stay behind.
        let shares = self.bsss.get(index).is_some_and(|b| self.of_group(b.group).len() > 1);
        if shares && data.starts_with(b"CHAN_SWITCH ") {
            return self.reply(conn, "FAIL\n");
        }
        let is_status = data.split(|b| *b == 0).next() == Some(b"STATUS");
        if is_status && let Some(status) = self.status(index, now, conn, env) {
            return self.reply(conn, &status);
        }
        self.ask(index, now, conn, data, env, (Replies::Forward, Silence::None));
    }

    fn ask(
        &mut self,
        index: usize,
        now: Instant,
        conn: ConnId,
        data: Vec<u8>,
        env: Env<'_>,
        how: (Replies, Silence),
    ) -> Vec<Vec<u8>> {
        let Some(id) = self.bsss.get(index).map(|b| b.ap.interface.id) else { return Vec::new() };
        let input = Input::Command { conn, socket: crate::CtrlSocket::Interface(id), data };
        self.give(index, now, input, env, how)
    }

    /// ENABLE, DISABLE and RELOAD go to every BSS of the radio; what the first says is the reply.
    fn radio_command(&mut self, index: usize, now: Instant, conn: ConnId, data: &[u8], env: Env<'_>) {
        let Some(group) = self.bsss.get(index).map(|b| b.group) else { return never!("the BSS is there") };
        let enables = data.starts_with(b"ENABLE");
        if enables && !self.has_radio(group) {
            return self.reply(conn, "FAIL\n");
        }
        let mut replies = self.of_group(group).into_iter().map(|index| {
            if enables {
                self.find_radio(index);
                self.make_interface(index);
            }
            let how = (Replies::Keep, Silence::OfOthers);
            self.ask(index, now, conn, data.to_vec(), env, how).pop().unwrap_or_default()
        });
        let first = replies.next().unwrap_or_default();
        if first == b"OK\n" {
            replies.for_each(drop);
        }
        self.reply(conn, &String::from_utf8_lossy(&first));
    }

    /// STATUS says the radio's state and names every BSS of it.
    fn status(&mut self, index: usize, now: Instant, conn: ConnId, env: Env<'_>) -> Option<String> {
        let group = self.bsss.get(index)?.group;
        let all = self.of_group(group);
        let mut status = String::new();
        for (number, index) in all.into_iter().enumerate() {
            let how = (Replies::Keep, Silence::None);
            let reply = self.ask(index, now, conn, b"STATUS".to_vec(), env, how).pop()?;
            let reply = String::from_utf8_lossy(&reply).into_owned();
            let at = reply.find("bss[0]=")?;
            match number {
                0 => status.push_str(&reply),
                _ => status.push_str(&reply.get(at..)?.replace("[0]=", &format!("[{number}]="))),
            }
        }
        Some(status)
    }
}

/// Copies a variable from one access point to another. A variable that is not set cannot be copied.
//= hostap@2.10 hostapd/ctrl_iface.c#hostapd_ctrl_iface_dup_param
fn copy_variable(from: &HostapdConfig, to: &mut HostapdConfig, variable: &str) -> Option<()> {
    match variable {
        "wpa" => to.wpa = from.wpa,
        "wpa_key_mgmt" if from.key_mgmt != Default::default() => to.key_mgmt = from.key_mgmt,
        "wpa_pairwise" if from.wpa_pairwise != Default::default() => to.wpa_pairwise = from.wpa_pairwise,
        "rsn_pairwise" if from.rsn_pairwise != Default::default() => to.rsn_pairwise = from.rsn_pairwise,
        "wpa_passphrase" if matches!(from.psk, Some(super::super::Psk::Passphrase(_))) => {
            to.psk.clone_from(&from.psk);
        }
        "wpa_psk" if matches!(from.psk, Some(super::super::Psk::Key(_))) => to.psk.clone_from(&from.psk),
        _ => return None,
    }
    Some(())
}
