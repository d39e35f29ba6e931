//! Variables of Wi-Fi Protected Setup.

use super::HostapdConfig;
use super::forms::said;
use super::values::parse_hex;
use crate::config::SetError;
use crate::hostapd::number::{atoi, in_range};
use crate::wire::MacAddr;
use crate::wire::wsc::{DeviceType, methods, parse_device_type, rf_band, text};
use std::collections::BTreeMap;

/// The variables of hostapd.conf about WPS.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct WpsKeys {
    /// 0 off, 1 not configured, 2 configured.
    pub state: u8,
    pub uuid: Option<[u8; 16]>,
    pub device_name: String,
    pub manufacturer: String,
    pub model_name: String,
    pub model_number: String,
    pub serial_number: String,
    pub device_type: DeviceType,
    pub os_version: u32,
    /// As configured; `None` is hostapd's default.
    pub config_methods: Option<u16>,
    pub ap_pin: Option<String>,
    pub ap_setup_locked: u8,
    pub skip_cred_build: bool,
    /// The content of the file `extra_cred`.
    pub extra_cred: Option<Vec<u8>>,
    /// The content of the file `ap_settings`.
    pub ap_settings: Option<Vec<u8>>,
    pub cred_processing: u8,
    pub cred_add_sae: bool,
    pub pbc_in_m1: bool,
    pub application_extension: Option<Vec<u8>>,
    /// `None` follows `hw_mode`.
    pub rf_bands: Option<u8>,
    /// A file that requests for PINs are appended to.
    pub pin_requests: Option<String>,
    pub eap_server: bool,
    /// 0 is EAP-WSC's default.
    pub fragment_size: u16,
    /// Of `wpa_psk_file`, lines with `wps=1`.
    pub file_psks: BTreeMap<MacAddr, super::Psk>,
}

impl WpsKeys {
    /// Config methods as the access point shows them: whether a display or a button is virtual is
    /// filled in where neither is said.
    pub fn config_methods(&self) -> u16 {
        let mut bits = self.config_methods.unwrap_or_else(|| text::default_config_methods(false));
        for (plain, is_virtual, is_physical) in [
            (methods::DISPLAY, methods::VIRT_DISPLAY, methods::PHY_DISPLAY),
            (methods::PUSHBUTTON, methods::VIRT_PUSHBUTTON, methods::PHY_PUSHBUTTON),
        ] {
            if bits & (plain | is_virtual | is_physical) == plain {
                bits |= is_virtual;
            }
        }
        bits
    }
}

impl HostapdConfig {
    /// Whether the variable is one of WPS; if so, it is set.
    pub(super) fn set_wps(
        &mut self,
        variable: &str,
        value: &str,
        read: &dyn Fn(&str) -> Option<Vec<u8>>,
    ) -> Result<bool, SetError> {
        let said = |template: &str| said(template, variable, value);
        let read_file = |what: &str| {
            read(value).ok_or_else(|| SetError::new(format!("could not read {what} from '{value}'")))
        };
        let number = atoi(value);
        let wps = &mut self.wps;
        match variable {
            "wps_state" => wps.state = in_range(number, 0, 2).ok_or_else(|| said("invalid wps_state"))? as u8,
            "uuid" => {
                let digits: String = value.chars().filter(|c| *c != '-').collect();
                let uuid = parse_hex(&digits).and_then(|u| u.try_into().ok());
                wps.uuid = Some(uuid.ok_or_else(|| said("invalid UUID"))?).filter(|u| *u != [0; 16]);
            }
            "ap_pin" => wps.ap_pin = Some(value.to_owned()).filter(|pin| !pin.is_empty()),
            "ap_setup_locked" => wps.ap_setup_locked = number as u8,
            "skip_cred_build" => wps.skip_cred_build = number != 0,
            "extra_cred" => wps.extra_cred = Some(read_file("Credentials")?),
            "ap_settings" => wps.ap_settings = Some(read_file("AP Settings")?),
            "wps_cred_processing" => wps.cred_processing = number as u8,
            "wps_cred_add_sae" => wps.cred_add_sae = number != 0,
            "pbc_in_m1" => wps.pbc_in_m1 = number != 0,
            "wps_application_ext" => wps.application_extension = parse_hex(value).filter(|e| !e.is_empty()),
            "wps_pin_requests" => wps.pin_requests = Some(value.to_owned()),
            "wps_rf_bands" => {
                wps.rf_bands = Some(bands(value).ok_or_else(|| said("unknown wps_rf_band '{v}'"))?)
            }
            "eap_server" => wps.eap_server = number != 0,
            "fragment_size" => wps.fragment_size = u16::try_from(number).unwrap_or(0),
            _ => return self.set_wps_device(variable, value),
        }
        Ok(true)
    }

