//! Wi-Fi Display: the subelements that the user sets, in the frames that carry them (Wi-Fi Display 2.1, §5.2).

use std::collections::BTreeMap;

use wpasim_wire::p2p::{wfd, wfd_element};

use crate::config::text::{atoi, hex, parse_hex};
use crate::p2p::WfdElements;
use crate::supplicant::Supplicant;
use crate::supplicant::interface::Context;

/// Subelements are numbered from 0.
const SUBELEMENTS: u8 = 12;
/// The length of them that a reply has room for, in octets.
const SHOWN: usize = 2047;

/// The description of this device as a display or a source: whole subelements by their number.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Display {
    subelements: BTreeMap<u8, Vec<u8>>,
}

impl Display {
    /// `WFD_SUBELEM_SET ID [HEX]` or `all HEX`; the length of a subelement is not looked at. Whether it was
    /// taken.
    fn set(&mut self, args: &str) -> bool {
        let Some((which, text)) = args.split_once(' ') else { return false };
        let Some(octets) = parse_hex(text).or_else(|| text.is_empty().then(Vec::new)) else { return false };
        if which == "all" {
            return self.set_all(&octets);
        }
        let Some(id) = numbered(which) else { return false };
        if octets.is_empty() {
            self.subelements.remove(&id);
        } else {
            self.subelements.insert(id, [vec![id], octets].concat());
        }
        true
    }

    /// Of each number the first; what does not fit its length ends the list.
    fn set_all(&mut self, octets: &[u8]) -> bool {
        if octets.len() < 6 {
            return false;
        }
        self.subelements.clear();
        let mut rest = octets;
        while let [id, high, low, ..] = *rest {
            let Some((one, after)) = rest.split_at_checked(3 + usize::from(u16::from_be_bytes([high, low])))
            else {
                break;
            };
            if id < SUBELEMENTS {
                self.subelements.entry(id).or_insert_with(|| one.to_vec());
            }
            rest = after;
        }
        true
    }

    /// `WFD_SUBELEM_GET ID` or `all`, as hexadecimal digits without the number.
    fn get(&self, which: &str) -> Option<String> {
        let octets = if which == "all" {
            self.subelements.values().flatten().copied().collect()
        } else {
            let one = self.subelements.get(&numbered(which)?);
            one.and_then(|one| one.get(1..)).unwrap_or_default().to_vec()
        };
        Some(hex(octets.get(..SHOWN).unwrap_or(&octets)))
    }

    /// The elements, by the frame that carries them.
    fn elements(&self) -> WfdElements {
        let element = |more: &[u8]| {
            let always = [
                wfd::DEVICE_INFORMATION,
                wfd::R2_DEVICE_INFORMATION,
                wfd::ASSOCIATED_BSSID,
                wfd::COUPLED_SINK,
            ];
            let wanted = always.iter().chain(more).filter_map(|id| self.subelements.get(id));
            wfd_element(&wanted.flatten().copied().collect::<Vec<u8>>())
        };
        let (plain, session) = (element(&[]), element(&[wfd::SESSION_INFORMATION]));
        WfdElements {
            beacon: plain.clone(),
            probe_request: element(&[wfd::EXTENDED_CAPABILITY]),
            probe_response: element(&[wfd::EXTENDED_CAPABILITY, wfd::SESSION_INFORMATION]),
            assoc_request: plain.clone(),
            invitation: session.clone(),
            prov_disc_request: plain.clone(),
            prov_disc_response: session,
            go_negotiation: plain,
        }
    }
}

fn numbered(text: &str) -> Option<u8> {
    u8::try_from(atoi(text)).ok().filter(|id| *id < SUBELEMENTS)
}

impl Supplicant {
    /// `WFD_SUBELEM_SET`.
    pub(crate) fn display_set(&mut self, cx: Context<'_>, args: &str) -> bool {
        let taken = self.p2p.display.set(args);
        if taken {
            self.display_changed(cx);
        }
        taken
    }

