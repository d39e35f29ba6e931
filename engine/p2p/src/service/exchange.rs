//! Queries and responses on the air: the device machine's state SD_DURING_FIND, and answers to others'
//! queries.

use super::fragments::{Fragment, Incoming, Outgoing, room};
use super::queue::Queue;
use super::request::Query;
use crate::device::{Device, Pending, State};
use crate::{Action, DeviceContext, Event};
use wpasim_wire::MacAddr;
use wpasim_wire::gas::{GasFrame, ServiceElement};
use wpasim_wire::p2p::{device_capability, wfd};
use wpasim_wire::time::Duration;

/// The time that the radio waits on the peer's channel for its response, unless listening is limited to less.
const RESPONSE_WAIT: Duration = Duration::from_millis(5000);
/// The time for which each of a response's next frames is waited for, and a response after the query reached its
/// peer.
const FRAME_WAIT: Duration = Duration::from_millis(200);

/// Service discovery as far as it is under way.
#[derive(Clone, Debug, Default)]
pub(crate) struct Discovery {
    queue: Queue,
    /// Counts the changes of this device's services.
    update_indicator: u16,
    /// The query that the peer `sd_peer` was sent.
    asked: Option<u64>,
    /// The first peer of this iteration of the search that did not acknowledge its query.
    unacknowledged: Option<MacAddr>,
    /// The response that a peer fetches in pieces.
    outgoing: Option<Outgoing>,
    incoming: Incoming,
}

/// The action of the search before its next iteration.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum SearchStep {
    /// Nothing with this peer.
    Nothing,
    /// Something was begun that ends by itself.
    Started,
    /// Nothing with this peer, nor with others.
    Enough,
}

impl Device {
    /// Adds a query; its number, or none if there are too many.
    pub fn service_request(&mut self, query: Query) -> Option<u64> {
        let peers = self.peers.iter_mut().map(|p| &mut p.service);
        self.discovery.queue.add(query, peers)
    }

    /// Removes a query. Whether it was there.
    pub fn cancel_service_request(&mut self, number: u64) -> bool {
        let peers = self.peers.iter_mut().map(|p| &mut p.service);
        self.discovery.asked.take_if(|asked| *asked == number);
        self.discovery.queue.remove(number, peers)
    }

    /// This device's services changed: the service update indicator moves.
    pub fn service_update(&mut self) {
        self.discovery.update_indicator = self.discovery.update_indicator.wrapping_add(1);
    }

    /// Sends the response to a query: TLVs, at once or to be fetched in pieces. `freq` in MHz.
    pub fn service_response(
        &mut self,
        cx: &DeviceContext<'_>,
        freq: u32,
        dst: MacAddr,
        dialog_token: u8,
        tlvs: Vec<u8>,
    ) {
        let update_indicator = self.discovery.update_indicator;
        let (query, comeback_delay, wait) = if tlvs.len() > room(freq) {
            self.discovery.outgoing = Some(Outgoing::new(dst, dialog_token, tlvs));
            (Vec::new(), 1, FRAME_WAIT)
        } else {
            (ServiceElement { update_indicator, tlvs: &tlvs }.emit(), 0, Duration::ZERO)
        };
        let frame = GasFrame::InitialResponse { dialog_token, status: 0, comeback_delay, query: &query };
        self.pending = Pending::Nothing;
        self.send_as_bssid(cx, freq, dst, frame.emit(), wait);
    }

    /// Removes every query.
    pub(crate) fn flush_service_queries(&mut self) {
        self.discovery.queue.clear();
        self.discovery.asked = None;
    }

    /// An iteration of the search begins or the search does: every peer may be asked.
    pub(crate) fn forget_unacknowledged_query(&mut self) {
        self.discovery.unacknowledged = None;
    }

    /// The number and TLVs of what to ask a peer next.
    fn next_service_query(&self, addr: MacAddr) -> Option<(u64, Vec<u8>)> {
        let peer = self.peer(addr)?;
        if peer.info.device_capability & device_capability::SERVICE_DISCOVERY == 0 {
            return None;
        }
        let wfd = peer.info.wfd_subelements.as_deref().is_some_and(supports_wfd_service_discovery);
        let asked = self.discovery.queue.next(addr, &peer.service, wfd)?;
        Some((asked.number, asked.tlvs.to_vec()))
    }

    /// Sends the pending query to a peer.
    pub(crate) fn start_service_discovery(&mut self, cx: &DeviceContext<'_>, addr: MacAddr) -> SearchStep {
        let Some(peer) = self.peer(addr) else { return SearchStep::Nothing };
        let freq = if peer.listen_freq > 0 { peer.listen_freq } else { peer.oper_freq };
        let Some(freq) = u32::try_from(freq).ok().filter(|freq| *freq > 0) else {
            return SearchStep::Nothing;
        };
        let Some((number, tlvs)) = self.next_service_query(addr) else { return SearchStep::Nothing };
        if self.state == State::Search && self.discovery.unacknowledged == Some(addr) {
            return SearchStep::Enough;
        }
        if let Some(peer) = self.peers.iter_mut().find(|p| p.info.device_addr == addr) {
            self.discovery.queue.sending(&mut peer.service);
        }
        self.sd_peer = Some(addr);
        self.discovery.asked = Some(number);
        let update_indicator = self.discovery.update_indicator;
        let query = ServiceElement { update_indicator, tlvs: &tlvs }.emit();
        let frame = GasFrame::InitialRequest { dialog_token: 0, query: &query };
        let limit = Duration::from_millis(i64::from(self.config.max_listen));
        let wait = if limit == Duration::ZERO { RESPONSE_WAIT } else { RESPONSE_WAIT.min(limit) };
        self.pending = Pending::Sd;
        self.send_to_peer(cx, freq, addr, frame.emit(), wait);
        SearchStep::Started
    }

