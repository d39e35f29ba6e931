//! The files that a run leaves behind: those that were asked for, and those of a run that failed.

use std::path::Path;

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
    failure.capture = match &run.remains.pcapng {
        Some(pcapng) => keep_capture(job, context.plan, pcapng),
        None => capture_again(job, context, options, prepared),
    };
    failure.logs = keep_logs(job, context.plan, run);
    failure.transcript = keep_transcript(job, context.plan, run);
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

/// Where a failed run's capture goes.
fn keep_capture(job: &Job, plan: &Plan, pcapng: &[u8]) -> Option<String> {
    let name = format!("{}.{}.pcapng", job.selected.dotted(), job.seed);
    if let Some(dir) = &plan.pcap {
        return Some(dir.join(name).display().to_string());
    }
    let path = plan.out.join(name);
    write_atomically(&path, pcapng).ok()?;
    Some(path.display().to_string())
}

/// Writes what was said in a failed run, and says where it is.
fn keep_transcript(job: &Job, plan: &Plan, run: &Run) -> Option<String> {
    let name = format!("{}.{}.transcript", job.selected.dotted(), job.seed);
    if let Some(dir) = &plan.transcripts {
        return Some(dir.join(name).display().to_string());
    }
    let path = plan.out.join(name);
    write_atomically(&path, run.transcript.to_string().as_bytes()).ok()?;
    Some(path.display().to_string())
}

/// Writes a failed run's debug logs, and says where they are.
fn keep_logs(job: &Job, plan: &Plan, run: &Run) -> Vec<String> {
    let dir = plan.logs.as_ref().unwrap_or(&plan.out);
    let written = run.remains.logs.iter().filter_map(|log| {
        let path = dir.join(log_name(job, &log.device));
        // Those that were asked for have been written with the other files of the run.
        let ok = plan.logs.is_some() || write_atomically(&path, &log.text).is_ok();
        ok.then(|| path.display().to_string())
    });
    written.collect()
}

fn log_name(job: &Job, device: &str) -> String {
    format!("{}.{}.{device}.log", job.selected.dotted(), job.seed)
}

/// Runs a failed scenario again with capture, and says where the capture is.
fn capture_again(
    job: &Job,
    context: Context<'_>,
    options: Options<'_>,
    prepared: &Prepared,
) -> Option<String> {
    if context.kind.name() != "sim" {
        return None;
    }
    let options = Options { capture: true, live: None, ..options };
    let pcapng = context.kind.run(&job.selected, prepared.scenario(), options).remains.pcapng?;
    keep_capture(job, context.plan, &pcapng)
}
