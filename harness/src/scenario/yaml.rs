//! YAML as a tree that knows the place and the style of every node, and refuses what would be read
//! as something other than what was meant: tabs, duplicate keys, anchors and tags, unquoted `: `,
//! and a ` #` that would cut a command short.

use granit_parser::{Event, Parser, Placement, ScalarStyle, ScanError, Span};

use super::bounded;
use super::problem::{Place, Problem};

/// The style in which a scalar was written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Style {
    /// Without quotes.
    Plain,
    /// In single or double quotes.
    Quoted,
    /// A `|` or `>` block.
    Block,
}

/// A node of the tree.
#[derive(Clone, PartialEq, Debug)]
pub struct Node {
    /// The place at which it begins.
    pub place: Place,
    /// The width of a scalar in its line, 1 for others.
    pub width: usize,
    /// The kind of the thing.
    pub kind: Kind,
    /// For a plain scalar: the place of a ` #` comment that follows it in its line.
    pub cut_by_comment: Option<Place>,
}

/// The kind of a node.
#[derive(Clone, PartialEq, Debug)]
pub enum Kind {
    /// Text, exactly as written; nothing is turned into a number or a truth value.
    Scalar(String, Style),
    /// A list.
    List(Vec<Node>),
    /// Keys and values in the order of the file.
    Map(Vec<(Node, Node)>),
}

/// Deeper nesting than this is refused.
const DEPTH: usize = 40;
/// A larger file is refused.
const SIZE: usize = bounded::SCENARIO as usize;

impl Node {
    /// The text of a scalar.
    pub fn text(&self) -> Option<&str> {
        match &self.kind {
            Kind::Scalar(text, _) => Some(text),
            _ => None,
        }
    }

    /// A problem at this node.
    pub fn problem(&self, message: impl Into<String>) -> Problem {
        Problem::new(self.place, message).wide(self.width)
    }

    /// `a list`, for messages.
    pub fn noun(&self) -> &'static str {
        match &self.kind {
            Kind::Scalar(t, Style::Plain) if t.is_empty() => "nothing",
            Kind::Scalar(..) => "text",
            Kind::List(_) => "a list",
            Kind::Map(_) => "a mapping",
        }
    }
}

/// Reads one document. An empty file gives an error, too.
///
/// # Errors
/// Everything that is wrong as YAML; tabs and duplicate keys are all reported, a syntax error ends
/// the reading.
pub fn parse(source: &str) -> Result<Node, Vec<Problem>> {
    if source.len() > SIZE {
        return Err(vec![Problem::new(
            Place::START,
            format!("the file has {} octets, {SIZE} is the limit", source.len()),
        )]);
    }
    let mut builder = Builder { source, ..Builder::default() };
    let mut options = granit_parser::Options::default();
    options.disallow_directives = true;
    options.flow_nesting_limit = DEPTH;
    options.block_nesting_limit = DEPTH;
    let mut syntax_error = None;
    for next in Parser::new_from_str_with_options(source, options) {
        match next {
            Ok((event, span)) => builder.take(event, span),
            Err(error) => {
                syntax_error = Some(error);
                break;
            }
        }
    }
    let mut problems = builder.problems;
    let tabs = tabs_outside(source, &builder.verbatim);
    if let Some(error) = syntax_error {
        match tabs.first() {
            Some(tab) if tab.place.line <= error.marker().line() => {}
            _ => problems.push(explain(source, &error)),
        }
    }
    problems.extend(tabs);
    match builder.root {
        Some(root) if problems.is_empty() => Ok(root),
        None if problems.is_empty() => Err(vec![
            Problem::new(Place::START, "the file is empty").help("a scenario has `devices:` and `steps:`"),
        ]),
        _ => Err(problems),
    }
}

#[derive(Default)]
struct Builder<'s> {
    source: &'s str,
    stack: Vec<Open>,
    root: Option<Node>,
    problems: Vec<Problem>,
    /// Lines (from, to) of quoted and block scalars, in which tabs are content.
    verbatim: Vec<(usize, usize)>,
    documents: usize,
}

