//! Reading attributes (Wi-Fi Direct 1.7 §4.1) with the tolerance of 2.10: an attribute that is too short
//! makes the element unreadable, octets beyond what is known are skipped.

use super::attr;
use super::name::filtered_name;
use crate::bytes::Reader;
use crate::mac::{MacAddr, Ssid};
use crate::wsc::{self, DeviceType};

/// Octets of a Device Name, at most (WSC 2.0.5).
pub(super) const MAX_NAME: usize = 32;

/// Attributes that cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum P2pError {
    #[error("{0} octets where the next attribute's identifier and length should be")]
    Header(usize),
    #[error("attribute {kind} of {len} octets reaches beyond the element")]
    Overflow { kind: u8, len: usize },
    #[error("attribute {kind} has {len} octets")]
    Length { kind: u8, len: usize },
    #[error("the device information is not well formed")]
    DeviceInfo,
}

/// A channel as Listen Channel and Operating Channel carry it (Wi-Fi Direct 1.7 §4.1.7, §4.1.17).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct ChannelAttribute {
    pub country: [u8; 3],
    pub class: u8,
    pub channel: u8,
}

/// P2P Device Info (Wi-Fi Direct 1.7 §4.1.15).
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct DeviceInfo {
    pub addr: MacAddr,
    /// Of `wsc::methods`.
    pub config_methods: u16,
    pub primary_type: DeviceType,
    pub secondary_types: Vec<DeviceType>,
    /// At most 32 octets; control characters became `_` when read.
    pub name: Vec<u8>,
}

/// The attributes of a P2P element, the last one of each kind.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Attributes {
    pub status: Option<u8>,
    pub minor_reason: Option<u8>,
    /// Device and group capability.
    pub capability: Option<(u8, u8)>,
    pub device_id: Option<MacAddr>,
    /// The intent in the upper seven bits, the tie breaker in the lowest.
    pub go_intent: Option<u8>,
    /// Of the group owner and of the client, in units of 10 ms.
    pub config_timeout: Option<(u8, u8)>,
    pub listen_channel: Option<ChannelAttribute>,
    pub operating_channel: Option<ChannelAttribute>,
    pub group_bssid: Option<MacAddr>,
    /// Period and interval in ms.
    pub ext_listen_timing: Option<(u16, u16)>,
    pub intended_addr: Option<MacAddr>,
    pub manageability: Option<u8>,
    /// Country string, then operating classes with number and list of channels; not checked.
    pub channel_list: Option<Vec<u8>>,
    /// Index, CTWindow and OppPS, descriptors of 13 octets; at least two octets.
    pub noa: Option<Vec<u8>>,
    pub device_info: Option<DeviceInfo>,
    /// Client information descriptors; not checked.
    pub group_info: Option<Vec<u8>>,
    /// The group owner's P2P Device Address and the SSID.
    pub group_id: Option<(MacAddr, Ssid)>,
    pub invitation_flags: Option<u8>,
}

impl Attributes {
    /// Reads the concatenated content of P2P elements.
    pub fn parse(mut octets: &[u8]) -> Result<Self, P2pError> {
        let mut out = Attributes::default();
        while !octets.is_empty() {
            let (&[kind, low, high], rest) =
                octets.split_first_chunk::<3>().ok_or(P2pError::Header(octets.len()))?;
            let len = usize::from(u16::from_le_bytes([low, high]));
            let (value, rest) = rest.split_at_checked(len).ok_or(P2pError::Overflow { kind, len })?;
            out.set(kind, value)?;
            octets = rest;
        }
        Ok(out)
    }

    /// The P2P Device Address: of Device Info, else of Device ID.
    pub fn device_addr(&self) -> Option<MacAddr> {
        self.device_info.as_ref().map(|info| info.addr).or(self.device_id)
    }

