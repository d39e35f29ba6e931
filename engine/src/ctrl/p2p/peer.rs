//! P2P_PEER.

use wpasim_wire::MacAddr;
use wpasim_wire::wsc::DeviceType;

use crate::config::text::{atoi, hex, parse_hex};
use crate::ctrl::Reply;
use crate::p2p::PeerInfo;
use crate::supplicant::Supplicant;
use crate::supplicant::interface::Context;

impl Supplicant {
    /// `FIRST`, `NEXT-ADDR` or an address.
    pub(in crate::ctrl) fn ctrl_p2p_peer(&mut self, cx: Context<'_>, args: &str) -> Reply {
        let text = self.peer_text(cx, args);
        Reply::text_or_fail(text)
    }

    fn peer_text(&mut self, cx: Context<'_>, args: &str) -> Option<String> {
        let device = self.device()?;
        let addr = match args.strip_prefix("NEXT-") {
            Some(previous) => device.next_peer(Some(MacAddr::parse_prefix(previous)?.0))?,
            None if args == "FIRST" => device.next_peer(None)?,
            None => MacAddr::parse_prefix(args)?.0,
        };
        let info = device.peer_info(addr)?;
        // An event of a group counts only while the group is known.
        let known = self.interfaces.iter().any(|i| i.bss_of_device(info.device_addr).is_some());
        let group_capability = if known { info.group_capability } else { 0 };
        let mut out = identity(info, group_capability);
        for kind in &info.secondary_types {
            out.push_str(&format!("sec_dev_type={kind}\n"));
        }
        let stored = self.device_interface().and_then(|i| i.persistent_with(info.device_addr, None));
        if let Some(network) = stored {
            out.push_str(&format!("persistent={}\n", network.id));
        }
        out.push_str(&device.peer_text(cx.now, addr).unwrap_or_default());
        if !info.vendor_elements.is_empty() {
            out.push_str(&format!("vendor_elems={}\n", hex(&info.vendor_elements)));
        }
        Some(out)
    }
}

fn identity(info: &PeerInfo, group_capability: u8) -> String {
    let text = |octets: &[u8]| String::from_utf8_lossy(octets).into_owned();
    format!(
        "{}\npri_dev_type={}\ndevice_name={}\nmanufacturer={}\nmodel_name={}\nmodel_number={}\nserial_number={}\n\
         config_methods=0x{:x}\ndev_capab=0x{:x}\ngroup_capab=0x{group_capability:x}\nlevel={}\n",
        info.device_addr,
        info.primary_type,
        text(&info.device_name),
        text(&info.manufacturer),
        text(&info.model_name),
        text(&info.model_number),
        text(&info.serial_number),
        info.config_methods,
        info.device_capability,
        info.level,
    )
}

/// `<category>-<OUI in hexadecimal>-<subcategory>`.
//= hostap@2.10 src/wps/wps_common.c#wps_dev_type_str2bin
pub(super) fn device_type(text: &str) -> Option<DeviceType> {
    let (category, rest) = text.split_once('-')?;
    let oui = parse_hex(rest.get(..8)?)?;
    let sub = rest.get(8..)?.strip_prefix('-')?;
    let mut out = [0; 8];
    out[..2].copy_from_slice(&(atoi(category) as u16).to_be_bytes());
    out[2..6].copy_from_slice(oui.get(..4)?);
    out[6..].copy_from_slice(&(atoi(sub) as u16).to_be_bytes());
    Some(DeviceType(out))
}
