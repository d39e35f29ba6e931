//! The examples below the options of each command's `--help`.

pub const RUN: &str = "\
Examples:
  wpasim run scenarios/                           the suite, on the simulated air
  wpasim run connect_wpa2_psk -v                  one scenario by name, with its ladder
  wpasim run 'p2p/*' --seed 7 --repeat 100        a hundred seeds of an area
  wpasim run my.yaml --bless                      what is said becomes the reference
  wpasim run builtin: --junit report.xml          the suite in the binary, for a CI
  wpasim lab run -- run scenarios/ --target hwsim --supplicant ./mine    another supplicant, in the lab

Exit codes: 0 all passed, 1 a scenario failed, 2 bad usage or an invalid scenario, 3 the target could not run or
everything was skipped, 130 interrupted";

pub const GATE: &str = "\
Examples:
  wpasim gate --supplicant ./wpa_supplicant/wpa_supplicant       the builtin suite, held to the build's release
  wpasim gate --supplicant ./new --base ./old                    held to what another build says, and when
  wpasim gate --supplicant ./mine --ap ./hostapd/hostapd my/     both programs, and scenarios of yours too
  wpasim gate --supplicant ./mine 'p2p/*' --shard auto           a part of the suite, in shards
  wpasim gate --supplicant ./mine --write-expect known.toml      what fails now is known from now on
  wpasim gate --supplicant ./mine --expect known.toml --junit report.xml

Exit codes: 0 nothing differs, 1 something does, 2 bad usage or an invalid file, 3 the lab could not run, 130 interrupted";

#[cfg(target_os = "linux")]
pub const EXPLORE: &str = "\
Examples:
  wpasim explore --lockstep sessions                          fifty sessions of each kind
  wpasim explore --lockstep p2p --kind p2p --count 200 --seed 5000

A session is a scenario: `wpasim run sessions/p2p/session_5.yaml -v` runs it again, and what differs is in sessions/differences.

Exit codes: 0 no more sessions differ than may, 1 more do, 2 bad usage, 3 the lab could not run, 130 interrupted";

pub const COMPARE: &str = "\
Examples:
  wpasim compare sim old/ sta                     this engine against the transcripts of another run
  wpasim lab run -- compare sim hwsim NAME        this engine against wpa_supplicant
  wpasim compare before/ after/                   two directories that `run --transcripts` wrote";

pub const MERGE: &str = "\
Example:
  wpasim run scenarios/ --shard 1/2 --json 1.json
  wpasim run scenarios/ --shard 2/2 --json 2.json
  wpasim merge 1.json 2.json --junit report.xml   tells and ends as the undivided session would have";

pub const CONFORMANCE: &str = "\
Example:
  wpasim run scenarios/ --json sim.json
  wpasim conformance --help                       shows how reports become columns";

pub const RELEASES: &str = "\
Examples:
  wpasim releases scenarios/ -o docs/releases.md             writes the page, and lists what no cause explains
  wpasim releases scenarios/ -o docs/releases.md --check     fails if the page is not up to date";

pub const LIST: &str = "\
Examples:
  wpasim list                                     the nearest scenarios/
  wpasim list 'p2p/*'                             an area
  wpasim list builtin: --json                     with files, cases and transcripts, for programs";

pub const CHECK: &str = "\
Examples:
  wpasim check                                    the nearest scenarios/, transcripts and known deviations too
  wpasim check my.yaml                            one file and its transcripts";

pub const NEW: &str = "\
Example:
  wpasim new my/first.yaml && wpasim run my/first.yaml";

#[cfg(target_os = "linux")]
pub const LAB: &str = "\
Examples:
  wpasim lab build                                once, some minutes
  wpasim lab run -- run scenarios/ --target hwsim";

pub const RECORD: &str = "\
Examples:
  wpasim lab run -- record my.yaml                what wpa_supplicant 2.10 says becomes the reference
  wpasim record --proxy /run/wpa_supplicant/wlan0 --out bug.yaml    a session with a supplicant that runs";

#[cfg(target_os = "linux")]
pub const SERVE: &str = "\
Examples:
  wpasim serve --run-dir run                      then: wpa_cli -p run/wpa_supplicant -i wlan0
  wpasim serve --run-dir run --speed 20 --ui      faster, with a view in the terminal";

pub const SCHEMA: &str = "\
Example:
  wpasim schema > scenario.schema.json";

pub const COMPLETIONS: &str = "\
Examples:
  wpasim completions bash > ~/.local/share/bash-completion/completions/wpasim
  wpasim completions zsh > ~/.zfunc/_wpasim
  wpasim completions fish > ~/.config/fish/completions/wpasim.fish";

pub const MAN: &str = "\
Examples:
  wpasim man | man -l -                           wpasim(1)
  wpasim man ~/.local/share/man/man1              a page for each command";

pub const IMPORT: &str = "\
Example:
  wpasim import session.txt -o scenarios/p2p/name.transcript";