    /// The fate of a query that was sent.
    pub(crate) fn service_query_sent(&mut self, cx: &DeviceContext<'_>, acked: bool) {
        let Some(addr) = self.sd_peer.filter(|_| acked) else {
            if let Some(addr) = self.sd_peer.take() {
                self.discovery.unacknowledged.get_or_insert(addr);
                self.actions.push_back(Action::ActionDone);
            }
            if self.state != State::Idle {
                self.continue_find(cx);
            }
            return;
        };
        let peer = self.peers.iter_mut().find(|p| p.info.device_addr == addr);
        if let (Some(number), Some(peer)) = (self.discovery.asked, peer) {
            self.discovery.queue.reached(number, &mut peer.service);
        }
        self.set_state(State::SdDuringFind);
        self.set_timeout(cx, FRAME_WAIT);
    }

    /// No response came.
    pub(crate) fn service_discovery_timeout(&mut self, cx: &DeviceContext<'_>) {
        if self.sd_peer.take().is_some() {
            self.actions.push_back(Action::ActionDone);
        }
        self.continue_find(cx);
    }

    /// A public action frame of GAS from its action octet on (10 to 13).
    pub(crate) fn rx_gas(&mut self, cx: &DeviceContext<'_>, src: MacAddr, body: &[u8], freq: u32) {
        let is_response = matches!(body.first(), Some(11 | 13));
        if is_response && (self.state != State::SdDuringFind || self.sd_peer != Some(src)) {
            return;
        }
        if is_response {
            self.actions.push_back(Action::ActionDone);
            self.clear_timeout();
        }
        let Ok(frame) = GasFrame::parse(body) else { return };
        match frame {
            GasFrame::InitialRequest { dialog_token, query } => {
                self.service_request_received(src, dialog_token, query, freq);
            }
            GasFrame::ComebackRequest { dialog_token } => self.comeback_request(cx, src, dialog_token, freq),
            GasFrame::InitialResponse { status: 0, dialog_token, comeback_delay: 1.., .. } => {
                self.discovery.incoming = Incoming::default();
                self.fetch_fragment(cx, src, dialog_token, freq);
            }
            GasFrame::InitialResponse { status: 0, query, .. } => {
                if let Some(element) = ServiceElement::parse(query) {
                    self.service_response_received(cx, src, element.update_indicator, element.tlvs.to_vec());
                }
            }
            GasFrame::ComebackResponse { status: 0, dialog_token, more, query, .. } => {
                match self.discovery.incoming.take(query, more) {
                    Fragment::Fetch => self.fetch_fragment(cx, src, dialog_token, freq),
                    Fragment::Whole(indicator, tlvs) => {
                        self.service_response_received(cx, src, indicator, tlvs);
                    }
                    Fragment::Ignored | Fragment::TooLong => {}
                }
            }
            GasFrame::InitialResponse { .. } | GasFrame::ComebackResponse { .. } => {}
        }
    }

    fn service_request_received(&mut self, src: MacAddr, dialog_token: u8, query: &[u8], freq: u32) {
        if let Some(element) = ServiceElement::parse(query) {
            self.event(Event::ServiceRequest {
                freq,
                src,
                dialog_token,
                update_indic: element.update_indicator,
                tlvs: element.tlvs.to_vec(),
            });
        }
    }

    fn service_response_received(
        &mut self,
        cx: &DeviceContext<'_>,
        src: MacAddr,
        update_indic: u16,
        tlvs: Vec<u8>,
    ) {
        self.sd_peer = None;
        if let Some(number) = self.discovery.asked.take() {
            self.discovery.queue.answered(number);
        }
        self.event(Event::ServiceResponse { src, update_indic, tlvs });
        self.continue_find(cx);
    }

    fn fetch_fragment(&mut self, cx: &DeviceContext<'_>, peer: MacAddr, dialog_token: u8, freq: u32) {
        let frame = GasFrame::ComebackRequest { dialog_token };
        self.pending = Pending::Nothing;
        self.send_to_peer(cx, freq, peer, frame.emit(), FRAME_WAIT);
    }

    /// A peer fetches the next piece of a response.
    fn comeback_request(&mut self, cx: &DeviceContext<'_>, src: MacAddr, dialog_token: u8, freq: u32) {
        let update_indicator = self.discovery.update_indicator;
        let fits = |o: &&mut Outgoing| o.dialog_token == dialog_token && o.peer == src;
        let Some(outgoing) = self.discovery.outgoing.as_mut().filter(fits) else { return };
        let (frame, more) = outgoing.next_frame(freq, update_indicator);
        if !more {
            self.discovery.outgoing = None;
        }
        self.pending = Pending::Nothing;
        self.send_as_bssid(cx, freq, src, frame, if more { FRAME_WAIT } else { Duration::ZERO });
    }
}

/// Whether a peer's Wi-Fi Display device information says that it supports service discovery for it
/// (Wi-Fi Display 1.1 table 30).
fn supports_wfd_service_discovery(mut subelements: &[u8]) -> bool {
    const SERVICE_DISCOVERY: u16 = 0x0040;
    while let Some((&[kind, high, low], rest)) = subelements.split_first_chunk::<3>() {
        let len = usize::from(u16::from_be_bytes([high, low]));
        let Some((value, rest)) = rest.split_at_checked(len) else { return false };
        if let (wfd::DEVICE_INFORMATION, [high, low, _, _, _, _, ..]) = (kind, value) {
            return u16::from_be_bytes([*high, *low]) & SERVICE_DISCOVERY != 0;
        }
        subelements = rest;
    }
    false
}
