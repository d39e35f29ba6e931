//! Commands that end of themselves: `run`, `import`, and `record` from sockets.

use rstest::rstest;

use crate::place::Place;
use crate::sweep::{Ended, Mode, Running, run, sweep};

const PASSES: &str = "matrix:
  channel: [1, 6]
devices:
  sta: {config: \"network={\\n ssid=\\\"net\\\"\\n psk=\\\"secret passphrase\\\"\\n}\\n\"}
  ap: {hostapd: {ssid: net, channel: \"{channel}\", wpa: 2, wpa_key_mgmt: WPA-PSK, rsn_pairwise: CCMP, wpa_passphrase: secret passphrase}}
steps:
  - sta sees: CTRL-EVENT-CONNECTED
    within: 20s
";
const FAILS: &str = "devices:
  sta: {}
steps:
  - {sta: PING, reply: NO}
";
const OLD: &[u8] = b"what was there before";

/// Files that a command writes, and how each ends when it is whole.
struct Written {
    files: &'static [(&'static str, &'static str)],
    /// The content of those that are the same each time, after a run without a fault.
    whole: std::collections::BTreeMap<String, Vec<u8>>,
}

impl Written {
    /// Learns what a run without a fault writes; the files are there already then, with something else in them.
    fn by(
        place: &Place,
        files: &'static [(&'static str, &'static str)],
        make: impl Fn(&str) -> Ended,
    ) -> Self {
        let ended = make("");
        let whole = place.files();
        for (name, end) in files {
            let content = whole.get(*name).unwrap_or_else(|| panic!("{name} is not written: {ended:#?}"));
            assert!(content.ends_with(end.as_bytes()), "{name}");
        }
        let written = Written { files, whole };
        written.make_old(place);
        written
    }

    fn make_old(&self, place: &Place) {
        self.files.iter().for_each(|(name, _)| place.put(name, OLD));
    }

    /// Fails if a file is there in part, or one that should not be there.
    fn are_whole(&self, place: &Place, ended: &Ended) {
        let files = place.files();
        for (name, content) in &files {
            let Some((_, end)) = self.files.iter().find(|(known, _)| known == name) else {
                assert_eq!(self.whole.get(name), Some(content), "{name} is left behind: {ended:#?}");
                continue;
            };
            let whole = match end.is_empty() {
                // Of runs that were not made there are no keys.
                true => self.whole.get(name) == Some(content) || (name == "keys" && content.is_empty()),
                false => {
                    content.ends_with(end.as_bytes())
                        && content.len() > end.len()
                        && !content.starts_with(OLD)
                }
            };
            assert!(whole || content == OLD, "{name} is written in part: {ended:#?}");
        }
        for (name, _) in self.files {
            assert!(files.contains_key(*name), "{name} is gone: {ended:#?}");
        }
    }
}

#[rstest]
fn a_run_that_passes(#[values(Mode::Once, Mode::FromThenOn)] mode: Mode) {
    const FILES: &[(&str, &str)] = &[
        ("j.json", "}\n"),
        ("x.xml", "</testsuites>\n"),
        ("keys", ""),
        ("pcap/a.x@channel=1.1.pcapng", ""),
        ("pcap/a.x@channel=6.1.pcapng", ""),
        ("said/a.x@channel=1.1.transcript", ""),
        ("said/a.x@channel=6.1.transcript", ""),
    ];
    let place = Place::new(&format!("pass{mode:?}"));
    place.put("scenarios/a/x.yaml", PASSES.as_bytes());
    assert_eq!(run(&place, &["run", "scenarios", "--bless"], &[], "").code, 0);
    assert_eq!(run(&place, &["run", "scenarios", "--json", "base.json"], &[], "").code, 0);
    // In the order in which shards are told to runners that say it, each report is written once.
    let arguments = [
        "run",
        "scenarios",
        "--jobs",
        "1",
        "--json",
        "j.json",
        "--junit",
        "x.xml",
        "--keys",
        "keys",
        "--pcap",
        "pcap",
        "--transcripts",
        "said",
        "--baseline",
        "base.json",
    ];
    let make = |plan: &str| run(&place, &arguments, &[], plan);
    let written = Written::by(&place, FILES, make);
    let calls = sweep(mode, make, |fault, ended| {
        // What is looked at twice may be read the second time.
        if ended.code == 0 {
            assert!(
                fault.call == "open" && fault.path.ends_with(".yaml") && mode == Mode::Once,
                "{ended:#?}"
            );
            assert!(ended.stdout.contains("\n2 passed, 0 failed"), "{ended:#?}");
        } else {
            assert!([2, 3].contains(&ended.code), "{ended:#?}");
            ended.tells();
        }
        written.are_whole(&place, ended);
        written.make_old(&place);
    });
    assert!(calls > 25, "{calls}");
}

#[rstest]
fn a_run_that_fails_and_the_summary_of_a_job(#[values(Mode::Once, Mode::FromThenOn)] mode: Mode) {
    const FILES: &[(&str, &str)] = &[("out/a.x.1.pcapng", ""), ("out/a.x.1.transcript", "")];
    let place = Place::new(&format!("fail{mode:?}"));
    place.put("scenarios/a/x.yaml", FAILS.as_bytes());
    let environment = [
        ("GITHUB_STEP_SUMMARY", "summary"),
        ("TEST_SHARD_STATUS_FILE", "status"),
        ("TEST_TOTAL_SHARDS", "1"),
        ("TEST_SHARD_INDEX", "0"),
    ];
    let make = |plan: &str| {
        let ended = run(&place, &["run", "scenarios", "--shard", "auto", "--out", "out"], &environment, plan);
        // Others' files, to which something is appended.
        let summary = place.read("summary").unwrap_or_default();
        assert!(summary.is_empty() || ended.fault().is_some() || summary.ends_with(b"\n"), "{ended:#?}");
        ["summary", "status"].iter().for_each(|name| place.remove(name));
        match ended.fault() {
            // That the scenario fails is what this is about.
            None => Ended { code: ended.code - 1, ..ended },
            Some(_) => ended,
        }
    };
    let written = Written::by(&place, FILES, make);
    let calls = sweep(mode, make, |fault, ended| {
        assert!([1, 2].contains(&ended.code), "{ended:#?}");
        let read_later = fault.path.ends_with(".yaml") && mode == Mode::Once && ended.code == 1;
        if !read_later {
            ended.tells();
        }
        written.are_whole(&place, ended);
        written.make_old(&place);
    });
    assert!(calls > 8, "{calls}");
}

#[rstest]
fn references_that_are_replaced(#[values(Mode::Once, Mode::FromThenOn)] mode: Mode) {
    let place = Place::new(&format!("bless{mode:?}"));
    place.put("scenarios/a/x.yaml", PASSES.as_bytes());
    let names = ["scenarios/a/x@channel=1.transcript", "scenarios/a/x@channel=6.transcript"];
    assert_eq!(run(&place, &["run", "scenarios", "--bless"], &[], "").code, 0);
    let new = names.map(|name| place.read(name).unwrap());
    let cut = |content: &[u8]| {
        let text = String::from_utf8_lossy(content).into_owned();
        let end = text.trim_end().rfind('\n').unwrap();
        text.as_bytes()[..=end].to_vec()
    };
    let old = new.clone().map(|content| cut(&content));
    let make_old = || names.iter().zip(&old).for_each(|(name, content)| place.put(name, content));
    make_old();
    let make = |plan: &str| run(&place, &["run", "scenarios", "--jobs", "1", "--bless"], &[], plan);
    sweep(mode, make, |fault, ended| {
        match ended.code {
            0 => assert!(fault.call == "open" && fault.path.ends_with(".yaml"), "{ended:#?}"),
            code => {
                assert!([2, 3].contains(&code), "{ended:#?}");
                ended.tells();
            }
        }
        for ((name, old), new) in names.iter().zip(&old).zip(&new) {
            let content = place.read(name).unwrap();
            assert!(content == *old || content == *new, "{name}: {ended:#?}");
        }
        assert_eq!(place.files().len(), 3, "{ended:#?}");
        make_old();
    });
}

#[rstest]
#[case::into_a_file(&["import", "session", "-o", "x.transcript"])]
#[case::to_standard_output(&["import", "session"])]
fn an_import(#[case] arguments: &[&str], #[values(Mode::Once, Mode::FromThenOn)] mode: Mode) {
    let place = Place::new(&format!("import{}{mode:?}", arguments.len()));
    place.put("session", b"# Heading\n     0.100 sta      > PING\n     0.100 sta      < PONG\n");
    place.put("x.transcript", OLD);
    let make = |plan: &str| run(&place, arguments, &[], plan);
    let calls = sweep(mode, make, |_, ended| {
        assert_eq!(ended.code, 2, "{ended:#?}");
        ended.tells();
        assert_eq!(place.read("x.transcript").unwrap(), OLD);
        assert_eq!(place.files().len(), 2, "{ended:#?}");
    });
    assert_eq!(calls, if arguments.len() == 4 { 4 } else { 2 });
}

#[rstest]
fn a_recording_of_what_sockets_say(#[values(Mode::Once, Mode::FromThenOn)] mode: Mode) {
    let place = Place::new(&format!("record{mode:?}"));
    place.put("scenarios/a/x.yaml", b"devices:\n  sta: {}\nsteps:\n  - {sta: PING, reply: PONG}\n");
    let serve = Running::serving(&place);
    std::fs::create_dir(place.path("tmp")).unwrap();
    let temporary = place.path("tmp");
    let environment = [("TMPDIR", temporary.to_str().unwrap())];
    let name = "scenarios/a/x.transcript";
    let make = |plan: &str| {
        place.put(name, OLD);
        place.remove(name);
        let arguments = [
            "record",
            "scenarios",
            "--target",
            "socket",
            "--device",
            "sta=run/wpa_supplicant/wlan0",
            "--jobs",
            "1",
        ];
        run(&place, &arguments, &environment, plan)
    };
    let calls = sweep(mode, make, |fault, ended| {
        match ended.code {
            // It cannot be asked, or looked for.
            0 if ended.stdout.contains("of unknown version") || fault.path == "(unbound)" => {}
            0 => assert!(fault.call == "open" && fault.path.ends_with(".yaml"), "{ended:#?}"),
            code => {
                assert!([1, 2, 3].contains(&code), "{ended:#?}");
                ended.tells();
            }
        }
        if let Some(content) = place.read(name) {
            assert!(ended.code == 0 && content.ends_with(b"PONG\n"), "{ended:#?}");
        }
        let left = std::fs::read_dir(place.path("tmp")).unwrap().count();
        assert_eq!(left, 0, "sockets are left behind: {ended:#?}");
    });
    assert!(calls > 8, "{calls}");
    serve.signal("TERM");
    assert_eq!(serve.end().code, 0);
}
