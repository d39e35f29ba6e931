//! `wpasim record --proxy`.

use std::path::Path;

use super::{BAD_USAGE, complain, say};
use crate::proxy::{Document, Listen, Proxy, Through, document};
use crate::scenario;
use crate::session::write_privately;
use crate::system;

/// Records until Ctrl-C or until a real one has ended, then writes the scenario; returns the exit code.
pub(super) fn record(through: &[Through], listen: Listen, out: &Path, replace: bool) -> u8 {
    match recorded(through, listen, out, replace) {
        Ok(()) => 0,
        Err(text) => {
            complain(&format!("wpasim: {text}"));
            BAD_USAGE
        }
    }
}

fn recorded(through: &[Through], listen: Listen, out: &Path, replace: bool) -> Result<(), String> {
    let transcript = out.with_extension("transcript");
    if out.extension().is_none_or(|extension| extension != "yaml") {
        return Err(format!("--out {}: a scenario's name ends in .yaml", out.display()));
    }
    for path in [out, &transcript] {
        if path.exists() && !replace {
            return Err(format!("{} is there already; take another name, or --replace", path.display()));
        }
    }
    let ours = |error: &dyn std::fmt::Display| error.to_string();
    let (told, end) = system::pair().map_err(|e| ours(&e))?;
    ctrlc::set_handler(move || {
        // Full means that it was told already.
        let _ = told.send(&[0]);
    })
    .map_err(|e| ours(&e))?;
    let mut proxy = Proxy::new(through, listen, end).map_err(|e| ours(&e))?;
    proxy.paths().for_each(|path| say(&format!("wpasim: listening at {}", path.display())));
    say(&format!("wpasim: Ctrl-C writes {}", out.display()));
    let ended = proxy.run();
    let (recording, closed) = proxy.finish();
    let written =
        document(&recording).map_err(|e| ours(&e)).and_then(|document| write(&document, out, &transcript));
    // A supplicant that nobody reaches is worse than a recording that is lost: each is told.
    let all = [written, ended.map_err(|e| ours(&e)), closed.map_err(|e| ours(&e))];
    let problems: Vec<String> = all.into_iter().filter_map(Result::err).collect();
    if problems.is_empty() { Ok(()) } else { Err(problems.join("\nwpasim: ")) }
}

fn write(document: &Document, out: &Path, transcript: &Path) -> Result<(), String> {
    let failed = |path: &Path, error: std::io::Error| format!("{}: {error}", path.display());
    write_privately(out, document.scenario.as_bytes()).map_err(|e| failed(out, e))?;
    match &document.transcript {
        Some(text) => write_privately(transcript, text.as_bytes()).map_err(|e| failed(transcript, e))?,
        // The rest of an earlier recording would be compared.
        None if transcript.exists() => system::remove_file(transcript).map_err(|e| failed(transcript, e))?,
        None => {}
    }
    document.remarks.iter().for_each(|remark| say(&format!("wpasim: {remark}")));
    let shown = out.display().to_string();
    if let Err(invalid) = scenario::read_all(&shown, &document.scenario, &scenario::without_includes) {
        return Err(format!("what was recorded is no scenario that runs:\n{invalid}"));
    }
    say(&format!("wpasim: {shown} has what clients said, their keys included; run it: wpasim run {shown}"));
    Ok(())
}