    fn set_wps_device(&mut self, variable: &str, value: &str) -> Result<bool, SetError> {
        let said = |template: &str| said(template, variable, value);
        let short = |limit: usize| {
            if value.len() > limit { Err(said("Too long {name}")) } else { Ok(value.to_owned()) }
        };
        let wps = &mut self.wps;
        match variable {
            "device_name" => wps.device_name = short(32)?,
            "manufacturer" => wps.manufacturer = short(64)?,
            "model_name" => wps.model_name = short(32)?,
            "model_number" => wps.model_number = short(32)?,
            "serial_number" => wps.serial_number = short(32)?,
            "device_type" => {
                wps.device_type = parse_device_type(value).ok_or_else(SetError::silent)?;
            }
            "os_version" => {
                let octets = value.get(..8).and_then(parse_hex).and_then(|o| o.try_into().ok());
                wps.os_version = u32::from_be_bytes(octets.ok_or_else(|| said("invalid os_version"))?);
            }
            "config_methods" => wps.config_methods = Some(text::config_methods(value)),
            _ => return Ok(false),
        }
        Ok(true)
    }
}

fn bands(value: &str) -> Option<u8> {
    Some(match value {
        "ad" => rf_band::GHZ_60,
        "a" => rf_band::GHZ_5,
        "b" | "g" => rf_band::GHZ_2_4,
        "ag" | "ga" => rf_band::GHZ_2_4 | rf_band::GHZ_5,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> HostapdConfig {
        HostapdConfig::parse(text.as_bytes(), &|path| match path {
            "settings" => Some(vec![0x10, 0x45, 0, 1, b'x']),
            "psks" => {
                let text = "02:00:00:00:00:07 not for wps\nwps=1 00:00:00:00:00:00 anyone's\n\
                            keyid=a wps=1 02:00:00:00:00:09 the nineth's\n";
                Some(text.as_bytes().to_vec())
            }
            _ => None,
        })
        .unwrap()
    }

    #[test]
    fn every_variable_is_taken_up() {
        let wps = parse(
            "ssid=x\nwps_state=1\nap_pin=12345670\nap_setup_locked=1\nskip_cred_build=1\nextra_cred=settings\n\
             ap_settings=settings\nwps_cred_processing=2\nwps_cred_add_sae=1\npbc_in_m1=1\n\
             wps_application_ext=00112233\nwps_pin_requests=/run/pins\nwps_rf_bands=ag\neap_server=1\n\
             fragment_size=200\nos_version=01020300\ndevice_type=6-0050F204-1\n",
        )
        .wps;
        let settings = Some(vec![0x10, 0x45, 0, 1, b'x']);
        let expected = WpsKeys {
            state: 1,
            device_type: DeviceType([0, 6, 0, 0x50, 0xf2, 4, 0, 1]),
            os_version: 0x0102_0300,
            ap_pin: Some("12345670".to_owned()),
            ap_setup_locked: 1,
            skip_cred_build: true,
            extra_cred: settings.clone(),
            ap_settings: settings,
            cred_processing: 2,
            cred_add_sae: true,
            pbc_in_m1: true,
            application_extension: Some(vec![0, 0x11, 0x22, 0x33]),
            rf_bands: Some(3),
            pin_requests: Some("/run/pins".to_owned()),
            eap_server: true,
            fragment_size: 200,
            ..WpsKeys::default()
        };
        assert_eq!(wps, expected);
    }

    #[test]
    fn methods_are_virtual_unless_said_otherwise() {
        let of = |words: &str| parse(&format!("ssid=x\nconfig_methods={words}\n")).wps.config_methods();
        assert_eq!(of("display push_button"), 0x2008 | 0x0280);
        assert_eq!(of("display physical_display push_button physical_push_button"), 0x4008 | 0x0480);
        assert_eq!(of("label"), 0x0004);
        assert_eq!(parse("ssid=x\n").wps.config_methods(), 0x2148);
    }

    #[test]
    fn keys_for_enrollees_are_those_marked() {
        let psks = parse("ssid=x\nwpa_psk_file=psks\n").wps.file_psks;
        let owners: Vec<String> = psks.keys().map(ToString::to_string).collect();
        assert_eq!(owners, ["00:00:00:00:00:00", "02:00:00:00:00:09"]);
    }

    #[test]
    fn what_cannot_be_is_refused() {
        for line in [
            "wps_state=3",
            "uuid=12",
            "os_version=12",
            "wps_rf_bands=n",
            "ap_settings=nowhere",
            "device_type=1",
        ] {
            assert!(
                HostapdConfig::parse(format!("ssid=x\n{line}\n").as_bytes(), &|_| None).is_err(),
                "{line}"
            );
        }
    }
}