    fn set(&mut self, kind: u8, value: &[u8]) -> Result<(), P2pError> {
        match kind {
            attr::STATUS => self.status = octet(kind, value)?,
            attr::MINOR_REASON_CODE => self.minor_reason = octet(kind, value)?,
            attr::CAPABILITY => self.capability = pair(kind, value)?,
            attr::DEVICE_ID => self.device_id = address(kind, value)?,
            attr::GROUP_OWNER_INTENT => self.go_intent = octet(kind, value)?,
            attr::CONFIGURATION_TIMEOUT => self.config_timeout = pair(kind, value)?,
            attr::LISTEN_CHANNEL => set_channel(&mut self.listen_channel, kind, value)?,
            attr::OPERATING_CHANNEL => set_channel(&mut self.operating_channel, kind, value)?,
            attr::GROUP_BSSID => self.group_bssid = address(kind, value)?,
            attr::EXT_LISTEN_TIMING => {
                let [p0, p1, i0, i1] = prefix(kind, value)?;
                self.ext_listen_timing = Some((u16::from_le_bytes([p0, p1]), u16::from_le_bytes([i0, i1])));
            }
            attr::INTENDED_INTERFACE_ADDR => self.intended_addr = address(kind, value)?,
            attr::MANAGEABILITY => self.manageability = octet(kind, value)?,
            attr::CHANNEL_LIST => self.channel_list = at_least(kind, value, 3)?,
            attr::NOTICE_OF_ABSENCE => self.noa = at_least(kind, value, 2)?,
            attr::DEVICE_INFO => {
                self.device_info = Some(DeviceInfo::parse(value).ok_or(P2pError::DeviceInfo)?);
            }
            attr::GROUP_INFO => self.group_info = Some(value.to_vec()),
            attr::GROUP_ID => self.group_id = Some(group_id(kind, value)?),
            attr::INVITATION_FLAGS => self.invitation_flags = octet(kind, value)?,
            _ => {}
        }
        Ok(())
    }
}

impl DeviceInfo {
    fn parse(value: &[u8]) -> Option<Self> {
        let mut r = Reader::new(value);
        let addr = MacAddr(r.array()?);
        let config_methods = r.be16()?;
        let primary_type = DeviceType(r.array()?);
        let secondary_types = device_types(&mut r)?;
        let (kind, len) = (r.be16()?, usize::from(r.be16()?));
        if kind != wsc::attr::DEV_NAME || len > MAX_NAME {
            return None;
        }
        let name = filtered_name(r.take(len)?);
        Some(DeviceInfo { addr, config_methods, primary_type, secondary_types, name })
    }
}

/// A count and as many types.
pub(super) fn device_types(r: &mut Reader<'_>) -> Option<Vec<DeviceType>> {
    let count = usize::from(r.u8()?);
    let types = r.take(count * 8)?;
    Some(types.as_chunks::<8>().0.iter().map(|t| DeviceType(*t)).collect())
}

fn prefix<const N: usize>(kind: u8, value: &[u8]) -> Result<[u8; N], P2pError> {
    value.first_chunk::<N>().copied().ok_or(P2pError::Length { kind, len: value.len() })
}

fn octet(kind: u8, value: &[u8]) -> Result<Option<u8>, P2pError> {
    prefix::<1>(kind, value).map(|[b]| Some(b))
}

fn pair(kind: u8, value: &[u8]) -> Result<Option<(u8, u8)>, P2pError> {
    prefix::<2>(kind, value).map(|[a, b]| Some((a, b)))
}

fn address(kind: u8, value: &[u8]) -> Result<Option<MacAddr>, P2pError> {
    prefix::<6>(kind, value).map(|a| Some(MacAddr(a)))
}

fn at_least(kind: u8, value: &[u8], len: usize) -> Result<Option<Vec<u8>>, P2pError> {
    if value.len() < len {
        return Err(P2pError::Length { kind, len: value.len() });
    }
    Ok(Some(value.to_vec()))
}

/// An empty attribute says nothing.
fn set_channel(field: &mut Option<ChannelAttribute>, kind: u8, value: &[u8]) -> Result<(), P2pError> {
    if !value.is_empty() {
        let [c0, c1, c2, class, channel] = prefix(kind, value)?;
        *field = Some(ChannelAttribute { country: [c0, c1, c2], class, channel });
    }
    Ok(())
}

fn group_id(kind: u8, value: &[u8]) -> Result<(MacAddr, Ssid), P2pError> {
    let wrong = P2pError::Length { kind, len: value.len() };
    let (addr, ssid) = value.split_first_chunk::<6>().ok_or(wrong)?;
    Ok((MacAddr(*addr), Ssid::new(ssid).map_err(|_| wrong)?))
}
