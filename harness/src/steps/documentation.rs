//! The list of the steps as the documentation shows it.

use super::Kind;

/// A table in Markdown: a row for each entry of the kinds' documentation.
pub fn table(kinds: &[Kind]) -> String {
    let mut text = "| step | needs | meaning |\n|---|---|---|\n".to_owned();
    for kind in kinds {
        for (examples, meaning) in kind.documentation {
            let examples: Vec<String> = examples.iter().map(|e| format!("`- {e}`")).collect();
            let needs = kind.needs.map(|need| format!("`{need}`")).unwrap_or_default();
            text.push_str(&format!("| {} | {needs} | {meaning} |\n", examples.join("<br>")));
        }
    }
    text
}
