//! Answering probe requests in the listen state (Wi-Fi Direct 1.7 §3.1.2.1.1).

use super::device::{Device, State, Timer};
use super::{Action, DeviceContext, ProbeStatus};
use wpasim_wire::MacAddr;
use wpasim_wire::elements::{self, Elements, eid, vendor};
use wpasim_wire::ieee80211::{MgmtBody, MgmtFrame};
use wpasim_wire::p2p::{Message, WILDCARD_SSID};
use wpasim_wire::wsc::DeviceType;

/// Privacy, short preamble and short slot time (IEEE 802.11-2020 §9.4.1.4).
const CAPABILITY: u16 = 0x0430;
/// 6 to 54 Mbit/s; 6, 12 and 24 basic.
const RATES: [u8; 8] = [0x8c, 0x12, 0x98, 0x24, 0xb0, 0x48, 0x60, 0x6c];
/// In units of 500 kbit/s: those of 802.11b.
const RATES_11B: [u8; 4] = [2, 4, 11, 22];

/// A received probe request. `freq` is in MHz, 0 if unknown.
#[derive(Clone, Copy, Debug)]
pub struct ProbeRequest<'a> {
    pub src: MacAddr,
    pub dst: Option<MacAddr>,
    pub bssid: Option<MacAddr>,
    pub ies: &'a [u8],
    pub freq: u32,
}

impl Device {
    /// A probe request came.
    pub fn rx_probe_req(&mut self, cx: &DeviceContext<'_>, request: &ProbeRequest<'_>) -> ProbeStatus {
        self.add_from_probe_req(cx, request.src, request.ies);
        let answer = self.answer(request).and_then(|()| self.probe_response(request));
        let status = match answer {
            Ok(frame) => {
                self.actions.push_back(Action::SendProbeResponse { frame, freq: request.freq });
                ProbeStatus::Processed
            }
            Err(status) => status,
        };
        if matches!(status, ProbeStatus::Processed | ProbeStatus::NotProcessed) {
            self.start_pending(cx, request.src);
        }
        status
    }

    /// A peer that was waited for is on this channel now: what waits for it begins at once.
    fn start_pending(&mut self, cx: &DeviceContext<'_>, src: MacAddr) {
        let negotiating = matches!(self.state, State::Connect | State::ConnectListen);
        let inviting = matches!(self.state, State::Invite | State::InviteListen);
        if negotiating
            && !self.lingering()
            && self.go_neg_peer == Some(src)
            && self.negotiating().is_some_and(|p| !p.flags.wait_go_neg_confirm)
        {
            self.timers.set(Timer::GoNegStart, cx.now);
        } else if inviting
            && self.inviting.peer == Some(src)
            && self.peer(src).is_some_and(|p| p.flags.wait_inv_req_ack)
        {
            self.timers.set(Timer::InviteStart, cx.now);
        }
    }

    /// Whether a probe request is to be answered.
    fn answer(&self, request: &ProbeRequest<'_>) -> Result<(), ProbeStatus> {
        let ies = request.ies;
        if !elements::well_formed(ies) {
            return Err(ProbeStatus::Malformed);
        }
        if elements::find_vendor(ies, vendor::P2P).is_none() {
            return Err(ProbeStatus::NotP2p);
        }
        let to_us = request.dst.is_none_or(|d| d.is_broadcast() || d == self.addr());
        let wildcard_bssid = request.bssid.is_none_or(MacAddr::is_broadcast);
        if !to_us || !wildcard_bssid || elements::find(ies, eid::SSID) != Some(WILDCARD_SSID) {
            return Err(ProbeStatus::NotProcessed);
        }
        if only_11b_rates(ies) {
            return Err(ProbeStatus::NotP2p);
        }
        let msg = Message::parse_elements(ies).map_err(|_| ProbeStatus::NotP2p)?;
        if !self.listening.active || self.listening.driver.is_none() {
            return Err(ProbeStatus::NotListening);
        }
        if msg.p2p.device_id.is_some_and(|id| id != self.addr()) || !self.matches(&msg.wps.requested_types) {
            return Err(ProbeStatus::NotProcessed);
        }
        Ok(())
    }

    /// Whether this device is of one of the requested types; it is if none is requested.
    pub(super) fn matches(&self, requested: &[DeviceType]) -> bool {
        let device = &self.config.device;
        let own = core::iter::once(&device.primary_type).chain(&device.secondary_types);
        requested.is_empty() || own.into_iter().any(|own| requested.iter().any(|r| type_matches(*own, *r)))
    }

    /// There is no BSS behind it: parameters are of a valid form and mean nothing.
    fn probe_response(&self, request: &ProbeRequest<'_>) -> Result<Vec<u8>, ProbeStatus> {
        let channel = match request.freq {
            0 => self.config.listen.channel,
            freq => super::ClassChannel::of_freq(freq).ok_or(ProbeStatus::NotProcessed)?.channel,
        };
        let mut ies = Vec::new();
        elements::push(&mut ies, eid::SSID, WILDCARD_SSID);
        elements::push(&mut ies, eid::SUPP_RATES, &RATES);
        elements::push(&mut ies, eid::DS_PARAMS, &[channel]);
        ies.extend_from_slice(&self.probe_response_ies());
        let body = MgmtBody::ProbeResponse { timestamp: 0, interval: 100, capability: CAPABILITY, ies };
        Ok(MgmtFrame::new(request.src, self.addr(), self.addr(), body).emit())
    }
}

/// Equal, or the category is and nothing else is requested.
pub(super) fn type_matches(own: DeviceType, requested: DeviceType) -> bool {
    let wildcard = requested.0.iter().skip(2).all(|b| *b == 0);
    own == requested || (wildcard && own.0.iter().take(2).eq(requested.0.iter().take(2)))
}

/// Whether a request names no rate but those of 802.11b, which Wi-Fi Direct does not use.
pub fn only_11b_rates(ies: &[u8]) -> bool {
    let rates = Elements::new(ies).filter(|e| matches!(e.id, eid::SUPP_RATES | eid::EXT_SUPP_RATES));
    let mut rates = rates.flat_map(|e| e.body).map(|r| r & 0x7f).peekable();
    rates.peek().is_some() && rates.all(|r| RATES_11B.contains(&r))
}
