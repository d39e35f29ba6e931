//! Which programs run the devices of a session, what they say they are, and which release's references they are held
//! to.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Stdio};

use super::command_line::{CommandLine, Purpose};
use super::{Implementation, Implementations};
use crate::release::Release;
use crate::run::Tested;

/// What begins the name of a release in the lab, in the place of a program: `lab:2.11`.
pub const IN_LAB: &str = "lab:";

/// Where programs are run and looked for.
pub trait Programs {
    /// The command line of a program of a release in the lab.
    ///
    /// # Errors
    /// In words, why there is none.
    fn of_release(&self, release: Release, purpose: Purpose) -> Result<CommandLine, String>;
    /// The first line that a program prints when it is asked for its version; `None` if it prints nothing.
    ///
    /// # Errors
    /// In words, why it cannot be started.
    fn banner(&self, command: &CommandLine) -> Result<Option<String>, String>;
}

/// Why there is no session.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum NoSession {
    /// An argument cannot be meant.
    #[error("{0}")]
    Argument(String),
    /// A program cannot be started, or a release is not in the lab.
    #[error("{0}")]
    Program(String),
}

/// The programs of a session.
#[derive(Clone, Debug)]
pub struct Session {
    /// What runs the devices, every program by its path.
    pub implementations: Implementations,
    /// What they say they are, supplicants first.
    pub tested: Vec<Tested>,
    /// The release whose references they are held to; in words, why there is none.
    pub held_to: Result<Release, String>,
}

/// Something that runs devices.
struct Side {
    implementation: Implementation,
    tested: Tested,
    /// `None` if its version cannot be read.
    release: Option<Release>,
}

/// Finds the programs that the arguments name and asks them for their versions. A side that the arguments do not name
/// is the lab's: of release `wanted`, else of the release that the named one is held to, else 2.10.
///
/// # Errors
/// A release is unknown or not in the lab, or a program cannot be started.
pub fn session(
    given: &Implementations,
    wanted: Option<Release>,
    programs: &dyn Programs,
) -> Result<Session, NoSession> {
    let standard = Implementations::default();
    let is_named = |side: &Implementation, purpose: Purpose| match purpose {
        Purpose::Supplicant => *side != standard.supplicant,
        Purpose::AccessPoint => *side != standard.ap,
    };
    let named = |side: &Implementation, purpose: Purpose| match is_named(side, purpose) {
        true => self::side(side, purpose, programs).map(Some),
        false => Ok(None),
    };
    let supplicant = named(&given.supplicant, Purpose::Supplicant)?;
    let ap = named(&given.ap, Purpose::AccessPoint)?;
    let mut devices = BTreeMap::new();
    for (name, implementation) in &given.devices {
        // A device's role is the scenario's; the programs of both roles say their version alike.
        devices.insert(name.clone(), self::side(implementation, Purpose::Supplicant, programs)?);
    }
    let other = [&supplicant, &ap].into_iter().flatten().find_map(|side| side.release);
    let release = wanted.or(other).unwrap_or(Release::V2_10);
    let of_lab = |purpose: Purpose| lab_side(release, purpose, programs);
    let supplicant = supplicant.map_or_else(|| of_lab(Purpose::Supplicant), Ok)?;
    let ap = ap.map_or_else(|| of_lab(Purpose::AccessPoint), Ok)?;
    let mut tested: Vec<Tested> = Vec::new();
    for side in [&supplicant, &ap].into_iter().chain(devices.values()) {
        if !tested.contains(&side.tested) {
            tested.push(side.tested.clone());
        }
    }
    let held_to = held_to(&[&supplicant, &ap].into_iter().chain(devices.values()).collect::<Vec<_>>());
    Ok(Session {
        implementations: Implementations {
            supplicant: supplicant.implementation,
            ap: ap.implementation,
            devices: devices.into_iter().map(|(name, side)| (name, side.implementation)).collect(),
            with_keys: given.with_keys,
        },
        tested,
        held_to,
    })
}

fn side(
    implementation: &Implementation,
    purpose: Purpose,
    programs: &dyn Programs,
) -> Result<Side, NoSession> {
    let command = match implementation {
        Implementation::Engine => return Ok(engine()),
        Implementation::Process(command) => command,
    };
    if let Some(release) = command.program().strip_prefix(IN_LAB) {
        let release = release.parse::<Release>().map_err(|error| NoSession::Argument(error.to_string()))?;
        return lab_side(release, purpose, programs);
    }
    let banner = programs.banner(command).map_err(NoSession::Program)?;
    let release = banner.as_deref().and_then(Release::of_banner);
    let from = shown(command);
    let version = match (banner, release) {
        (Some(banner), Some(_)) => banner,
        _ => format!("{} of unknown version", purpose.default_program()),
    };
    Ok(Side { implementation: implementation.clone(), tested: Tested { version, from }, release })
}

fn engine() -> Side {
    Side { implementation: Implementation::Engine, tested: Tested::engine(), release: Some(Release::V2_10) }
}

fn lab_side(release: Release, purpose: Purpose, programs: &dyn Programs) -> Result<Side, NoSession> {
    let command = programs.of_release(release, purpose).map_err(NoSession::Program)?;
    let version = format!("{} v{release}", purpose.default_program());
    Ok(Side {
        implementation: Implementation::Process(command),
        tested: Tested { version, from: "lab".to_owned() },
        release: Some(release),
    })
}

