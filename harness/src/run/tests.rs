use super::*;
use crate::scenario;
use crate::scenario::model::Case;
use crate::target::scripted::Script;

fn run_text(script: &Script, steps: &str) -> Run {
    let source = format!("devices: {{a: {{}}, b: {{}}}}\nsteps:\n{steps}");
    let scenario = scenario::read("x.yaml", &source, &Case::new(), &scenario::without_includes)
        .unwrap_or_else(|e| panic!("{e}"));
    run(
        &scenario,
        script,
        Options { seed: 1, release: Release::default(), capture: false, live: None, interrupted: &|| false },
    )
}

fn failure(run: Run) -> StepFailure {
    match run.ending {
        Ending::Failed(failure) => *failure,
        other => panic!("{other:?}"),
    }
}

fn script() -> Script {
    Script::default()
        .on("PING", "PONG\n", &[])
        .on("ADD_NETWORK", "7\n", &[])
        .on("SET_NETWORK 7 ssid x", "OK\n", &[])
        .on("STATUS", "wpa_state=COMPLETED\nid=7\n", &[])
        .on(
            "SCAN",
            "OK\n",
            &[
                (0, 10, "CTRL-EVENT-SCAN-STARTED "),
                (0, 100, "CTRL-EVENT-SCAN-RESULTS "),
                (1, 50, "SEEN 02:00:00:00:00:00"),
            ],
        )
        .silent("QUIET")
}

#[test]
fn a_ladder_completes_and_is_logged() {
    let run = run_text(
        &script(),
        "  - {a: PING, reply: PONG}
  - {a: ADD_NETWORK, reply: '{id}'}
  - a: SET_NETWORK {id} ssid x
  - a: SCAN
  - together:
      - b sees: SEEN {a}
      - a sees: CTRL-EVENT-SCAN-RESULTS
    within: 1s
  - status of a: {wpa_state: COMPLETED, id: '{id}'}
  - {a: {text: 'QUI', pad: ET, to: 5}, reply: none}
  - a does not see: CTRL-EVENT-CONNECTED
    for: 5s
",
    );
    assert_eq!(run.ending, Ending::Completed);
    let text = run.transcript.to_string();
    assert!(text.contains("     0.010000 a        ! <3>CTRL-EVENT-SCAN-STARTED \n"), "{text}");
    assert_eq!(run.virtual_time, Duration::from_millis(6100) + super::LINGERING);
    let awaited: Vec<&str> =
        run.transcript.entries.iter().filter(|e| e.awaited).map(|e| e.lines[0].as_str()).collect();
    assert_eq!(awaited, ["<3>SEEN 02:00:00:00:00:00", "<3>CTRL-EVENT-SCAN-RESULTS "]);
}

#[test]
fn a_missing_event_names_the_nearest() {
    let failure =
        failure(run_text(&script(), "  - a: SCAN\n  - a sees: CTRL-EVENT-SCAN-FAILED\n    within: 2s\n"));
    assert_eq!(failure.message, "a did not see the event within 2 s (at 2.000000)");
    assert_eq!(failure.place.line, 4);
    assert_eq!(failure.expected.as_deref(), Some("CTRL-EVENT-SCAN-FAILED"));
    let nearest = failure.actual.unwrap();
    assert_eq!((nearest.label, nearest.text.as_str()), (Label::Nearest, "CTRL-EVENT-SCAN-STARTED "));
}

#[test]
fn a_wrong_reply_and_an_unwanted_event_fail() {
    let wrong = failure(run_text(&script(), "  - a: PING\n"));
    assert_eq!(wrong.expected.as_deref(), Some("OK"));
    assert_eq!(wrong.actual.unwrap().text, "PONG");
    let unwanted = failure(run_text(
        &script(),
        "  - a: SCAN\n  - a does not see: CTRL-EVENT-SCAN-RESULTS\n    for: 1s\n",
    ));
    assert_eq!(unwanted.at, Instant::from_micros(100_000));
    let before = failure(run_text(
        &script(),
        "  - a: SCAN\n  - a does not see: CTRL-EVENT-SCAN-STARTED\n    until: CTRL-EVENT-SCAN-RESULTS\n",
    ));
    assert!(before.message.contains("must not come"));
}

#[test]
fn one_of_several_outcomes_is_taken() {
    let steps = "  - a: SCAN
  - either:
      - a sees: CTRL-EVENT-CONNECTED
      - - a sees: CTRL-EVENT-SCAN-RESULTS
        - {a: PING, reply: PONG}
    within: 1s
";
    let run = run_text(&script(), steps);
    assert_eq!(run.ending, Ending::Completed);
    assert!(run.transcript.to_string().contains("PONG"));
}

#[test]
fn files_are_written_and_compared() {
    let run = run_text(
        &script(),
        "  - file: {device: a, content: 'x=1'}\n  - file: {device: a, append: \"\\ny=2\\n\"}\n  - check file: {device: a, content: \"x=1\\ny=2\\n\"}\n",
    );
    assert_eq!(run.ending, Ending::Completed, "{}", run.transcript);
    assert!(run.transcript.to_string().contains("# file:\n"));
}

#[test]
fn an_interrupt_ends_the_run() {
    let source = "devices: {a: {}}\nsteps:\n  - {a: PING, reply: PONG}\n";
    let scenario = scenario::read("x.yaml", source, &Case::new(), &scenario::without_includes).unwrap();
    let run = run(
        &scenario,
        &script(),
        Options { seed: 1, release: Release::default(), capture: false, live: None, interrupted: &|| true },
    );
    assert_eq!(run.ending, Ending::Interrupted);
}
