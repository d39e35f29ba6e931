//! The request for a generic netlink family's number (include/uapi/linux/genetlink.h).

use super::netlink::{Header, Message, write_attribute, write_message};
use super::{CodecError, Fault};

/// The controller's own family.
pub const CONTROLLER: u16 = 16;

const GET_FAMILY: u8 = 3;
const FAMILY_ID: u16 = 1;
const FAMILY_NAME: u16 = 2;
const MULTICAST_GROUPS: u16 = 7;
const GROUP_NAME: u16 = 1;
const GROUP_ID: u16 = 2;

/// A family as the controller describes it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Family {
    /// The type of its messages.
    pub id: u16,
    /// Its multicast groups by name.
    pub groups: Vec<(String, u32)>,
}

/// Appends the question for a family.
pub fn write_question(name: &str, header: Header, out: &mut Vec<u8>) {
    write_message(Header { kind: CONTROLLER, ..header }, GET_FAMILY, out, |out| {
        let mut text = name.as_bytes().to_vec();
        text.push(0);
        write_attribute(FAMILY_NAME, &text, out);
    });
}

/// Reads the controller's description of a family.
pub fn read_description(message: &Message<'_>) -> Result<Family, CodecError> {
    let (_, attributes) = message.generic()?;
    let mut id = None;
    let mut groups = Vec::new();
    for attribute in attributes {
        let attribute = attribute?;
        match attribute.number {
            FAMILY_ID => id = Some(u16::from_ne_bytes(attribute.exactly("FAMILY_ID")?)),
            MULTICAST_GROUPS => {
                for group in attribute.nested() {
                    groups.extend(read_group(group?.nested())?);
                }
            }
            _ => {}
        }
    }
    let missing = Fault::MissingAttribute { command: "NEWFAMILY", attribute: "FAMILY_ID" };
    Ok(Family { id: id.ok_or(missing.at(message.offset))?, groups })
}

fn read_group(attributes: super::netlink::Attributes<'_>) -> Result<Option<(String, u32)>, CodecError> {
    let (mut name, mut id) = (None, None);
    for attribute in attributes {
        let attribute = attribute?;
        match attribute.number {
            GROUP_NAME => name = Some(attribute.text()?.to_owned()),
            GROUP_ID => id = Some(attribute.u32("GROUP_ID")?),
            _ => {}
        }
    }
    Ok(name.zip(id))
}
