//! Faults that the system makes itself: a file that may grow no longer, no descriptors.

use std::process::Command;

use rstest::rstest;

use crate::place::Place;

const OLD: &[u8] = b"what was there before";

/// A command under limits of the shell's `ulimit`.
fn limited(place: &Place, limits: &str, arguments: &str) -> (i32, String) {
    let line = format!("trap '' XFSZ; ulimit {limits}; exec {} {arguments}", env!("CARGO_BIN_EXE_wpasim"));
    let output = Command::new("sh").args(["-c", &line]).current_dir(&place.0).output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    (output.status.code().unwrap_or(-1), String::from_utf8_lossy(&said).into_owned())
}

#[rstest]
#[case("--json r", 2)]
#[case("--junit r", 2)]
#[case("--transcripts d", 3)]
#[case("--pcap d", 3)]
fn a_file_that_may_not_grow_keeps_its_old_content(#[case] option: &str, #[case] code: i32) {
    let place = Place::new(&format!("size{}", option.replace(' ', "")));
    let commands: String = (0..200).map(|n| format!("  - {{sta: PING, reply: PONG}} # {n}\n")).collect();
    place.put("scenarios/a/x.yaml", format!("devices:\n  sta: {{}}\nsteps:\n{commands}").as_bytes());
    let names = ["r", "d/a.x.1.transcript", "d/a.x.1.pcapng"];
    names.iter().for_each(|name| place.put(name, OLD));
    // No file may have an octet.
    let (ended, said) = limited(&place, "-f 0", &format!("run scenarios {option}"));
    assert_eq!(ended, code, "{said}");
    assert!(said.contains("File too large"), "{said}");
    assert!(!said.contains("panicked"), "{said}");
    names.iter().for_each(|name| assert_eq!(place.read(name).unwrap(), OLD, "{name}"));
    assert_eq!(place.files().len(), 4, "{:?}", place.files().keys());
}

#[test]
fn at_each_limit_of_descriptors_a_run_succeeds_or_says_why() {
    let place = Place::new("descriptors");
    place.put("scenarios/a/x.yaml", b"devices:\n  sta: {}\nsteps:\n  - {sta: PING, reply: PONG}\n");
    let mut succeeded = 0;
    for limit in 3..16 {
        place.put("r", OLD);
        let (code, said) = limited(&place, &format!("-n {limit}"), "run scenarios --json r --pcap d");
        // Below four the loader of programs has none itself.
        if limit > 3 && code != 0 {
            assert!(said.contains("Too many open files"), "-n {limit}: {code}: {said}");
        }
        assert!(!said.contains("panicked"), "-n {limit}: {said}");
        succeeded += usize::from(code == 0);
        let report = place.read("r").unwrap();
        assert!(report == OLD || report.ends_with(b"}\n"), "-n {limit}");
    }
    assert!(succeeded > 0);
}

#[test]
fn nobody_listens_to_what_is_said() {
    let place = Place::new("deaf");
    place.put("session", b"     0.100 sta      > PING\n     0.100 sta      < PONG\n");
    place.put("scenarios/a/x.yaml", b"devices:\n  sta: {}\nsteps:\n  - {sta: PING, reply: PONG}\n");
    for (arguments, code) in [("import session", 2), ("run scenarios --json -", 2), ("run scenarios", 0)] {
        let line = format!("exec {} {arguments} > /dev/full 2> /dev/full", env!("CARGO_BIN_EXE_wpasim"));
        let status = Command::new("sh").args(["-c", &line]).current_dir(&place.0).status().unwrap();
        assert_eq!(status.code(), Some(code), "{arguments}");
    }
}