enum Open {
    List(Place, Vec<Node>),
    Map(Place, Vec<(Node, Node)>, Option<Node>),
}

fn place(span: &Span) -> Place {
    Place { line: span.start.line(), column: span.start.col() + 1 }
}

impl Builder<'_> {
    fn take(&mut self, event: Event<'_>, span: Span) {
        let at = place(&span);
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                self.refuse_properties(at, anchor, tag.is_some());
                let style = match style {
                    ScalarStyle::Plain => Style::Plain,
                    ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted => Style::Quoted,
                    _ => Style::Block,
                };
                if style != Style::Plain {
                    self.verbatim.push((span.start.line(), span.end.line()));
                }
                let same_line = span.start.line() == span.end.line();
                let width = if same_line { span.end.col().saturating_sub(span.start.col()) } else { 1 };
                // The parser writes a value that is not there as `~`.
                let absent = style == Style::Plain && same_line && span.start.col() == span.end.col();
                let text = if absent { String::new() } else { text.into_owned() };
                let kind = Kind::Scalar(text, style);
                self.add(Node { place: at, width: width.max(1), kind, cut_by_comment: None });
            }
            Event::SequenceStart(_, anchor, tag) => {
                self.refuse_properties(at, anchor, tag.is_some());
                self.stack.push(Open::List(at, Vec::new()));
            }
            Event::MappingStart(_, anchor, tag) => {
                self.refuse_properties(at, anchor, tag.is_some());
                self.stack.push(Open::Map(at, Vec::new(), None));
            }
            Event::SequenceEnd | Event::MappingEnd => {
                let node = match self.stack.pop() {
                    Some(Open::List(place, items)) => {
                        Node { place, width: 1, kind: Kind::List(items), cut_by_comment: None }
                    }
                    Some(Open::Map(place, entries, _)) => {
                        Node { place, width: 1, kind: Kind::Map(entries), cut_by_comment: None }
                    }
                    None => return,
                };
                self.add(node);
            }
            Event::Comment(_, Placement::Right) => self.mark_cut(at),
            Event::Alias(_) | Event::UnresolvedAlias(_) => {
                self.problems
                    .push(Problem::new(at, "an alias (`*…`) has no meaning here").help("quote this text"));
                let kind = Kind::Scalar(String::new(), Style::Plain);
                self.add(Node { place: at, width: 1, kind, cut_by_comment: None });
            }
            Event::DocumentStart(..) => {
                self.documents += 1;
                if self.documents == 2 {
                    self.problems.push(Problem::new(at, "a second document; one file holds one scenario"));
                }
            }
            _ => {}
        }
    }

    fn refuse_properties(&mut self, at: Place, anchor: usize, tag: bool) {
        if anchor != 0 || tag {
            let what = if tag { "a tag (`!…`)" } else { "an anchor (`&…`)" };
            self.problems
                .push(Problem::new(at, format!("{what} has no meaning here")).help("quote this text"));
        }
    }

    fn add(&mut self, node: Node) {
        match self.stack.last_mut() {
            None => {
                if self.root.is_none() {
                    self.root = Some(node);
                }
            }
            Some(Open::List(_, items)) => items.push(node),
            Some(Open::Map(_, entries, key)) => match key.take() {
                None => {
                    if let Some(name) = node.text()
                        && let Some((first, _)) = entries.iter().find(|(k, _)| k.text() == Some(name))
                    {
                        self.problems.push(
                            node.problem(format!("duplicate key \"{name}\""))
                                .help(format!("it stands in line {} already", first.place.line)),
                        );
                    }
                    *key = Some(node);
                }
                Some(k) => entries.push((k, node)),
            },
        }
    }

    /// A comment to the right of a plain scalar: the scalar remembers it, so that a command or an
    /// event that was meant to contain ` #` is not cut short unnoticed.
    fn mark_cut(&mut self, at: Place) {
        let line_before: String = match self.source.lines().nth(at.line.saturating_sub(1)) {
            Some(line) => line.chars().take(at.column.saturating_sub(1)).collect(),
            None => return,
        };
        let last = match self.stack.last_mut() {
            Some(Open::Map(_, entries, None)) => entries.last_mut().map(|(_, value)| value),
            Some(Open::List(_, items)) => items.last_mut(),
            _ => None,
        };
        if let Some(node) = last
            && let Kind::Scalar(text, Style::Plain) = &node.kind
            && !text.is_empty()
            && node.place.line <= at.line
            && text.split('\n').next_back().is_some_and(|end| {
                line_before.trim_end().ends_with(end.split_whitespace().next_back().unwrap_or(end))
            })
        {
            node.cut_by_comment = Some(at);
        }
    }
}

