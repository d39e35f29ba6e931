//! The attributes of beacons and probe responses about the registrar (WSC 2.0.5 §8.2.1, §8.2.5).

use super::{Wps, selected};
use crate::WpsEvent;
use wpasim_wire::wsc::{ResponseType, WfaExtension, Writer, attr, password_id};

impl Wps {
    /// The elements follow what changed. Only an access point has any.
    pub fn update_elements(&mut self) {
        if self.ap {
            let (beacon, probe_response) = (self.beacon_attributes(), self.probe_response_attributes());
            self.events.push_back(WpsEvent::ElementsChanged { beacon, probe_response });
        }
    }

    /// Returns the attributes of beacons.
    pub fn beacon_attributes(&self) -> Vec<u8> {
        let mut out = self.state_attributes();
        let reg = &self.registrar;
        if reg.selected && reg.dual_band && self.selected_password_id() == password_id::PUSHBUTTON {
            out.uuid_e(&self.uuid);
        }
        self.push_bands_and_extensions(&mut out);
        if reg.names_device_in_beacons {
            out.text(attr::DEV_NAME, &self.device.device_name).primary_type(&self.device);
        }
        out.into_bytes()
    }

    /// Returns the attributes of probe responses.
    pub fn probe_response_attributes(&self) -> Vec<u8> {
        let mut out = self.state_attributes();
        let response = if self.ap { ResponseType::Ap } else { ResponseType::Registrar };
        out.u8(attr::RESPONSE_TYPE, response as u8)
            .uuid_e(&self.uuid)
            .device_attributes(&self.device)
            .u16(attr::CONFIG_METHODS, selected::without_push_button(self.config_methods));
        self.push_bands_and_extensions(&mut out);
        out.into_bytes()
    }

    fn state_attributes(&self) -> Writer {
        let mut out = Writer::new();
        out.version().u8(attr::WPS_STATE, self.state as u8);
        if self.ap_setup_locked == 1 {
            out.u8(attr::AP_SETUP_LOCKED, 1);
        }
        if self.registrar.selected {
            out.u8(attr::SELECTED_REGISTRAR, 1)
                .u16(attr::DEV_PASSWORD_ID, self.selected_password_id())
                .u16(attr::SELECTED_REGISTRAR_CONFIG_METHODS, self.selected_methods());
        }
        out
    }

    fn selected_password_id(&self) -> u16 {
        self.registrar.dev_password_id.unwrap_or(password_id::DEFAULT)
    }

    fn push_bands_and_extensions(&self, out: &mut Writer) {
        if self.registrar.dual_band {
            out.u8(attr::RF_BANDS, self.device.rf_bands);
        }
        let authorized_macs = self.authorized_macs();
        out.wfa_extension(WfaExtension { authorized_macs, ..WfaExtension::default() })
            .vendor_extensions(&self.device);
        if let Some(extension) = &self.registrar.application_extension {
            out.attribute(attr::APPLICATION_EXTENSION, extension);
        }
    }
}
