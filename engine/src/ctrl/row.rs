//! A row of a table of commands: the name, how much of the text the name is, the builds that know the command, and its
//! handler. Each program and each socket has a table of its own; this is how all of them are searched.

use crate::config::support::commands::Form;

/// The builds that know a command.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Known {
    Always,
    /// Those with CONFIG_TESTING_OPTIONS.
    WithTestCommands,
}

/// A row; `H` is the type of the handler, which gets what follows the name.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Row<H> {
    name: &'static str,
    form: Form,
    known: Known,
    handler: H,
}

impl<H: Copy> Row<H> {
    /// Makes the row of a command that is the whole text.
    pub(crate) const fn alone(name: &'static str, handler: H) -> Self {
        Row { name, form: Form::Alone, known: Known::Always, handler }
    }

    /// Makes the row of a command whose name is followed by a blank and arguments.
    pub(crate) const fn with_arguments(name: &'static str, handler: H) -> Self {
        Row { name, form: Form::Arguments, known: Known::Always, handler }
    }

    /// Makes the row of a command that may have arguments.
    pub(crate) const fn either(name: &'static str, handler: H) -> Self {
        Row { name, form: Form::Either, known: Known::Always, handler }
    }

    /// Makes the row of a command of which only the beginning is compared.
    pub(crate) const fn prefix(name: &'static str, handler: H) -> Self {
        Row { name, form: Form::Beginning, known: Known::Always, handler }
    }
}

/// Leaves the command of a row to builds with CONFIG_TESTING_OPTIONS.
pub(crate) const fn for_tests<H: Copy>(row: Row<H>) -> Row<H> {
    Row { known: Known::WithTestCommands, ..row }
}

/// Returns the first row that a text is, with what follows the name. `None` if the text is of no row.
fn first<'r, 't, H>(
    rows: &'r [Row<H>],
    text: &'t str,
    has_test_commands: bool,
) -> Option<(&'r Row<H>, &'t str)> {
    let known = |row: &&Row<H>| row.known == Known::Always || has_test_commands;
    rows.iter().filter(known).find_map(|row| Some((row, row.form.arguments(row.name, text)?)))
}

/// Returns the handler of the first row that a text is, with what follows the name. `None` if the text is of no row.
pub(crate) fn find<'t, H: Copy>(
    rows: &[Row<H>],
    text: &'t str,
    has_test_commands: bool,
) -> Option<(H, &'t str)> {
    first(rows, text, has_test_commands).map(|(row, arguments)| (row.handler, arguments))
}

#[cfg(test)]
pub(crate) mod checks {
    //! The checks that every table of commands has to pass.

    use super::*;
    use crate::config::support::commands::Command;

    /// Returns the name of the row that a text finds, and its arguments.
    pub(crate) fn found<'t, H>(
        rows: &[Row<H>],
        text: &'t str,
        tests: bool,
    ) -> Option<(&'static str, &'t str)> {
        first(rows, text, tests).map(|(row, arguments)| (row.name, arguments))
    }

    /// Returns a text that is the row's command.
    fn example<H>(row: &Row<H>) -> String {
        match row.form {
            Form::Arguments => format!("{} ", row.name),
            Form::Alone | Form::Either | Form::Beginning => row.name.to_owned(),
        }
    }

    /// Checks that the page of what is supported has a line for each row.
    pub(crate) fn every_row_has_its_standing<H>(rows: &[Row<H>], standings: &[Command]) {
        for row in rows {
            let text = example(row);
            let stands = standings.iter().any(|known| known.is(&text) || known.is(text.trim_end()));
            assert!(stands, "config/support/commands.rs does not say what {text:?} does");
        }
    }

    /// Checks that each row is reached.
    pub(crate) fn no_row_hides_another<H>(rows: &[Row<H>]) {
        for row in rows {
            let text = example(row);
            let reached = first(rows, &text, true).is_some_and(|(other, _)| core::ptr::eq(other, row));
            assert!(reached, "{text:?} finds another row");
        }
    }
}
