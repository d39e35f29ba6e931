//! The fuzz targets without a fuzzer: their corpora are replayed, and their dictionaries are those of the tables.

mod dictionaries;
#[path = "../../../fuzz/src/entries.rs"]
mod entries;

use std::fs;
use std::path::{Path, PathBuf};

fn fuzz_directory() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz")
}

#[test]
fn corpora_replay() {
    let root = fuzz_directory().join("corpus");
    for (name, _) in entries::ENTRIES {
        let folder = root.join(name);
        let mut inputs: Vec<_> =
            fs::read_dir(&folder).expect("each target has a corpus").map(|e| e.unwrap().path()).collect();
        inputs.sort();
        assert!(!inputs.is_empty(), "{name} has an empty corpus");
        for input in inputs {
            entries::run(name, &fs::read(&input).unwrap());
        }
    }
}

/// A target is an entry, a program that runs it, a row of the manifest and a corpus; none is without the others.
#[test]
fn targets_are_listed_everywhere() {
    let root = fuzz_directory();
    let mut names: Vec<String> = entries::ENTRIES.iter().map(|(name, _)| (*name).to_owned()).collect();
    names.sort_unstable();
    let in_directory = |directory: &str| {
        let mut found: Vec<String> = fs::read_dir(root.join(directory))
            .unwrap()
            .map(|entry| entry.unwrap().path().file_stem().unwrap().to_str().unwrap().to_owned())
            .collect();
        found.sort_unstable();
        found
    };
    assert_eq!(in_directory("fuzz_targets"), names);
    assert_eq!(in_directory("corpus"), names);
    let manifest = fs::read_to_string(root.join("Cargo.toml")).unwrap();
    for name in &names {
        assert!(manifest.contains(&format!("path = \"fuzz_targets/{name}.rs\"")), "{name}");
        let program = fs::read_to_string(root.join(format!("fuzz_targets/{name}.rs"))).unwrap();
        assert!(program.contains(&format!("run(\"{name}\"")), "{name}");
    }
    assert_eq!(manifest.matches("[[bin]]").count(), names.len());
}
