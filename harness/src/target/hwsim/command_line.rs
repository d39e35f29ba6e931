//! How a supplicant or an access point under test is started.

use std::path::Path;

/// A command line with places for what differs from device to device.
///
/// Places are `{ifname}`, `{config}`, `{global}` (the process-wide control socket) and `{log}`. A
/// command without any place is a program; it gets the arguments that wpa_supplicant
/// or hostapd would get. Words such as `NAME=VALUE` before the program are set in its environment, as in a shell.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CommandLine {
    settings: Vec<(String, String)>,
    words: Vec<String>,
}

/// A command line that cannot be started.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum BadCommandLine {
    /// A quotation mark that is never closed, or a backslash at the end.
    #[error("`{0}`: a quotation mark is not closed")]
    Quotes(String),
    /// Nothing.
    #[error("an empty command line")]
    Empty,
    /// A place that nothing fills.
    #[error("`{text}`: {{{place}}} is none of {{ifname}}, {{config}}, {{global}}, {{log}}")]
    UnknownPlace {
        /// The command line.
        text: String,
        /// The place.
        place: String,
    },
}

/// What a command line is for, which says which arguments a mere program gets.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Purpose {
    /// wpa_supplicant's arguments.
    Supplicant,
    /// hostapd's arguments.
    AccessPoint,
}

/// What fills the places.
pub struct Places<'p> {
    /// `wlan0`
    pub ifname: &'p str,
    /// The configuration file, relative to the working directory.
    pub config: &'p str,
    /// The process-wide control socket.
    pub global: &'p Path,
    /// The file for the debug log.
    pub log: &'p str,
}

const PLACES: [&str; 4] = ["ifname", "config", "global", "log"];

impl Purpose {
    /// Arguments with debug output that is the same for the same run: no process ids, timestamps of
    /// the (virtual) clock. Keys are shown only when somebody wants to decrypt captures.
    fn arguments(self, with_keys: bool) -> Vec<String> {
        let text = match self {
            Purpose::Supplicant => "-D nl80211 -i {ifname} -c {config} -g {global} -f {log} -t -dd",
            Purpose::AccessPoint => "-g {global} -f {log} -t -dd",
        };
        let mut arguments: Vec<String> = text.split(' ').map(str::to_owned).collect();
        if with_keys {
            arguments.push("-K".to_owned());
        }
        if self == Purpose::AccessPoint {
            arguments.push("{config}".to_owned());
        }
        arguments
    }

    /// The program that is taken when nothing is said.
    pub fn default_program(self) -> &'static str {
        match self {
            Purpose::Supplicant => "wpa_supplicant",
            Purpose::AccessPoint => "hostapd",
        }
    }
}

impl CommandLine {
    /// Reads a command line with the quoting of a shell.
    ///
    /// # Errors
    /// It is empty, a quotation mark is open, or a place is unknown.
    pub fn parse(text: &str) -> Result<Self, BadCommandLine> {
        let all = shlex::split(text).ok_or_else(|| BadCommandLine::Quotes(text.to_owned()))?;
        let settings: Vec<(String, String)> = all.iter().map_while(|word| setting(word)).collect();
        let words: Vec<String> = all.into_iter().skip(settings.len()).collect();
        if words.first().is_none_or(String::is_empty) {
            return Err(BadCommandLine::Empty);
        }
        for word in &words {
            if let Some(place) = places_in(word).find(|p| !PLACES.contains(p)) {
                return Err(BadCommandLine::UnknownPlace { text: text.to_owned(), place: place.to_owned() });
            }
        }
        Ok(CommandLine { settings, words })
    }

    /// What is taken when nothing is said.
    pub fn default_for(purpose: Purpose) -> Self {
        CommandLine { settings: Vec::new(), words: vec![purpose.default_program().to_owned()] }
    }

    /// With a program that is named by a relative path found from `dir`: processes have a working
    /// directory of their own.
    pub fn found_from(mut self, dir: &Path) -> Self {
        if let Some(program) = self.words.first_mut()
            && program.contains('/')
        {
            *program = dir.join(&*program).display().to_string();
        }
        self
    }

    /// The command line as a shell reads it.
    pub fn text(&self) -> String {
        // Only a NUL cannot be quoted, and none comes from a command line.
        let quoted = |text: &str| shlex::try_quote(text).unwrap_or_default().into_owned();
        let settings = self.settings.iter().map(|(name, value)| format!("{name}={}", quoted(value)));
        settings.chain(self.words.iter().map(|word| quoted(word))).collect::<Vec<_>>().join(" ")
    }

    /// What is set in the environment of the program.
    pub fn settings(&self) -> &[(String, String)] {
        &self.settings
    }

