//! docs/support.md is what the engine's tables say: `WPASIM_WRITE_SUPPORT=1 cargo test -p wpasim --test support_page`
//! writes it.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::path::Path;

use wpasim_engine::config::support::commands::{Command, Form};
use wpasim_engine::config::support::{self, Asks, Row, Standing, commands, set, words};

/// Set to write the page instead of comparing it.
const WRITES: &str = "WPASIM_WRITE_SUPPORT";

/// What stands on one side of a table for a name.
#[derive(Default)]
struct Section {
    effect: Vec<String>,
    /// Names with the values that ask for a feature, by feature.
    missing: BTreeMap<&'static str, Vec<String>>,
    refused: BTreeMap<&'static str, Vec<String>>,
    /// Names by the reason.
    stored: BTreeMap<&'static str, Vec<String>>,
}

fn code(name: &str) -> String {
    format!("`{name}`")
}

/// The values of a variable that ask for something.
fn asking(name: &str, asks: Asks) -> String {
    let list = |values: &[&str]| {
        values
            .iter()
            .map(|v| if v.is_empty() { "nothing".to_owned() } else { code(v) })
            .collect::<Vec<_>>()
            .join(" or ")
    };
    match asks {
        Asks::Always | Asks::NotEmpty => code(name),
        Asks::NotZero => format!("{} other than `0`", code(name)),
        Asks::Is(values) => format!("{} of {}", code(name), list(values)),
        Asks::Not(values) => format!("{} other than {}", code(name), list(values)),
    }
}

impl Section {
    fn add(&mut self, name: &str, standing: Standing) {
        match standing {
            Standing::Effect => self.effect.push(code(name)),
            Standing::Stored(reason) => self.stored.entry(reason).or_default().push(code(name)),
            Standing::Missing(feature, asks) => {
                self.missing.entry(feature).or_default().push(asking(name, asks));
            }
            Standing::Refused(feature, asks) => {
                self.refused.entry(feature).or_default().push(asking(name, asks));
            }
            Standing::Words(rows) => self.add_words(name, rows),
        }
    }

    /// A variable whose words differ: each of them with its name.
    fn add_words(&mut self, name: &str, rows: &'static [Row]) {
        let carried_out: Vec<String> = rows
            .iter()
            .filter(|(_, standing)| matches!(standing, Standing::Effect))
            .map(|(word, _)| code(word))
            .collect();
        self.effect.push(format!("{} ({})", code(name), carried_out.join(" ")));
        for (word, standing) in rows.iter().filter(|(_, s)| !matches!(s, Standing::Effect)) {
            self.add(&format!("{name}={word}"), *standing);
        }
    }

    fn write(&self, title: &str, about: &str, page: &mut String) {
        let _ = writeln!(page, "## {title}\n\n{about}\n");
        let _ = writeln!(page, "Carried out: {}.\n", self.effect.join(", "));
        let tables = [
            ("refused by name, since it is not implemented", &self.refused),
            ("without its effect, since it is not implemented", &self.missing),
            ("stored only, because", &self.stored),
        ];
        for (head, rows) in tables.into_iter().filter(|(_, rows)| !rows.is_empty()) {
            let _ = writeln!(page, "| {head} | what asks for it |\n|---|---|");
            for (reason, names) in rows {
                let _ = writeln!(page, "| {} | {} |", reason.replace('|', "\\|"), names.join(", "));
            }
            page.push('\n');
        }
    }
}

fn of_rows(rows: &'static [Row]) -> Section {
    let mut section = Section::default();
    rows.iter().for_each(|(name, standing)| section.add(name, *standing));
    section
}

fn of_commands(table: &'static [Command]) -> Section {
    let mut section = Section::default();
    for command in table {
        let shown = match command.form {
            Form::Alone | Form::Beginning => command.name.to_owned(),
            Form::Arguments => format!("{} …", command.name),
            Form::Either => format!("{} […]", command.name),
        };
        section.add(&shown, command.standing);
    }
    section
}

fn page() -> String {
    let mut page = String::from(
        "# What is supported\n\n\
         Made from the tables in `engine/src/config/support`; `WPASIM_WRITE_SUPPORT=1 cargo test -p wpasim --test support_page`\n\
         writes it. The engine reads, checks, prints and saves every variable as wpa_supplicant and hostapd 2.10 do as Debian\n\
         builds them. This page says which of them also have their effect.\n\n\
         - What is *refused by name* keeps a process from starting (`line 3: hs20=1: Hotspot 2.0 is not implemented`); a command\n  \
           answers `FAIL`. A scenario that asks for it is skipped where the engine runs it, with that reason.\n\
         - What is *without its effect* is taken as 2.10 takes it. A scenario that has it in a device's configuration is skipped\n  \
           where the engine runs it; `wpasim check`, the summary of `wpasim run` and the output of `wpasim serve` name the line.\n\
         - What is *stored only* is told by the same three where it is set to other than its default.\n\n",
    );
    let sections: [(&str, &str, Section); 12] = [
        (
            "Commands of wpa_supplicant",
            "To an interface; `…` stands for arguments, `[…]` for arguments that may be left out.",
            of_commands(commands::INTERFACE),
        ),
        (
            "Commands of wpa_supplicant's process-wide socket",
            "Others go to the interface that `IFNAME=` names, or to that of the P2P device.",
            of_commands(commands::PROCESS),
        ),
        (
            "SET of wpa_supplicant",
            "Variables that wpa_supplicant.conf has not; its global variables can be set, too.",
            of_rows(set::SUPPLICANT),
        ),
        ("P2P_SET", "Fields of Wi-Fi Direct.", of_rows(set::P2P)),
        (
            "Global variables of wpa_supplicant.conf",
            "`tx_queue_*` and `wmm_ac_*` are stored only: an access point in mode 2 keeps the defaults.",
            of_rows(support::global::ROWS),
        ),
        ("Variables of a network", "`network={…}` and `SET_NETWORK`.", of_rows(support::network::ROWS)),
        ("Variables of a credential", "`cred={…}` and `SET_CRED`.", of_rows(support::credential::ROWS)),
        ("Commands of hostapd", "To a BSS.", of_commands(commands::HOSTAPD)),
        (
            "Commands of hostapd's process-wide socket",
            "Others go to the BSS that `IFNAME=` names.",
            of_commands(commands::HOSTAPD_PROCESS),
        ),
        (
            "SET of hostapd",
            "Variables that hostapd.conf has not; its variables can be set, too.",
            of_rows(set::HOSTAPD),
        ),
        (
            "Variables of hostapd.conf",
            "`wmm_ac_*` are in beacons; `tx_queue_*` are for the driver, and nothing here shows them.",
            of_rows(support::hostapd::ROWS),
        ),
        ("EAP methods", "`eap` of a network.", of_rows(words::EAP)),
    ];
    for (title, about, section) in &sections {
        section.write(title, about, &mut page);
    }
    page.truncate(page.trim_end().len());
    page + "\n"
}

#[test]
fn the_page_is_that_of_the_tables() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/support.md");
    let made = page();
    if std::env::var_os(WRITES).is_some() {
        fs::write(&path, &made).unwrap();
    }
    let there = fs::read_to_string(&path).unwrap_or_default();
    assert!(there == made, "docs/support.md is not what the tables make: set {WRITES}=1 to write it");
}