fn tabs_outside(source: &str, verbatim: &[(usize, usize)]) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (number, line) in source.lines().enumerate() {
        let number = number + 1;
        let inside = verbatim.iter().any(|(from, to)| (*from..=*to).contains(&number));
        if inside || !line.contains('\t') || line.trim_start().starts_with('#') {
            continue;
        }
        let column = line.chars().take_while(|c| *c != '\t').count() + 1;
        problems.push(
            Problem::new(Place { line: number, column }, "a tab")
                .help("YAML is indented with spaces; quote a text that contains a tab"),
        );
    }
    problems
}

/// The parser's message, or the trap behind it.
fn explain(source: &str, error: &ScanError) -> Problem {
    let marker = error.marker();
    let last_line = source.lines().count().max(1);
    let at = Place { line: marker.line().clamp(1, last_line), column: marker.col() + 1 };
    for number in [at.line, at.line.saturating_sub(1)] {
        let Some(line) = number.checked_sub(1).and_then(|n| source.lines().nth(n)) else { continue };
        if let Some(column) = unquoted_colon(line) {
            return Problem::new(Place { line: number, column }, "an unquoted `: ` inside a text")
                .wide(2)
                .help("quote this text");
        }
    }
    if let Some(problem) = indentation(source, at.line) {
        return problem;
    }
    Problem::new(at, format!("not valid YAML: {}", error.info()))
        .help("a text that begins with one of { [ & * ! | > % @ ` or holds `: ` or ` #` must be quoted")
}

/// The key at the beginning of a line, and whether the line begins an item of a list.
fn key_of(line: &str) -> Option<(&str, bool)> {
    let text = line.trim_start();
    let item = text.strip_prefix("- ");
    let (key, value) = item.unwrap_or(text).split_once(':')?;
    let is_key = !key.is_empty() && (value.is_empty() || value.starts_with(' '));
    (is_key && !key.contains(['"', '\'', '{', '['])).then_some((key, item.is_some()))
}

/// A line near `number` that begins at a column where none of the lines above leaves room for it.
fn indentation(source: &str, number: usize) -> Option<Problem> {
    let lines: Vec<&str> = source.lines().collect();
    [number, number.saturating_sub(1)].into_iter().find_map(|number| {
        let line = lines.get(number.checked_sub(1)?)?;
        let (key, is_item) = key_of(line)?;
        let column = line.len() - line.trim_start().len() + 1;
        // The columns of keys, and of the dashes before them, that are open above.
        let mut open: Vec<(usize, bool)> = Vec::new();
        for above in &lines[..number - 1] {
            if above.trim().is_empty() || above.trim_start().starts_with('#') {
                continue;
            }
            let at = above.len() - above.trim_start().len() + 1;
            let dash = above.trim_start().starts_with("- ");
            open.retain(|(column, _)| *column < at);
            open.push((at, dash));
            if dash {
                open.push((at + 2, false));
            }
        }
        if open.contains(&(column, is_item)) {
            return None;
        }
        let columns: Vec<String> =
            open.iter().filter(|(_, dash)| *dash == is_item).map(|(column, _)| column.to_string()).collect();
        let what = if is_item { "`- `".to_owned() } else { format!("`{key}:`") };
        let problem = Problem::new(
            Place { line: number, column },
            format!("wrong indentation: {what} stands at column {column}"),
        );
        Some(match columns.as_slice() {
            [] => problem.help("each key stands at the column of those it belongs with"),
            columns => {
                problem.help(format!("what it can belong with stands at column {}", columns.join(", ")))
            }
        })
    })
}

