//! What beacons and probe responses say of the registrar (WSC 2.0.5 §8.2.1, §8.2.5).

use super::{Wps, selected};
use crate::wire::wsc::{DeviceData, ResponseType, WFA_VENDOR_OUI, attr, password_id, wfa_ext};
use crate::wps::WpsEvent;

/// The version that every attribute list begins with; the true one is in the vendor extension.
const VERSION_1: u8 = 0x10;
const VERSION_2: u8 = 0x20;

impl Wps {
    /// The elements follow what changed. Only an access point has any.
    pub fn update_elements(&mut self) {
        if self.ap {
            let (beacon, probe_response) = (self.beacon_attributes(), self.probe_response_attributes());
            self.events.push_back(WpsEvent::ElementsChanged { beacon, probe_response });
        }
    }

    /// What beacons carry.
    pub fn beacon_attributes(&self) -> Vec<u8> {
        let mut out = self.state_attributes();
        let reg = &self.registrar;
        if reg.selected && reg.dual_band && self.selected_password_id() == password_id::PUSHBUTTON {
            push(&mut out, attr::UUID_E, &self.uuid);
        }
        self.push_bands(&mut out);
        self.push_extensions(&mut out);
        if reg.names_device_in_beacons {
            push_text(&mut out, attr::DEV_NAME, &self.device.device_name);
            push(&mut out, attr::PRIMARY_DEV_TYPE, &self.device.primary_type.0);
        }
        out
    }

    /// What probe responses carry.
    pub fn probe_response_attributes(&self) -> Vec<u8> {
        let mut out = self.state_attributes();
        let response = if self.ap { ResponseType::Ap } else { ResponseType::Registrar };
        push(&mut out, attr::RESPONSE_TYPE, &[response as u8]);
        push(&mut out, attr::UUID_E, &self.uuid);
        push_device(&mut out, &self.device);
        let methods = selected::without_push_button(self.config_methods);
        push(&mut out, attr::CONFIG_METHODS, &methods.to_be_bytes());
        self.push_bands(&mut out);
        self.push_extensions(&mut out);
        out
    }

    fn state_attributes(&self) -> Vec<u8> {
        let mut out = Vec::new();
        push(&mut out, attr::VERSION, &[VERSION_1]);
        push(&mut out, attr::WPS_STATE, &[self.state as u8]);
        if self.ap_setup_locked == 1 {
            push(&mut out, attr::AP_SETUP_LOCKED, &[1]);
        }
        if self.registrar.selected {
            push(&mut out, attr::SELECTED_REGISTRAR, &[1]);
            push(&mut out, attr::DEV_PASSWORD_ID, &self.selected_password_id().to_be_bytes());
            let methods = self.selected_methods();
            push(&mut out, attr::SELECTED_REGISTRAR_CONFIG_METHODS, &methods.to_be_bytes());
        }
        out
    }

    fn selected_password_id(&self) -> u16 {
        self.registrar.dev_password_id.unwrap_or(password_id::DEFAULT)
    }

    fn push_bands(&self, out: &mut Vec<u8>) {
        if self.registrar.dual_band {
            push(out, attr::RF_BANDS, &[self.device.rf_bands]);
        }
    }

    fn push_extensions(&self, out: &mut Vec<u8>) {
        let mut wfa = WFA_VENDOR_OUI.to_vec();
        wfa.extend_from_slice(&[wfa_ext::VERSION2, 1, VERSION_2]);
        let macs = self.authorized_macs();
        if !macs.is_empty() {
            wfa.extend_from_slice(&[wfa_ext::AUTHORIZED_MACS, (macs.len() * 6) as u8]);
            wfa.extend(macs.iter().flat_map(|m| m.0));
        }
        push(out, attr::VENDOR_EXTENSION, &wfa);
        for extension in &self.device.vendor_extensions {
            push(out, attr::VENDOR_EXTENSION, extension);
        }
        if let Some(extension) = &self.registrar.application_extension {
            push(out, attr::APPLICATION_EXTENSION, extension);
        }
    }
}

fn push_device(out: &mut Vec<u8>, device: &DeviceData) {
    push_text(out, attr::MANUFACTURER, &device.manufacturer);
    push_text(out, attr::MODEL_NAME, &device.model_name);
    push_text(out, attr::MODEL_NUMBER, &device.model_number);
    push_text(out, attr::SERIAL_NUMBER, &device.serial_number);
    push(out, attr::PRIMARY_DEV_TYPE, &device.primary_type.0);
    push_text(out, attr::DEV_NAME, &device.device_name);
}

/// Some devices cannot read empty attributes: a space stands for nothing.
fn push_text(out: &mut Vec<u8>, kind: u16, text: &[u8]) {
    push(out, kind, if text.is_empty() { b" " } else { text });
}

fn push(out: &mut Vec<u8>, kind: u16, value: &[u8]) {
    out.extend_from_slice(&kind.to_be_bytes());
    out.extend_from_slice(&(value.len() as u16).to_be_bytes());
    out.extend_from_slice(value);
}
