//! The process-wide control interface, and the interfaces that come and go through it.

use crate::config::keys::global;
use wpasim_wire::driver::{DriverRequest, IfId, IfType};

use super::Supplicant;
use super::interface::{Context, Interface};
use super::p2p::P2p;
use crate::config::{Config, Refusals};
use crate::ctrl::Reply;
use crate::ctrl::row::{self, Row};
use crate::{ConnId, InterfaceConfig, Output, SocketChange};

/// The longest reply of the process-wide socket to commands of its own, with its NUL.
const GLOBAL_REPLY_SIZE: usize = 2048;
/// Drivers that know what to do with a radio.
const DRIVERS: [&str; 2] = ["nl80211", "wext"];

/// `INTERFACE_ADD`'s fields, tabs between them; what is empty counts as left out.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
struct Addition<'a> {
    ifname: &'a str,
    config: Option<&'a str>,
    driver: Option<&'a str>,
    ctrl_interface: Option<&'a str>,
    driver_param: Option<&'a str>,
    create: Option<IfType>,
}

impl<'a> Addition<'a> {
    /// `None` for what 2.10 refuses.
    fn parse(args: &'a str) -> Option<Self> {
        let mut fields = args.splitn(8, '\t');
        let ifname = fields.next().filter(|name| !name.is_empty())?;
        let mut next = || fields.next().filter(|field| !field.is_empty());
        let (config, driver, ctrl_interface, driver_param) = (next(), next(), next(), next());
        let _bridge = next();
        let create = match (next(), fields.next()) {
            (None, _) => None,
            (Some("create"), None | Some("sta")) => Some(IfType::Station),
            (Some("create"), Some("ap")) => Some(IfType::Ap),
            _ => return None,
        };
        Some(Addition { ifname, config, driver, ctrl_interface, driver_param, create })
    }

    fn is_drivable(&self) -> bool {
        self.driver.is_none_or(|names| names.split(',').any(|name| DRIVERS.contains(&name)))
    }
}

/// The answer to a command on the process-wide socket.
enum Answer {
    Own(Reply),
    /// The interface with this number answers.
    Of(IfId),
}

impl Answer {
    fn ok_if(success: bool) -> Self {
        Answer::Own(Reply::ok_if(success))
    }

    fn text(text: String) -> Self {
        Answer::Own(Reply::Text(text))
    }
}

