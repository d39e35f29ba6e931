//! Steps that hold other steps: alternatives, included files, repetitions.

use std::collections::BTreeSet;

use serde_json::json;
use wpasim_wire::time::Duration;

use super::reader::{STEPS, StepReader};
use super::{Action, Expectation, Key, Kind, Read, StepOption, WITHIN, scalar};
use crate::run::{Outcome, Runner};
use crate::scenario::model::{Sees, Step};
use crate::scenario::pattern::Scope;
use crate::scenario::problem::Problem;
use crate::scenario::reader::Entries;
use crate::scenario::schema::{def, whole};
use crate::scenario::yaml::{self, Kind as YamlKind, Node};

/// Included files nest no deeper than this.
const INCLUDE_DEPTH: usize = 8;

static STEPS_OF_IT: StepOption = StepOption { name: "steps", schema: || def("steps") };

pub const TOGETHER: Kind = Kind {
    key: Key::Word("together", |reader, value, entries| reader.together(value, entries)),
    options: &[&WITHIN],
    required: &[],
    needs: None,
    schema: || def("expectations"),
    documentation: &[(
        &["together: [{sta sees: CTRL-EVENT-CONNECTED}, {ap sees: AP-STA-CONNECTED}]"],
        "all of these expectations, in any order",
    )],
};

pub const EITHER: Kind = Kind {
    key: Key::Word("either", |reader, value, entries| reader.either(value, entries)),
    options: &[&WITHIN],
    required: &[],
    needs: None,
    schema: || {
        let branch = json!({"anyOf": [def("step"), def("steps")]});
        json!({"type": "array", "minItems": 1, "items": branch})
    },
    documentation: &[(
        &["either: [{sta sees: WPS-FAIL}, [{sta sees: WPS-TIMEOUT}, {sta: WPS_PBC}]]"],
        "the branch whose first event comes first is taken",
    )],
};

pub const INCLUDE: Kind = Kind {
    key: Key::Steps("include", |reader, value, entries| reader.include(value, entries)),
    options: &[],
    required: &[],
    needs: None,
    schema: scalar,
    documentation: &[(&["include: ../common.yaml"], "a list of steps from a file")],
};

pub const REPEAT: Kind = Kind {
    key: Key::Steps("repeat", |reader, value, entries| reader.repeat(value, entries)),
    options: &[&STEPS_OF_IT],
    required: &[&STEPS_OF_IT],
    needs: None,
    schema: || whole(1, STEPS as i64),
    documentation: &[(
        &["{repeat: 20, steps: [{sta: 'SET_NETWORK 0 id_str \"{i}\"'}]}"],
        "`{i}` counts from 0, `{i.hex}` in two hexadecimal digits",
    )],
};

/// All of several expectations, in any order.
#[derive(Debug)]
struct Together {
    parts: Vec<Step>,
    within: Duration,
}

/// The branch whose first expectation comes true first.
#[derive(Debug)]
struct Either {
    branches: Vec<Branch>,
    within: Duration,
}

/// One of several outcomes: an event, and the steps that follow it.
#[derive(Debug)]
struct Branch {
    first: Sees,
    steps: Vec<Step>,
}

impl Action for Together {
    fn run(&self, runner: &mut Runner<'_>, _: &Step) -> Outcome<()> {
        runner.together(&self.parts, self.within)
    }

    fn nested(&self) -> Vec<&[Step]> {
        vec![&self.parts]
    }
}

impl Action for Either {
    fn run(&self, runner: &mut Runner<'_>, step: &Step) -> Outcome<()> {
        let firsts: Vec<&Sees> = self.branches.iter().map(|branch| &branch.first).collect();
        let taken = runner.either(step, &firsts, self.within)?;
        let rest = self.branches.get(taken).and_then(|branch| branch.steps.get(1..));
        runner.steps(rest.unwrap_or_default())
    }

    fn nested(&self) -> Vec<&[Step]> {
        self.branches.iter().map(|branch| branch.steps.as_slice()).collect()
    }
}

