//! Scenario files: devices, and steps: commands, expected events and what the air does.
//!
//! A file is read by hand from its YAML tree, key by key, so that everything wrong with it is
//! reported with its place, the line and the nearest valid word.

pub(crate) mod air;
pub mod bounded;
pub mod braces;
pub mod config;
pub mod devices;
pub mod discover;
pub mod events;
pub mod frames;
pub mod keys;
pub mod lacks;
pub mod matrix;
pub mod model;
mod needs;
pub mod pattern;
pub mod problem;
pub mod reader;
pub mod schema;
pub mod yaml;

use wpasim_wire::time::Duration;

use model::{Case, Device, Scenario, WorldOptions};
use problem::{InvalidFile, Place, Problem};
use reader::Reader;

use crate::release::Release;
use crate::steps::reader::{StepReader, StepsRead};

/// The version of the scenario format this program reads.
pub const FORMAT: i64 = 1;

/// Reads the text of an included file, named relative to the scenario; why it cannot, otherwise.
pub type Loader<'l> = &'l dyn Fn(&str) -> Result<String, String>;

/// The loader of a text that stands for itself.
///
/// # Errors
/// Always.
pub fn without_includes(_: &str) -> Result<String, String> {
    Err("nothing can be included here".to_owned())
}

/// Capabilities that a scenario may require, with what they mean.
pub const CAPABILITIES: &[(&str, &str)] = &[
    ("ap", "stand-alone access points (hostapd)"),
    ("medium", "rules, links and captures of the air"),
    ("inject", "frames put on the air"),
    ("files", "reading and writing the devices' files"),
    ("process", "starting and ending the devices' processes"),
    ("driver", "requests that the devices' drivers refuse"),
    ("p2p", "Wi-Fi Direct"),
    ("testing", "supplicants built with CONFIG_TESTING_OPTIONS"),
    ("wps", "Wi-Fi Protected Setup"),
    ("eap", "802.1X and EAP methods"),
    ("regulatory", "a regulatory domain that all devices share"),
    ("turns", "processes that serve one timer between two commands of one instant"),
    ("5ghz", "5 GHz channels on which an access point may start"),
];

/// Reads one case of a scenario.
///
/// # Errors
/// All that is wrong with the file.
pub fn read(path: &str, source: &str, case: &Case, loader: Loader<'_>) -> Result<Scenario, Box<InvalidFile>> {
    let fail = |problems| Box::new(InvalidFile::new(path, source, problems));
    let root = yaml::parse(source).map_err(fail)?;
    let mut reader = Reader::new(case);
    let Some(mut top) = reader.entries(&root, "a scenario") else { return Err(fail(reader.problems)) };

    if let Some(node) = top.take("format")
        && let Some(version) = reader.number(node, "format", 0..=i64::from(i32::MAX))
        && version != FORMAT
    {
        reader.report(
            node.problem(format!("format {version} is not known to this wpasim"))
                .help(format!("this one reads format {FORMAT}; a newer wpasim may read it")),
        );
        return Err(fail(reader.problems));
    }
    let about = top.take("about").and_then(|v| reader.text(v, "about")).unwrap_or_default();
    let why = top.take("why").and_then(|v| reader.text(v, "why")).unwrap_or_default();
    let requires = requirements(&mut reader, top.take("requires"));
    let since = since(&mut reader, top.take("since"));
    let transcript = top.take("transcript").is_none_or(|v| reader.word(v, "transcript", &["none"]).is_none());
    let seed = top.take("seed").and_then(|v| reader.number(v, "seed", 0..=i64::MAX)).map(|s| s as u64);
    let world = world(&mut reader, &mut top);
    let deadline = top.take("deadline").and_then(|v| reader.duration(v, "deadline"));
    let matrix_node = top.take("matrix");
    if let Some(node) = matrix_node {
        let before = reader.problems.len();
        matrix::read(&mut reader, node);
        if case.is_empty() && reader.problems.len() == before {
            reader
                .report(node.problem("a matrix that listing does not find").help(
                    "`matrix:` stands at column 1, without quotes, and what belongs to it is indented",
                ));
        }
    }
    let devices_node = top.take("devices");
    let steps_node = top.take("steps");
    top.finish(&mut reader, "a scenario");

    let end = Place { line: source.lines().count().max(1), column: 1 };
    let devices = match devices_node {
        Some(node) => devices::read(&mut reader, node),
        None => {
            reader.report(Problem::new(end, "no `devices:`").help("a scenario has `devices:` and `steps:`"));
            Vec::new()
        }
    };
    let deadline = deadline.unwrap_or(Duration::from_secs(30));
    let mut step_reader = StepReader::new(reader, &devices, loader, deadline);
    let steps = match steps_node {
        Some(node) => {
            if matches!(&node.kind, yaml::Kind::List(items) if items.is_empty()) {
                step_reader.reader.report(node.problem("no steps"));
            }
            step_reader.steps(node)
        }
        None => {
            step_reader.reader.report(Problem::new(end, "no `steps:`").help(no_steps(source)));
            Vec::new()
        }
    };
    let StepsRead { mut problems, used, hints } = step_reader.finish();
    // A step that could not be read may be where a parameter is used.
    if problems.is_empty()
        && let Some(node) = matrix_node
    {
        problems.extend(matrix::unused(node, case, &used));
    }
    if !problems.is_empty() {
        return Err(fail(problems));
    }
    let mut requires = requires;
    needs::complete(&mut requires, &devices, &steps);
    Ok(Scenario { about, why, requires, since, transcript, seed, world, devices, steps, deadline, hints })
}

