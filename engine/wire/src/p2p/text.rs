//! Attributes as SCAN_RESULTS' details and `BSS` show them.

use super::attributes::Attributes;
use super::group_info::parse_group_info;
use super::name::filtered_name;
use core::fmt::Write;

/// `p2p_dev_capab=…` and so on, of the concatenated content of P2P elements; `None` if it is malformed.
pub fn attributes(octets: &[u8]) -> Option<String> {
    let attributes = Attributes::parse(octets).ok()?;
    let info = attributes.device_info.clone().unwrap_or_default();
    let mut out = String::new();
    if let Some((device, group)) = attributes.capability {
        let _ = write!(out, "p2p_dev_capab=0x{device:x}\np2p_group_capab=0x{group:x}\n");
    }
    if attributes.device_info.is_some() {
        let _ = writeln!(out, "p2p_primary_device_type={}", info.primary_type);
    }
    let _ = writeln!(out, "p2p_device_name={}", String::from_utf8_lossy(&info.name));
    if attributes.device_info.is_some() {
        let _ = writeln!(out, "p2p_device_addr={}", info.addr);
    }
    let _ = writeln!(out, "p2p_config_methods=0x{:x}", info.config_methods);
    out.push_str(&group_info(attributes.group_info.as_deref().unwrap_or_default()));
    Some(out)
}

fn group_info(octets: &[u8]) -> String {
    let mut out = String::new();
    for client in parse_group_info(octets).unwrap_or_default() {
        let _ = write!(
            out,
            "p2p_group_client: dev={} iface={} dev_capab=0x{:x} config_methods=0x{:x} dev_type={}",
            client.device_addr,
            client.interface_addr,
            client.device_capability,
            client.config_methods,
            client.primary_type
        );
        for kind in &client.secondary_types {
            let _ = write!(out, " dev_type={kind}");
        }
        let _ = writeln!(out, " dev_name='{}'", String::from_utf8_lossy(&filtered_name(&client.name)));
    }
    out
}
