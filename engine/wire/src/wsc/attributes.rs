//! Reading attributes (WSC 2.0.5 §12) with the tolerance of 2.10: some attributes of wrong length make
//! the whole message unreadable, others are ignored or cut, and errors of deployed devices are skipped.

use super::{DeviceType, attr, password_id, wfa_ext};
use crate::mac::MacAddr;

/// More Credential and Requested Device Type attributes than these are ignored.
const MAX_REPEATED: usize = 10;
const MAX_VENDOR_EXTENSIONS: usize = 10;
const MAX_VENDOR_EXTENSION_LEN: usize = 1024;
const MAX_SECONDARY_TYPES_LEN: usize = 128;
const PUBLIC_KEY_HASH_LEN: usize = 20;

/// Attributes that cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WscError {
    #[error("{0} octets where the next attribute's type and length should be")]
    Header(usize),
    #[error("attribute {kind:#06x} of {len} octets reaches beyond the message")]
    Overflow { kind: u16, len: usize },
    #[error("attribute {kind:#06x} has {len} octets")]
    Length { kind: u16, len: usize },
    #[error("subelement {id} of the WFA vendor extension has {len} octets")]
    SubelementLength { id: u8, len: usize },
    #[error("more than {MAX_VENDOR_EXTENSIONS} vendor extensions")]
    TooManyVendorExtensions,
}

/// The attributes of a message or element, the last one of each kind. Texts are as received.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Attributes<'a> {
    pub version: Option<u8>,
    pub msg_type: Option<u8>,
    pub enrollee_nonce: Option<&'a [u8; 16]>,
    pub registrar_nonce: Option<&'a [u8; 16]>,
    pub uuid_e: Option<&'a [u8; 16]>,
    pub uuid_r: Option<&'a [u8; 16]>,
    pub auth_type_flags: Option<u16>,
    pub encr_type_flags: Option<u16>,
    pub conn_type_flags: Option<u8>,
    pub config_methods: Option<u16>,
    pub sel_reg_config_methods: Option<u16>,
    pub primary_dev_type: Option<DeviceType>,
    pub rf_bands: Option<u8>,
    pub assoc_state: Option<u16>,
    pub config_error: Option<u16>,
    pub dev_password_id: Option<u16>,
    pub os_version: Option<u32>,
    pub wps_state: Option<u8>,
    pub authenticator: Option<&'a [u8; 8]>,
    pub r_hash1: Option<&'a [u8; 32]>,
    pub r_hash2: Option<&'a [u8; 32]>,
    pub e_hash1: Option<&'a [u8; 32]>,
    pub e_hash2: Option<&'a [u8; 32]>,
    pub r_snonce1: Option<&'a [u8; 16]>,
    pub r_snonce2: Option<&'a [u8; 16]>,
    pub e_snonce1: Option<&'a [u8; 16]>,
    pub e_snonce2: Option<&'a [u8; 16]>,
    pub key_wrap_auth: Option<&'a [u8; 8]>,
    pub auth_type: Option<u16>,
    pub encr_type: Option<u16>,
    pub network_idx: Option<u8>,
    pub network_key_idx: Option<u8>,
    pub mac_addr: Option<MacAddr>,
    pub selected_registrar: Option<u8>,
    pub request_type: Option<u8>,
    pub response_type: Option<u8>,
    pub ap_setup_locked: Option<u8>,
    pub ap_channel: Option<u16>,
    /// At most 64 octets; the rest is cut.
    pub manufacturer: Option<&'a [u8]>,
    /// At most 32 octets, as the next two; the rest is cut.
    pub model_name: Option<&'a [u8]>,
    pub model_number: Option<&'a [u8]>,
    pub serial_number: Option<&'a [u8]>,
    /// At most 32 octets; longer ones are ignored.
    pub dev_name: Option<&'a [u8]>,
    /// 190 to 192 octets; others are ignored.
    pub public_key: Option<&'a [u8]>,
    pub encr_settings: Option<&'a [u8]>,
    /// At most 32 octets; longer ones are ignored.
    pub ssid: Option<&'a [u8]>,
    pub network_key: Option<&'a [u8]>,
    /// A list of types of eight octets.
    pub sec_dev_type_list: Option<&'a [u8]>,
    /// Hash of a public key, password ID, password.
    pub oob_dev_password: Option<&'a [u8]>,
    pub credentials: Vec<&'a [u8]>,
    pub requested_types: Vec<DeviceType>,
    /// With their OUI; those of the Wi-Fi Alliance are below.
    pub vendor_extensions: Vec<&'a [u8]>,
    pub version2: Option<u8>,
    /// Addresses of six octets.
    pub authorized_macs: Option<&'a [u8]>,
    pub network_key_shareable: Option<u8>,
    pub request_to_enroll: Option<u8>,
    pub settings_delay_time: Option<u8>,
    pub registrar_configuration_methods: Option<u16>,
    pub multi_ap: Option<u8>,
}

