//! WPS elements of frames (WSC 2.0.5 §8.2).

use super::{
    DeviceData, DeviceType, RequestType, ResponseType, Uuid, WfaExtension, Writer, attr, config_error,
};
use crate::elements::{self, vendor};

/// The attributes as one or more whole elements, `dd`, length, `0050f204` and at most 251 octets each.
pub fn element(attributes: &[u8]) -> Vec<u8> {
    elements::vendor_elements(vendor::WPS, attributes)
}

/// The attributes of all WPS elements of a frame; `None` if it has none.
pub fn concatenated(ies: &[u8]) -> Option<Vec<u8>> {
    elements::vendor_payload(ies, vendor::WPS)
}

/// The elements of a probe request (WSC 2.0.5 §8.2.4). `password_id` is that of the push button while
/// the button is pressed, else the default.
pub fn probe_request(
    password_id: u16,
    device: &DeviceData,
    uuid: &Uuid,
    request: RequestType,
    requested_types: &[DeviceType],
) -> Vec<u8> {
    let mut out = Writer::new();
    out.version()
        .u8(attr::REQUEST_TYPE, request as u8)
        .u16(attr::CONFIG_METHODS, device.config_methods)
        .uuid_e(uuid)
        .primary_type(device)
        .u8(attr::RF_BANDS, device.rf_bands)
        .u16(attr::ASSOC_STATE, 0)
        .u16(attr::CONFIG_ERROR, config_error::NO_ERROR)
        .u16(attr::DEV_PASSWORD_ID, password_id)
        .text(attr::MANUFACTURER, &device.manufacturer)
        .text(attr::MODEL_NAME, &device.model_name)
        .text(attr::MODEL_NUMBER, &device.model_number)
        .text(attr::DEV_NAME, &device.device_name)
        .wfa_extension(WfaExtension {
            request_to_enroll: request == RequestType::Enrollee,
            ..WfaExtension::default()
        });
    for requested in requested_types {
        out.attribute(attr::REQUESTED_DEV_TYPE, &requested.0);
    }
    out.secondary_types(device);
    element(out.as_bytes())
}

/// The element of a (re)association request (WSC 2.0.5 §8.2.6).
pub fn assoc_request(request: RequestType) -> Vec<u8> {
    let mut out = Writer::new();
    out.version().u8(attr::REQUEST_TYPE, request as u8).version2();
    element(out.as_bytes())
}

/// The element of a (re)association response (WSC 2.0.5 §8.2.7).
pub fn assoc_response() -> Vec<u8> {
    let mut out = Writer::new();
    out.version().u8(attr::RESPONSE_TYPE, ResponseType::Ap as u8).version2();
    element(out.as_bytes())
}
