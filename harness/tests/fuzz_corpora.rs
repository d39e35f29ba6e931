//! The corpora of the fuzz targets, replayed on every test run.

#[path = "../../fuzz/src/entries.rs"]
mod entries;

#[test]
fn corpora_replay() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus");
    for (name, _) in entries::ENTRIES {
        let folder = root.join(name);
        let mut inputs: Vec<_> = std::fs::read_dir(&folder)
            .expect("each target has a corpus")
            .map(|e| e.unwrap().path())
            .collect();
        inputs.sort();
        assert!(!inputs.is_empty(), "{name} has an empty corpus");
        for input in inputs {
            entries::run(name, &std::fs::read(&input).unwrap());
        }
    }
}