/// The value of an attribute whose length is fixed.
fn fixed<const N: usize>(kind: u16, value: &[u8]) -> Result<Option<&[u8; N]>, WscError> {
    value.try_into().map(Some).map_err(|_| WscError::Length { kind, len: value.len() })
}

fn octet(kind: u16, value: &[u8]) -> Result<Option<u8>, WscError> {
    Ok(fixed::<1>(kind, value)?.map(|[b]| *b))
}

fn be16(kind: u16, value: &[u8]) -> Result<Option<u16>, WscError> {
    Ok(fixed::<2>(kind, value)?.map(|b| u16::from_be_bytes(*b)))
}

fn cut(value: &[u8], max: usize) -> Option<&[u8]> {
    Some(value.get(..max).unwrap_or(value))
}

impl<'a> Attributes<'a> {
    /// Reads attributes up to their end.
    pub fn parse(attributes: &'a [u8]) -> Result<Self, WscError> {
        let mut out = Attributes::default();
        let mut rest = attributes;
        let mut previous = 0;
        while !rest.is_empty() {
            let Some((&[k0, k1, l0, l1], tail)) = rest.split_first_chunk::<4>() else {
                return Err(WscError::Header(rest.len()));
            };
            let kind = u16::from_be_bytes([k0, k1]);
            let len = usize::from(u16::from_be_bytes([l0, l1]));
            let Some((value, tail)) = tail.split_at_checked(len) else {
                // Some access points append an octet to the Network Key that its length does not count.
                if kind & 0xff00 != 0x1000 && previous == attr::NETWORK_KEY {
                    rest = rest.get(1..).unwrap_or_default();
                    continue;
                }
                return Err(WscError::Overflow { kind, len });
            };
            // Some stations pad M1 with zeros.
            if kind == 0 && len == 0 && tail.iter().all(|b| *b == 0) {
                break;
            }
            out.set(kind, value)?;
            previous = kind;
            rest = tail;
        }
        Ok(out)
    }