/// Carries a command out; the text is what follows the name.
type Handler = fn(&mut Supplicant, Context<'_>, ConnId, &str) -> Answer;

//= hostap@2.10 wpa_supplicant/ctrl_iface.c#wpa_supplicant_global_ctrl_iface_process
const COMMANDS: &[Row<Handler>] = &[
    Row::alone("ATTACH", |p, _, conn, _| {
        p.global_monitors.attach(conn);
        p.monitors_changed();
        Answer::ok_if(true)
    }),
    Row::alone("DETACH", |p, _, conn, _| {
        let attached = p.global_monitors.detach(conn);
        p.monitors_changed();
        Answer::ok_if(attached)
    }),
    Row::with_arguments("SET", |p, cx, _, setting| p.global_set(cx, setting)),
    Row::alone("PING", |_, _, _, _| Answer::text("PONG\n".to_owned())),
    Row::with_arguments("INTERFACE_ADD", |p, cx, _, args| {
        Answer::ok_if(Addition::parse(args).is_some_and(|wanted| p.add_interface(cx, &wanted)))
    }),
    Row::with_arguments("INTERFACE_REMOVE", |p, cx, _, name| {
        Answer::ok_if(p.remove_interface_named(cx, name))
    }),
    // No driver of 2.10 for Linux lists its interfaces.
    Row::alone("INTERFACE_LIST", |_, _, _, _| Answer::text(String::new())),
    Row::prefix("INTERFACES", |p, _, _, kind| Answer::text(p.list_interfaces(kind))),
    Row::alone("STATUS", |p, _, _, _| Answer::text(p.global_status())),
    Row::alone("TERMINATE", |_, _, _, _| Answer::ok_if(true)),
    Row::alone("SUSPEND", |_, _, _, _| Answer::ok_if(true)),
    Row::alone("RESUME", |p, cx, _, _| {
        for id in p.interfaces.iter().map(Interface::id).collect::<Vec<_>>() {
            p.with_interface(cx, id, |i, cx| i.ctrl_resume(cx));
        }
        Answer::ok_if(true)
    }),
    Row::alone("SAVE_CONFIG", |p, cx, _, _| Answer::ok_if(p.save_every_config(cx))),
    Row::with_arguments("DUP_NETWORK", |p, cx, _, args| Answer::ok_if(p.dup_network(cx, args).is_some())),
    Row::prefix("RELOG", |_, _, _, _| Answer::ok_if(true)),
];

impl Supplicant {
    /// A command on the process-wide socket; `IFNAME=wlan0 COMMAND` reaches an interface through it.
    pub(super) fn global_command(&mut self, cx: Context<'_>, conn: ConnId, text: &[u8]) {
        let to_interface = text.strip_prefix(b"IFNAME=").and_then(|rest| {
            let blank = rest.iter().position(|b| *b == b' ')?;
            Some((rest.get(..blank)?, rest.get(blank + 1..)?))
        });
        if let Some((name, command)) = to_interface {
            let found = self.interfaces.iter().find(|i| i.identity.ifname.as_bytes() == name);
            match found.map(Interface::id) {
                Some(id) => self.command_for(cx, conn, id, command),
                None => self.answer(conn, b"FAIL-NO-IFNAME-MATCH\n".to_vec()),
            }
            return;
        }
        let text = String::from_utf8_lossy(text);
        if let Some(id) = self.interface_for_command(text.as_bytes()) {
            return self.command_for(cx, conn, id, text.as_bytes());
        }
        let reply = match row::find(COMMANDS, &text, self.testing) {
            Some((handler, arguments)) => match handler(self, cx, conn, arguments) {
                Answer::Own(reply) => reply,
                Answer::Of(id) => return self.command_for(cx, conn, id, text.as_bytes()),
            },
            None => Reply::Unknown,
        };
        self.answer(conn, reply.into_bytes_within(GLOBAL_REPLY_SIZE));
        if text == "TERMINATE" {
            self.terminate(cx);
        }
    }

    fn answer(&mut self, conn: ConnId, data: Vec<u8>) {
        self.outputs.push_back(Output::Reply { conn, data });
    }

    /// The interfaces learn who listens to the process.
    fn monitors_changed(&mut self) {
        for interface in &mut self.interfaces {
            interface.outbox.global_monitors_changed(&self.global_monitors);
        }
    }

    /// Removes the interface with this name. Returns whether there is one.
    fn remove_interface_named(&mut self, cx: Context<'_>, name: &str) -> bool {
        let found = self.interfaces.iter().find(|i| i.identity.ifname == name).map(Interface::id);
        found.map(|id| self.remove_interface(cx, id)).is_some()
    }

    /// The newest interface comes first, as in 2.10's list.
    pub(super) fn list_interfaces(&self, kind: &str) -> String {
        let line = |i: &Interface| {
            let name = &i.identity.ifname;
            if kind.contains("ctrl") {
                format!(
                    "{name} ctrl_iface={}\n",
                    i.config.globals.text(global::CTRL_INTERFACE).unwrap_or("N/A")
                )
            } else {
                format!("{name}\n")
            }
        };
        self.interfaces.iter().rev().map(line).collect()
    }

    fn global_status(&self) -> String {
        let mut out = String::new();
        if let Some(device) = self.device() {
            if self.p2p.shared.disabled {
                out.push_str("p2p_state=DISABLED\n");
            } else {
                let addr = self.p2p.shared.device_addr;
                out.push_str(&format!("p2p_device_address={addr}\np2p_state={}\n", device.state_text()));
            }
        }
        let wifi_display = self.p2p.shared.wifi_display;
        out.push_str(&format!("wifi_display={}\n", u8::from(wifi_display)));
        for i in self.interfaces.iter().rev() {
            out.push_str(&format!("ifname={}\naddress={}\n", i.identity.ifname, i.identity.addr));
        }
        out
    }

    /// `SET name value`: what is not the process's goes to the P2P device's interface.
    fn global_set(&mut self, cx: Context<'_>, setting: &str) -> Answer {
        if let Some((name, value)) = setting.split_once(' ')
            && name.eq_ignore_ascii_case("wifi_display")
        {
            self.p2p.shared.wifi_display = crate::config::text::atoi(value) != 0;
            self.display_changed(cx);
            return Answer::ok_if(true);
        }
        if self.p2p.shared.exists { Answer::Of(self.p2p.shared.device_iface) } else { Answer::ok_if(false) }
    }

    /// Whether at least one configuration was written, and none was not.
    fn save_every_config(&mut self, cx: Context<'_>) -> bool {
        let mut saved = false;
        for interface in &mut self.interfaces {
            saved |= interface.config.globals.int(global::UPDATE_CONFIG) != 0;
            interface.save_config();
        }
        self.collect(cx);
        saved
    }

    /// `FROM TO ID ID NAME`: a network's variable, from one interface to another.
    fn dup_network(&mut self, cx: Context<'_>, args: &str) -> Option<()> {
        let mut words = args.splitn(3, ' ');
        let (from, to, rest) = (words.next()?, words.next()?, words.next()?);
        let named = |name: &str| self.interfaces.iter().find(|i| i.identity.ifname == name);
        let (from, to) = (named(from)?, named(to)?.id());
        let mut words = rest.splitn(3, ' ');
        let number = |word: Option<&str>| word.map(crate::config::text::atoi);
        let (source, target, name) = (number(words.next())?, number(words.next())?, words.next()?);
        let value = from.config.network(source)?.get(name)?;
        let mut command = format!("SET_NETWORK {target} {name} ").into_bytes();
        command.extend_from_slice(value.as_bytes());
        let reply = self.with_interface(cx, to, |i, cx| i.answer(cx, &command))?;
        self.collect(cx);
        reply.starts_with(b"OK").then_some(())
    }

    /// Handles INTERFACE_ADD.
    //= hostap@2.10 wpa_supplicant/ctrl_iface.c#wpa_supplicant_global_iface_add
    fn add_interface(&mut self, cx: Context<'_>, wanted: &Addition<'_>) -> bool {
        let taken = self.interfaces.iter().any(|i| i.identity.ifname == wanted.ifname);
        if taken || !crate::is_interface_name(wanted.ifname) || !wanted.is_drivable() {
            return false;
        }
        let identity = match wanted.create {
            None => self.first_interfaces.iter().find(|r| r.ifname == wanted.ifname).cloned(),
            Some(_) => self.identity_beside_newest(cx, wanted.ifname),
        };
        let Some(mut identity) = identity else { return false };
        let config = match read_config(cx, wanted) {
            Ok(config) => config,
            Err(Refusals(refusals)) => {
                self.outputs.extend(refusals.iter().map(|line| Output::Log(line.to_string())));
                return false;
            }
        };
        if self.is_up(identity.id) || super::wps_settings::has_label_and_display(&config.globals) {
            return false;
        }
        identity.config_path = wanted.config.unwrap_or_default().to_owned();
        let ctrl_interface = config.globals.text(global::CTRL_INTERFACE).map(str::to_owned);
        if let (Some(iftype), Some(maker)) = (wanted.create, self.interfaces.last().map(Interface::id)) {
            let (name, new_id) = (identity.ifname.clone(), identity.id);
            let request = DriverRequest::AddInterface { iftype, name, new_id, addr: None };
            let is_refused = cx.env.driver.would_refuse(maker, &request).is_some();
            self.on_interface(maker, |i| i.driver(request));
            if is_refused {
                self.collect(cx);
                return false;
            }
            self.created.push((new_id, maker));
            self.collect(cx);
        }
        self.socket_changed(
            identity.id,
            SocketChange::Opened { ifname: identity.ifname.clone(), ctrl_interface },
        );
        let mut interface = Interface::new(identity, self.entropy.clone(), &self.order);
        interface.outbox.global_monitors_changed(&self.global_monitors);
        interface.testing.set_built_in(self.testing);
        interface.config = config;
        interface.wps.share_uuid(self.interfaces.first().map(|i| i.wps.machine().uuid));
        let id = interface.id();
        self.interfaces.push(interface);
        self.with_interface(cx, id, |i, cx| i.start_with_config(cx));
        if !self.p2p.shared.exists {
            self.start_p2p(cx);
        }
        self.collect(cx);
        true
    }

    fn is_up(&self, id: IfId) -> bool {
        self.interfaces.iter().any(|i| i.id() == id)
    }

    /// A new interface on the radio of the newest one.
    fn identity_beside_newest(&mut self, cx: Context<'_>, ifname: &str) -> Option<InterfaceConfig> {
        if self.first_interfaces.iter().any(|r| r.ifname == ifname) {
            return None;
        }
        let newest = self.interfaces.last()?;
        let addr = cx.env.driver.next_interface_addr(newest.id())?;
        let (phy, ifindex) = (newest.identity.phy.clone(), newest.identity.ifindex);
        let id = self.p2p.new_interface();
        Some(InterfaceConfig {
            id,
            ifname: ifname.to_owned(),
            phy,
            addr,
            second_addr: addr,
            ifindex: ifindex + id.0,
            config_path: String::new(),
        })
    }

    /// Removes an interface. The groups made from it go before it.
    //= hostap@2.10 wpa_supplicant/wpa_supplicant.c#wpa_supplicant_remove_iface
    fn remove_interface(&mut self, cx: Context<'_>, id: IfId) {
        let is_device = self.p2p.shared.exists && self.p2p.shared.device_iface == id;
        if is_device {
            self.end_groups(cx);
        }
        if self.interface(id).is_some_and(Interface::carries_group) {
            self.with_interface(cx, id, |i, cx| i.delete_group(cx, super::p2p::Removal::Requested));
            self.collect(cx);
        }
        // That of a group may have gone with its group.
        if self.is_up(id) {
            self.shut_down_interface(cx, id);
            self.on_interface(id, |i| i.driver(DriverRequest::SetIfType(IfType::Station)));
            self.collect(cx);
            self.forget_interface(cx, id);
            self.socket_changed(id, SocketChange::Closed);
        }
        if let Some(at) = self.created.iter().position(|(made, _)| *made == id) {
            let (_, maker) = self.created.remove(at);
            self.outputs
                .push_back(Output::Driver { iface: maker, request: DriverRequest::DelInterface { id } });
        }
        if is_device {
            let next = self.p2p.new_interface();
            self.p2p = P2p::new(&self.entropy, &self.order, next.0);
        }
    }

    /// An interface's own control socket is there, or is no longer.
    pub(crate) fn socket_changed(&mut self, iface: IfId, change: SocketChange) {
        self.outputs.push_back(Output::Socket { iface, change });
    }
}

/// The configuration file with what the command puts above it; an empty one without a file.
fn read_config(cx: Context<'_>, wanted: &Addition<'_>) -> Result<Config, Refusals> {
    let mut config = match wanted.config {
        Some(path) => Config::read_to_begin(path, cx.env.files, cx.env.psk)?,
        None => Config::default(),
    };
    for (name, value) in [("ctrl_interface", wanted.ctrl_interface), ("driver_param", wanted.driver_param)] {
        if let Some(value) = value {
            let assigned = config.globals.assign(&format!("{name}={value}"));
            assigned.map_err(|error| Refusals(error.at(0).collect()))?;
        }
    }
    Ok(config)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::support::commands;
    use crate::ctrl::row::checks;

    #[test]
    fn rows_have_a_standing_and_are_reached() {
        checks::every_row_has_its_standing(COMMANDS, commands::PROCESS);
        checks::no_row_hides_another(COMMANDS);
    }
}
