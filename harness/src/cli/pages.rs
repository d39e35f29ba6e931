//! The completions and manual pages that are made from the definition of the command line.

use std::io::Write;
use std::path::Path;

use clap_complete::Shell;
use clap_mangen::Man;

use super::{BAD_USAGE, complain};
use crate::session::write_atomically;
use crate::system;

/// Prints the completions of a shell; returns the exit code.
pub fn completions(shell: Shell, mut command: clap::Command) -> u8 {
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut command, "wpasim", &mut text);
    let _ = std::io::stdout().write_all(&text);
    0
}

/// Prints the manual page, or writes one for each command into a directory; returns the exit code.
pub fn manual(directory: Option<&Path>, command: clap::Command) -> u8 {
    let written = match directory {
        None => page(&command, "wpasim").and_then(|text| std::io::stdout().write_all(&text)),
        Some(directory) => write_pages(directory, command),
    };
    match written {
        Ok(()) => 0,
        Err(error) => {
            let place = directory.map(|d| format!("{}: ", d.display())).unwrap_or_default();
            complain(&format!("wpasim: {place}{error}"));
            BAD_USAGE
        }
    }
}

fn page(command: &clap::Command, title: &str) -> std::io::Result<Vec<u8>> {
    let mut text = Vec::new();
    Man::new(command.clone()).title(title).render(&mut text)?;
    Ok(text)
}

/// `wpasim.1`, `wpasim-run.1`, `wpasim-lab-build.1`, …
fn write_pages(directory: &Path, mut command: clap::Command) -> std::io::Result<()> {
    system::create_dir_all(directory)?;
    command.build();
    let mut open = vec![("wpasim".to_owned(), command)];
    while let Some((name, command)) = open.pop() {
        let visible = command.get_subcommands().filter(|c| !c.is_hide_set() && c.get_name() != "help");
        open.extend(visible.map(|c| (format!("{name}-{}", c.get_name()), c.clone())));
        write_atomically(&directory.join(format!("{name}.1")), &page(&command, &name)?)?;
    }
    Ok(())
}
