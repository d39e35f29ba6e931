//! Recordings that were imported, made on a stock kernel at HZ=250: the engine is held to them as well as
//! to those of the lab, and those of the lab say the same.

use std::fs;
use std::path::Path;

use wpasim::matcher::{Comparison, compare};
use wpasim::run::{self, Ending, Options};
use wpasim::scenario;
use wpasim::target::sim::SimKind;
use wpasim::transcript::{self, Origin, Transcript};

fn read(path: &Path) -> Transcript {
    let text = fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    transcript::parse(&text).unwrap_or_else(|problem| panic!("{}: {problem:?}", path.display()))
}

fn expect_clean(what: &str, comparison: &Comparison) {
    let lines: Vec<&str> = comparison.differences().map(|line| line.text.as_str()).collect();
    assert!(comparison.is_clean(), "{what}: {lines:#?} {:#?}", comparison.order);
}

#[test]
fn the_engine_and_the_lab_say_what_was_imported() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let scenarios = here.join("../scenarios");
    let mut paths: Vec<_> =
        fs::read_dir(here.join("tests/recordings")).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    assert_eq!(paths.len(), 32);
    for path in paths {
        let imported = read(&path);
        assert_eq!(imported.header.origin, Origin::Recording, "{}", path.display());
        let name = path.file_stem().unwrap().to_str().unwrap().replacen('.', "/", 1);
        let lab = read(&scenarios.join(format!("{name}.transcript")));
        assert_eq!(lab.header.origin, Origin::Lab, "{name}");
        expect_clean(&format!("{name} in the lab"), &compare(&imported, &lab, &|_| None));
        let file = scenarios.join(format!("{name}.yaml"));
        let source = fs::read_to_string(&file).unwrap();
        let scenario =
            scenario::read(&name, &source, &Default::default(), &scenario::without_includes).unwrap();
        let options = Options {
            seed: 1,
            release: Default::default(),
            capture: false,
            live: None,
            interrupted: &|| false,
        };
        let run = run::run(&scenario, &SimKind::default(), options);
        assert_eq!(run.ending, Ending::Completed, "{name}");
        expect_clean(&name, &compare(&imported, &run.transcript, &|_| None));
    }
}
