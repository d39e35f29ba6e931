//! Drivers that refuse what their devices ask of them.

use serde_json::json;

use super::air::TIMES;
use super::reader::StepReader;
use super::{Action, Key, Kind, RULE, Read};
use crate::run::{Outcome, Runner};
use crate::scenario::model::Step;
use crate::scenario::reader::Entries;
use crate::scenario::schema::{def, object, whole};
use crate::scenario::yaml::Node;
use crate::target::{Errno, Refusal, RequestKind};

/// The requests that can be refused, by their words in scenarios.
const REQUESTS: [(&str, RequestKind); 7] = [
    ("scan", RequestKind::Scan),
    ("authenticate", RequestKind::Authenticate),
    ("associate", RequestKind::Associate),
    ("add interface", RequestKind::AddInterface),
    ("set channel", RequestKind::SetChannel),
    ("start ap", RequestKind::StartAp),
    ("switch channel", RequestKind::SwitchChannel),
];

/// The highest errno that Linux has.
const LAST_ERRNO: u16 = 133;

pub const DRIVER: Kind = Kind {
    key: Key::Word("driver", read_driver),
    options: &[&TIMES, &RULE],
    required: &[],
    needs: Some("driver"),
    schema: || {
        let words = REQUESTS.map(|(word, _)| word);
        let refusal = json!({
            "device": def("scalar"),
            "refuse": {"enum": words},
            "errno": whole(1, i64::from(LAST_ERRNO)),
        });
        object(refusal, &["device", "refuse", "errno"])
    },
    documentation: &[(
        &[
            "{driver: {device: sta, refuse: scan, errno: 16}, times: 1}",
            "{driver: {device: ap, refuse: start ap, errno: 5}, rule: NAME}",
        ],
        "the device's driver refuses its next requests with this number of Linux's `errno.h`: as many as `times:` says, or all \
         until `stop:`; `refuse:` is `scan`, `authenticate`, `associate`, `add interface`, `set channel` (of an access \
         point that starts), `start ap` or `switch channel`",
    )],
};

/// Makes a driver refuse requests.
#[derive(Debug)]
struct Refuse {
    device: String,
    refusal: Refusal,
    name: Option<String>,
}

fn read_driver(reader: &mut StepReader<'_>, value: &Node, beside: &mut Entries<'_>) -> Read {
    let times = beside.take(TIMES.name).and_then(|v| reader.reader.number(v, TIMES.name, 1..=1_000_000_000));
    let name = beside.take(RULE.name).and_then(|v| reader.reader.text(v, RULE.name));
    reader.stoppable.extend(name.clone());
    let mut entries = reader.reader.entries(value, "driver")?;
    let given = ["device", "refuse", "errno"].map(|key| entries.take(key));
    entries.finish(&mut reader.reader, "driver");
    let [Some(device), Some(refused), Some(errno)] = given else {
        reader.reader.report(value.problem("driver: needs `device:`, `refuse:` and `errno:`"));
        return None;
    };
    let words = REQUESTS.map(|(word, _)| word);
    let device = reader.device(device);
    let word = reader.reader.word(refused, "request", &words);
    let errno = reader.reader.number(errno, "errno", 1..=i64::from(LAST_ERRNO));
    let word = word?;
    let (_, kind) = REQUESTS.into_iter().find(|(known, _)| *known == word)?;
    let errno = Errno::of_number(u16::try_from(errno?).ok()?);
    let times = times.and_then(|n| u32::try_from(n).ok());
    Some(Box::new(Refuse { device: device?, refusal: Refusal { kind, errno, times }, name }))
}

impl Action for Refuse {
    fn run(&self, runner: &mut Runner<'_>, _: &Step) -> Outcome<()> {
        runner.refuse(&self.device, &self.refusal, self.name.as_ref())
    }
}
