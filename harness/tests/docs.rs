//! The console lines of the README and the documents are run as a reader types them: each block in a fresh directory
//! that has a copy of the suite, with `wpasim` in the PATH.
//!
//! What cannot be run here says so above its block in the Markdown: `<!-- not run: REASON -->` for all of it,
//! `<!-- not run "BEGINNING OF A LINE": REASON -->` for one line. Its options must be there all the same. Blocks that need
//! the lab or wpa_cli are ignored, aloud, where those are not there; with WPASIM_LAB_REQUIRED set the lab must be.

#[cfg(not(target_os = "linux"))]
fn main() {
    eprintln!("the documents are run on Linux only");
}

#[cfg(target_os = "linux")]
mod guests;

#[cfg(target_os = "linux")]
fn main() -> std::process::ExitCode {
    linux::main()
}

#[cfg(target_os = "linux")]
mod linux {
    use std::fs;
    use std::os::unix::process::CommandExt;
    use std::path::{Path, PathBuf};
    use std::process::{Command, ExitCode, Stdio};
    use std::sync::Arc;

    use libtest_mimic::{Arguments, Failed, Trial};
    use rustix::process::{Pid, Signal, kill_process_group};
    use wpasim::lab::Lab;

    use crate::guests::{Dir, WPASIM};

    /// A block that takes longer hangs.
    const PATIENCE: &str = "60s";
    /// A reason has so many characters at least.
    const REASON: usize = 12;

    /// Lines that are typed, with the marks above them.
    #[derive(Debug, Clone, PartialEq, Eq)]
    struct Block {
        /// `README.md:12`.
        place: String,
        /// Without the prompt.
        lines: Vec<String>,
        /// Each the beginning of a line that is not run, or nothing for all, and the reason.
        marks: Vec<(Option<String>, String)>,
    }

    /// The console blocks of a document.
    fn blocks(name: &str, text: &str) -> Result<Vec<Block>, String> {
        let mut blocks = Vec::new();
        let mut marks = Vec::new();
        let mut open: Option<Block> = None;
        for (number, line) in text.lines().enumerate() {
            let place = format!("{name}:{}", number + 1);
            if let Some(block) = &mut open {
                if line.starts_with("```") {
                    blocks.extend(open.take());
                } else if let Some(command) = line.strip_prefix("$ ") {
                    block.lines.push(command.to_owned());
                }
            } else if line == "```console" {
                open = Some(Block { place, lines: Vec::new(), marks: std::mem::take(&mut marks) });
            } else if line.trim_start().starts_with("<!-- not run") {
                marks.push(mark(line).ok_or(format!("{place}: a mark is <!-- not run: REASON --> or <!-- not run \"LINE\": REASON -->, with a reason"))?);
            } else if !line.is_empty() && !marks.is_empty() {
                return Err(format!("{place}: the mark above stands before no console block"));
            }
        }
        for block in &blocks {
            for (beginning, _) in &block.marks {
                if let Some(beginning) = beginning
                    && !block.lines.iter().any(|line| line.starts_with(beginning.as_str()))
                {
                    return Err(format!("{}: no line begins with \"{beginning}\"", block.place));
                }
            }
        }
        Ok(blocks)
    }

    fn mark(line: &str) -> Option<(Option<String>, String)> {
        let text = line.trim().strip_prefix("<!-- not run")?.strip_suffix("-->")?;
        let (beginning, reason) = match text.strip_prefix(" \"") {
            Some(quoted) => {
                let (beginning, reason) = quoted.split_once("\":")?;
                (Some(beginning.to_owned()), reason)
            }
            None => (None, text.strip_prefix(':')?),
        };
        (reason.trim().chars().count() >= REASON).then(|| (beginning, reason.trim().to_owned()))
    }

    impl Block {
        fn is_run(&self, line: &str) -> bool {
            !self
                .marks
                .iter()
                .any(|(beginning, _)| beginning.as_ref().is_none_or(|b| line.starts_with(b.as_str())))
        }

        fn run_lines(&self) -> Vec<&str> {
            self.lines.iter().map(String::as_str).filter(|line| self.is_run(line)).collect()
        }
    }

