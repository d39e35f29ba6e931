//! The radios of a process: each stands in the context of an interface that runs, and starts works when their time has come.

use crate::runtime::never;
use wpasim_wire::driver::IfId;

use super::Supplicant;
use super::interface::parts::radio::{Due, Radio};
use super::interface::work::Work;
use super::interface::{Context, Interface};

impl Supplicant {
    /// The place of the radio that the interface is the first to use.
    pub(super) fn new_radio(&mut self, id: IfId) -> Option<usize> {
        let phy = self.interface(id)?.identity.phy.clone();
        self.radios.push(Radio::new(phy, &self.order));
        Some(self.radios.len() - 1)
    }

    /// The work of this interface that has its radio.
    pub(crate) fn held_work(&self, id: IfId) -> Option<&Work> {
        self.radios.iter().find_map(|r| r.held_by(id))
    }

    /// The works of this interface that wait.
    pub(crate) fn waiting_works(&self, id: IfId) -> impl Iterator<Item = &Work> {
        self.radios.iter().flat_map(move |r| r.waiting_of(id))
    }

    /// The interface is no more; what it had of its radio is free.
    pub(crate) fn forget_interface(&mut self, cx: Context<'_>, id: IfId) {
        self.interfaces.retain(|i| i.id() != id);
        self.radios.iter_mut().for_each(|r| r.forget(cx.now, id));
        let used = |radio: &Radio| self.interfaces.iter().any(|i| radio.is_of(&i.identity.phy));
        self.radios.retain(used);
    }

    /// Does what is due at this radio.
    pub(super) fn radio_timeout(&mut self, cx: Context<'_>, radio: usize) {
        let Some(radio) = self.radios.get_mut(radio) else { return never!("the radio is there") };
        match radio.take_due(cx.now) {
            Some(Due::Start) => {
                if let Some((id, work)) = radio.hold_next(cx.now) {
                    self.with_interface(cx, id, |i, cx| i.begin_work(cx, work));
                }
            }
            Some(Due::End(id)) if self.held_work(id).is_some_and(|w| w.external().is_some()) => {
                self.with_interface(cx, id, |i, cx| i.external_work_timer(cx));
            }
            Some(Due::End(_)) => self.end_action_work(cx),
            None => {}
        }
    }

    /// Stops a debug build at the first input that leaves a radio without an end to wait for.
    pub(super) fn check_radios(&self) {
        if cfg!(debug_assertions) {
            let exists = |id| self.interfaces.iter().any(|i: &Interface| i.id() == id);
            for radio in &self.radios {
                assert_eq!(radio.fault(exists), None, "{}: {radio:?}", radio.phy());
            }
        }
    }
}
