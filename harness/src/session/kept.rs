//! The files that a run leaves behind: those that were asked for, and those of a run that failed.

use std::path::{Path, PathBuf};

use super::files::write_atomically;
use super::judge::Prepared;
use super::{Context, Failure, Job, Plan};
use crate::run::{Options, Run};

/// Keeps the capture, the debug logs and the transcript of a run that failed, and says where they are.
pub(super) fn keep_what_failed(
    job: &Job,
    context: Context<'_>,
    options: Options<'_>,
    prepared: &Prepared,
    run: &Run,
    failure: &mut Failure,
) {
    let plan = context.plan;
    let stem = format!("{}.{}", job.selected.dotted(), job.seed);
    // A file that was asked for has been written with the other files of the run.
    let mut kept = |asked: Option<&PathBuf>, name: String, content: &[u8]| match asked {
        Some(dir) => Some(dir.join(name).display().to_string()),
        None => {
            let path = plan.out.join(name);
            let written = write_atomically(&path, content);
            failure.unkept.extend(written.as_ref().err().map(|e| format!("{}: {e}", path.display())));
            written.ok().map(|()| path.display().to_string())
        }
    };
    let again = || capture_again(job, context, options, prepared);
    let pcapng = run.remains.pcapng.clone().or_else(again);
    failure.capture = pcapng.and_then(|pcapng| kept(plan.pcap.as_ref(), format!("{stem}.pcapng"), &pcapng));
    let logs = run.remains.logs.iter();
    failure.logs = logs
        .filter_map(|log| kept(plan.logs.as_ref(), format!("{stem}.{}.log", log.device), &log.text))
        .collect();
    let said = run.transcript.to_string();
    failure.transcript = kept(plan.transcripts.as_ref(), format!("{stem}.transcript"), said.as_bytes());
}

/// Writes what `--transcripts`, `--pcap` and `--logs` ask for.
pub(super) fn keep(job: &Job, plan: &Plan, run: &Run) -> Result<(), String> {
    let stem = format!("{}.{}", job.selected.dotted(), job.seed);
    let write = |dir: &Path, extension: &str, content: &[u8]| {
        let path = dir.join(format!("{stem}.{extension}"));
        write_atomically(&path, content).map_err(|e| format!("{}: {e}", path.display()))
    };
    if let Some(dir) = &plan.transcripts {
        write(dir, "transcript", run.transcript.to_string().as_bytes())?;
    }
    if let (Some(dir), Some(pcapng)) = (&plan.pcap, &run.remains.pcapng) {
        write(dir, "pcapng", pcapng)?;
    }
    if let Some(dir) = &plan.logs {
        for log in &run.remains.logs {
            write(dir, &format!("{}.log", log.device), &log.text)?;
        }
    }
    Ok(())
}

/// The capture of a failed scenario, which is run again for it where another run is the same.
fn capture_again(
    job: &Job,
    context: Context<'_>,
    options: Options<'_>,
    prepared: &Prepared,
) -> Option<Vec<u8>> {
    if !context.kind.is_deterministic() {
        return None;
    }
    let options = Options { capture: true, live: None, ..options };
    context.kind.run(&job.selected, prepared.scenario(), options).remains.pcapng
}