    pub fn main() -> ExitCode {
        let arguments = Arguments::from_args();
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let mut documents = vec![root.join("README.md")];
        documents.extend(fs::read_dir(root.join("docs")).into_iter().flatten().flatten().map(|e| e.path()));
        documents.retain(|path| path.extension().is_some_and(|e| e == "md"));
        documents.sort();
        let lab = Lab::open_with(Path::new(WPASIM)).map(|_| ());
        let lab_required = std::env::var_os("WPASIM_LAB_REQUIRED").is_some();
        let root = Arc::new(root);
        let mut trials = vec![
            Trial::test("marks are read", || marks_are_read().map_err(Failed::from)),
            Trial::test("a failing line is named", failing_lines_are_named),
        ];
        let mut count = 0;
        for document in documents {
            let name = document.strip_prefix(&*root).unwrap_or(&document).display().to_string();
            let text = fs::read_to_string(&document).unwrap_or_default();
            let blocks = match blocks(&name, &text) {
                Ok(blocks) => blocks,
                Err(error) => {
                    trials.push(Trial::test(name, move || Err(error.into())));
                    continue;
                }
            };
            for block in blocks {
                count += block.lines.len();
                let lines = block.run_lines().join("\n");
                let needs_lab =
                    ["wpasim lab", "wpasim gate", "--target hwsim"].iter().any(|w| lines.contains(w));
                let tool =
                    ["wpa_cli", "hostapd_cli"].into_iter().find(|t| lines.contains(t) && which(t).is_none());
                let why_not = match (&lab, tool) {
                    (Err(error), _) if needs_lab && !lab_required => Some(error.to_string()),
                    (_, Some(tool)) => Some(format!("{tool} is not installed")),
                    _ => None,
                };
                if let Some(reason) = &why_not {
                    eprintln!("IGNORED, {}: {reason}", block.place);
                }
                let root = root.clone();
                let trial = Trial::test(block.place.clone(), move || {
                    options_are_there(&block)?;
                    run(&block.run_lines(), &root)
                });
                trials.push(trial.with_ignored_flag(why_not.is_some()));
            }
        }
        trials.push(Trial::test("there are lines", move || match count {
            20.. => Ok(()),
            count => Err(format!("{count} lines only").into()),
        }));
        libtest_mimic::run(&arguments, trials).exit_code()
    }

    fn which(program: &str) -> Option<PathBuf> {
        let path = format!("{}:/usr/sbin:/sbin", std::env::var("PATH").unwrap_or_default());
        path.split(':').map(|dir| Path::new(dir).join(program)).find(|path| path.is_file())
    }

    /// Whether each wpasim line, run or not, has a command and options that this wpasim knows.
    fn options_are_there(block: &Block) -> Result<(), Failed> {
        for line in &block.lines {
            let plain = without_quoted(line);
            for call in plain.split(['|', ';', '&']).filter_map(|part| part.trim().strip_prefix("wpasim ")) {
                let before_comment = call.split(" #").next().unwrap_or_default();
                // What follows `--` is a line of its own.
                for words in before_comment.split(" -- ") {
                    options_of(words).map_err(|why| format!("{}: {line}\n{why}", block.place))?;
                }
            }
        }
        Ok(())
    }

    /// A line with a word for each text in single quotes: what separates commands there separates none here.
    fn without_quoted(line: &str) -> String {
        line.split('\'').enumerate().map(|(at, part)| if at % 2 == 0 { part } else { "x" }).collect()
    }

    fn options_of(words: &str) -> Result<(), String> {
        let words = shlex::split(words).ok_or("the quoting is wrong")?;
        let named = |text: &&String| text.bytes().all(|b| b.is_ascii_lowercase());
        let commands: Vec<&String> = match words.iter().take_while(named).collect::<Vec<_>>().as_slice() {
            [lab, verb, ..] if *lab == "lab" => vec![lab, verb],
            [command, ..] => vec![command],
            [] => return Ok(()),
        };
        let output =
            Command::new(WPASIM).args(&commands).arg("--help").output().map_err(|e| e.to_string())?;
        if !output.status.success() {
            // After `--` stands a wpasim command or any program.
            return if which(commands[0]).is_some() {
                Ok(())
            } else {
                Err(format!("no command {commands:?}"))
            };
        }
        let help = String::from_utf8_lossy(&output.stdout);
        for option in words.iter().filter_map(|w| w.strip_prefix("--")) {
            let name = option.split('=').next().unwrap_or_default();
            if !help.contains(&format!("--{name}")) {
                return Err(format!("wpasim {commands:?} has no --{name}"));
            }
        }
        Ok(())
    }

