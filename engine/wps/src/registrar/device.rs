//! Devices that were registered, for `STA` of the control interface.

use super::Wps;
use core::fmt::Write;
use wpasim_wire::MacAddr;
use wpasim_wire::wsc::{DeviceData, Uuid};

/// So that enrollees that come under ever new addresses do not fill the memory.
const MAX_DEVICES: usize = 256;

#[derive(Debug)]
pub(super) struct KnownDevice {
    device: DeviceData,
    uuid: Uuid,
}

impl Wps {
    /// Remembers a device that was registered, by its address.
    pub fn store_device(&mut self, device: &DeviceData, uuid: &Uuid) {
        let devices = &mut self.registrar.devices;
        devices.retain(|d| d.device.mac_addr != device.mac_addr);
        devices.truncate(MAX_DEVICES - 1);
        devices.insert(0, KnownDevice { device: device.clone(), uuid: *uuid });
    }

    /// The `wps…=` lines of a registered device; empty if it is not known.
    pub fn device_info(&self, addr: MacAddr) -> String {
        let Some(known) = self.registrar.devices.iter().find(|d| d.device.mac_addr == addr) else {
            return String::new();
        };
        let device = &known.device;
        let mut out =
            format!("wpsUuid={}\nwpsPrimaryDeviceType={}\n", uuid_text(&known.uuid), device.primary_type);
        for (name, text) in [
            ("wpsDeviceName", &device.device_name),
            ("wpsManufacturer", &device.manufacturer),
            ("wpsModelName", &device.model_name),
            ("wpsModelNumber", &device.model_number),
            ("wpsSerialNumber", &device.serial_number),
        ] {
            let _ = writeln!(out, "{name}={}", String::from_utf8_lossy(text));
        }
        out
    }
}

/// `01234567-89ab-cdef-0123-456789abcdef`.
pub fn uuid_text(uuid: &Uuid) -> String {
    let mut out = String::with_capacity(36);
    for (i, octet) in uuid.iter().enumerate() {
        if matches!(i, 4 | 6 | 8 | 10) {
            out.push('-');
        }
        let _ = write!(out, "{octet:02x}");
    }
    out
}
