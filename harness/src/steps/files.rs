//! The files of devices.

use serde_json::json;

use super::reader::StepReader;
use super::{Action, Key, Kind, Read};
use crate::run::{Actual, Label, Outcome, Runner};
use crate::scenario::model::Step;
use crate::scenario::pattern::{Extent, Pattern};
use crate::scenario::reader::Entries;
use crate::scenario::schema::{def, object};
use crate::scenario::yaml::Node;
use crate::transcript::lines_of;

pub const FILE: Kind = Kind {
    key: Key::Word("file", read_file),
    options: &[],
    required: &[],
    needs: Some("files"),
    schema: || {
        let file = json!({"device": def("scalar"), "path": def("scalar"), "content": def("scalar"), "append": def("scalar")});
        let mut written = object(file, &["device"]);
        written["oneOf"] = json!([{"required": ["content"]}, {"required": ["append"]}]);
        written
    },
    documentation: &[(
        &["file: {device: sta, append: TEXT}", "file: {device: sta, path: psks, content: TEXT}"],
        "a device's file (its configuration without `path:`) is written",
    )],
};

pub const CHECK_FILE: Kind = Kind {
    key: Key::Word("check file", read_check_file),
    options: &[],
    required: &[],
    needs: Some("files"),
    schema: || {
        let checked = json!({"device": def("scalar"), "path": def("scalar"), "content": def("scalar")});
        json!({"anyOf": [def("scalar"), object(checked, &["device"])]})
    },
    documentation: &[(
        &["check file: sta", "check file: {device: sta, content: TEXT}"],
        "a device's file goes into the transcript, and must be what `content:` says",
    )],
};

/// Writes a file of a device.
#[derive(Debug)]
struct File {
    device: String,
    path: Option<String>,
    content: Pattern,
    /// Whether what the file holds already stays.
    append: bool,
}

/// Writes a file of a device into the transcript, and compares it.
#[derive(Debug)]
struct CheckFile {
    device: String,
    path: Option<String>,
    content: Option<Pattern>,
}

fn read_file(reader: &mut StepReader<'_>, value: &Node, _: &mut Entries<'_>) -> Read {
    let mut entries = reader.reader.entries(value, "file")?;
    let named = entries.remaining().iter().any(|(name, ..)| *name == "device");
    let device = entries.take("device").and_then(|v| reader.device(v));
    let path = entries.take("path").and_then(|v| reader.reader.text(v, "path"));
    let content = entries.take("content").and_then(|v| reader.filled(v, "content"));
    let appended = entries.take("append").and_then(|v| reader.filled(v, "append"));
    entries.finish(&mut reader.reader, "file");
    let written = match (content, appended) {
        (Some(content), None) if named => Some((content, false)),
        (None, Some(content)) if named => Some((content, true)),
        _ => None,
    };
    let Some((content, append)) = written else {
        reader.reader.report(value.problem("file: needs `device:` and either `content:` or `append:`"));
        return None;
    };
    Some(Box::new(File { device: device?, path, content, append }))
}

fn read_check_file(reader: &mut StepReader<'_>, value: &Node, _: &mut Entries<'_>) -> Read {
    if value.text().is_some() {
        let device = reader.device(value)?;
        return Some(Box::new(CheckFile { device, path: None, content: None }));
    }
    let mut entries = reader.reader.entries(value, "check file")?;
    if !entries.remaining().iter().any(|(name, ..)| *name == "device") {
        reader.reader.report(value.problem("check file: needs `device:`"));
    }
    let device = entries.take("device").and_then(|v| reader.device(v));
    let path = entries.take("path").and_then(|v| reader.reader.text(v, "path"));
    let content = entries.take("content").and_then(|v| reader.expected(v, "content"));
    entries.finish(&mut reader.reader, "check file");
    Some(Box::new(CheckFile { device: device?, path, content }))
}

impl Action for File {
    fn run(&self, runner: &mut Runner<'_>, step: &Step) -> Outcome<()> {
        let text = runner.filled(step, &self.content)?;
        let path = self.path.as_deref();
        let mut bytes = match self.append {
            true => runner.file(&self.device, path).unwrap_or_default(),
            false => Vec::new(),
        };
        bytes.extend_from_slice(text.as_bytes());
        runner.put_file(&self.device, path, bytes);
        Ok(())
    }

    fn settles_configuration_of(&self) -> Option<&str> {
        self.path.is_none().then_some(&self.device)
    }
}

impl Action for CheckFile {
    fn run(&self, runner: &mut Runner<'_>, step: &Step) -> Outcome<()> {
        let CheckFile { device, path, content } = self;
        let Some(bytes) = runner.file(device, path.as_deref()) else {
            return Err(runner.failed(step, format!("{device} has no such file"), path.clone(), None));
        };
        runner.note(device, &[b"file:\n", bytes.as_slice()].concat());
        let Some(pattern) = content else { return Ok(()) };
        let text = lines_of(&bytes).join("\n");
        let wanted =
            Pattern::new(pattern.source().trim_end_matches('\n')).unwrap_or_else(|_| pattern.clone());
        if runner.captures(&wanted, &text, Extent::Whole) {
            return Ok(());
        }
        let message = format!("the file of {device} is something else");
        let actual = Actual { label: Label::Actual, text, at: None };
        Err(runner.failed(step, message, Some(runner.show(&wanted)), Some(actual)))
    }
}
