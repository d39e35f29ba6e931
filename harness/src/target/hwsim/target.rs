//! A target of kernel radios at work.

use super::*;

/// The guest's or host's monotonic clock since the target was made.
struct Clock {
    start: i128,
}

impl Clock {
    fn start() -> Self {
        Clock { start: Self::nanoseconds() }
    }

    fn nanoseconds() -> i128 {
        let now = clock_gettime(ClockId::Monotonic);
        i128::from(now.tv_sec) * 1_000_000_000 + i128::from(now.tv_nsec)
    }

    /// The time, whole microseconds.
    fn now(&self) -> Instant {
        let micros = (Self::nanoseconds() - self.start) / 1000;
        Instant::from_micros(i64::try_from(micros).unwrap_or(i64::MAX))
    }

    /// How long until `at`, never nothing: a wait of no length lets nobody else run.
    fn until(&self, at: Instant) -> Timespec {
        let due = self.start + i128::from(at.micros()) * 1000;
        let left = (due - Self::nanoseconds()).max(1000);
        Timespec {
            tv_sec: i64::try_from(left / 1_000_000_000).unwrap_or(i64::MAX),
            tv_nsec: (left % 1_000_000_000) as _,
        }
    }
}

/// The working directory of a run's processes; removed at the end.
struct WorkDir(PathBuf);

impl WorkDir {
    fn new() -> Result<Self, TargetError> {
        let place = [PathBuf::from("/run"), std::env::temp_dir()];
        let name = format!("wpasim-{}", std::process::id());
        let mut last = String::new();
        for (place, n) in place.iter().flat_map(|p| (0..100).map(move |n| (p, n))) {
            let path = place.join(format!("{name}-{n}"));
            match fs::create_dir(&path) {
                Ok(()) => return Ok(WorkDir(path)),
                Err(error) => last = format!("{}: {error}", path.display()),
            }
        }
        Err(TargetError::Unavailable(last))
    }
}

impl Drop for WorkDir {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Kernel radios and the processes on them, on the air of a world.
pub(super) struct Hwsim {
    sim: Sim,
    bridge: Bridge,
    clock: Clock,
    /// By device; nothing where the engine runs it.
    outsiders: Vec<Option<Outsider>>,
    heard: Vec<Heard>,
    implementations: Implementations,
    seed: u64,
    dir: WorkDir,
}

impl Hwsim {
    pub fn new(setup: &Setup, implementations: Implementations, psks: Arc<PskMemory>) -> Result<Self, TargetError> {
        let sim = Sim::new(setup, psks)?;
        let bridge = Bridge::open().map_err(unavailable)?;
        Ok(Hwsim {
            sim,
            bridge,
            clock: Clock::start(),
            outsiders: Vec::new(),
            heard: Vec::new(),
            implementations,
            seed: setup.seed,
            dir: WorkDir::new()?,
        })
    }

    fn outsider(&mut self, device: DeviceId) -> Option<&mut Outsider> {
        self.outsiders.get_mut(device.0)?.as_mut()
    }

    /// Carries out what is due by now, then takes in everything that waits, in a fixed order: the
    /// air, the engine's devices, the processes' connections, their ends.
    fn turn(&mut self) -> Result<(), TargetError> {
        self.catch_up()?;
        self.bridge.pump(&mut self.sim.air.world).map_err(unavailable)?;
        self.catch_up()?;
        let now = self.sim.now();
        for (index, outsider) in self.outsiders.iter_mut().enumerate() {
            let Some(outsider) = outsider else { continue };
            let device = DeviceId(index);
            // Asked first: what a process said before its end is read after it.
            let ended = outsider.has_ended();
            for (connection, told) in outsider.sockets.read() {
                let what = match told {
                    Told::Reply(data) => Said::Reply(connection, data),
                    Told::Event(data) => Said::Event(connection, data),
                };
                self.heard.push(Heard { time: now, device, what });
            }
            if ended {
                self.heard.push(Heard { time: now, device, what: Said::Ended });
            }
        }
        Ok(())
    }

    /// Brings the world's time to the clock's.
    fn catch_up(&mut self) -> Result<(), TargetError> {
        let now = self.clock.now();
        while self.sim.advance(now)? == Progress::Moved {}
        self.heard.extend(self.sim.heard());
        Ok(())
    }

    /// Waits until somebody says something, or until `at`.
    fn wait(&self, at: Instant) -> Result<(), TargetError> {
        let processes = self.outsiders.iter().flatten();
        let descriptors: Vec<BorrowedFd<'_>> = std::iter::once(self.bridge.as_fd())
            .chain(processes.clone().flat_map(|o| o.sockets.descriptors()))
            .chain(processes.filter_map(|o| o.process.as_ref()).map(AsFd::as_fd))
            .collect();
        let mut polled: Vec<PollFd<'_>> =
            descriptors.iter().map(|fd| PollFd::from_borrowed_fd(*fd, PollFlags::IN)).collect();
        match poll(&mut polled, Some(&self.clock.until(at))) {
            Ok(_) | Err(rustix::io::Errno::INTR) => Ok(()),
            Err(error) => Err(TargetError::Unavailable(format!("poll: {error}"))),
        }
    }

    /// Waits until a process listens on its control socket or has ended.
    fn await_start(&mut self, device: DeviceId) -> Result<(), TargetError> {
        let deadline = self.clock.now() + TAKES_TO_START;
        loop {
            let Some(outsider) = self.outsider(device) else { return Ok(()) };
            if outsider.process.is_none() || outsider.sockets.ready() {
                return Ok(());
            }
            let now = self.clock.now();
            if now >= deadline {
                let (name, words) = (outsider.device.name.clone(), outsider.last_words());
                return Err(TargetError::Unavailable(format!(
                    "{name} does not listen on its control socket after {} s; {words}",
                    TAKES_TO_START.secs()
                )));
            }
            let again = now + LOOK_AGAIN;
            let due = self.sim.air.world.next_event_time().map_or(again, |due| due.min(again));
            self.wait(due)?;
            self.turn()?;
        }
    }
}

fn unavailable(error: HwsimError) -> TargetError {
    TargetError::Unavailable(error.to_string())
}

impl Target for Hwsim {
    fn name(&self) -> &'static str {
        "hwsim"
    }

    fn implementation(&self) -> String {
        todo()
    }

    fn kernel(&self) -> String {
        let system = rustix::system::uname();
        let release = system.release().to_string_lossy();
        match std::env::var_os(IN_LAB) {
            Some(_) => format!("Linux {release}, mac80211_hwsim, virtual time"),
            None => format!("Linux {release}, mac80211_hwsim"),
        }
    }
}
