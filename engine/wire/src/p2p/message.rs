//! The content of a frame's P2P, WPS and Wi-Fi Display elements.

use super::attributes::{Attributes, P2pError};
use super::name::until_zero;
use super::{concatenated, wfd_concatenated};
use crate::elements::{Elements, eid};
use crate::mac::Ssid;
use crate::wsc::{self, DeviceType, WscError};

/// A frame that cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MessageError {
    #[error("there is no dialog token")]
    NoDialogToken,
    #[error(transparent)]
    Wsc(#[from] WscError),
    #[error(transparent)]
    P2p(#[from] P2pError),
}

/// The elements of a frame as far as Wi-Fi Direct goes.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Message {
    /// 0 in frames without one.
    pub dialog_token: u8,
    /// Of the SSID element, unless it is longer than 32 octets.
    pub ssid: Option<Ssid>,
    /// Of the DS Parameter Set.
    pub ds_channel: Option<u8>,
    /// Whether there is a P2P element.
    pub has_p2p: bool,
    pub p2p: Attributes,
    /// Of Device Info, else of the WPS element.
    pub device_name: Vec<u8>,
    pub wps: WpsInfo,
    /// Wi-Fi Display subelements.
    pub wfd_subelements: Option<Vec<u8>>,
}

/// The content of the WPS element.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct WpsInfo {
    /// 0 without; of `wsc::methods`.
    pub config_methods: u16,
    pub password_id: Option<u16>,
    pub primary_type: Option<DeviceType>,
    pub secondary_types: Option<Vec<DeviceType>>,
    pub requested_types: Vec<DeviceType>,
    pub vendor_extensions: Vec<Vec<u8>>,
    pub manufacturer: Option<Vec<u8>>,
    pub model_name: Option<Vec<u8>>,
    pub model_number: Option<Vec<u8>>,
    pub serial_number: Option<Vec<u8>>,
}

impl Message {
    /// Reads an action frame from its dialog token on.
    pub fn parse(content: &[u8]) -> Result<Self, MessageError> {
        let (&dialog_token, ies) = content.split_first().ok_or(MessageError::NoDialogToken)?;
        Ok(Message { dialog_token, ..Message::parse_elements(ies)? })
    }

    /// Reads elements.
    pub fn parse_elements(ies: &[u8]) -> Result<Self, MessageError> {
        let mut out = Message::default();
        out.read_plain_elements(ies);
        if let Some(wps) = wsc::concatenated(ies) {
            out.read_wps(&wps)?;
        }
        if let Some(p2p) = concatenated(ies) {
            out.has_p2p = true;
            out.p2p = Attributes::parse(&p2p)?;
            if let Some(info) = &out.p2p.device_info {
                out.device_name.clone_from(&info.name);
            }
        }
        out.wfd_subelements = wfd_concatenated(ies);
        Ok(out)
    }

    /// The P2P Device Address of the sender.
    pub fn device_addr(&self) -> Option<crate::MacAddr> {
        self.p2p.device_addr()
    }

    fn read_plain_elements(&mut self, ies: &[u8]) {
        for element in Elements::new(ies) {
            match element.id {
                eid::SSID => self.ssid = Ssid::new(element.body).ok().or(self.ssid.take()),
                eid::DS_PARAMS => self.ds_channel = element.body.first().copied().or(self.ds_channel),
                _ => {}
            }
        }
    }

    fn read_wps(&mut self, octets: &[u8]) -> Result<(), WscError> {
        let wps = wsc::Attributes::parse(octets)?;
        let owned = |octets: Option<&[u8]>| octets.map(<[u8]>::to_vec);
        self.device_name = wps.dev_name.map(until_zero).unwrap_or_default();
        self.wps = WpsInfo {
            config_methods: wps.config_methods.unwrap_or_default(),
            password_id: wps.dev_password_id,
            primary_type: wps.primary_dev_type,
            secondary_types: wps
                .sec_dev_type_list
                .map(|list| list.as_chunks::<8>().0.iter().map(|t| DeviceType(*t)).collect()),
            requested_types: wps.requested_types,
            vendor_extensions: wps.vendor_extensions.iter().map(|e| e.to_vec()).collect(),
            manufacturer: owned(wps.manufacturer),
            model_name: owned(wps.model_name),
            model_number: owned(wps.model_number),
            serial_number: owned(wps.serial_number),
        };
        Ok(())
    }
}
