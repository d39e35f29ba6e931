//! The lab, if it is built: real kernels are booted and real supplicants run in them. Where it is not built these
//! tests are ignored, and say so; with WPASIM_LAB_REQUIRED set they fail.

#[cfg(not(target_os = "linux"))]
fn main() {
    eprintln!("the lab runs on Linux only");
}

#[cfg(target_os = "linux")]
fn main() -> std::process::ExitCode {
    linux::main()
}

#[cfg(target_os = "linux")]
mod guests;

#[cfg(target_os = "linux")]
mod linux {
    use std::cell::Cell;
    use std::ffi::OsString;
    use std::fs;
    use std::path::{Path, PathBuf};
    use std::process::{Child, Command, ExitCode, Stdio};
    use std::time::Duration;

    use libtest_mimic::Failed;
    use rustix::process::Signal;
    use wpasim::lab::{Finished, Job, Lab, LabError};

    use crate::guests::{self, Dir, Outcome, Test, WPASIM, end_with, eventually, expect, guests_of};

    /// A station and an access point of the reference connect on the kernel's own air; `$1` is where their logs go.
    const CONNECT: &str = r#"
        cat > /run/ap.conf <<-END
	interface=wlan1
	ctrl_interface=/run/hostapd
	ssid=lab
	hw_mode=g
	channel=1
	wpa=2
	wpa_key_mgmt=WPA-PSK
	rsn_pairwise=CCMP
	wpa_passphrase=secret passphrase
	END
        cat > /run/sta.conf <<-END
	ctrl_interface=/run/wpa_supplicant
	network={
	ssid="lab"
	psk="secret passphrase"
	scan_freq=2412
	}
	END
        mkdir "$1"
        hostapd -ddKt -f "$1"/hostapd.log /run/ap.conf &
        wpa_supplicant -ddKt -f "$1"/wpa_supplicant.log -i wlan0 -c /run/sta.conf &
        sleep 5
        wpa_cli -p /run/wpa_supplicant -i wlan0 status
    "#;

    const TESTS: [(&str, Test); 11] = [
        ("the_exit_code_and_both_outputs_come_back", exit_code_and_outputs),
        ("only_what_is_named_is_written_to", only_named_directories_are_written_to),
        ("a_program_that_is_not_there_is_named", no_such_program),
        ("an_hour_takes_a_second", an_hour_takes_a_second),
        ("real_supplicants_connect_and_do_so_again_byte_for_byte", same_seed_same_bytes),
        ("boots_side_by_side_do_not_touch_each_other", side_by_side),
        ("a_guest_that_hangs_is_ended", a_hang_is_ended),
        ("a_guest_that_dies_is_reported", a_death_is_reported),
        ("an_interrupt_ends_the_guest", an_interrupt_ends_the_guest),
        ("ctrl_c_leaves_no_process", ctrl_c_leaves_no_process),
        ("a_killed_wpasim_leaves_no_process", a_kill_leaves_no_process),
    ];

    pub fn main() -> ExitCode {
        guests::main(&TESTS)
    }

    impl Dir {
        fn shell(&self, script: &str) -> Job {
            let words = ["sh", "-c", script, "sh", "logs"].map(OsString::from);
            let mut job = Job::new(words.into(), self.0.clone());
            job.writable.push(self.0.clone());
            job.wall_limit = Duration::from_secs(60);
            job
        }
    }

    fn never() -> bool {
        false
    }

    fn said(finished: &Finished) -> (i32, String, String) {
        let text = |path: PathBuf| fs::read_to_string(path).unwrap();
        (finished.code, text(finished.stdout()), text(finished.stderr()))
    }

    fn exit_code_and_outputs(lab: &Lab) -> Outcome {
        let dir = Dir::new();
        let mut job = dir.shell("pwd; echo $GREETING >&2; exit 7");
        job.env.push(("GREETING".into(), "hello there".into()));
        let got = said(&lab.boot(&job, &never)?);
        let wanted = (7, format!("{}\n", dir.0.display()), "hello there\n".to_owned());
        expect(got == wanted, format!("{got:?} is not {wanted:?}"))?;
        let (code, ..) = said(&lab.boot(&dir.shell("kill -9 $$"), &never)?);
        expect(code == 128 + 9, code)
    }

    fn only_named_directories_are_written_to(lab: &Lab) -> Outcome {
        let (mine, other) = (Dir::new(), Dir::new());
        let script = format!(
            "echo kept > kept; echo gone > /tmp/wpasim-lab-gone; cat /tmp/wpasim-lab-gone; echo no > {}/no",
            other.0.display()
        );
        let (code, out, err) = said(&lab.boot(&mine.shell(&script), &never)?);
        // Below /tmp the guest may write, to itself; elsewhere it may not.
        let refused = code != 0 && !err.is_empty();
        expect(out == "gone\n" && (refused || other.0.starts_with("/tmp")), format!("{code} {out} {err}"))?;
        expect(fs::read_to_string(mine.0.join("kept"))? == "kept\n", "not kept")?;
        expect(
            !other.0.join("no").exists() && !Path::new("/tmp/wpasim-lab-gone").exists(),
            "written to the host",
        )
    }

