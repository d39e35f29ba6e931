//! Every call goes through the module in which it can fail: the others do not use the standard library's.

use std::path::{Path, PathBuf};

/// What makes or changes files and sockets.
const CALLS: [&str; 21] = [
    "fs::write(",
    "fs::rename(",
    "fs::copy(",
    "fs::read(",
    "fs::read_to_string(",
    "fs::read_dir(",
    "fs::create_dir(",
    "fs::create_dir_all(",
    "fs::set_permissions(",
    "File::open(",
    "File::create(",
    "File::options(",
    ".tempfile(",
    ".tempfile_in(",
    "NamedTempFile::new",
    ".persist(",
    "UnixDatagram::bind",
    "UnixDatagram::unbound",
    "UnixDatagram::pair",
    "UdpSocket::bind",
    "UnixListener::bind",
];
/// Start programs and kernels, beside which files are made: not what is tested here.
const OTHERS: [&str; 4] = ["system/", "lab/", "target/hwsim/", "control/fake.rs"];

fn sources(dir: &Path, all: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, all);
        } else if path.extension().is_some_and(|e| e == "rs") {
            all.push(path);
        }
    }
}

#[test]
fn no_call_goes_past_the_seam() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut all = Vec::new();
    sources(&root, &mut all);
    assert!(all.len() > 100);
    let mut past = Vec::new();
    for path in all {
        let name = path.strip_prefix(&root).unwrap().display().to_string();
        if OTHERS.iter().any(|other| name.starts_with(other)) || name.ends_with("tests.rs") {
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap();
        // Tests stand at the end of a file.
        let code = text.split("\nmod tests {").next().unwrap_or_default();
        for (n, line) in code.lines().enumerate() {
            let found =
                CALLS.iter().filter(|call| line.contains(*call) && !line.trim_start().starts_with("//"));
            past.extend(
                found
                    .filter(|_| !line.contains("system::") && !line.contains("CaptureFile"))
                    .map(|call| format!("{name}:{}: {call}", n + 1)),
            );
        }
    }
    assert!(past.is_empty(), "{}", past.join("\n"));
}
