use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use wpasim_sim::FrameKind;

use super::*;
use crate::scenario;
use crate::scenario::model::Socket;
use crate::target::DeviceId;

const TOPOLOGY: &str = "devices:\n  sta: {}\n  ap: {hostapd: {ssid: net, channel: 1}}\n";

struct Still;

impl World for Still {
    fn now(&self) -> Instant {
        Instant::from_micros(12_345_678)
    }

    fn state(&mut self, device: DeviceId) -> Option<String> {
        (device == DeviceId(0)).then(|| "wlan0: wpa_state=COMPLETED".to_owned())
    }

    fn clients(&self) -> usize {
        3
    }
}

fn story() -> Story {
    let topology = scenario::read_topology("t.yaml", TOPOLOGY).unwrap();
    let devices: Vec<Watched> =
        (0..).zip(topology.devices).map(|(id, device)| Watched { id: DeviceId(id), device }).collect();
    let mut story = Story::new("below run".to_owned());
    story.devices(&devices);
    story
}

fn picture(story: &Story) -> String {
    let mut terminal = Terminal::new(TestBackend::new(100, 24)).unwrap();
    terminal.draw(|frame| screen::draw(story, frame)).unwrap();
    terminal.backend().to_string()
}

fn say(story: &mut Story, n: i64, mark: char, text: &[u8]) {
    let speaker = Speaker { device: DeviceId(0), socket: &Socket::Main, client: 1 };
    story.said(Instant::from_micros(n * 1000), speaker, mark, text);
}

fn beam(story: &mut Story, kind: FrameKind, to: Option<usize>) {
    let octets = [&[0x80, 0, 0, 0][..], &[0xff; 6], &[0; 30]].concat();
    story.frame(&Frame {
        time: Instant::from_micros(5),
        from: Some(DeviceId(1)),
        to: to.map(DeviceId),
        freq: 2412,
        kind,
        octets: &octets,
        acked: false,
    });
}

#[test]
fn devices_frames_and_words_are_shown() {
    let mut story = story();
    story.look(&mut Still);
    say(&mut story, 1, '>', b"STATUS");
    say(&mut story, 2, '<', b"wpa_state=COMPLETED\nssid=x\nid=0\n");
    say(&mut story, 3, '!', b"<3>CTRL-EVENT-CONNECTED \x1b[31m");
    beam(&mut story, FrameKind::Beacon, None);
    beam(&mut story, FrameKind::Authentication, Some(0));
    let shown = picture(&story);
    for text in [
        "below run  12.345678 s  2 frames  3 clients",
        "sta        wlan0    02:00:00:00:00:00 supplicant   wlan0: wpa_state=COMPLETED",
        "ap         wlan1    02:00:00:00:01:00 access point ended",
        "sta        > STATUS",
        "sta        < wpa_state=COMPLETED  (and 2 lines)",
        "sta        ! <3>CTRL-EVENT-CONNECTED \\x1b[31m",
        "ap         → sta        authentication  40 octets, 2412 MHz  not acknowledged",
        "frames but beacons",
    ] {
        assert!(shown.contains(text), "{text}\n{shown}");
    }
    assert!(!shown.contains("beacon  "), "{shown}");
    story.toggle_beacons();
    assert!(
        picture(&story).contains("ap         → all        beacon  40 octets, 2412 MHz "),
        "{}",
        picture(&story)
    );
}

#[test]
fn keys_scroll_and_end() {
    let mut story = story();
    for n in 0..5000 {
        say(&mut story, n, '!', format!("event {n}.").as_bytes());
    }
    let key = |code| KeyEvent::new(code, KeyModifiers::NONE);
    assert!(picture(&story).contains("event 4999."));
    assert!(pressed(&mut story, key(KeyCode::PageUp)));
    assert!(picture(&story).contains("event 4989.") && !picture(&story).contains("event 4990."));
    // The lines that a user reads do not move.
    say(&mut story, 5000, '!', b"event 5000.");
    assert!(picture(&story).contains("event 4989.") && !picture(&story).contains("event 4990."));
    assert!(pressed(&mut story, key(KeyCode::Home)));
    assert!(picture(&story).contains("event 3001."));
    assert!(pressed(&mut story, key(KeyCode::End)));
    assert!(picture(&story).contains("event 5000."));
    assert!(pressed(&mut story, key(KeyCode::Char('c'))));
    assert!(!picture(&story).contains("event"));
    assert!(!pressed(&mut story, key(KeyCode::Char('q'))));
    assert!(!pressed(&mut story, KeyEvent::new(KeyCode::Char('c'), KeyModifiers::CONTROL)));
}

#[test]
fn no_terminal_is_too_small() {
    let mut story = story();
    say(&mut story, 1, '>', b"PING");
    for (width, height) in [(1, 1), (3, 2), (10, 5), (40, 8)] {
        let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
        terminal.draw(|frame| screen::draw(&story, frame)).unwrap();
    }
}
