//! `record --proxy`: the real socket is set aside and put back, whatever fails.

use std::os::unix::net::UnixDatagram;
use std::time::Duration;

use rstest::rstest;

use crate::place::Place;
use crate::sweep::{Mode, Running, sweep};

#[rstest]
fn a_recording_between(#[values(Mode::Once, Mode::FromThenOn)] mode: Mode) {
    let place = Place::new(&format!("proxy{mode:?}"));
    let serve = Running::serving(&place);
    std::fs::create_dir(place.path("tmp")).unwrap();
    let temporary = place.path("tmp");
    let environment = [("TMPDIR", temporary.to_str().unwrap())];
    let socket = place.path("run/wpa_supplicant/wlan0");
    let ask = |own: &str, command: &str| {
        let own = place.path(own);
        let client = UnixDatagram::bind(&own).unwrap();
        client.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        let mut buffer = [0; 256];
        let asked = client.connect(&socket).and_then(|()| client.send(command.as_bytes()));
        let got = asked.and_then(|_| client.recv(&mut buffer)).map(|length| buffer[..length].to_vec());
        std::fs::remove_file(own).unwrap();
        got
    };
    let arguments = ["record", "--proxy", "sta=run/wpa_supplicant/wlan0", "--out", "bug.yaml", "--replace"];
    let old = |name: &str| format!("what {name} was before\n").into_bytes();
    let names = ["bug.yaml", "bug.transcript"];
    let make = |plan: &str| {
        names.iter().for_each(|name| place.put(name, &old(name)));
        let mut recorder = Running::start(&place, &arguments, &environment, plan);
        if recorder.is_ready("Ctrl-C writes") {
            let reply = ask("c", "GET_CAPABILITY eap").unwrap();
            assert!(reply.starts_with(b"MD5 TLS") || reply == b"FAIL\n", "{reply:?}");
            recorder.signal("INT");
        }
        recorder.end()
    };
    let calls = sweep(mode, make, |fault, ended| {
        assert!([0, 2].contains(&ended.code), "{ended:#?}");
        // A socket with which it is looked whether somebody is there may be had later.
        if !(ended.code == 0 && fault.path == "(unbound)") {
            ended.tells();
        }
        let aside = place.path("run/wpa_supplicant/.wlan0.wpasim");
        if aside.exists() {
            assert_eq!(ended.code, 2, "{ended:#?}");
            assert!(
                ended.said().contains("the real socket is run/wpa_supplicant/.wlan0.wpasim now"),
                "{ended:#?}"
            );
            std::fs::rename(aside, &socket).unwrap();
        }
        // The real socket is in its place again, and nothing else is beside it.
        assert_eq!(ask("d", "PING").unwrap(), b"PONG\n", "{ended:#?}");
        for (name, content) in place.files() {
            match name.as_str() {
                "t.yaml" | "run/wpa_supplicant/wlan0" | "run/global/wlan0" => {}
                "bug.yaml" | "bug.transcript" => {
                    let whole =
                        content.ends_with(b"\n") && content.windows(14).any(|w| w == b"GET_CAPABILITY");
                    assert!(content == old(&name) || whole, "{name} is written in part: {ended:#?}");
                }
                _ => panic!("{name} is left behind: {ended:#?}"),
            }
        }
    });
    assert!(calls > 10, "{calls}");
    serve.signal("TERM");
    assert_eq!(serve.end().code, 0);
}
