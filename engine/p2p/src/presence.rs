//! Presence of a group owner (Wi-Fi Direct 1.7 §3.3.4): requests and answers.

use super::device::{Device, Pending};
use super::send::Route;
use super::{DeviceContext, Event, PresenceRequest};
use wpasim_wire::MacAddr;
use wpasim_wire::p2p::{Message, NoaDescriptor, Writer, action, action_subtype, attr, status};
use wpasim_wire::time::Duration;

/// The time to stay on the channel after the frame.
const WAIT: Duration = Duration::from_millis(200);

impl Device {
    /// Asks a group owner to be present.
    pub fn presence_req(&mut self, cx: &DeviceContext<'_>, request: PresenceRequest) {
        let wanted = |(duration, interval): (u32, u32)| duration != 0 || interval != 0;
        let descriptor = |count_or_type, (duration, interval)| NoaDescriptor {
            count_or_type,
            duration,
            interval,
            start: 0,
        };
        let mut descriptors = Vec::new();
        if wanted(request.first) {
            descriptors.push(descriptor(1, request.first));
            descriptors.extend(wanted(request.second).then(|| descriptor(2, request.second)));
        }
        let mut out = Writer::new();
        out.noa(0, 0, &descriptors);
        let mut body = action(action_subtype::PRESENCE_REQ, 1);
        body.extend(out.element());
        self.pending = Pending::Nothing;
        let (dst, src) = (request.go_interface, request.own_interface);
        self.send_action(cx, Route { freq: request.freq, dst, src, bssid: dst }, body, WAIT);
    }

    pub(super) fn rx_presence_req(
        &mut self,
        cx: &DeviceContext<'_>,
        group: MacAddr,
        src: MacAddr,
        content: &[u8],
        freq: u32,
    ) {
        if !cx.host.groups().iter().any(|g| g.interface == group) {
            return;
        }
        let msg = Message::parse(content);
        let noa = msg.as_ref().ok().and_then(|m| m.p2p.noa.as_deref());
        let current = cx.host.noa(group);
        let answer = match (noa, &current) {
            (None, _) => status::INVALID_PARAMS,
            (Some(noa), Some(current)) if current.is_empty() => cx.host.presence(group, src, noa),
            // The owner is absent at times, or cannot tell.
            (Some(_), _) => status::UNABLE_TO_ACCOMMODATE,
        };
        let mut out = Writer::new();
        out.status(answer);
        match current {
            Some(noa) if !noa.is_empty() => _ = out.attribute(attr::NOTICE_OF_ABSENCE, &noa),
            _ => _ = out.noa(0, 0, &[]),
        }
        let dialog_token = content.first().copied().unwrap_or_default();
        let mut body = action(action_subtype::PRESENCE_RESP, dialog_token);
        body.extend(out.element());
        self.pending = Pending::Nothing;
        self.send_action(cx, Route { freq, dst: src, src: group, bssid: group }, body, WAIT);
    }

    pub(super) fn rx_presence_resp(&mut self, src: MacAddr, content: &[u8]) {
        let Ok(msg) = Message::parse(content) else { return };
        if let (Some(status), Some(noa)) = (msg.p2p.status, msg.p2p.noa) {
            self.event(Event::PresenceResponse { src, status, noa });
        }
    }
}
