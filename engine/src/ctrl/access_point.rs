//! Commands about the stations of an access point in mode=2.

use wpasim_wire::MacAddr;

use super::Reply;
use crate::ap::{ApContext, SwitchSettings};
use crate::config::text::atoi;
use crate::supplicant::interface::{Interface, InterfaceContext};

/// The reason where a command names none.
const DEFAULT_REASON: u16 = wpasim_wire::ieee80211::reason::PREV_AUTH_NOT_VALID;

impl Interface {
    pub(super) fn ctrl_sta_first(&mut self, cx: &mut InterfaceContext<'_>) -> Reply {
        let Some(ap) = &self.ap else { return Reply::Fail };
        Reply::Text(ap.sta_first(ApContext { now: cx.now, driver: cx.env.driver }))
    }

    pub(super) fn ctrl_sta(&mut self, cx: &mut InterfaceContext<'_>, args: &str) -> Reply {
        let Some(ap) = &self.ap else { return Reply::Fail };
        let cx = ApContext { now: cx.now, driver: cx.env.driver };
        let text = MacAddr::parse_prefix(args).map(|(addr, _)| ap.sta_text(cx, addr));
        text.map_or(Reply::Fail, |text| Reply::Text(text.unwrap_or_else(|| "FAIL\n".to_owned())))
    }

    pub(super) fn ctrl_sta_next(&mut self, cx: &mut InterfaceContext<'_>, args: &str) -> Reply {
        let Some(ap) = &self.ap else { return Reply::Fail };
        let cx = ApContext { now: cx.now, driver: cx.env.driver };
        let next = MacAddr::parse_prefix(args).and_then(|(addr, _)| ap.sta_next(cx, addr));
        Reply::text_or_fail(next)
    }

    /// `addr [reason=N] [tx=0]`.
    pub(super) fn ctrl_deauthenticate(
        &mut self,
        cx: &mut InterfaceContext<'_>,
        args: &str,
        deauth: bool,
    ) -> Reply {
        let Some((addr, _)) = MacAddr::parse_prefix(args) else { return Reply::Fail };
        let reason = args.split_once(" reason=").map_or(DEFAULT_REASON, |(_, n)| atoi(n) as u16);
        let send = !args.contains(" tx=0");
        let done = self.with_ap(cx, |ap, cx| {
            if deauth {
                ap.deauthenticate(cx, addr, reason, send);
            } else {
                ap.disassociate(cx, addr, reason, send);
            }
        });
        Reply::ok_if(done.is_some())
    }

    /// Handles STOP_AP: only the driver ends its beacons.
    //= hostap@2.10 wpa_supplicant/ap.c#wpas_ap_stop_ap
    pub(super) fn ctrl_stop_ap(&mut self, cx: &mut InterfaceContext<'_>) -> Reply {
        Reply::ok_if(self.with_ap(cx, |ap, _| ap.stop_beaconing()).is_some())
    }

    pub(super) fn ctrl_chan_switch(&mut self, cx: &mut InterfaceContext<'_>, args: &str) -> Reply {
        let settings = SwitchSettings::parse(args);
        Reply::ok_if(settings.is_some_and(|s| self.switch_channel(cx, s)))
    }

    pub(super) fn ctrl_update_beacon(&mut self, cx: &mut InterfaceContext<'_>) -> Reply {
        Reply::ok_if(self.with_ap(cx, |ap, _| ap.update_beacon()).is_some())
    }
}
