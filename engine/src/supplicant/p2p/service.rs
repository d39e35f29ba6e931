//! Service discovery: this process answers for its services, or leaves that to who listens.

use wpasim_wire::MacAddr;

use crate::p2p::service::{BadService, ExternalResponse, Query, events};
use crate::supplicant::Supplicant;
use crate::supplicant::interface::Context;

impl Supplicant {
    /// A peer asks.
    //= hostap@2.10 wpa_supplicant/p2p_supplicant_sd.c#wpas_sd_request
    pub(super) fn service_requested(
        &mut self,
        cx: Context<'_>,
        freq: u32,
        src: MacAddr,
        dialog_token: u8,
        update_indic: u16,
        tlvs: &[u8],
    ) {
        let text = events::request(freq, src, dialog_token, update_indic, tlvs);
        self.on_device_interface(|i| i.info(&text));
        if self.p2p.external_services {
            return;
        }
        if let Some(answer) =
            self.p2p.services.respond(tlvs, &self.display_services(), self.p2p.long_services)
        {
            self.with_device(cx, |d, cx| d.service_response(cx, freq, src, dialog_token, answer));
        }
    }

    /// A peer answered.
    //= hostap@2.10 wpa_supplicant/p2p_supplicant_sd.c#wpas_sd_response
    pub(super) fn service_answered(&mut self, src: MacAddr, update_indic: u16, tlvs: &[u8]) {
        self.p2p_event(&events::response(src, update_indic, tlvs));
        for line in events::advertisements(src, tlvs) {
            let line = String::from_utf8_lossy(&line).into_owned();
            self.p2p_event(&line);
        }
    }

    /// P2P_SERV_DISC_REQ: the query's number.
    pub(crate) fn ask_services(&mut self, cx: Context<'_>, args: &str) -> Option<u64> {
        let query = Query::parse(args).filter(|_| self.p2p.shared.is_on())?;
        self.with_device(cx, |d, _| d.service_request(query))?
    }

    /// P2P_SERV_DISC_CANCEL_REQ.
    pub(crate) fn cancel_service_query(&mut self, cx: Context<'_>, number: u64) -> bool {
        self.with_device(cx, |d, _| d.cancel_service_request(number)).unwrap_or(false)
    }

    /// P2P_SERV_DISC_RESP.
    pub(crate) fn answer_services(&mut self, cx: Context<'_>, args: &str) -> bool {
        let Some(answer) = ExternalResponse::parse(args) else { return false };
        let ExternalResponse { freq, peer, dialog_token, tlvs } = answer;
        self.with_device(cx, |d, cx| d.service_response(cx, freq, peer, dialog_token, tlvs));
        true
    }

    /// P2P_SERVICE_ADD, -DEL and -REP: a change moves the service update indicator.
    pub(crate) fn change_services(&mut self, cx: Context<'_>, changed: Result<bool, BadService>) -> bool {
        if changed == Ok(true) {
            self.services_changed(cx);
        }
        changed.is_ok()
    }

    /// P2P_SERVICE_UPDATE.
    pub(crate) fn services_changed(&mut self, cx: Context<'_>) {
        self.with_device(cx, |d, _| d.service_update());
    }

    /// P2P_SERVICE_FLUSH.
    pub(crate) fn flush_services(&mut self, cx: Context<'_>) {
        self.p2p.services.flush();
        self.services_changed(cx);
    }
}