    /// Runs lines one after the other in one shell; whatever still runs then is ended.
    fn run(lines: &[&str], root: &Path) -> Result<(), Failed> {
        if lines.is_empty() {
            return Ok(());
        }
        let dir = Dir::new();
        let bin = dir.0.join("bin");
        fs::create_dir(&bin).map_err(|e| e.to_string())?;
        std::os::unix::fs::symlink(WPASIM, bin.join("wpasim")).map_err(|e| e.to_string())?;
        let work = dir.0.join("work");
        fs::create_dir(&work).map_err(|e| e.to_string())?;
        let copied = Command::new("cp").arg("-r").arg(root.join("scenarios")).arg(&work).status();
        if !copied.is_ok_and(|status| status.success()) {
            return Err("the suite cannot be copied".into());
        }
        // What goes on in the background begins while the reader types the next line.
        let pause = |line: &str| if line.trim_end().ends_with('&') { "sleep 1\n" } else { "" };
        let typed = |line: &&str| format!("echo \"$ {}\" >&2\n{line}\n{}", quoted(line), pause(line));
        let script: String = lines.iter().map(typed).collect();
        let path = format!("{}:{}:/usr/sbin:/sbin", bin.display(), std::env::var("PATH").unwrap_or_default());
        let log = dir.0.join("log");
        let file = fs::File::create(&log).map_err(|e| e.to_string())?;
        let mut child = Command::new("timeout")
            .args([PATIENCE, "bash", "-e", "-o", "pipefail", "-c", &script])
            .env("PATH", path)
            .env_remove("GITHUB_ACTIONS")
            .current_dir(&work)
            .stdin(Stdio::null())
            .stdout(file.try_clone().map_err(|e| e.to_string())?)
            .stderr(file)
            .process_group(0)
            .spawn()
            .map_err(|e| e.to_string())?;
        let status = child.wait().map_err(|e| e.to_string())?;
        let group = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
        if let Some(group) = group {
            let _ = kill_process_group(group, Signal::TERM);
        }
        let said = fs::read_to_string(&log).unwrap_or_default();
        match status {
            status if status.success() => Ok(()),
            status if status.code() == Some(124) => Err(format!("not over within {PATIENCE}\n{said}").into()),
            status => Err(format!("{status}\n{said}").into()),
        }
    }

    fn quoted(line: &str) -> String {
        line.replace(['\\', '"', '$', '`'], "·")
    }

    fn failing_lines_are_named() -> Result<(), Failed> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        match run(&["true", "wpasim run no_such_scenario_at_all"], &root) {
            Err(error) if error.message().is_some_and(|m| m.contains("no_such_scenario_at_all")) => Ok(()),
            other => Err(format!("{other:?}").into()),
        }
    }

    fn marks_are_read() -> Result<(), String> {
        let one = |text: &str| blocks("x.md", text);
        let block = one("a\n\n```console\n$ one\nsaid\n$ two # why\n```\n")?;
        assert_eq!(block[0].run_lines(), ["one", "two # why"]);
        let all = one("<!-- not run: it needs the moon -->\n```console\n$ one\n```\n")?;
        assert!(all[0].run_lines().is_empty());
        let some = one("<!-- not run \"one\": it needs the moon -->\n\n```console\n$ one x\n$ two\n```\n")?;
        assert_eq!(some[0].run_lines(), ["two"]);
        for bad in [
            "<!-- not run -->\n```console\n$ one\n```\n",
            "<!-- not run: why -->\n```console\n$ one\n```\n",
            "<!-- not run \"three\": it needs the moon -->\n```console\n$ one\n```\n",
            "<!-- not run: it needs the moon -->\ntext\n```console\n$ one\n```\n",
        ] {
            assert!(one(bad).is_err(), "{bad}");
        }
        Ok(())
    }
}
