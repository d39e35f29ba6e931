//! Network interfaces of the kernel, up and down.

use std::fs;
use std::path::Path;

use neli::ToBytes;
use neli::consts::nl::NlmF;
use neli::consts::rtnl::{RtAddrFamily, Rtm};
use neli::consts::socket::NlFamily;
use neli::nl::{NlPayload, NlmsghdrBuilder};
use neli::rtnl::{Ifinfomsg, IfinfomsgBuilder};
use neli::socket::NlSocket;
use neli::utils::Groups;
use rustix::io::Errno;

use crate::codec::{Answer, messages};
use crate::error::HwsimError;

/// The directory in which the kernel shows its interfaces.
const INTERFACES: &str = "/sys/class/net";

/// Takes an interface down, as `ip link set IFNAME down`: whatever it did on the air ends. An
/// interface that is gone already is down.
///
/// # Errors
/// The kernel refuses, or there is no netlink.
pub fn set_down(ifname: &str) -> Result<(), HwsimError> {
    let path = Path::new(INTERFACES).join(ifname).join("ifindex");
    let Ok(text) = fs::read_to_string(&path) else { return Ok(()) };
    let index: i32 =
        text.trim().parse().map_err(|_| HwsimError::SysfsText { path, text: text.trim().to_owned() })?;
    let fail = |doing| move |source| HwsimError::Socket { doing, source };
    let socket = NlSocket::connect(NlFamily::Route, None, Groups::empty()).map_err(fail("open"))?;
    let request = down_request(index).ok_or(HwsimError::Unanswered { command: "RTM_NEWLINK" })?;
    socket.send(&request, neli::consts::socket::Msg::empty()).map_err(fail("write to"))?;
    let mut answer = [0; 4096];
    let (length, _) =
        socket.recv(&mut answer, neli::consts::socket::Msg::empty()).map_err(fail("read from"))?;
    for message in messages(answer.get(..length).unwrap_or_default()) {
        if let Some(Answer::Refused(errno)) = message?.answer().transpose()? {
            return Err(HwsimError::Refused {
                command: "RTM_NEWLINK",
                errno: Errno::from_raw_os_error(errno),
            });
        }
    }
    Ok(())
}

/// RTM_NEWLINK without IFF_UP; nothing if neli cannot write it.
fn down_request(index: i32) -> Option<Vec<u8>> {
    let link: Ifinfomsg = IfinfomsgBuilder::default()
        .ifi_family(RtAddrFamily::Unspecified)
        .ifi_index(index)
        .down()
        .build()
        .ok()?;
    let message = NlmsghdrBuilder::default()
        .nl_type(Rtm::Newlink)
        .nl_flags(NlmF::REQUEST | NlmF::ACK)
        .nl_payload(NlPayload::Payload(link))
        .build()
        .ok()?;
    let mut octets = std::io::Cursor::new(Vec::new());
    message.to_bytes(&mut octets).ok()?;
    Some(octets.into_inner())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn down_is_a_change_of_one_flag() {
        let octets = down_request(7).unwrap();
        let number = |at: usize| u32::from_ne_bytes(octets[at..at + 4].try_into().unwrap());
        assert_eq!((octets.len(), number(0)), (32, 32));
        // ifi_index, ifi_flags, ifi_change
        assert_eq!((number(20), number(24), number(28)), (7, 0, 1));
        assert!(set_down("nosuch0").is_ok());
    }
}
