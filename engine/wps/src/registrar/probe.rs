//! Probe requests of enrollees: who looks for a registrar, and who is in push button mode.

use super::Wps;
use crate::WpsEvent;
use wpasim_wire::MacAddr;
use wpasim_wire::time::Instant;
use wpasim_wire::wsc::{Attributes, password_id};

impl Wps {
    /// The attributes of a probe request. `p2p_wildcard`: it is of a Wi-Fi Direct device that looks for
    /// others, not for us.
    pub fn probe_request_received(
        &mut self,
        now: Instant,
        addr: MacAddr,
        attributes: &[u8],
        p2p_wildcard: bool,
    ) {
        let Ok(attributes) = Attributes::parse(attributes) else { return };
        let (Some(config_methods), Some(dev_password_id)) =
            (attributes.config_methods, attributes.dev_password_id)
        else {
            return;
        };
        if let (Some(uuid), Some(device_type), Some(request_type), false) =
            (attributes.uuid_e, attributes.primary_dev_type, attributes.request_type, p2p_wildcard)
        {
            let name = attributes.dev_name.unwrap_or_default();
            self.events.push_back(WpsEvent::EnrolleeSeen {
                addr,
                uuid: *uuid,
                device_type,
                config_methods,
                dev_password_id,
                request_type,
                device_name: name.split(|b| *b == 0).next().unwrap_or_default().to_vec(),
            });
        }
        if dev_password_id != password_id::PUSHBUTTON {
            return;
        }
        if let Some(uuid) = attributes.uuid_e {
            self.push_button_heard(now, addr, uuid);
        }
    }

    fn push_button_heard(&mut self, now: Instant, addr: MacAddr, uuid: &[u8; 16]) {
        if !self.is_late_probe(now, uuid) {
            self.add_pbc_session(now, addr, uuid);
        }
        if self.pbc_overlap(now, Some(uuid)) {
            self.registrar.force_pbc_overlap = true;
            self.events.push_back(WpsEvent::PbcOverlap);
        }
    }
}
