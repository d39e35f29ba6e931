//! A frame that goes into the transcript: its fields and elements, without what the clock and random numbers decide.

use wpasim_engine::config::text::hex;
use wpasim_wire::eapol::EapolKey;
use wpasim_wire::elements::Elements;
use wpasim_wire::ieee80211::{DataFrame, MgmtBody, MgmtFrame};

use super::reader::StepReader;
use super::{Action, Key, Kind, Read};
use crate::run::{Outcome, Runner};
use crate::scenario::air;
use crate::scenario::model::{FramePattern, Station, Step};
use crate::scenario::reader::Entries;
use crate::scenario::schema::def;
use crate::scenario::yaml::Node;

pub const SHOW: Kind = Kind {
    key: Key::Word("show frame", read),
    options: &[],
    required: &[],
    needs: Some("medium"),
    schema: || def("frame"),
    documentation: &[(
        &["show frame: {from: ap, frame: association-response}"],
        "the last such frame that was on the air goes into the transcript: its fixed fields and its elements, of an EAPOL-Key frame what is neither random nor counted",
    )],
};

/// The octets of LLC and SNAP headers in front of an EAPOL frame.
const SNAP_OF_EAPOL: [u8; 8] = [0xaa, 0xaa, 0x03, 0, 0, 0, 0x88, 0x8e];

#[derive(Debug)]
struct ShowFrame {
    frame: FramePattern,
}

fn read(reader: &mut StepReader<'_>, value: &Node, _: &mut Entries<'_>) -> Read {
    let frame = air::frame_pattern(&mut reader.reader, value, reader.devices)?;
    Some(Box::new(ShowFrame { frame }))
}

impl Action for ShowFrame {
    fn run(&self, runner: &mut Runner<'_>, _: &Step) -> Outcome<()> {
        let device = match &self.frame.from {
            Some(Station::Device(name)) => name.clone(),
            _ => runner.first_device(),
        };
        let kind = self.frame.kind.as_ref().map(|kind| format!(" {kind}")).unwrap_or_default();
        let shown = match runner.last_frame(&self.frame) {
            Some(frame) => format!("frame:{kind}\n{}", shown(&frame.octets)),
            None => format!("frame:{kind}\nnone"),
        };
        runner.note(&device, shown.as_bytes());
        Ok(())
    }

    fn looks_at_frames(&self) -> bool {
        true
    }
}

/// Returns the lines of a frame.
fn shown(octets: &[u8]) -> String {
    if let Ok(frame) = MgmtFrame::parse(octets) {
        return management(&frame);
    }
    match DataFrame::parse(octets) {
        Ok(frame) => data(&frame),
        Err(_) => format!("octets {}", hex(octets)),
    }
}

fn management(frame: &MgmtFrame) -> String {
    let (fields, ies) = match &frame.body {
        MgmtBody::Beacon { interval, capability, ies, .. }
        | MgmtBody::ProbeResponse { interval, capability, ies, .. } => {
            (format!("interval {interval}, capability {capability:#06x}"), ies)
        }
        MgmtBody::ProbeRequest { ies } => ("no fixed fields".to_owned(), ies),
        MgmtBody::Authentication { algorithm, transaction, status, ies } => {
            (format!("algorithm {algorithm}, transaction {transaction}, status {status}"), ies)
        }
        MgmtBody::AssocRequest { capability, listen_interval, ies } => {
            (format!("capability {capability:#06x}, listen interval {listen_interval}"), ies)
        }
        MgmtBody::ReassocRequest { capability, listen_interval, current_ap, ies } => (
            format!(
                "capability {capability:#06x}, listen interval {listen_interval}, current access point {current_ap}"
            ),
            ies,
        ),
        MgmtBody::AssocResponse { capability, status, aid, ies }
        | MgmtBody::ReassocResponse { capability, status, aid, ies } => {
            (format!("capability {capability:#06x}, status {status}, AID {aid}"), ies)
        }
        MgmtBody::Deauthentication { reason, ies } | MgmtBody::Disassociation { reason, ies } => {
            (format!("reason {reason}"), ies)
        }
        MgmtBody::Action { category, body } => return format!("category {category}, body {}", hex(body)),
        MgmtBody::Other { body, .. } => return format!("body of {} octets", body.len()),
    };
    let elements =
        Elements::new(ies).map(|element| format!("\nelement {}: {}", element.id, hex(element.body)));
    elements.fold(fields, |lines, element| lines + &element)
}

fn data(frame: &DataFrame) -> String {
    let key = frame.body.strip_prefix(&SNAP_OF_EAPOL).map(EapolKey::parse);
    match key {
        Some(Ok(key)) => format!(
            "EAPOL version {}, key information {:#06x}, key length {}, RSC {}, key data of {} octets",
            key.version,
            key.key_info.0,
            key.key_length,
            hex(&key.rsc),
            key.key_data.len()
        ),
        _ => format!("body of {} octets", frame.body.len()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wpasim_wire::MacAddr;

    #[test]
    fn fields_and_elements_are_shown() {
        let body =
            MgmtBody::AssocResponse { capability: 0x0431, status: 0, aid: 1, ies: vec![1, 1, 2, 127, 0] };
        let frame = MgmtFrame::new(MacAddr([2; 6]), MacAddr([4; 6]), MacAddr([4; 6]), body);
        assert_eq!(shown(&frame.emit()), "capability 0x0431, status 0, AID 1\nelement 1: 02\nelement 127: ");
        assert_eq!(shown(&[0xff]), "octets ff");
    }
}