/// Devices on an air, without steps.
#[derive(Clone, Debug)]
pub struct Topology {
    /// The file, for messages.
    pub path: String,
    pub world: WorldOptions,
    pub devices: Vec<Device>,
    /// Radios of a host on which access points can be made at run time.
    pub ap_radios: u32,
}

/// Reads a topology: `devices:`, and `hz:` and `regulatory:` if need be, as scenarios have them, and `ap_radios:`.
///
/// # Errors
/// All that is wrong with the file.
pub fn read_topology(path: &str, source: &str) -> Result<Topology, Box<InvalidFile>> {
    let fail = |problems| Box::new(InvalidFile::new(path, source, problems));
    let root = yaml::parse(source).map_err(fail)?;
    let mut reader = Reader::new(&Case::default());
    let Some(mut top) = reader.entries(&root, "a topology") else { return Err(fail(reader.problems)) };
    let world = world(&mut reader, &mut top);
    let devices = top.take("devices").map(|node| devices::read(&mut reader, node));
    let ap_radios = top.take("ap_radios").and_then(|v| reader.number(v, "ap_radios", 0..=64)).unwrap_or(0);
    top.finish(&mut reader, "a topology");
    let devices = devices.unwrap_or_else(|| {
        reader.report(
            Problem::new(Place { line: 1, column: 1 }, "no `devices:`").help("a topology has `devices:`"),
        );
        Vec::new()
    });
    // Whoever serves wants the commands of test suites, unless the file says otherwise.
    let with_testing = |d: Device| Device { testing: Some(d.testing.unwrap_or(true)), ..d };
    let devices = devices.into_iter().map(with_testing).collect();
    if reader.problems.is_empty() {
        Ok(Topology { path: path.to_owned(), world, devices, ap_radios: ap_radios as u32 })
    } else {
        Err(fail(reader.problems))
    }
}

/// Returns the help for a file without `steps:` at column 1.
fn no_steps(source: &str) -> String {
    let indented = |line: &str| line.starts_with(' ') && line.trim_start().starts_with("steps:");
    match source.lines().position(indented) {
        Some(at) => format!("`steps:` in line {} is indented; it stands at column 1", at + 1),
        None => "a scenario has `devices:` and `steps:`".to_owned(),
    }
}

fn requirements(reader: &mut Reader, node: Option<&yaml::Node>) -> Vec<String> {
    let names: Vec<&str> = CAPABILITIES.iter().map(|(name, _)| *name).collect();
    let Some(node) = node else { return Vec::new() };
    reader.list(node, "requires").iter().filter_map(|item| reader.word(item, "capability", &names)).collect()
}

/// The first release that has what the scenario is about.
fn since(reader: &mut Reader, node: Option<&yaml::Node>) -> Option<Release> {
    let names = Release::ALL.map(|release| release.to_string());
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    reader.word(node?, "release", &names)?.parse().ok()
}

fn world(reader: &mut Reader, top: &mut reader::Entries<'_>) -> WorldOptions {
    let hz = top.take("hz").and_then(|v| reader.number(v, "hz", 10..=10_000)).unwrap_or(250) as u32;
    let mut regulatory = "00".to_owned();
    if let Some(node) = top.take("regulatory")
        && let Some(text) = reader.text(node, "regulatory")
    {
        match wpasim_sim::Regulatory::by_name(&text) {
            Ok(_) => regulatory = text,
            Err(error) => reader
                .report(node.problem(error.to_string()).help("00, the two letters of a country, or custom")),
        }
    }
    WorldOptions { hz, regulatory }
}

/// Reads every case of a scenario, for `check`: what is wrong in any of them, each problem once.
///
/// # Errors
/// All that is wrong with the file.
pub fn read_all(path: &str, source: &str, loader: Loader<'_>) -> Result<Vec<Scenario>, Box<InvalidFile>> {
    let mut scenarios = Vec::new();
    let mut invalid: Option<Box<InvalidFile>> = None;
    for case in matrix::scan(source) {
        match (read(path, source, &matrix::parameters(&case), loader), &mut invalid) {
            (Ok(scenario), _) => scenarios.push(scenario),
            (Err(error), None) => invalid = Some(error),
            (Err(error), Some(all)) => {
                all.problems.extend(error.problems);
                **all = InvalidFile::new(path, source, std::mem::take(&mut all.problems));
            }
        }
    }
    match invalid {
        Some(invalid) => Err(invalid),
        None => Ok(scenarios),
    }
}

#[cfg(test)]
mod tests;