    /// The words that make the program print its version: all of them if they leave the arguments to wpasim, else the
    /// program alone, and `-v`.
    pub fn version_words(&self) -> Vec<String> {
        let known = if self.has_places() { 1 } else { self.words.len() };
        self.words.iter().take(known).cloned().chain(["-v".to_owned()]).collect()
    }

    fn has_places(&self) -> bool {
        self.words.iter().any(|word| places_in(word).next().is_some())
    }

    /// The program.
    pub fn program(&self) -> &str {
        self.words.first().map_or("", String::as_str)
    }

    /// The arguments for one device.
    pub fn arguments(&self, purpose: Purpose, with_keys: bool, places: &Places<'_>) -> Vec<String> {
        let mut arguments: Vec<String> = self.words.iter().skip(1).cloned().collect();
        if !self.has_places() {
            arguments.extend(purpose.arguments(with_keys));
        }
        arguments.iter().map(|word| filled(word, places)).collect()
    }
}

/// A word that sets a variable of the environment: its name and value.
fn setting(word: &str) -> Option<(String, String)> {
    let (name, value) = word.split_once('=')?;
    let is_name = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    is_name.then(|| (name.to_owned(), value.to_owned()))
}

/// The names in braces.
fn places_in(word: &str) -> impl Iterator<Item = &str> {
    word.split('{').skip(1).filter_map(|rest| rest.split_once('}').map(|(place, _)| place))
}

fn filled(word: &str, places: &Places<'_>) -> String {
    word.replace("{ifname}", places.ifname)
        .replace("{config}", places.config)
        .replace("{global}", &places.global.display().to_string())
        .replace("{log}", places.log)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arguments(command: &str, purpose: Purpose, with_keys: bool) -> Vec<String> {
        let places = Places {
            ifname: "wlan0",
            config: "wlan0.conf",
            global: Path::new("/run/global"),
            log: "sta.log",
        };
        CommandLine::parse(command).unwrap().arguments(purpose, with_keys, &places)
    }

    #[test]
    fn a_program_gets_the_usual_arguments() {
        assert_eq!(
            arguments("./mine --flag", Purpose::Supplicant, false).join(" "),
            "--flag -D nl80211 -i wlan0 -c wlan0.conf -g /run/global -f sta.log -t -dd"
        );
        assert_eq!(
            arguments("hostapd", Purpose::AccessPoint, true).join(" "),
            "-g /run/global -f sta.log -t -dd -K wlan0.conf"
        );
    }

    #[test]
    fn a_command_line_with_places_is_taken_as_it_is() {
        assert_eq!(
            arguments("sh -c 'exec ./mine -i{ifname} >{log}'", Purpose::Supplicant, true),
            ["-c", "exec ./mine -iwlan0 >sta.log"]
        );
    }

    #[test]
    fn its_text_is_read_back() {
        for text in [
            "hostapd",
            "sh -c 'exec ./mine -i{ifname} >{log}'",
            r#"a "b'c" d\ e"#,
            r#"A=1 B="x y" ./mine C=3"#,
        ] {
            let command = CommandLine::parse(text).unwrap();
            assert_eq!(CommandLine::parse(&command.text()).unwrap(), command);
        }
        let found = CommandLine::parse("./mine ./x").unwrap().found_from(Path::new("/home/me"));
        assert_eq!(found.text(), "/home/me/./mine ./x");
        assert_eq!(CommandLine::parse("mine").unwrap().found_from(Path::new("/home/me")).text(), "mine");
    }

    #[test]
    fn settings_before_the_program_are_its_environment() {
        let command = CommandLine::parse("A=1 B_2='x y' ./mine C=3").unwrap();
        assert_eq!(command.program(), "./mine");
        assert_eq!(command.settings(), [("A".into(), "1".into()), ("B_2".into(), "x y".into())]);
        assert_eq!(command.version_words(), ["./mine", "C=3", "-v"]);
        assert_eq!(CommandLine::parse("./mine -i{ifname}").unwrap().version_words(), ["./mine", "-v"]);
        assert_eq!(CommandLine::parse("1=2 x").unwrap().program(), "1=2");
        assert!(CommandLine::parse("A=1").is_err());
    }

    #[test]
    fn what_cannot_be_started_says_why() {
        let wrong = |text: &str| CommandLine::parse(text).unwrap_err().to_string();
        assert_eq!(wrong("x 'y"), "`x 'y`: a quotation mark is not closed");
        assert_eq!(wrong(" "), "an empty command line");
        assert!(wrong("x {iface}").contains("{iface} is none of {ifname}"));
    }
}