    /// The addresses of the Authorized MACs subelement; a remainder of less than six octets is ignored.
    pub fn authorized(&self) -> impl Iterator<Item = MacAddr> + 'a {
        self.authorized_macs.unwrap_or_default().as_chunks::<6>().0.iter().map(|a| MacAddr(*a))
    }

    /// Whether a registrar of this network was told to take enrollees.
    pub fn registrar_selected(&self) -> bool {
        self.selected_registrar.is_some_and(|s| s != 0)
    }

    fn set(&mut self, kind: u16, value: &'a [u8]) -> Result<(), WscError> {
        match kind {
            attr::VERSION => self.version = octet(kind, value)?,
            attr::MSG_TYPE => self.msg_type = octet(kind, value)?,
            attr::CONN_TYPE_FLAGS => self.conn_type_flags = octet(kind, value)?,
            attr::RF_BANDS => self.rf_bands = octet(kind, value)?,
            attr::WPS_STATE => self.wps_state = octet(kind, value)?,
            attr::NETWORK_INDEX => self.network_idx = octet(kind, value)?,
            attr::NETWORK_KEY_INDEX => self.network_key_idx = octet(kind, value)?,
            attr::SELECTED_REGISTRAR => self.selected_registrar = octet(kind, value)?,
            attr::REQUEST_TYPE => self.request_type = octet(kind, value)?,
            attr::RESPONSE_TYPE => self.response_type = octet(kind, value)?,
            attr::AP_SETUP_LOCKED => self.ap_setup_locked = octet(kind, value)?,
            attr::AUTH_TYPE_FLAGS => self.auth_type_flags = be16(kind, value)?,
            attr::ENCR_TYPE_FLAGS => self.encr_type_flags = be16(kind, value)?,
            attr::CONFIG_METHODS => self.config_methods = be16(kind, value)?,
            attr::SELECTED_REGISTRAR_CONFIG_METHODS => self.sel_reg_config_methods = be16(kind, value)?,
            attr::ASSOC_STATE => self.assoc_state = be16(kind, value)?,
            attr::CONFIG_ERROR => self.config_error = be16(kind, value)?,
            attr::DEV_PASSWORD_ID => self.dev_password_id = be16(kind, value)?,
            attr::AUTH_TYPE => self.auth_type = be16(kind, value)?,
            attr::ENCR_TYPE => self.encr_type = be16(kind, value)?,
            attr::AP_CHANNEL => self.ap_channel = be16(kind, value)?,
            attr::OS_VERSION => self.os_version = fixed(kind, value)?.map(|v| u32::from_be_bytes(*v)),
            attr::PRIMARY_DEV_TYPE => self.primary_dev_type = fixed(kind, value)?.map(|t| DeviceType(*t)),
            attr::MAC_ADDR => self.mac_addr = fixed(kind, value)?.map(|a| MacAddr(*a)),
            attr::VENDOR_EXTENSION => self.set_vendor_extension(value)?,
            _ => return self.set_octets(kind, value),
        }
        Ok(())
    }

    /// Nonces, hashes and whatever has no fixed length.
    fn set_octets(&mut self, kind: u16, value: &'a [u8]) -> Result<(), WscError> {
        match kind {
            attr::ENROLLEE_NONCE => self.enrollee_nonce = fixed(kind, value)?,
            attr::REGISTRAR_NONCE => self.registrar_nonce = fixed(kind, value)?,
            attr::UUID_E => self.uuid_e = fixed(kind, value)?,
            attr::UUID_R => self.uuid_r = fixed(kind, value)?,
            attr::AUTHENTICATOR => self.authenticator = fixed(kind, value)?,
            attr::R_HASH1 => self.r_hash1 = fixed(kind, value)?,
            attr::R_HASH2 => self.r_hash2 = fixed(kind, value)?,
            attr::E_HASH1 => self.e_hash1 = fixed(kind, value)?,
            attr::E_HASH2 => self.e_hash2 = fixed(kind, value)?,
            attr::R_SNONCE1 => self.r_snonce1 = fixed(kind, value)?,
            attr::R_SNONCE2 => self.r_snonce2 = fixed(kind, value)?,
            attr::E_SNONCE1 => self.e_snonce1 = fixed(kind, value)?,
            attr::E_SNONCE2 => self.e_snonce2 = fixed(kind, value)?,
            attr::KEY_WRAP_AUTH => self.key_wrap_auth = fixed(kind, value)?,
            attr::MANUFACTURER => self.manufacturer = cut(value, 64),
            attr::MODEL_NAME => self.model_name = cut(value, 32),
            attr::MODEL_NUMBER => self.model_number = cut(value, 32),
            attr::SERIAL_NUMBER => self.serial_number = cut(value, 32),
            attr::DEV_NAME if value.len() <= 32 => self.dev_name = Some(value),
            attr::PUBLIC_KEY if (190..=192).contains(&value.len()) => self.public_key = Some(value),
            attr::ENCR_SETTINGS => self.encr_settings = Some(value),
            attr::SSID if value.len() <= 32 => self.ssid = Some(value),
            attr::NETWORK_KEY => self.network_key = Some(value),
            attr::CREDENTIAL if self.credentials.len() < MAX_REPEATED => self.credentials.push(value),
            attr::REQUESTED_DEV_TYPE => {
                let requested = fixed(kind, value)?.map(|t| DeviceType(*t));
                self.requested_types.extend(requested.filter(|_| self.requested_types.len() < MAX_REPEATED));
            }
            attr::SECONDARY_DEV_TYPE_LIST => {
                if value.len() > MAX_SECONDARY_TYPES_LEN || !value.len().is_multiple_of(8) {
                    return Err(WscError::Length { kind, len: value.len() });
                }
                self.sec_dev_type_list = Some(value);
            }
            attr::OOB_DEVICE_PASSWORD => {
                if !oob_password_well_formed(value) {
                    return Err(WscError::Length { kind, len: value.len() });
                }
                self.oob_dev_password = Some(value);
            }
            _ => {}
        }
        Ok(())
    }

    fn set_vendor_extension(&mut self, value: &'a [u8]) -> Result<(), WscError> {
        let Some((oui, subelements)) = value.split_first_chunk::<3>() else { return Ok(()) };
        if *oui == super::WFA_VENDOR_OUI {
            return self.set_wfa_subelements(subelements);
        }
        if value.len() > MAX_VENDOR_EXTENSION_LEN {
            return Err(WscError::Length { kind: attr::VENDOR_EXTENSION, len: value.len() });
        }
        if self.vendor_extensions.len() >= MAX_VENDOR_EXTENSIONS {
            return Err(WscError::TooManyVendorExtensions);
        }
        self.vendor_extensions.push(value);
        Ok(())
    }

    /// A subelement that is cut short ends the list without harm.
    fn set_wfa_subelements(&mut self, mut rest: &'a [u8]) -> Result<(), WscError> {
        while let Some((&[id, len], tail)) = rest.split_first_chunk::<2>()
            && let Some((value, tail)) = tail.split_at_checked(usize::from(len))
        {
            self.set_wfa_subelement(id, value)
                .map_err(|_| WscError::SubelementLength { id, len: value.len() })?;
            rest = tail;
        }
        Ok(())
    }

    fn set_wfa_subelement(&mut self, id: u8, value: &'a [u8]) -> Result<(), WscError> {
        let kind = attr::VENDOR_EXTENSION;
        match id {
            wfa_ext::VERSION2 => self.version2 = octet(kind, value)?,
            wfa_ext::AUTHORIZED_MACS => self.authorized_macs = Some(value),
            wfa_ext::NETWORK_KEY_SHAREABLE => self.network_key_shareable = octet(kind, value)?,
            wfa_ext::REQUEST_TO_ENROLL => self.request_to_enroll = octet(kind, value)?,
            wfa_ext::SETTINGS_DELAY_TIME => self.settings_delay_time = octet(kind, value)?,
            wfa_ext::REGISTRAR_CONFIG_METHODS => {
                self.registrar_configuration_methods = be16(kind, value)?;
            }
            wfa_ext::MULTI_AP => self.multi_ap = octet(kind, value)?,
            _ => {}
        }
        Ok(())
    }
}

/// Hash, password ID, and 16 to 32 octets of password, of which a connection handover needs none.
fn oob_password_well_formed(value: &[u8]) -> bool {
    let Some((id, password)) =
        value.get(PUBLIC_KEY_HASH_LEN..).and_then(|rest| rest.split_first_chunk::<2>())
    else {
        return false;
    };
    let handover = u16::from_be_bytes(*id) == password_id::NFC_CONNECTION_HANDOVER;
    password.len() <= 32 && (password.len() >= 16 || handover)
}
