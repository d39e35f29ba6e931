//! The requests for a regulatory domain and their consequences, as net/wireless/reg.c has them.

use wpasim_wire::driver::{DriverEvent, RegInitiator};
use wpasim_wire::time::Instant;

use super::Regulatory;
use crate::air::Air;
use crate::mac::VifIx;
use crate::queue::Priority;

/// The memory of requests for a domain.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Hints {
    /// The country that user space asked for last; it comes back when all is idle.
    user: Option<[u8; 2]>,
    /// The domain follows what an access point said, until all is idle.
    follows_access_point: bool,
    /// The intersection of the domains that an access point and user space asked for is in force; no further country is.
    is_intersection: bool,
}

impl Hints {
    /// Those of a world that begins in a country.
    pub fn beginning_in(domain: &Regulatory) -> Self {
        let user = Some(domain.country).filter(|country| *country != *b"00" && domain.is_of_database());
        Hints { user, ..Hints::default() }
    }
}

impl Air {
    /// NL80211_CMD_REQ_SET_REG. A country that is in force or that the database does not have changes nothing; while what an
    /// access point said is followed, what both allow is in force, and nobody changes that.
    pub fn set_country(&mut self, country: [u8; 2]) {
        let is_known = country == self.regulatory.country && !self.hints.follows_access_point;
        if is_known || self.hints.is_intersection || !self.regulatory.is_of_database() {
            return;
        }
        let Some(mut domain) = Regulatory::of_country(country) else { return };
        self.hints.user = Some(country).filter(|letters| letters.iter().all(u8::is_ascii_alphabetic));
        if core::mem::take(&mut self.hints.follows_access_point) {
            self.hints.is_intersection = true;
            domain = self.regulatory.intersection(&domain);
        }
        self.use_domain(domain, RegInitiator::User);
    }

    /// A station has joined an access point with these elements (regulatory_hint_country_ie). Its process hears of it after
    /// the association.
    pub fn follow_country(&mut self, vif: VifIx, said: Option<[u8; 2]>, at: Instant) {
        let Some(domain) = said.and_then(Regulatory::of_country) else { return };
        if self.hints.follows_access_point || !self.regulatory.is_of_database() {
            return;
        }
        self.hints.follows_access_point = true;
        self.hints.is_intersection = false;
        self.regulatory = domain;
        let domain = self.regulatory.domain();
        let event = DriverEvent::RegulatoryChange { initiator: RegInitiator::CountryIe, domain };
        self.notify_at(at, Priority::Event, vif, event);
    }

    /// regulatory_hint_disconnect: with nothing connected and no AP up anywhere, the world's domain is restored, which names
    /// wiphy 0, so that only the process on phy0 sees it; then what user space asked for last, which all see.
    pub fn restore_regulatory(&mut self) {
        self.regulatory_work = false;
        self.hints.follows_access_point = false;
        self.hints.is_intersection = false;
        if self.regulatory.is_of_database() {
            self.regulatory = Regulatory::world();
        }
        let domain = self.regulatory.domain();
        let phy0 = self.radios.iter().filter(|r| r.is_phy0).filter_map(|r| r.vifs.first().copied());
        for vif in phy0.collect::<Vec<_>>() {
            self.notify(vif, DriverEvent::RegulatoryChange { initiator: RegInitiator::Core, domain });
        }
        if let Some(domain) = self.hints.user.and_then(Regulatory::of_country) {
            self.use_domain(domain, RegInitiator::User);
        }
    }

    /// Puts a domain in force and tells every process once.
    fn use_domain(&mut self, domain: Regulatory, initiator: RegInitiator) {
        self.regulatory = domain;
        let domain = self.regulatory.domain();
        let mut told = None;
        let firsts: Vec<VifIx> = self
            .radios
            .iter()
            .filter(|radio| told.replace(radio.node) != Some(radio.node))
            .filter_map(|radio| radio.vifs.first().copied())
            .collect();
        for vif in firsts {
            self.notify(vif, DriverEvent::RegulatoryChange { initiator, domain });
        }
    }
}
