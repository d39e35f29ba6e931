//! The offer of an access point in its WPS elements (WSC 2.0.5 §8.2).

use wpasim_wire::MacAddr;
use wpasim_wire::wsc::{Attributes, concatenated, password_id};

use crate::bss::Bss;

/// The attributes of all WPS elements of an access point.
pub(crate) struct Offer(Vec<u8>);

/// The ways in which an access point knows a station.
//= hostap@2.10 src/wps/wps.c#wps_is_addr_authorized
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Authorized {
    No,
    /// Anyone may come.
    Anyone,
    /// By its address.
    ByAddress,
}

impl Offer {
    /// Returns the offer of a BSS; `None` without a WPS element.
    pub fn of(bss: &Bss) -> Option<Offer> {
        Offer::in_elements(&bss.ies)
    }

    /// Returns the offer in elements.
    pub fn in_elements(ies: &[u8]) -> Option<Offer> {
        concatenated(ies).map(Offer)
    }

    /// `None` if they can't be read, which counts as offering nothing.
    fn attributes(&self) -> Option<Attributes<'_>> {
        Attributes::parse(&self.0).ok()
    }

    /// Returns whether the button was pushed.
    //= hostap@2.10 src/wps/wps.c#wps_is_selected_pbc_registrar
    pub fn push_button(&self) -> bool {
        self.attributes()
            .is_some_and(|a| a.registrar_selected() && a.dev_password_id == Some(password_id::PUSHBUTTON))
    }

    /// Returns whether somebody's PIN was entered.
    //= hostap@2.10 src/wps/wps.c#wps_is_selected_pin_registrar
    pub fn pin(&self) -> bool {
        self.attributes().is_some_and(|a| pin_registrar(&a))
    }

    /// Returns how far a station is authorized. `version1`: an access point of version 1.0, which has no list, counts
    /// with its PIN.
    //= hostap@2.10 src/wps/wps.c#wps_is_addr_authorized
    pub fn authorizes(&self, addr: MacAddr, version1: bool) -> Authorized {
        let Some(attributes) = self.attributes() else { return Authorized::No };
        if version1 && attributes.version2.is_none() {
            return if pin_registrar(&attributes) { Authorized::Anyone } else { Authorized::No };
        }
        let known = attributes.authorized().find(|a| *a == addr || *a == MacAddr::BROADCAST);
        match known {
            None => Authorized::No,
            Some(a) if a == addr => Authorized::ByAddress,
            Some(_) => Authorized::Anyone,
        }
    }

    /// Whether a registrar of any kind is selected; `None` if that can't be read.
    pub fn selected(&self) -> Option<bool> {
        self.attributes().map(|a| a.registrar_selected())
    }

    /// Returns the enrollee's UUID in a WSC element.
    //= hostap@2.10 src/wps/wps.c#wps_get_uuid_e
    pub fn uuid(&self) -> Option<[u8; 16]> {
        self.attributes()?.uuid_e.copied()
    }

    /// Returns whether a WSC element is of version 2.0 or later.
    //= hostap@2.10 src/wps/wps.c#wps_is_20
    pub fn is_version_2(&self) -> bool {
        self.attributes().is_some_and(|a| a.version2.is_some())
    }

    /// Whether the AP says that it has settings.
    pub fn is_configured(&self) -> bool {
        self.attributes().is_some_and(|a| a.wps_state == Some(wpasim_wire::wsc::WpsState::Configured as u8))
    }

    /// As flags print it: `[WPS-PBC]`.
    pub fn flag(&self, own: MacAddr) -> &'static str {
        if self.push_button() {
            "[WPS-PBC]"
        } else if self.authorizes(own, false) != Authorized::No {
            "[WPS-AUTH]"
        } else if self.pin() {
            "[WPS-PIN]"
        } else {
            "[WPS]"
        }
    }
}

fn pin_registrar(attributes: &Attributes<'_>) -> bool {
    attributes.registrar_selected() && attributes.dev_password_id != Some(password_id::PUSHBUTTON)
}
