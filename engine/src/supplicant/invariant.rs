//! The invariants of every input: those of the parts, and that each timer that is set serves something that is there.

use super::interface::{Interface, Timer};
use super::state::WpaState;
use crate::config::keys::network;
use crate::select::mode;

impl Interface {
    /// Returns an error that says which part is wrong after an input, or names a timer which serves nothing.
    pub(crate) fn invariant(&self) -> Result<(), String> {
        let name = &self.identity.ifname;
        let parts = [
            ("failures", self.failures.invariant()),
            ("link", self.link.invariant()),
            ("michael", self.michael.invariant()),
            ("pmksa", self.pmksa.invariant()),
            ("scan", self.scan.invariant()),
            ("scan_wishes", self.scan_wishes.invariant()),
            ("attempt", self.attempt.invariant()),
            ("testing", self.testing.invariant()),
            ("enrolling", self.enrolling.invariant()),
            ("numbers", self.numbers.invariant()),
            ("group", self.p2p.invariant()),
            ("outbox", self.outbox.invariant()),
        ];
        for (part, result) in parts {
            result.map_err(|wrong| format!("{name}: {part}: {wrong}"))?;
        }
        match self.timers.armed().find(|timer| !self.has_owner(*timer)) {
            Some(timer) => {
                let state = self.link.state();
                Err(format!("{name}: {timer:?} is set in the state {state}, and nothing waits for it"))
            }
            None => self.ap.as_ref().map_or(Ok(()), |ap| ap.invariant()),
        }
    }

    fn has_owner(&self, timer: Timer) -> bool {
        match timer {
            // The interface's own for as long as it is there: a scan may be wanted in any state, and BSSs grow old. 2.10
            // lets the end of a network's rest, and of a group's idle time, pass after REMOVE_NETWORK of that network.
            Timer::Scan | Timer::Periodic | Timer::NetworkReenabled | Timer::GroupIdle | Timer::KeepAlive => {
                true
            }
            // An association that the driver tells of after DISCONNECT is there in the state DISCONNECTED, which the end of a scan
            // sets in 2.10.
            Timer::AuthTimeout => {
                self.link.state() >= WpaState::Authenticating || !self.link.bssid().is_zero()
            }
            Timer::SmeAuth => self.link.state() == WpaState::Authenticating,
            Timer::SmeAssoc => self.link.state() == WpaState::Associating,
            Timer::Pmksa => !self.pmksa.is_empty(),
            Timer::Rsn => self.security.rsn().next_timeout().is_some(),
            Timer::Eapol => self.security.pae().next_timeout().is_some(),
            Timer::Ap => self.ap.as_ref().is_some_and(|ap| ap.next_timeout().is_some()),
            Timer::MichaelReport => self.michael.is_report_pending(),
            Timer::Countermeasures => self.michael.is_active(),
            // Every exchange of WPS that fails sets it, also that of a network which SET_NETWORK made for WPS, or which WPS_REG left
            // behind when it refused its PIN; 2.10 lets it pass after REMOVE_NETWORK of that network.
            Timer::WpsClear => true,
            // A credential that replaced the network of WPS, or REMOVE_NETWORK of that network, leaves these set in 2.10.
            Timer::WpsTimeout | Timer::WpsReenable | Timer::WpsAssociate { .. } => {
                self.enrolling.has_enrolled()
            }
            Timer::WpsRegistrar => self.wps.machine().next_timeout().is_some(),
            Timer::GroupPskFailure | Timer::ReconsiderMove => self.has_group(),
            Timer::GroupOverlap => self.has_group() || self.p2p.is_provisioning(),
            Timer::GroupRemoval => self.p2p.is_for_group(),
        }
    }

    /// Returns whether the interface is for a group, or has the network of one.
    fn has_group(&self) -> bool {
        let of_group = |n: &crate::config::Network| n.p2p_group || n.int(network::MODE) == mode::P2P_GO;
        self.p2p.is_for_group() || self.config.networks.iter().any(of_group)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::InterfaceConfig;
    use crate::entropy::Entropy;
    use crate::runtime::timers::Order;
    use crate::select::suites::Suites;
    use wpasim_wire::MacAddr;
    use wpasim_wire::driver::IfId;
    use wpasim_wire::time::Instant;

    fn interface() -> Interface {
        let identity = InterfaceConfig {
            id: IfId(0),
            ifname: "wlan0".to_owned(),
            phy: "phy0".to_owned(),
            addr: MacAddr([2, 0, 0, 0, 0, 0]),
            second_addr: MacAddr([0x42, 0, 0, 0, 0, 0]),
            ifindex: 3,
            config_path: String::new(),
        };
        Interface::new(identity, Entropy::new(1, "sta"), &Order::default())
    }

    #[rstest::rstest]
    #[case(Timer::AuthTimeout)]
    #[case(Timer::SmeAuth)]
    #[case(Timer::SmeAssoc)]
    #[case(Timer::Pmksa)]
    #[case(Timer::Rsn)]
    #[case(Timer::Eapol)]
    #[case(Timer::Ap)]
    #[case(Timer::MichaelReport)]
    #[case(Timer::Countermeasures)]
    #[case(Timer::WpsTimeout)]
    #[case(Timer::WpsReenable)]
    #[case(Timer::WpsAssociate { fast: true })]
    #[case(Timer::WpsRegistrar)]
    #[case(Timer::GroupPskFailure)]
    #[case(Timer::GroupRemoval)]
    #[case(Timer::GroupOverlap)]
    #[case(Timer::ReconsiderMove)]
    fn a_timer_that_nothing_waits_for_is_found(#[case] timer: Timer) {
        let mut interface = interface();
        assert_eq!(interface.invariant(), Ok(()));
        interface.timers.set(timer, Instant::ZERO);
        let wrong = interface.invariant().unwrap_err();
        assert!(wrong.contains(&format!("{timer:?} is set in the state DISCONNECTED")), "{wrong}");
    }

    #[test]
    fn a_fault_of_a_part_is_named() {
        let mut interface = interface();
        interface.testing.tell_test_packets(true);
        let wrong = Err("wlan0: testing: a program without test commands obeys one".to_owned());
        assert_eq!(interface.invariant(), wrong);
    }

    #[test]
    fn an_attempt_owns_its_timers() {
        let mut interface = interface();
        interface.link.attempt_begins(0, MacAddr([2, 0, 0, 0, 1, 0]), Suites::open());
        interface.link.enter(WpaState::Authenticating);
        interface.timers.set(Timer::SmeAuth, Instant::ZERO);
        interface.timers.set(Timer::AuthTimeout, Instant::ZERO);
        assert_eq!(interface.invariant(), Ok(()));
        interface.link.enter(WpaState::Scanning);
        assert!(interface.invariant().is_err());
    }
}
