//! EAP-WSC of a station (WSC 2.0.5 §7.7): enrollee, or registrar of the access point.

use super::{FRAGMENT_SIZE, FragmentFault, Incoming, Outgoing, Packet, bare};
use crate::method::{Decision, MethodReturn, MethodState, PeerConfig, PeerMethod};
use crate::{Events, MethodContext, drain_wps};
use wpasim_runtime::text::{atoi, parse_hex};
use wpasim_wire::Ssid;
use wpasim_wire::eap::{self, EapPacket, EapType, code};
use wpasim_wire::time::Instant;
use wpasim_wire::wsc::{Credential, OpCode, auth_type, encr_type};
use wpasim_wps::{Processed, Session, SessionConfig, Wps};

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum State {
    WaitStart,
    Mesg,
    WaitFragAck,
    Fail,
}

/// The method of one run.
#[derive(Debug)]
struct WscPeer {
    state: State,
    session: Session,
    incoming: Option<Incoming>,
    outgoing: Option<Outgoing>,
    fragment_size: usize,
}

/// The outcome of a request.
enum Answer {
    Ignore,
    /// Nothing more to say: the method is done.
    Silence,
    Data(Vec<u8>),
}

/// The time that an access point may take, in seconds.
const CLIENT_TIMEOUT: u32 = 30;

/// Starts a run as the identity and `phase1` say.
pub(super) fn start(
    config: &PeerConfig,
    cx: &mut MethodContext<'_>,
    events: &mut Events,
) -> Option<Box<dyn PeerMethod>> {
    Some(Box::new(WscPeer::new(config, cx, events)?))
}

impl WscPeer {
    fn new(config: &PeerConfig, cx: &mut MethodContext<'_>, events: &mut Events) -> Option<Self> {
        let wps = cx.wps.as_deref_mut()?;
        let registrar = match config.identity.as_deref()? {
            eap::WSC_REGISTRAR => true,
            eap::WSC_ENROLLEE => false,
            _ => return None,
        };
        let session_config = session_config(config, registrar)?;
        let pin = session_config.pin.clone();
        let session = Session::new(wps, session_config);
        if let Some(pin) = pin.filter(|_| registrar) {
            wps.add_pin(cx.now, None, None, &pin, None);
        }
        drain_wps(wps, events);
        Some(WscPeer {
            state: if registrar { State::Mesg } else { State::WaitStart },
            session,
            incoming: None,
            outgoing: None,
            fragment_size: Some(config.fragment_size).filter(|s| *s > 0).unwrap_or(FRAGMENT_SIZE),
        })
    }

    fn answer(
        &mut self,
        now: Instant,
        wps: &mut Wps,
        returned: &mut MethodReturn,
        packet: &Packet<'_>,
    ) -> Answer {
        if self.state == State::WaitFragAck {
            if packet.op != OpCode::FragAck as u8 {
                return Answer::Ignore;
            }
            self.state = State::Mesg;
            return self.next_packet(returned);
        }
        let start = packet.op == OpCode::Start as u8;
        match packet.message_op() {
            None if start && self.state == State::WaitStart => self.state = State::Mesg,
            Some(op) if self.state != State::WaitStart => match self.message(now, wps, packet, op) {
                Ok(None) => return Answer::Data(bare(OpCode::FragAck).to_vec()),
                Ok(Some(Processed::Continue)) => self.state = State::Mesg,
                Ok(Some(Processed::Done | Processed::Failure)) => self.state = State::Fail,
                Err(FragmentFault::Overflow) => {
                    self.state = State::Fail;
                    return Answer::Ignore;
                }
                Err(_) => return Answer::Ignore,
            },
            _ => return Answer::Ignore,
        }
        if self.outgoing.is_none() {
            let Some(message) = self.session.next_message(wps, now) else { return Answer::Silence };
            self.outgoing = Some(Outgoing::new(message));
        }
        self.state = State::Mesg;
        let answer = self.next_packet(returned);
        if self.state == State::Fail && returned.state == MethodState::Done {
            // The AP ends it soon, or not at all.
            returned.client_timeout = returned.client_timeout.min(2);
        }
        answer
    }

    /// Takes a message or a fragment of one. `None` if more of it is to come.
    fn message(
        &mut self,
        now: Instant,
        wps: &mut Wps,
        packet: &Packet<'_>,
        op: OpCode,
    ) -> Result<Option<Processed>, FragmentFault> {
        if let Some(incoming) = &mut self.incoming {
            incoming.append(packet)?;
        }
        if packet.more {
            if self.incoming.is_none() {
                self.incoming = Some(Incoming::first(packet)?);
            }
            return Ok(None);
        }
        let whole = self.incoming.take();
        let body = whole.as_ref().map_or(packet.body, |m| &m.body);
        Ok(Some(self.session.process(wps, now, op, body)))
    }

    fn next_packet(&mut self, returned: &mut MethodReturn) -> Answer {
        let Some(out) = &mut self.outgoing else { return Answer::Silence };
        let (data, last) = out.next_packet(self.fragment_size);
        let ends = matches!(out.op(), OpCode::Nack | OpCode::Done);
        returned.ignore = false;
        returned.allow_notifications = true;
        returned.state = MethodState::MayCont;
        returned.decision = Decision::Fail;
        if !last {
            self.state = State::WaitFragAck;
            return Answer::Data(data);
        }
        self.outgoing = None;
        if ends {
            self.state = State::Fail;
            returned.state = MethodState::Done;
        } else {
            self.state = State::Mesg;
        }
        Answer::Data(data)
    }
}

