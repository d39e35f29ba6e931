//! Commands about the stations of an access point in mode=2.

use super::Reply;
use crate::supplicant::interface::{Cx, Interface};

impl Interface {
    pub(super) fn ctrl_sta_first(&mut self, _cx: Cx<'_>) -> Reply {
        Reply::Fail
    }
    pub(super) fn ctrl_sta(&mut self, _cx: Cx<'_>, _args: &str) -> Reply {
        Reply::Fail
    }
    pub(super) fn ctrl_sta_next(&mut self, _cx: Cx<'_>, _args: &str) -> Reply {
        Reply::Fail
    }
    pub(super) fn ctrl_deauthenticate(&mut self, _cx: Cx<'_>, _args: &str, _deauth: bool) -> Reply {
        Reply::Fail
    }
    pub(super) fn ctrl_stop_ap(&mut self, _cx: Cx<'_>) -> Reply {
        Reply::Fail
    }
    pub(super) fn ctrl_update_beacon(&mut self) -> Reply {
        Reply::Fail
    }
}