    /// `WFD_SUBELEM_GET`.
    pub(crate) fn display_get(&self, which: &str) -> Option<String> {
        self.p2p.display.get(which)
    }

    /// Puts the Wi-Fi Display subelements that were set into the frames from now on, beacons of groups included.
    //= hostap@2.10 wpa_supplicant/wifi_display.c#wifi_display_update_wfd_ie
    pub(in crate::supplicant) fn display_changed(&mut self, cx: Context<'_>) {
        let on = self.p2p.shared.wifi_display;
        let elements = if on { self.p2p.display.elements() } else { WfdElements::default() };
        self.with_device(cx, |d, _| d.set_wfd(elements));
        self.group_identity_changed(cx);
    }

    /// VENDOR_ELEM_*: frames from now on carry what was set; beacons of groups too.
    pub(crate) fn vendor_elements_changed(&mut self, cx: Context<'_>) {
        let elements = self.device_interface().map(|i| i.vendor_elements.clone()).unwrap_or_default();
        self.with_device(cx, |d, _| d.set_vendor_elements(elements));
        self.group_identity_changed(cx);
    }

    fn group_identity_changed(&mut self, cx: Context<'_>) {
        let Some(identity) = self.group_identity() else { return };
        let groups: Vec<_> =
            self.interfaces.iter().filter(|i| i.own_group().is_some()).map(|i| i.id()).collect();
        for id in groups {
            let identity = (*identity).clone();
            self.with_interface(cx, id, |i, cx| i.with_ap(cx, |ap, _| ap.set_group_identity(identity)));
        }
    }

    /// The subelements, for whoever asks by service discovery; `None` while Wi-Fi Display is off.
    pub(super) fn display_services(&self) -> Option<BTreeMap<u8, Vec<u8>>> {
        self.p2p.shared.wifi_display.then(|| self.p2p.display.subelements.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subelements_are_set_and_read() {
        let mut display = Display::default();
        assert!(display.set("0 000600111c44000a"));
        assert!(display.set("11 00020001"));
        assert_eq!(display.get("0").as_deref(), Some("000600111c44000a"));
        assert_eq!(display.get("all").as_deref(), Some("00000600111c44000a0b00020001"));
        assert_eq!(display.get("12"), None);
        assert!(display.set("0 "));
        assert_eq!(display.get("0").as_deref(), Some(""));
        for refused in ["0", "0 1", "0 1g", "12 00", "-1 00", "all 00", "all"] {
            assert!(!display.set(refused), "{refused}");
        }
        assert_eq!(display.get("11").as_deref(), Some("00020001"));
    }

    #[test]
    fn all_of_them_take_the_place_of_those_before() {
        let mut display = Display::default();
        assert!(display.set("7 00020003"));
        assert!(display.set("all 000006001c44000a00000006ffffffffffff63000101010006"));
        assert_eq!(display.get("0").as_deref(), Some("0006001c44000a00"));
        assert_eq!(display.get("7").as_deref(), Some(""));
        assert_eq!(display.get("1").as_deref(), Some(""));
    }

    #[test]
    fn each_frame_has_its_subelements() {
        let mut display = Display::default();
        assert_eq!(display.elements(), WfdElements::default());
        for one in ["0 000101", "1 000102", "6 000103", "7 000104", "9 000105", "11 000106", "2 000107"] {
            assert!(display.set(one));
        }
        let elements = display.elements();
        let payload = |element: &[u8]| hex(&wpasim_wire::p2p::wfd_concatenated(element).unwrap());
        let always = "000001010b0001060100010206000103";
        assert_eq!(payload(&elements.beacon), always);
        assert_eq!(payload(&elements.probe_request), format!("{always}07000104"));
        assert_eq!(payload(&elements.probe_response), format!("{always}0700010409000105"));
        assert_eq!(payload(&elements.invitation), format!("{always}09000105"));
    }
}