/// The column of a second `: ` in the plain value of a line such as `- sta: SET x: y`.
fn unquoted_colon(line: &str) -> Option<usize> {
    let (key, value) = line.split_once(": ")?;
    let trimmed = value.trim_start();
    if trimmed.starts_with(['"', '\'', '{', '[']) || line.trim_start().starts_with('#') {
        return None;
    }
    let offset = value.find(": ").or_else(|| value.ends_with(':').then(|| value.len() - 1))?;
    Some(key.chars().count() + 2 + value[..offset].chars().count() + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first(source: &str) -> (String, usize, usize) {
        let problems = parse(source).unwrap_err();
        (problems[0].message.clone(), problems[0].place.line, problems[0].place.column)
    }

    #[test]
    fn text_stays_as_written_and_knows_its_place() {
        let root = parse("a: 007\nb: [x, 'y z']\n").unwrap();
        let Kind::Map(entries) = &root.kind else { panic!() };
        assert_eq!(entries[0].1.text(), Some("007"));
        assert_eq!(entries[0].1.place, Place { line: 1, column: 4 });
        let Kind::List(items) = &entries[1].1.kind else { panic!() };
        assert_eq!(items[1].kind, Kind::Scalar("y z".into(), Style::Quoted));
    }

    #[test]
    fn traps_are_caught() {
        assert_eq!(first("a: 1\nb: 2\na: 3\n"), ("duplicate key \"a\"".into(), 3, 1));
        assert_eq!(first("a:\n\tb: 1\n").0, "a tab");
        assert_eq!(first("steps:\n  - sta: SET x: y\n"), ("an unquoted `: ` inside a text".into(), 2, 15));
        assert_eq!(first("").0, "the file is empty");
        assert_eq!(first("# only a comment\n").0, "the file is empty");
        assert_eq!(first("a: &x 1\n").0, "an anchor (`&…`) has no meaning here");
        assert_eq!(first("a: 1\n---\nb: 1\n").0, "a second document; one file holds one scenario");
    }

    #[test]
    fn wrong_indentation_is_said() {
        let steps = "devices:\n  sta: {}\nsteps:\n  - sta: PING\n";
        for (line, what, column) in [
            ("      reply: PONG", "`reply:`", 7),
            ("   reply: PONG", "`reply:`", 4),
            ("  reply: PONG", "`reply:`", 3),
            (" reply: PONG", "`reply:`", 2),
            ("   - sta: PING", "`- `", 4),
            (" - sta: PING", "`- `", 2),
        ] {
            let (message, at, _) = first(&format!("{steps}{line}\n  - sta: PING\n"));
            assert_eq!(
                (message, at),
                (format!("wrong indentation: {what} stands at column {column}"), 5),
                "{line}"
            );
        }
    }

    #[test]
    fn a_comment_after_plain_text_is_remembered() {
        let root = parse("steps:\n  - sta: SET psk #hash\n  - sta: 'PING'  # fine\n").unwrap();
        let Kind::Map(top) = &root.kind else { panic!() };
        let Kind::List(steps) = &top[0].1.kind else { panic!() };
        let cut = |n: usize| {
            let Kind::Map(step) = &steps[n].kind else { panic!() };
            step[0].1.cut_by_comment
        };
        assert_eq!(cut(0), Some(Place { line: 2, column: 18 }));
        assert_eq!(cut(1), None);
    }

    #[test]
    fn tabs_in_block_and_quoted_text_are_content() {
        let root = parse("config: |\n  network={\n  \tssid=\"x\"\n  }\nother: \"a\tb\"\n").unwrap();
        let Kind::Map(top) = &root.kind else { panic!() };
        assert_eq!(top[0].1.text(), Some("network={\n\tssid=\"x\"\n}\n"));
    }

    #[test]
    fn deep_nesting_is_refused_without_recursion() {
        assert!(parse(&"[".repeat(10_000)).is_err());
        assert!(parse(&"- ".repeat(10_000)).is_err());
    }
}
