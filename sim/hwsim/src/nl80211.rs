//! The little of nl80211 that a medium needs: the regulatory domain of the kernel.

use std::io;

use neli::consts::socket::{Msg, NlFamily};
use neli::socket::NlSocket;
use neli::utils::Groups;
use rustix::io::Errno;

use crate::codec::family::{self, Family};
use crate::codec::netlink::{FLAG_ACK, FLAG_REQUEST, write_attribute, write_message};
use crate::codec::{Answer, Header, messages};
use crate::error::HwsimError;

/// The family's name.
const FAMILY: &str = "nl80211";
/// NL80211_CMD_REQ_SET_REG
const REQ_SET_REG: u8 = 27;
/// NL80211_ATTR_REG_ALPHA2
const ATTR_REG_ALPHA2: u16 = 33;
/// The name of the command in errors.
const COMMAND: &str = "NL80211_CMD_REQ_SET_REG";

/// Asks the kernel for the regulatory domain of a country (ISO 3166-1 alpha-2), as `iw reg set`. The
/// kernel looks it up and applies it a little later, if its database has it.
///
/// # Errors
/// There is no cfg80211, or the kernel refuses.
pub fn set_country(country: [u8; 2]) -> Result<(), HwsimError> {
    let socket = socket()?;
    let family = family_of(&socket)?;
    let mut request = Vec::new();
    let header = Header { kind: family.id, flags: FLAG_REQUEST | FLAG_ACK, sequence: 2, port: 0 };
    write_message(header, REQ_SET_REG, &mut request, |body| {
        write_attribute(ATTR_REG_ALPHA2, &[country[0], country[1], 0], body);
    });
    for message in messages(&ask(&socket, &request)?) {
        if let Some(Answer::Refused(errno)) = message?.answer().transpose()? {
            return Err(HwsimError::Refused { command: COMMAND, errno: Errno::from_raw_os_error(errno) });
        }
    }
    Ok(())
}

/// Returns the number that the kernel gave nl80211 among its generic netlink families.
///
/// # Errors
/// There is no cfg80211.
pub fn family_number() -> Result<u16, HwsimError> {
    Ok(family_of(&socket()?)?.id)
}

fn fail(doing: &'static str) -> impl Fn(io::Error) -> HwsimError {
    move |source| HwsimError::Socket { doing, source }
}

fn socket() -> Result<NlSocket, HwsimError> {
    NlSocket::connect(NlFamily::Generic, None, Groups::empty()).map_err(fail("open"))
}

fn ask(socket: &NlSocket, request: &[u8]) -> Result<Vec<u8>, HwsimError> {
    let mut answer = [0; 8192];
    socket.send(request, Msg::empty()).map_err(fail("write to"))?;
    let (length, _) = socket.recv(&mut answer, Msg::empty()).map_err(fail("read from"))?;
    Ok(answer.get(..length).unwrap_or_default().to_vec())
}

fn family_of(socket: &NlSocket) -> Result<Family, HwsimError> {
    let header = Header { kind: 0, flags: FLAG_REQUEST, sequence: 1, port: 0 };
    let mut question = Vec::new();
    family::write_question(FAMILY, header, &mut question);
    described(&ask(socket, &question)?)
}

fn described(answer: &[u8]) -> Result<Family, HwsimError> {
    for message in messages(answer) {
        let message = message?;
        match message.answer().transpose()? {
            Some(Answer::Refused(_)) => return Err(HwsimError::ModuleMissing),
            Some(_) => {}
            None => return Ok(family::read_description(&message)?),
        }
    }
    Err(HwsimError::Unanswered { command: "GETFAMILY" })
}
