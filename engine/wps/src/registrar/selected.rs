//! The registrar that is selected, for whom and how (WSC 2.0.5 §8.2.1: Selected Registrar,
//! AuthorizedMACs).

use super::{MAX_AUTHORIZED_MACS, Wps};
use crate::WpsEvent;
use wpasim_wire::MacAddr;
use wpasim_wire::wsc::{methods, password_id};

impl Wps {
    /// Returns the enrollees that may use the registrar, newest first; the broadcast address stands for anyone.
    pub fn authorized_macs(&self) -> &[MacAddr] {
        &self.registrar.authorized_macs
    }

    pub(super) fn add_authorized_mac(&mut self, addr: MacAddr) {
        let list = &mut self.registrar.authorized_macs;
        if !list.contains(&addr) {
            list.insert(0, addr);
            list.truncate(MAX_AUTHORIZED_MACS);
        }
    }

    /// 2.10 looks at the newest entry only, however many there are.
    pub(super) fn remove_authorized_mac(&mut self, addr: MacAddr) {
        let list = &mut self.registrar.authorized_macs;
        if list.first() == Some(&addr) {
            list.remove(0);
        }
    }

    /// The selected registrar, or what it is selected for, changed: elements follow. `dev_pw_id` is 0
    /// for a PIN.
    pub fn selected_registrar_changed(&mut self, dev_pw_id: u16) {
        let reg = &mut self.registrar;
        reg.dev_password_id = match (reg.selected, reg.pbc) {
            (true, true) => Some(password_id::PUSHBUTTON),
            (true, false) if dev_pw_id != 0 => Some(dev_pw_id),
            _ => None,
        };
        self.update_elements();
        let event = WpsEvent::SelectedRegistrar {
            selected: self.registrar.selected,
            dev_password_id: if self.registrar.pbc { password_id::PUSHBUTTON } else { password_id::DEFAULT },
            config_methods: if self.registrar.selected { self.selected_methods() } else { 0 },
        };
        self.events.push_back(event);
    }

    /// The methods of the mode that is on: a button's only in push button mode.
    pub(super) fn selected_methods(&self) -> u16 {
        let without_button = without_push_button(self.config_methods);
        if self.registrar.pbc {
            with_push_button(without_button, self.config_methods)
        } else {
            without_button
        }
    }
}

pub(super) fn without_push_button(all: u16) -> u16 {
    all & !(methods::PUSHBUTTON | methods::VIRT_PUSHBUTTON | methods::PHY_PUSHBUTTON)
}

/// A push button is virtual or physical; one that is configured as neither counts as physical.
fn with_push_button(mut chosen: u16, configured: u16) -> u16 {
    chosen |= methods::PUSHBUTTON;
    for kind in [methods::VIRT_PUSHBUTTON, methods::PHY_PUSHBUTTON] {
        if configured & kind == kind {
            chosen |= kind;
        }
    }
    if chosen & methods::VIRT_PUSHBUTTON != methods::VIRT_PUSHBUTTON
        && chosen & methods::PHY_PUSHBUTTON != methods::PHY_PUSHBUTTON
    {
        chosen |= methods::PHY_PUSHBUTTON;
    }
    chosen
}
