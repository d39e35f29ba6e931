//! The control interface of one interface: from a datagram to its reply, byte for byte as 2.10
//! answers.

mod access_point;
mod capability;
mod credentials;
pub(crate) mod driver_text;
mod flush;
mod mac_rand_scan;
mod networks;
mod p2p;
mod pmksa;
mod process;
mod radio_work;
pub(crate) mod row;
mod scanning;
mod set;
mod status;
mod table;
mod testing;
mod vendor_elements;
mod wps;

use crate::ConnId;
use crate::config::key::GlobalKey;
use crate::config::key::value::Int;
use crate::config::support::commands;
use crate::config::text::atoi;
pub(crate) use crate::runtime::reply::Reply;
use crate::supplicant::interface::{Interface, InterfaceContext};

impl Interface {
    /// Answers a command about the control connection itself; `None` if it is about something else.
    pub(crate) fn monitor_command(&mut self, conn: ConnId, text: &[u8]) -> Option<Vec<u8>> {
        let reply = match text {
            b"ATTACH" => {
                self.outbox.attach(conn);
                Reply::Ok
            }
            b"DETACH" => Reply::ok_if(self.outbox.detach(conn)),
            _ => {
                let level = atoi(&String::from_utf8_lossy(text.strip_prefix(b"LEVEL ")?));
                Reply::ok_if(self.outbox.set_level(conn, i64::from(level)))
            }
        };
        Some(reply.into_bytes())
    }

    /// Answers any other command.
    pub(crate) fn answer(&mut self, cx: &mut InterfaceContext<'_>, text: &[u8]) -> Vec<u8> {
        self.process(cx, text).into_bytes()
    }

    fn process(&mut self, cx: &mut InterfaceContext<'_>, bytes: &[u8]) -> Reply {
        if let Some(args) = bytes.strip_prefix(b"SET_NETWORK ") {
            return self.ctrl_set_network(cx, args);
        }
        let text = String::from_utf8_lossy(bytes);
        match table::carry_out(self, cx, &text) {
            Some(reply) => reply,
            None if commands::refused(commands::INTERFACE, &text).is_some() => Reply::Fail,
            None => Reply::Unknown,
        }
    }
}

impl Interface {
    /// BSS_EXPIRE_AGE and BSS_EXPIRE_COUNT.
    fn ctrl_bss_expire(&mut self, args: &str, key: GlobalKey<Int>, least: u32, word: &str) -> Reply {
        let value = atoi(args);
        // 2.10 compares without a sign.
        if (value as u32) < least {
            self.msg(crate::runtime::Level::Error, &format!("Invalid bss expiration {word} {value}"));
            return Reply::Fail;
        }
        self.config.globals.set_int(key, value);
        Reply::Ok
    }
}
