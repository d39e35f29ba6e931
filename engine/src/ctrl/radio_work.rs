//! RADIO_WORK: programs outside ask for the radio.

use super::Reply;
use crate::config::text::atoi;
use crate::supplicant::interface::{Interface, InterfaceContext};

impl Interface {
    /// `show`, `add NAME [freq=MHZ] [timeout=SECONDS]` or `done ID`.
    pub(super) fn ctrl_radio_work(&mut self, cx: &mut InterfaceContext<'_>, args: &str) -> Reply {
        if args == "show" {
            return Reply::Text(cx.radio.show(cx.now));
        }
        if let Some(id) = args.strip_prefix("done ") {
            return Reply::ok_if(cx.radio.external_done(cx.now, atoi(id) as u32));
        }
        let Some(work) = args.strip_prefix("add ") else { return Reply::Fail };
        let (name, options) = work.split_once(' ').unwrap_or((work, ""));
        let number = |word| options.split_once(word).map_or(0, |(_, value)| atoi(value) as u32);
        let id = self.add_external_work(cx, name, number("freq="), number("timeout="));
        id.map_or(Reply::Fail, |id| Reply::Text(id.to_string()))
    }
}
