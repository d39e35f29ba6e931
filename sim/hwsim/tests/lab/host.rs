//! A host behind an engine's interface, as small as one can be: it answers ARP requests for its IPv4 address and sends
//! UDP datagrams back. What the kernel's own stack says to it and hears from it has crossed the air twice, encrypted.

use std::collections::VecDeque;

use neli::ToBytes;
use neli::consts::nl::NlmF;
use neli::consts::rtnl::{Ifa, RtAddrFamily, RtScope, Rtm};
use neli::consts::socket::{Msg, NlFamily};
use neli::nl::{NlPayload, NlmsghdrBuilder};
use neli::rtnl::{IfaddrmsgBuilder, RtattrBuilder};
use neli::socket::NlSocket;
use neli::types::RtBuffer;
use neli::utils::Groups;
use wpasim_engine::{Env, Input, Node, Output, Secret};
use wpasim_hwsim::codec::{Answer, messages};
use wpasim_wire::MacAddr;
use wpasim_wire::driver::{DriverEvent, DriverRequest, IfId};
use wpasim_wire::time::Instant;

const ARP: u16 = 0x0806;
const IPV4: u16 = 0x0800;
/// ARP's operations, and IPv4's number for UDP.
const REQUEST: u8 = 1;
const REPLY: u8 = 2;
const UDP: u8 = 17;

/// An engine whose interface has a host behind it.
pub struct Host {
    engine: Box<dyn Node>,
    addr: MacAddr,
    ip: [u8; 4],
    answers: VecDeque<Output>,
}

impl Host {
    pub fn new(engine: Box<dyn Node>, addr: MacAddr, ip: [u8; 4]) -> Host {
        Host { engine, addr, ip, answers: VecDeque::new() }
    }

    fn send(&mut self, iface: IfId, dest: MacAddr, ethertype: u16, payload: Vec<u8>) {
        let request = DriverRequest::TxData { source: None, dest, ethertype, payload };
        self.answers.push_back(Output::Driver { iface, request });
    }

    fn receive(&mut self, iface: IfId, src: MacAddr, ethertype: u16, payload: &[u8]) {
        match ethertype {
            // Sender's addresses at 8 and 14, target's at 18 and 24 (RFC 826).
            ARP if payload.get(7) == Some(&REQUEST) && payload.get(24..28) == Some(&self.ip) => {
                let mut reply = payload[..8].to_vec();
                reply[7] = REPLY;
                reply.extend([&self.addr.0[..], &self.ip, &payload[8..18]].concat());
                self.send(iface, src, ARP, reply);
            }
            // The checksums stay true if source and destination change places.
            IPV4 if payload.get(9) == Some(&UDP)
                && payload.get(16..20) == Some(&self.ip)
                && payload.len() >= 28 =>
            {
                let mut echo = payload.to_vec();
                echo[12..20].rotate_left(4);
                echo[20..24].rotate_left(2);
                self.send(iface, src, IPV4, echo);
            }
            _ => {}
        }
    }
}

impl Node for Host {
    fn handle(&mut self, now: Instant, input: Input, env: Env<'_>) {
        if let Input::Driver { iface, event: DriverEvent::RxData { src, ethertype, payload, .. } } = &input {
            self.receive(*iface, *src, *ethertype, payload);
        }
        self.engine.handle(now, input, env);
    }

    fn poll_output(&mut self) -> Output {
        self.answers.pop_front().unwrap_or_else(|| self.engine.poll_output())
    }

    fn describe(&self) -> String {
        self.engine.describe()
    }

    fn take_secrets(&mut self) -> Vec<Secret> {
        self.engine.take_secrets()
    }
}

/// Gives an interface of the kernel an IPv4 address in a network of 256.
pub fn set_ip(ifname: &str, ip: [u8; 4]) {
    let path = format!("/sys/class/net/{ifname}/ifindex");
    let index: u32 = std::fs::read_to_string(path).expect("an interface").trim().parse().expect("a number");
    let attributes = [Ifa::Local, Ifa::Address]
        .map(|kind| RtattrBuilder::default().rta_type(kind).rta_payload(ip).build().expect("an attribute"));
    let address = IfaddrmsgBuilder::default()
        .ifa_family(RtAddrFamily::Inet)
        .ifa_prefixlen(24)
        .ifa_scope(RtScope::Universe)
        .ifa_index(index)
        .rtattrs(RtBuffer::from_iter(attributes))
        .build()
        .expect("an address");
    let message = NlmsghdrBuilder::default()
        .nl_type(Rtm::Newaddr)
        .nl_flags(NlmF::REQUEST | NlmF::ACK | NlmF::CREATE | NlmF::REPLACE)
        .nl_payload(NlPayload::Payload(address))
        .build()
        .expect("a message");
    let mut octets = std::io::Cursor::new(Vec::new());
    message.to_bytes(&mut octets).expect("it is written");
    let socket = NlSocket::connect(NlFamily::Route, None, Groups::empty()).expect("a socket");
    socket.send(octets.get_ref(), Msg::empty()).expect("netlink takes it");
    let mut answer = vec![0; 4096];
    let (length, _) = socket.recv(&mut answer, Msg::empty()).expect("netlink answers");
    let message = messages(&answer[..length]).next().expect("an answer").expect("well formed");
    assert_eq!(message.answer().expect("an answer").expect("well formed"), Answer::Done);
}
