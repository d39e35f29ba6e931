//! The elements a supplicant adds to its probe requests: extended capabilities, and the WPS element
//! that 2.10 sends with P2P built in (WSC 2.0.5 §8.2.4).

use crate::config::keys::global;
use wpasim_wire::elements::{eid, push, vendor, vendor_elements};
use wpasim_wire::wsc::{self, RequestType, password_id};

use crate::supplicant::interface::{Interface, InterfaceContext};
use crate::supplicant::wps::{Role, role};

/// Extended Capabilities of 2.10 on hwsim (IEEE 802.11-2020 §9.4.2.26).
pub const EXT_CAPABILITIES: [u8; 11] = [0x04, 0x00, 0x4a, 0x02, 0x01, 0x40, 0x40, 0x40, 0x00, 0x01, 0x20];

impl Interface {
    /// Returns the elements that this interface adds to its probe requests, in 2.10's order.
    //= hostap@2.10 wpa_supplicant/scan.c#wpa_supplicant_extra_ies
    pub(crate) fn probe_elements(&self, cx: &InterfaceContext<'_>) -> Vec<u8> {
        let mut out = Vec::new();
        push(&mut out, eid::EXT_CAPAB, &EXT_CAPABILITIES);
        if let Some((password, request)) = self.wps_in_use(cx) {
            let wps = &self.wps.machine();
            out.extend_from_slice(&wsc::probe_request(password, &wps.device, &wps.uuid, request, &[]));
        }
        out
    }

    /// Returns the elements behind the P2P element: the Mesh ID of any mesh, and the Multiband Operation element with
    /// its cellular data capabilities (MBO 1.2 §4.2).
    pub(crate) fn last_probe_elements(&self) -> Vec<u8> {
        const CELLULAR_DATA: u8 = 3;
        let capability = self.config.globals.int(global::MBO_CELL_CAPA) as u8;
        let mut out = Vec::new();
        push(&mut out, eid::MESH_ID, &[]);
        out.extend(vendor_elements(vendor::MBO, &[CELLULAR_DATA, 1, capability]));
        out
    }

    /// Returns what WPS looks for. With P2P built in, the element is there even if WPS looks for nothing.
    //= hostap@2.10 wpa_supplicant/scan.c#wpas_wps_in_use
    fn wps_in_use(&self, cx: &InterfaceContext<'_>) -> Option<(u16, RequestType)> {
        let mut found = None;
        for role in self.config.networks.iter().filter_map(role) {
            found = Some(match role {
                Role::PushButton => return Some((password_id::PUSHBUTTON, RequestType::Enrollee)),
                Role::Pin => (password_id::DEFAULT, RequestType::Enrollee),
                Role::Registrar => (password_id::DEFAULT, RequestType::Registrar),
            });
        }
        found.or_else(|| {
            self.always_asks_for_wps(cx).then_some((password_id::DEFAULT, RequestType::EnrolleeInfo))
        })
    }
}
