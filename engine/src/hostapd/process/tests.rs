//! The process on its own; what its access points do on the air is tried through `wpasim serve`.

use super::sections::Sections;
use super::*;
use crate::hostapd::tests::{World, env};
use crate::wire::MacAddr;
use proptest::prelude::*;

const CONN: ConnId = ConnId(1);

fn world() -> World {
    let one = b"interface=wlan0\nssid=one\nhw_mode=g\nchannel=1\n".to_vec();
    let two = b"interface=wlan0_1\nssid=two\n".to_vec();
    World { files: [("one".to_owned(), one), ("two".to_owned(), two)].into() }
}

fn process() -> Process {
    let radio = |n: u8| InterfaceConfig {
        id: IfId(n.into()),
        ifname: format!("wlan{n}"),
        phy: format!("phy{n}"),
        addr: MacAddr([2, 0, 0, 0, n, 0]),
        second_addr: MacAddr([0x42, 0, 0, 0, n, 0]),
        ifindex: 2 + u32::from(n),
        config_path: String::new(),
    };
    Process::new(vec![radio(0), radio(1)], Entropy::new(1, "aps"))
}

/// Gives a command; all that comes out.
fn ask(process: &mut Process, world: &World, socket: CtrlSocket, command: &[u8]) -> Vec<Output> {
    let input = Input::Command { conn: CONN, socket, data: command.to_vec() };
    process.handle(Instant::ZERO, input, env(world));
    let next = || Some(process.poll_output()).filter(|o| !matches!(o, Output::Idle { .. }));
    std::iter::from_fn(next).collect()
}

fn replies(outputs: &[Output]) -> Vec<String> {
    let text = |o: &Output| match o {
        Output::Reply { data, .. } => Some(String::from_utf8_lossy(data).into_owned()),
        _ => None,
    };
    outputs.iter().filter_map(text).collect()
}

#[test]
fn the_second_bss_has_an_interface_and_an_address_of_its_own() {
    let (world, mut process) = (world(), process());
    assert_eq!(replies(&ask(&mut process, &world, CtrlSocket::Global, b"ADD bss_config=phy0:one")), ["OK\n"]);
    let outputs = ask(&mut process, &world, CtrlSocket::Global, b"ADD bss_config=phy0:two");
    let made = Output::Driver {
        iface: IfId(0),
        request: DriverRequest::AddInterface {
            iftype: IfType::Ap,
            name: "wlan0_1".to_owned(),
            new_id: IfId(2),
            addr: Some(MacAddr([2, 0, 0, 0, 0, 1])),
        },
    };
    assert!(outputs.contains(&made), "{outputs:#?}");
    let outputs = ask(&mut process, &world, CtrlSocket::Global, b"REMOVE wlan0");
    let gone = Output::Driver { iface: IfId(0), request: DriverRequest::DelInterface { id: IfId(2) } };
    let closed = |id: u32| Output::Socket { iface: IfId(id), change: SocketChange::Closed };
    let kept = outputs.into_iter().filter(|o| *o == gone || *o == closed(2) || *o == closed(0));
    assert_eq!(kept.collect::<Vec<_>>(), [gone, closed(2), closed(0)]);
}

#[test]
fn a_terminated_process_says_nothing_more() {
    let (world, mut process) = (world(), process());
    ask(&mut process, &world, CtrlSocket::Global, b"ADD bss_config=phy0:one");
    let outputs = ask(&mut process, &world, CtrlSocket::Interface(IfId(0)), b"TERMINATE");
    assert_eq!(replies(&outputs), ["OK\n"]);
    assert_eq!(outputs.last(), Some(&Output::Terminated));
    assert_eq!(ask(&mut process, &world, CtrlSocket::Global, b"PING"), []);
}

fn command() -> impl Strategy<Value = Vec<u8>> {
    let words = prop::sample::select(vec![
        "ADD bss_config=phy0:one",
        "ADD bss_config=phy0:two",
        "ADD bss_config=phy1:two",
        "ADD wlan1 config=one",
        "ADD wlan1 /run nl80211",
        "ADD nosuch /run",
        "REMOVE wlan0",
        "REMOVE wlan0_1",
        "REMOVE wlan1",
        "INTERFACES ctrl",
        "DUP_NETWORK wlan0 wlan1 wpa",
        "IFNAME=wlan0_1 DISABLE",
        "IFNAME=wlan0 ENABLE",
        "IFNAME=wlan1 SET channel 3",
        "IFNAME=wlan1 SET ssid x",
        "IFNAME=wlan1 ENABLE",
        "IFNAME=wlan0 STATUS",
        "IFNAME=wlan0 RELOAD",
        "ATTACH",
    ]);
    prop_oneof![
        8 => words.prop_map(|w| w.as_bytes().to_vec()),
        1 => prop::collection::vec(any::<u8>(), 0..300),
    ]
}

proptest! {
    /// Whatever is asked, there is one answer, and never two BSSs of one name or number.
    #[test]
    fn any_commands_have_one_answer_each(commands in prop::collection::vec(command(), 0..40)) {
        let (world, mut process) = (world(), process());
        for command in commands {
            let outputs = ask(&mut process, &world, CtrlSocket::Global, &command);
            prop_assert_eq!(replies(&outputs).len(), 1, "{:?}", String::from_utf8_lossy(&command));
            if outputs.contains(&Output::Terminated) {
                break;
            }
            let mut names: Vec<_> = process.bsss.iter().map(|b| b.ap.interface.ifname.clone()).collect();
            let count = names.len();
            names.sort();
            names.dedup();
            prop_assert_eq!(names.len(), count);
        }
    }

    /// No line of a configuration is lost, whatever its bytes.
    #[test]
    fn sections_keep_every_line(text in prop::collection::vec(prop_oneof![
        Just(b"bss=x\n".to_vec()), Just(b"channel=6\n".to_vec()), Just(b"ssid=a\n".to_vec()),
        prop::collection::vec(any::<u8>(), 0..12).prop_map(|mut l| { l.push(b'\n'); l }),
    ], 0..20)) {
        let text = text.concat();
        let sections = Sections::split(&text);
        let lines = |t: &[u8]| t.iter().filter(|b| **b == b'\n').count();
        let kept = lines(&sections.radio) + sections.bsss.iter().map(|s| lines(s)).sum::<usize>();
        prop_assert_eq!(kept, lines(&text));
    }
}