impl PeerMethod for WscPeer {
    fn process(
        &mut self,
        cx: &mut MethodContext<'_>,
        returned: &mut MethodReturn,
        request: &EapPacket<'_>,
        events: &mut Events,
    ) -> Option<Vec<u8>> {
        let packet = request.data_of(EapType::WSC).and_then(|data| Packet::parse(data).ok());
        let answer = match (packet, cx.wps.as_deref_mut()) {
            (Some(packet), Some(wps)) => {
                let answer = self.answer(cx.now, wps, returned, &packet);
                drain_wps(wps, events);
                answer
            }
            _ => Answer::Ignore,
        };
        match answer {
            Answer::Ignore => {
                returned.ignore = true;
                None
            }
            Answer::Silence => {
                self.state = State::Fail;
                returned.state = MethodState::Done;
                returned.decision = Decision::Fail;
                None
            }
            Answer::Data(data) => Some(eap::message(code::RESPONSE, request.identifier, EapType::WSC, &data)),
        }
    }

    fn client_timeout(&self) -> Option<u32> {
        Some(CLIENT_TIMEOUT)
    }

    fn close(self: Box<Self>, cx: &mut MethodContext<'_>, events: &mut Events) {
        if let Some(wps) = cx.wps.as_deref_mut() {
            self.session.close(wps);
            wps.network_key = None;
            drain_wps(wps, events);
        }
    }
}

/// The parameters of a run in `phase1`. `None` if they make no run.
fn session_config(config: &PeerConfig, registrar: bool) -> Option<SessionConfig> {
    let pin = config.parameter("pin=").filter(|pin| *pin != b"nfc-pw").map(<[u8]>::to_vec);
    let pbc = config.parameter("pin=").is_none() && config.mentions("pbc=1");
    if pin.is_none() && !pbc {
        return None;
    }
    let dev_pw_id = config.parameter("dev_pw_id=").filter(|_| pin.is_some());
    Some(SessionConfig {
        registrar,
        pin,
        pbc,
        assoc_wps: None,
        new_ap_settings: new_ap_settings(config)?,
        peer_addr: None,
        use_psk_key: false,
        dev_pw_id: dev_pw_id.map_or(0, |id| atoi(&String::from_utf8_lossy(id)) as u16),
        p2p_dev_addr: None,
        pbc_in_m1: false,
    })
}

/// The settings for the AP, if there are any with a key. `None` if they are wrong.
fn new_ap_settings(config: &PeerConfig) -> Option<Option<Credential>> {
    let Some(ssid) = config.parameter("new_ssid=") else { return Some(None) };
    let hex = |digits: &[u8]| parse_hex(core::str::from_utf8(digits).ok()?);
    let ssid = Ssid::new(hex(ssid)?).ok()?;
    let auth_type = word(
        config.parameter("new_auth=")?,
        &[("OPEN", auth_type::OPEN), ("WPAPSK", auth_type::WPA_PSK), ("WPA2PSK", auth_type::WPA2_PSK)],
    )?;
    let encr_type = word(
        config.parameter("new_encr=")?,
        &[("NONE", encr_type::NONE), ("TKIP", encr_type::TKIP), ("CCMP", encr_type::AES)],
    )?;
    let Some(key) = config.parameter("new_key=") else { return Some(None) };
    let key = hex(key).filter(|k| k.len() <= 64)?;
    Some(Some(Credential { ssid, auth_type, encr_type, key, ..Credential::default() }))
}

/// The number of the first word that the text begins with.
fn word(text: &[u8], words: &[(&str, u16)]) -> Option<u16> {
    words.iter().find(|(name, _)| text.starts_with(name.as_bytes())).map(|(_, number)| *number)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn phase1(text: &str) -> PeerConfig {
        PeerConfig { phase1: Some(text.into()), ..PeerConfig::default() }
    }

    #[test]
    fn phase1_says_pin_or_button() {
        let pin = session_config(&phase1("pin=12345670 dev_pw_id=1 pbc=1"), false).unwrap();
        assert_eq!((pin.pin.as_deref(), pin.pbc, pin.dev_pw_id), (Some(&b"12345670"[..]), false, 1));
        let button = session_config(&phase1("pbc=1 dev_pw_id=5"), false).unwrap();
        assert_eq!((button.pin, button.pbc, button.dev_pw_id), (None, true, 0));
        assert!(session_config(&phase1("dev_pw_id=1"), false).is_none());
        assert!(session_config(&PeerConfig::default(), false).is_none());
    }

    #[test]
    fn new_settings_are_read_or_refused() {
        let settings = |tail: &str| {
            session_config(&phase1(&format!("pin=12345670 new_ssid=616263 {tail}")), true)
                .map(|c| c.new_ap_settings)
        };
        let all = settings("new_auth=WPA2PSK new_encr=CCMP new_key=3132333435363738").unwrap().unwrap();
        assert_eq!((all.ssid.as_bytes(), all.auth_type, all.encr_type), (&b"abc"[..], 0x20, 0x08));
        assert_eq!(all.key, b"12345678");
        assert_eq!(settings("new_auth=OPEN new_encr=NONE"), Some(None));
        assert_eq!(settings("new_auth=WEP new_encr=NONE new_key=00"), None);
        assert_eq!(settings("new_auth=OPEN new_encr=WEP new_key=00"), None);
        assert_eq!(settings("new_auth=OPEN new_encr=NONE new_key=0"), None);
        assert_eq!(settings("new_encr=NONE new_key=00"), None);
    }
}
