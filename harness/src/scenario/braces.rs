//! Names in braces, in texts into which the parameters of a matrix are put.
//!
//! In a text that is taken as it is, such as a variable of a configuration, `{name}` is a parameter, `{{name}}` stands
//! for `{name}`, and other braces are themselves. In a pattern all braces have a meaning ([`super::pattern`]); only the
//! parameters are put in, the rest stays.

use super::pattern::is_name;

/// A part of a text.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Piece<'t> {
    /// As it is.
    Literal(&'t str),
    /// `{name}`: a parameter, or what a pattern makes of it.
    Name(&'t str),
}

/// The parts of a text that is taken as it is.
pub fn of_text(text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let (mut from, mut at) = (0, 0);
    while let Some(run) = Run::next(text, at) {
        at = run.end;
        match (run.opens(), run.closes()) {
            (1, _) => {
                pieces.push(Piece::Literal(&text[from..run.start]));
                pieces.push(Piece::Name(run.name(text)));
                from = run.name_end + 1;
            }
            (_, 1) => {}
            _ => {
                // One brace fewer on each side.
                pieces.push(Piece::Literal(&text[from..run.start]));
                pieces.push(Piece::Literal(&text[run.start + 1..run.end - 1]));
                from = run.end;
            }
        }
    }
    pieces.push(Piece::Literal(&text[from..]));
    pieces
}

/// The parts of a pattern, of which doubled braces are literal ones and stay doubled.
pub fn of_pattern(text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let (mut from, mut at) = (0, 0);
    while let Some(brace) = text[at..].find(['{', '}']).map(|offset| at + offset) {
        let rest = &text[brace..];
        if rest.starts_with("{{") || rest.starts_with("}}") {
            at = brace + 2;
        } else if let Some((name, _)) = rest.strip_prefix('{').and_then(|inner| inner.split_once('}'))
            && is_name(name)
        {
            pieces.push(Piece::Literal(&text[from..brace]));
            pieces.push(Piece::Name(name));
            from = brace + name.len() + 2;
            at = from;
        } else {
            at = brace + 1;
        }
    }
    pieces.push(Piece::Literal(&text[from..]));
    pieces
}

/// A text that is read as `text`.
pub fn escape(text: &str) -> String {
    let mut out = String::new();
    let mut from = 0;
    while let Some(run) = Run::next(text, from) {
        out.push_str(&text[from..run.start]);
        out.push('{');
        out.push_str(&text[run.start..run.end]);
        out.push('}');
        from = run.end;
    }
    out.push_str(&text[from..]);
    out
}

/// Opening braces, a name, closing braces; at least one of each.
struct Run {
    start: usize,
    name_start: usize,
    name_end: usize,
    end: usize,
}

impl Run {
    /// The next one from `at` on.
    fn next(text: &str, mut at: usize) -> Option<Run> {
        loop {
            let start = at + text[at..].find('{')?;
            let name_start = start + text[start..].bytes().take_while(|b| *b == b'{').count();
            let inner = &text[name_start..];
            let name_end = name_start + inner.find('}')?;
            if is_name(&text[name_start..name_end]) {
                let end = name_end + text[name_end..].bytes().take_while(|b| *b == b'}').count();
                return Some(Run { start, name_start, name_end, end });
            }
            at = name_start;
        }
    }

    fn opens(&self) -> usize {
        self.name_start - self.start
    }

    fn closes(&self) -> usize {
        self.end - self.name_end
    }

    fn name<'t>(&self, text: &'t str) -> &'t str {
        &text[self.name_start..self.name_end]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn shown(pieces: &[Piece<'_>]) -> String {
        let one = |piece: &Piece<'_>| match piece {
            Piece::Literal(text) => (*text).to_owned(),
            Piece::Name(name) => format!("<{name}>"),
        };
        pieces.iter().map(one).collect()
    }

    #[test]
    fn braces_of_texts_and_of_patterns() {
        let texts = [
            ("a{b}c", "a<b>c", "a<b>c"),
            ("{b}}", "<b>}", "<b>}"),
            ("{{b}}", "{b}", "{{b}}"),
            ("{{b}", "{{b}", "{{b}"),
            ("{{{b}}}", "{{b}}", "{{<b>}}"),
            ("network={\n x={b}\n}", "network={\n x=<b>\n}", "network={\n x=<b>\n}"),
            ("{no name} {*} {b", "{no name} {*} {b", "{no name} {*} {b"),
        ];
        for (source, text, pattern) in texts {
            assert_eq!(shown(&of_text(source)), text, "{source}");
            assert_eq!(shown(&of_pattern(source)), pattern, "{source}");
        }
    }

    proptest! {
        #[test]
        fn what_is_escaped_is_read_as_it_was(text in "([{}]{0,3}[a b\n*]?){0,8}") {
            prop_assert_eq!(shown(&of_text(&escape(&text))), text);
        }

        #[test]
        fn nothing_is_lost(text in "([{}]{0,3}[aä *]?){0,8}") {
            let back: String = of_pattern(&text).iter().map(|piece| match piece {
                Piece::Literal(literal) => (*literal).to_owned(),
                Piece::Name(name) => format!("{{{name}}}"),
            }).collect();
            prop_assert_eq!(back, text);
        }
    }
}
