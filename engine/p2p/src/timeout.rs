//! The time-outs of the device.

use super::device::{Device, Pending, State, Timer};
use super::listen::MAX_CONNECT_REQS;
use super::{Action, DeviceContext};
use wpasim_wire::time::Duration;

/// While a peer that is not ready is waited for: the radio is left to other interfaces for this long.
const WAIT_IDLE: Duration = Duration::from_millis(200);
const WAIT_IDLE_CONCURRENT: Duration = Duration::from_millis(500);

impl Device {
    /// Fires one timer that is due at `cx.now`. Whether there was one.
    pub fn timeout(&mut self, cx: &DeviceContext<'_>) -> bool {
        let Some(timer) = self.timers.take_due(cx.now) else { return false };
        match timer {
            Timer::State => self.state_timeout(cx),
            Timer::Find => self.stop_find(cx),
            Timer::Scan => self.scan_timeout(cx),
            Timer::GoNegWait => self.go_neg_failed(cx, -1),
            Timer::GoNegStart => self.go_neg_start(cx),
            Timer::GoComplete => self.go_complete(),
            Timer::InviteStart => self.invite_start(cx),
            Timer::ExtListen => self.ext_listen_timeout(cx),
        }
        true
    }

    fn state_timeout(&mut self, cx: &DeviceContext<'_>) {
        self.listening.active = false;
        if self.listening.driver.is_some() {
            self.actions.push_back(Action::StopListen);
        }
        match self.state {
            State::Idle if self.pending == Pending::Pd => self.prov_disc_timeout(cx),
            State::Idle | State::GoNeg | State::Provisioning => {}
            State::Search => self.search_timeout(cx),
            State::Connect => self.connect_timeout(cx),
            State::ConnectListen => self.connect_listen_timeout(cx),
            State::ListenOnly => self.listen_only_timeout(cx),
            State::WaitPeerConnect => self.wait_peer_connect_timeout(cx),
            State::WaitPeerIdle => self.wait_peer_idle_timeout(cx),
            State::SdDuringFind => self.service_discovery_timeout(cx),
            State::PdDuringFind => {
                self.actions.push_back(Action::ActionDone);
                self.continue_find(cx);
            }
            State::Invite => self.invite_timeout(cx),
            State::InviteListen => self.invite_listen_timeout(cx),
        }
    }

    fn connect_timeout(&mut self, cx: &DeviceContext<'_>) {
        self.actions.push_back(Action::ActionDone);
        if let Some(peer) = self.negotiating() {
            let addr = peer.info.device_addr;
            if peer.flags.wait_go_neg_confirm {
                self.go_neg_failed(cx, -1);
                return;
            }
            if peer.flags.peer_waiting_response && peer.connect_reqs < MAX_CONNECT_REQS {
                // The peer waits for this device and not the other way round.
                let _ = self.connect_send(cx, addr);
                return;
            }
        }
        self.set_state(State::ConnectListen);
        self.listen_in_find(cx, false);
    }

    fn connect_listen_timeout(&mut self, cx: &DeviceContext<'_>) {
        if self.negotiating().is_none() {
            self.set_state(State::Idle);
        } else if self.listening.driver.is_none() {
            self.try_to_connect_again(cx);
        }
    }

    fn wait_peer_connect_timeout(&mut self, cx: &DeviceContext<'_>) {
        self.set_state(State::WaitPeerIdle);
        let concurrent = cx.host.concurrent_session_active();
        self.set_timeout(cx, if concurrent { WAIT_IDLE_CONCURRENT } else { WAIT_IDLE });
    }

    fn wait_peer_idle_timeout(&mut self, cx: &DeviceContext<'_>) {
        if self.negotiating().is_none() {
            return;
        }
        self.actions.push_back(Action::StopListen);
        self.listening.pending = None;
        self.set_state(State::WaitPeerConnect);
        self.listen_in_find(cx, false);
    }
}