fn held_to(sides: &[&Side]) -> Result<Release, String> {
    if let Some(side) = sides.iter().find(|side| side.release.is_none()) {
        return Err(format!(
            "{} does not say which release it is: give --reference RELEASE, the one that it is to be held to",
            side.tested.from
        ));
    }
    let newest = sides.iter().max_by_key(|side| side.release);
    let oldest = sides.iter().min_by_key(|side| side.release);
    match (newest, oldest) {
        (Some(new), Some(old)) if new.release != old.release => Err(format!(
            "{} and {} are of two releases, and no references are recorded of such a pair: give --reference RELEASE, \
             or compare with a base build (wpasim gate --base)",
            new.tested, old.tested
        )),
        (Some(one), _) => one.release.ok_or_else(String::new),
        _ => Ok(Release::V2_10),
    }
}

/// A program as the user named it, where it lies below the working directory.
fn shown(command: &CommandLine) -> String {
    let program = Path::new(command.program());
    let below =
        std::env::current_dir().ok().and_then(|here| program.strip_prefix(here).ok().map(Path::to_owned));
    match below {
        Some(below) if below.components().count() == 1 => format!("./{}", below.display()),
        Some(below) => below.display().to_string(),
        None => command.program().to_owned(),
    }
}

/// The first line that a program of this system prints when it is asked for its version.
pub fn banner_of(command: &CommandLine) -> Option<String> {
    let words = command.version_words();
    let mut version = Command::new(words.first()?);
    version.args(words.iter().skip(1)).envs(command.settings().iter().cloned());
    let output = version.stdin(Stdio::null()).output().ok()?;
    first_line(&[output.stdout, output.stderr].concat())
}

/// The first line that is not empty.
pub fn first_line(said: &[u8]) -> Option<String> {
    let said = String::from_utf8_lossy(said);
    said.lines().map(str::trim).find(|line| !line.is_empty()).map(str::to_owned)
}

/// The programs of this system, without a lab.
pub struct OfThisSystem;

impl Programs for OfThisSystem {
    fn of_release(&self, _: Release, purpose: Purpose) -> Result<CommandLine, String> {
        Ok(CommandLine::default_for(purpose))
    }

    fn banner(&self, command: &CommandLine) -> Result<Option<String>, String> {
        Ok(banner_of(command))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Programs that are called after the banner that they print.
    struct Named;

    impl Programs for Named {
        fn of_release(&self, release: Release, purpose: Purpose) -> Result<CommandLine, String> {
            match release {
                Release::V2_9 => Err("2.9 is not in the lab".to_owned()),
                _ => {
                    Ok(CommandLine::parse(&format!("/lab/{release}/{}", purpose.default_program())).unwrap())
                }
            }
        }

        fn banner(&self, command: &CommandLine) -> Result<Option<String>, String> {
            let name = command.program().rsplit('/').next().unwrap_or_default();
            match name {
                "missing" => Err("missing: no such file".to_owned()),
                _ => Ok(name.starts_with("v2.").then(|| format!("wpa_supplicant {name}"))),
            }
        }
    }

    fn process(text: &str) -> Implementation {
        Implementation::Process(CommandLine::parse(text).unwrap())
    }

    /// What is tested, and the release or the reason.
    fn of(supplicant: Option<&str>, ap: Option<&str>, wanted: Option<Release>) -> (Vec<String>, String) {
        let mut given = Implementations::default();
        let read = |text: &str| if text == "engine" { Implementation::Engine } else { process(text) };
        given.supplicant = supplicant.map_or(given.supplicant, read);
        given.ap = ap.map_or(given.ap, read);
        let session = session(&given, wanted, &Named).unwrap();
        let held_to = session.held_to.map_or_else(|reason| reason, |release| release.to_string());
        (session.tested.iter().map(ToString::to_string).collect(), held_to)
    }

    #[test]
    fn a_side_that_is_not_named_is_of_the_named_ones_release() {
        assert_eq!(of(None, None, None).1, "2.10");
        assert_eq!(of(None, None, Some(Release::V2_11)).1, "2.11");
        let (tested, held_to) = of(Some("/x/v2.11"), None, None);
        assert_eq!(tested, ["wpa_supplicant v2.11 (/x/v2.11)", "hostapd v2.11 (lab)"]);
        assert_eq!(held_to, "2.11");
        assert_eq!(of(None, Some("/x/v2.12-devel"), None).1, "2.11");
        assert_eq!(of(Some("lab:2.11"), None, None).0[0], "wpa_supplicant v2.11 (lab)");
        assert_eq!(of(Some("engine"), None, None).1, "2.10");
    }

    #[test]
    fn a_pair_without_references_says_so() {
        let (_, reason) = of(Some("/x/v2.11"), Some("lab:2.10"), None);
        assert!(reason.contains("two releases") && reason.contains("--base"), "{reason}");
        let (tested, reason) = of(Some("/x/mute"), None, None);
        assert_eq!(tested[0], "wpa_supplicant of unknown version (/x/mute)");
        assert!(reason.contains("--reference"), "{reason}");
        let refused = |text: &str| {
            let given = Implementations { supplicant: process(text), ..Implementations::default() };
            session(&given, None, &Named).unwrap_err()
        };
        assert!(matches!(refused("lab:2.8"), NoSession::Argument(words) if words.contains("no release")));
        assert!(matches!(refused("lab:2.9"), NoSession::Program(words) if words.contains("not in the lab")));
        assert!(matches!(refused("/x/missing"), NoSession::Program(words) if words.contains("no such file")));
    }
}
