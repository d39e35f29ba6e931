//! Steps that hold other steps: alternatives, included files, repetitions.

use std::collections::BTreeSet;

use super::super::model::*;
use super::super::pattern::Scope;
use super::super::problem::Problem;
use super::super::reader::Entries;
use super::super::yaml::{self, Kind, Node};
use super::{STEPS, StepReader};

/// Included files nest no deeper than this.
const INCLUDE_DEPTH: usize = 8;

impl StepReader<'_> {
    /// Reads a list of steps that must not be empty: nothing is no expectation.
    pub(super) fn filled_steps(&mut self, node: &Node, what: &str) -> Vec<Step> {
        if matches!(&node.kind, Kind::List(items) if items.is_empty()) {
            self.reader.report(node.problem(format!("{what}: holds no step")));
        }
        self.steps(node)
    }

    pub(super) fn together(&mut self, value: &Node, entries: &mut Entries<'_>) -> Option<Action> {
        let within = self.within(entries);
        let parts = self.filled_steps(value, "together");
        for part in &parts {
            if !matches!(part.action, Action::Sees { .. } | Action::ExpectFrame { .. }) {
                self.reader.report(
                    Problem::new(part.place, "together: holds expectations only")
                        .help("`DEVICE sees: EVENT` or `expect frame: …`"),
                );
            }
        }
        Some(Action::Together { parts, within })
    }

    pub(super) fn either(&mut self, value: &Node, entries: &mut Entries<'_>) -> Option<Action> {
        let within = self.within(entries);
        let before = self.defined.clone();
        let mut after: Option<BTreeSet<String>> = None;
        let mut branches = Vec::new();
        for item in self.reader.list(value, "either") {
            self.defined = before.clone();
            let steps = match item.kind {
                Kind::List(_) => self.steps(item),
                _ => self.step(item),
            };
            match steps.first() {
                Some(Step { action: Action::Sees { .. }, .. }) => {}
                _ => self
                    .reader
                    .report(item.problem("each branch of either: begins with `DEVICE sees: EVENT`")),
            }
            branches.push(steps);
            let defined = std::mem::take(&mut self.defined);
            after = Some(match after {
                Some(all) => all.intersection(&defined).cloned().collect(),
                None => defined,
            });
        }
        self.defined = after.unwrap_or(before);
        if branches.is_empty() {
            self.reader.report(value.problem("either: needs branches"));
        }
        Some(Action::Either { branches, within })
    }

    pub(super) fn include(&mut self, value: &Node, entries: Entries<'_>) -> Vec<Step> {
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

    pub(super) fn repeat(&mut self, value: &Node, mut entries: Entries<'_>) -> Vec<Step> {
        let times = self.reader.number(value, "repeat", 1..=STEPS as i64);
        let body = entries.take("steps");
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