    fn no_such_program(lab: &Lab) -> Outcome {
        let dir = Dir::new();
        let job = Job::new(vec!["no-such-program".into()], dir.0.clone());
        let (code, _, err) = said(&lab.boot(&job, &never)?);
        expect(code == 127 && err.contains("no-such-program"), format!("{code} {err}"))?;
        let missing = Job::new(vec!["true".into()], "/no/such/directory".into());
        let error = lab.boot(&missing, &never).unwrap_err();
        expect(error.to_string().contains("/no/such/directory"), error)
    }

    fn an_hour_takes_a_second(lab: &Lab) -> Outcome {
        let dir = Dir::new();
        let finished = lab.boot(&dir.shell("date +%s; sleep 3600; date +%s"), &never)?;
        let (_, out, _) = said(&finished);
        expect(out == "1700000001\n1700003601\n", &out)?;
        expect(finished.wall < Duration::from_secs(20), format!("{:?}", finished.wall))
    }

    /// The logs of a connection, with what wpa_cli said at its end.
    fn connection(lab: &Lab, seed: u64) -> Result<[String; 3], Failed> {
        let dir = Dir::new();
        let mut job = dir.shell(CONNECT);
        job.seed = seed;
        let (_, status, err) = said(&lab.boot(&job, &never)?);
        expect(status.contains("wpa_state=COMPLETED"), format!("{status}\n{err}"))?;
        let log = |name: &str| fs::read_to_string(dir.0.join("logs").join(name));
        Ok([status, log("wpa_supplicant.log")?, log("hostapd.log")?])
    }

    fn first_difference(a: &[String; 3], b: &[String; 3]) -> Option<String> {
        let lines = |texts: &[String; 3]| texts.join("\n").lines().map(str::to_owned).collect::<Vec<_>>();
        let (a, b) = (lines(a), lines(b));
        let pairs = a.iter().zip(&b).find(|(a, b)| a != b).map(|(a, b)| format!("- {a}\n+ {b}"));
        pairs.or_else(|| (a.len() != b.len()).then(|| "one log is longer".to_owned()))
    }

    fn same_seed_same_bytes(lab: &Lab) -> Outcome {
        let (first, second) = (connection(lab, 1)?, connection(lab, 1)?);
        if let Some(difference) = first_difference(&first, &second) {
            return Err(difference.into());
        }
        let other = connection(lab, 2)?;
        expect(first_difference(&first, &other).is_some(), "another seed has drawn the same keys")
    }

    fn side_by_side(lab: &Lab) -> Outcome {
        let alone = connection(lab, 3)?;
        let both = std::thread::scope(|scope| {
            let runs = [(); 2].map(|()| scope.spawn(|| connection(lab, 3)));
            runs.map(|run| run.join().map_err(|_| Failed::from("panicked")).and_then(|result| result))
        });
        for run in both {
            if let Some(difference) = first_difference(&alone, &run?) {
                return Err(difference.into());
            }
        }
        Ok(())
    }

    fn a_hang_is_ended(lab: &Lab) -> Outcome {
        let dir = Dir::new();
        let mut job = dir.shell("echo last words; while :; do :; done");
        job.wall_limit = Duration::from_secs(3);
        match lab.boot(&job, &never) {
            Err(LabError::TimedOut { tail, .. }) => expect(tail.contains("last words"), tail),
            other => Err(format!("{other:?}").into()),
        }
    }

    fn a_death_is_reported(lab: &Lab) -> Outcome {
        let dir = Dir::new();
        match lab.boot(&dir.shell("echo last words; echo o > /proc/sysrq-trigger; sleep 9"), &never) {
            Err(LabError::Died { tail, .. }) => expect(tail.contains("last words"), tail),
            other => Err(format!("{other:?}").into()),
        }
    }

    fn an_interrupt_ends_the_guest(lab: &Lab) -> Outcome {
        let dir = Dir::new();
        let asked = Cell::new(0);
        let interrupted = || {
            asked.set(asked.get() + 1);
            asked.get() > 50
        };
        match lab.boot(&dir.shell("while :; do :; done"), &interrupted) {
            Err(LabError::Interrupted) => Ok(()),
            other => Err(format!("{other:?}").into()),
        }
    }

    /// `wpasim lab run` with a guest that says when it is there, then keeps busy.
    fn busy(dir: &Dir) -> Result<Child, Failed> {
        let child = Command::new(WPASIM)
            .args(["lab", "run", "--", "sh", "-c", "echo > there; while :; do :; done"])
            .current_dir(&dir.0)
            .env("TMPDIR", &dir.0)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        eventually(|| dir.0.join("there").exists())?;
        expect(!guests_of(&child).is_empty(), "no process of the guest's was found")?;
        Ok(child)
    }

    fn signalled(signal: Signal) -> Result<Option<i32>, Failed> {
        let dir = Dir::new();
        end_with(signal, busy(&dir)?)
    }

    fn ctrl_c_leaves_no_process(_: &Lab) -> Outcome {
        let code = signalled(Signal::INT)?;
        expect(code == Some(130), format!("{code:?}"))
    }

    fn a_kill_leaves_no_process(_: &Lab) -> Outcome {
        let code = signalled(Signal::KILL)?;
        expect(code.is_none(), format!("{code:?}"))
    }
}
