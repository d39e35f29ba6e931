//! A reference pins what it says: each line of each transcript is altered in turn, and the comparison
//! with the run must notice. Of transcripts with thousands of lines, which are of one kind, it is some hundred.

use std::path::Path;

use wpasim::matcher::compare;
use wpasim::run::{self, Ending};
use wpasim::scenario::discover::{Found, Root, below};
use wpasim::scenario::{self, matrix};
use wpasim::target::sim::SimKind;
use wpasim::transcript::{self, Mark, Origin};

/// So many lines of one transcript are altered, evenly spread.
const MOST: usize = 120;

#[test]
fn every_line_counts() {
    let root = Root::Disk(Path::new(env!("CARGO_MANIFEST_DIR")).join("../scenarios"));
    let kind = SimKind::default();
    let mut lines = 0;
    for selected in below(&root).iter().flat_map(Found::cases) {
        let name = selected.full_name();
        let Ok(Some(text)) = root.read(&selected.transcript()) else { continue };
        let mut reference = transcript::parse(&text).unwrap();
        let source = selected.found.source().unwrap();
        let case = matrix::parameters(&selected.case);
        let scenario = scenario::read(&name, &source, &case, &|path| selected.found.include(path)).unwrap();
        let options = run::Options {
            seed: 1,
            release: Default::default(),
            capture: false,
            live: None,
            interrupted: &|| false,
        };
        let run = run::run(&scenario, &kind, options);
        assert_eq!(run.ending, Ending::Completed, "{name}");
        let recording = reference.header.origin == Origin::Recording;
        let last_command = reference.entries.iter().rposition(|e| e.mark == Mark::Command);
        let step = reference.entries.iter().map(|e| e.lines.len()).sum::<usize>().div_ceil(MOST);
        let mut at = 0;
        for entry in 0..reference.entries.len() {
            let e = &reference.entries[entry];
            // What a recording leaves open: notes of the recorder, and events nobody waited for at its end.
            let file = e.lines[0].starts_with("file:");
            let unwaited = e.mark == Mark::Event && last_command.is_none_or(|last| entry > last);
            if recording && (unwaited || e.mark == Mark::Note && !file) {
                continue;
            }
            for line in 0..reference.entries[entry].lines.len() {
                at += 1;
                if at % step != 0 {
                    continue;
                }
                let before = reference.entries[entry].lines[line].clone();
                reference.entries[entry].lines[line].push('~');
                let comparison = compare(&reference, &run.transcript, &|_| None);
                assert!(!comparison.passes(), "{name}: nobody notices \"{before}~\"");
                reference.entries[entry].lines[line] = before;
                lines += 1;
            }
        }
    }
    assert!(lines > 1000, "{lines} lines");
}
