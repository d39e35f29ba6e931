//! What a proxy between a client and a real supplicant records.

use wpasim::control::words::is_event;
use wpasim::proxy::document;
use wpasim::proxy::recording::{Observed, Recorded, RecordedRole, Recording};
use wpasim::scenario;
use wpasim::transcript::{self, Entry, Mark};
use wpasim_engine::wire::time::Instant;

/// Lines: `>` and a command, `=` and its reply, events, and otherwise lines of SCAN_RESULTS. Whatever they
/// are, they make a scenario and a transcript that can be read.
pub fn recorded_session(data: &[u8]) {
    let sta = Recorded {
        name: "sta".to_owned(),
        ifname: "wlp3s0".to_owned(),
        addr: "aa:bb:cc:00:11:22".parse().ok(),
        uuid: None,
        made_by: "x".to_owned(),
        role: RecordedRole::Supplicant {
            globals: Vec::new(),
            networks: Vec::new(),
            state: String::new(),
            testing: false,
        },
    };
    let mut recording = Recording { devices: vec![sta], ..Recording::default() };
    for (i, line) in data.split(|b| *b == b'\n').enumerate() {
        let time = Instant::from_micros(i as i64 * 10_000);
        let entry = |mark, text: &[u8]| Entry::new(time, "sta", mark, text);
        match line.split_first() {
            Some((b'>', command)) => recording.command(time, "sta", command),
            Some((b'=', reply)) => recording.entries.push(entry(Mark::Reply, reply)),
            _ if is_event(line) => recording.entries.push(entry(Mark::Event, line)),
            _ => recording.heard.extend(Observed::read(&String::from_utf8_lossy(line), 0)),
        }
    }
    let Ok(made) = document(&recording) else { return };
    let Ok(_) = scenario::read_all("fuzz.yaml", &made.scenario, &scenario::without_includes) else {
        // Events of the air alone are no ladder.
        assert!(made.scenario.ends_with("steps: []\n"), "{}", made.scenario);
        return;
    };
    let transcript = made.transcript.expect("it began at rest");
    transcript::parse(&transcript).expect("what is rendered is readable");
}