impl StepReader<'_> {
    /// Reads a list of steps that must not be empty: nothing is no expectation.
    fn filled_steps(&mut self, node: &Node, what: &str) -> Vec<Step> {
        if matches!(&node.kind, YamlKind::List(items) if items.is_empty()) {
            self.reader.report(node.problem(format!("{what}: holds no step")));
        }
        self.steps(node)
    }

    fn together(&mut self, value: &Node, entries: &mut Entries<'_>) -> Read {
        let within = self.within(entries);
        let parts = self.filled_steps(value, "together");
        for part in &parts {
            if part.action.expectation().is_none() {
                self.reader.report(
                    Problem::new(part.place, "together: holds expectations only")
                        .help("`DEVICE sees: EVENT` or `expect frame: …`"),
                );
            }
        }
        Some(Box::new(Together { parts, within }))
    }

    fn either(&mut self, value: &Node, entries: &mut Entries<'_>) -> Read {
        let within = self.within(entries);
        let before = self.defined.clone();
        let mut after: Option<BTreeSet<String>> = None;
        let mut branches = Vec::new();
        for item in self.reader.list(value, "either") {
            self.defined = before.clone();
            let steps = match item.kind {
                YamlKind::List(_) => self.steps(item),
                _ => self.step(item),
            };
            match steps.first().and_then(|step| step.action.expectation()) {
                Some(Expectation::Event(sees)) => branches.push(Branch { first: sees.clone(), steps }),
                Some(Expectation::Frame(_)) | None => self
                    .reader
                    .report(item.problem("each branch of either: begins with `DEVICE sees: EVENT`")),
            }
            let defined = std::mem::take(&mut self.defined);
            after = Some(match after {
                Some(all) => all.intersection(&defined).cloned().collect(),
                None => defined,
            });
        }
        self.defined = after.unwrap_or(before);
        if matches!(&value.kind, YamlKind::List(items) if items.is_empty()) {
            self.reader.report(value.problem("either: needs branches"));
        }
        Some(Box::new(Either { branches, within }))
    }

    fn include(&mut self, value: &Node, entries: Entries<'_>) -> Vec<Step> {
        entries.finish(&mut self.reader, "include");
        let Some(path) = self.reader.text(value, "include") else { return Vec::new() };
        if self.depth >= INCLUDE_DEPTH {
            self.reader.report(value.problem("files include each other too deeply"));
            return Vec::new();
        }
        let source = match (self.loader)(&path) {
            Ok(source) => source,
            Err(reason) => {
                self.reader.report(
                    value
                        .problem(format!("cannot read the included file \"{path}\": {reason}"))
                        .help("the path is relative to this scenario"),
                );
                return Vec::new();
            }
        };
        let root = match yaml::parse(&source) {
            Ok(root) => root,
            Err(problems) => {
                for p in problems {
                    self.reader.report(value.problem(format!("{path}:{}: {}", p.place, p.message)));
                }
                return Vec::new();
            }
        };
        let outer = std::mem::take(&mut self.reader.problems);
        let outer_file = self.file.replace(path.clone());
        self.depth += 1;
        let steps = self.steps(&root);
        self.depth -= 1;
        self.file = outer_file;
        let inner = std::mem::replace(&mut self.reader.problems, outer);
        for p in inner {
            let mut problem = value.problem(format!("{path}:{}: {}", p.place, p.message));
            problem.help = p.help;
            self.reader.report(problem);
        }
        steps
    }

    fn repeat(&mut self, value: &Node, mut entries: Entries<'_>) -> Vec<Step> {
        let times = self.reader.number(value, "repeat", 1..=STEPS as i64);
        let body = entries.take(STEPS_OF_IT.name);
        entries.finish(&mut self.reader, "repeat");
        if body.is_none() {
            self.reader.report(value.problem("repeat: needs `steps:`"));
        }
        let (Some(times), Some(body)) = (times, body) else { return Vec::new() };
        let outer: Scope = self.reader.parameters.clone();
        let mut steps = Vec::new();
        for i in 0..times {
            self.reader.parameters.insert("i".to_owned(), i.to_string());
            self.reader.parameters.insert("i.hex".to_owned(), format!("{:02x}", i & 0xff));
            let before = self.reader.problems.len();
            steps.extend(self.filled_steps(body, "repeat"));
            if self.reader.problems.len() > before {
                break;
            }
        }
        self.reader.parameters = outer;
        steps
    }
}
