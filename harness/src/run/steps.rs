//! Each step, carried out.

use wpasim_wire::MacAddr;
use wpasim_wire::time::Duration;

use super::{Actual, Label, Outcome, Runner, Stop, Timed, no_air};
use crate::scenario::model::{Action, Address, CommandText, Frame, Injection, Reply, Station, Step};
use crate::scenario::pattern::{Extent, Pattern};
use crate::scenario::reader::show_duration;
use crate::target::TargetError;
use crate::transcript::{Mark, lines_of};

impl Runner<'_> {
    /// Carries out steps in order.
    pub(super) fn steps(&mut self, steps: &[Step]) -> Outcome<()> {
        for step in steps {
            if (self.interrupted)() {
                return Err(Stop::Interrupted);
            }
            self.step(step).map_err(|stop| match stop {
                // What the target says of a step has the step's place.
                Stop::Target(
                    error @ (TargetError::Budget(_) | TargetError::Unsupported(_) | TargetError::Device(_)),
                ) => self.failed(step, error.to_string(), None, None),
                other => other,
            })?;
        }
        self.settle()
    }

    fn step(&mut self, step: &Step) -> Outcome<()> {
        match &step.action {
            Action::Command { to, command, reply, within } => self.command(step, to, command, reply, *within),
            Action::Sees { sees, within } => self.sees(step, sees, *within),
            Action::NotSees { sees, until } => self.does_not_see(step, sees, until),
            Action::Together { parts, within } => self.together(parts, *within),
            Action::Either { branches, within } => {
                let branch = self.either(step, branches, *within)?;
                self.steps(branches.get(branch).and_then(|b| b.get(1..)).unwrap_or_default())
            }
            Action::Advance(duration) => {
                let limit = self.now() + *duration;
                self.pass(limit, |_| false).map(|_| ())
            }
            Action::AdvanceDrawn { least, most } => {
                let limit = self.now() + *least + self.draw(*most - *least);
                self.pass(limit, |_| false).map(|_| ())
            }
            Action::Rule(rule) => {
                let handle = {
                    let names = &self.names;
                    let air = self.target.air().ok_or_else(no_air)?;
                    air.add_rule(rule, names)?
                };
                if let Some(name) = &rule.name {
                    self.rules.push((name.clone(), handle));
                }
                Ok(())
            }
            Action::Stop(name) => {
                self.timed.retain(|t| t.injection.name.as_ref() != Some(name));
                let (ended, kept) = std::mem::take(&mut self.rules).into_iter().partition(|(n, _)| n == name);
                self.rules = kept;
                let ended: Vec<(String, _)> = ended;
                for (_, handle) in ended {
                    self.target.air().ok_or_else(no_air)?.remove_rule(handle);
                }
                Ok(())
            }
            Action::Inject(injection) => {
                self.timed
                    .push(Timed { due: self.now() + injection.after, injection: (**injection).clone() });
                self.send_timed()
            }
            Action::ExpectFrame { frame, within } => self.expect_frame(step, frame, *within),
            Action::ForbidFrame { frame, during } => self.forbid_frame(step, frame, *during),
            Action::Status { of, fields } => self.status(step, of, fields),
            Action::Kill(name) => {
                if let Some(id) = self.resolve().device(name) {
                    self.target.kill(id);
                    self.open.retain(|o| o.device != id);
                }
                Ok(())
            }
            Action::Start { device, refused } => {
                let scenario = self.scenario;
                match (scenario.devices.iter().find(|d| d.name == *device), refused) {
                    (Some(device), None) => self.start_device(device),
                    (Some(device), Some(line)) => self.is_refused(step, &device.name, line),
                    (None, _) => Ok(()),
                }
            }
            Action::Radio { device, on } => {
                if let Some(id) = self.resolve().device(device) {
                    self.target.air().ok_or_else(no_air)?.set_radio(id, *on);
                }
                Ok(())
            }
            Action::Move { device, position_mm } => {
                if let Some(id) = self.resolve().device(device) {
                    self.target.air().ok_or_else(no_air)?.set_position(id, *position_mm);
                }
                Ok(())
            }
            Action::SetLink(link) => {
                if let (Some(a), Some(b)) = (self.resolve().device(&link.a), self.resolve().device(&link.b)) {
                    self.target.air().ok_or_else(no_air)?.set_link(a, b, link);
                }
                Ok(())
            }
            Action::File { device, path, content, append } => {
                let text = self.filled(step, content)?;
                if let Some(id) = self.resolve().device(device) {
                    let mut bytes = match append {
                        true => self.target.file(id, path.as_deref()).unwrap_or_default(),
                        false => Vec::new(),
                    };
                    bytes.extend_from_slice(text.as_bytes());
                    self.target.put_file(id, path.as_deref(), bytes);
                }
                Ok(())
            }
            Action::CheckFile { device, path, content } => {
                self.check_file(step, device, path.as_deref(), content.as_ref())
            }
            Action::Note(text) => {
                let text = self.filled(step, text)?;
                let device = self.scenario.devices.first().map(|d| d.name.clone()).unwrap_or_default();
                self.log.add(self.target.now(), &device, Mark::Note, text.as_bytes());
                Ok(())
            }
        }
    }

    /// Draws a duration of at most `most`, in microseconds.
    fn draw(&mut self, most: Duration) -> Duration {
        let range = u32::try_from(most.micros()).unwrap_or(u32::MAX).saturating_add(1);
        Duration::from_micros(self.drawn.below(range).into())
    }

    /// Starts a device whose configuration must be refused with this line.
    fn is_refused(&mut self, step: &Step, device: &str, line: &Pattern) -> Outcome<()> {
        let Some(id) = self.resolve().device(device) else { return Ok(()) };
        self.begin(id)?;
        let expected = Some(line.show(&self.scope));
        if !self.ended.contains(&id) {
            self.target.kill(id);
            return Err(self.failed(
                step,
                format!("{device} took its configuration and started"),
                expected,
                None,
            ));
        }
        let said = self.written.get(&id).cloned().unwrap_or_default();
        let found =
            said.iter().find_map(|text| Some((text, line.matches(text, &self.scope, Extent::Whole)?)));
        let Some((text, captures)) = found else {
            let actual = Actual { label: Label::Actual, text: said.join("\n"), at: None };
            let message = format!("{device} refused its configuration for another reason");
            return Err(self.failed(step, message, expected, Some(actual)));
        };
        self.scope.extend(captures);
        let note = format!("refused: {text}");
        self.log.add(self.target.now(), device, Mark::Note, note.as_bytes());
        Ok(())
    }

    fn filled(&self, step: &Step, pattern: &Pattern) -> Outcome<String> {
        pattern.fill(&self.scope).map_err(|name| {
            // Reading the scenario proves that a name is defined on every path but this one.
            self.failed(step, format!("\"{{{name}}}\" has no value here"), None, None)
        })
    }

    /// Sends a command and waits for its reply; `None` if none came.
    fn ask(&mut self, at: usize, command: &[u8], within: Duration) -> Outcome<Option<Vec<u8>>> {
        // A process serves its timers that are due before it reads its sockets again.
        self.settle()?;
        let open = &self.open[at];
        let label = open.address.to_string();
        self.log.add(self.target.now(), &label, Mark::Command, command);
        self.open[at].replies.clear();
        let open = &self.open[at];
        self.target.command(open.device, open.connection, &open.address.socket, command)?;
        let deadline = self.now() + within;
        let mut reply = None;
        self.pass(deadline, |run| {
            if !run.open[at].replies.is_empty() {
                reply = Some(run.open[at].replies.remove(0));
            }
            reply.is_some() || run.ended.contains(&run.open[at].device)
        })?;
        if let Some(data) = &reply {
            self.log.add(self.target.now(), &label, Mark::Reply, data);
        }
        Ok(reply)
    }

    fn command(
        &mut self,
        step: &Step,
        to: &Address,
        command: &CommandText,
        reply: &Reply,
        within: Duration,
    ) -> Outcome<()> {
        let bytes = match command {
            CommandText::Text(pattern) => self.filled(step, pattern)?.into_bytes(),
            CommandText::Bytes(bytes) => bytes.clone(),
        };
        let at = self.open_connection(to)?;
        if let Reply::None = reply {
            let nothing_within = Duration::from_secs(1).min(within);
            return match self.ask(at, &bytes, nothing_within)? {
                None => Ok(()),
                Some(data) => {
                    let actual = lines_of(&data).join("\n");
                    Err(self.replied(step, to, "no reply".to_owned(), Some(actual)))
                }
            };
        }
        let Some(data) = self.ask(at, &bytes, within)? else {
            let message = format!("{to} did not reply within {}", show_duration(within));
            return Err(self.failed(step, message, None, None));
        };
        let text = lines_of(&data).join("\n");
        let captures = match reply {
            Reply::Exact(pattern) => pattern.matches(&text, &self.scope, Extent::Whole),
            Reply::Starts(pattern) => pattern.matches(&text, &self.scope, Extent::Beginning),
            Reply::Contains(pattern) => pattern.matches(&text, &self.scope, Extent::Anywhere),
            Reply::Matches(regex) => regex.captures(&text).map(|captures| {
                let named = regex.capture_names().flatten();
                named.filter_map(|n| Some((n.to_owned(), captures.name(n)?.as_str().to_owned()))).collect()
            }),
            Reply::Fields(fields) => return self.fields(step, to, fields, &text),
            Reply::Any | Reply::None => Some(Default::default()),
        };
        match captures {
            Some(captures) => {
                self.scope.extend(captures);
                Ok(())
            }
            None => {
                let expected = match reply {
                    Reply::Exact(p) => p.show(&self.scope),
                    Reply::Starts(p) => format!("starts: {}", p.show(&self.scope)),
                    Reply::Contains(p) => format!("contains: {}", p.show(&self.scope)),
                    Reply::Matches(regex) => format!("matches: {}", regex.as_str()),
                    _ => String::new(),
                };
                Err(self.replied(step, to, expected, Some(text)))
            }
        }
    }

    fn replied(&self, step: &Step, to: &Address, expected: String, actual: Option<String>) -> Stop {
        let actual = actual.map(|text| Actual { label: Label::Actual, text, at: None });
        self.failed(
            step,
            format!("{to} replied something else (at {})", self.target.now()),
            Some(expected),
            actual,
        )
    }

    fn fields(
        &mut self,
        step: &Step,
        of: &Address,
        fields: &[(String, Pattern)],
        reply: &str,
    ) -> Outcome<()> {
        for (name, pattern) in fields {
            let value = reply.lines().find_map(|line| line.strip_prefix(name.as_str())?.strip_prefix('='));
            let matched = value.and_then(|v| pattern.matches(v, &self.scope, Extent::Whole));
            match matched {
                Some(captures) => self.scope.extend(captures),
                None => {
                    let actual = match value {
                        Some(value) => format!("{name}={value}"),
                        None => format!("no {name}"),
                    };
                    return Err(self.failed(
                        step,
                        format!("{of}: {name} is something else (at {})", self.target.now()),
                        Some(format!("{name}={}", pattern.show(&self.scope))),
                        Some(Actual { label: Label::Actual, text: actual, at: None }),
                    ));
                }
            }
        }
        Ok(())
    }

    fn status(&mut self, step: &Step, of: &Address, fields: &[(String, Pattern)]) -> Outcome<()> {
        let at = self.open_connection(of)?;
        let Some(data) = self.ask(at, b"STATUS", self.scenario.deadline)? else {
            return Err(self.failed(step, format!("{of} did not reply to STATUS"), None, None));
        };
        self.fields(step, of, fields, &lines_of(&data).join("\n"))
    }

    fn check_file(
        &mut self,
        step: &Step,
        device: &str,
        path: Option<&str>,
        content: Option<&Pattern>,
    ) -> Outcome<()> {
        let Some(id) = self.resolve().device(device) else { return Ok(()) };
        let Some(bytes) = self.target.file(id, path) else {
            return Err(self.failed(
                step,
                format!("{device} has no such file"),
                path.map(str::to_owned),
                None,
            ));
        };
        let mut note = b"file:\n".to_vec();
        note.extend_from_slice(&bytes);
        self.log.add(self.target.now(), device, Mark::Note, &note);
        let Some(pattern) = content else { return Ok(()) };
        let text = lines_of(&bytes).join("\n");
        let wanted =
            Pattern::new(pattern.source().trim_end_matches('\n')).unwrap_or_else(|_| pattern.clone());
        match wanted.matches(&text, &self.scope, Extent::Whole) {
            Some(captures) => {
                self.scope.extend(captures);
                Ok(())
            }
            None => Err(self.failed(
                step,
                format!("the file of {device} is something else"),
                Some(wanted.show(&self.scope)),
                Some(Actual { label: Label::Actual, text, at: None }),
            )),
        }
    }

    /// Puts every injected frame on the air that is due.
    pub(super) fn send_timed(&mut self) -> Outcome<()> {
        let now = self.now();
        let mut later = Vec::new();
        for mut timed in std::mem::take(&mut self.timed) {
            if timed.due > now {
                later.push(timed);
                continue;
            }
            let octets = self.octets(&timed.injection)?;
            let injection = &timed.injection;
            let air = self.target.air().ok_or_else(no_air)?;
            air.inject(octets.0, octets.1, injection.signal_dbm);
            if let Some(every) = injection.every {
                timed.due += every;
                later.push(timed);
            }
        }
        self.timed = later;
        Ok(())
    }

    /// The frequency and the octets of an injected frame.
    fn octets(&self, injection: &Injection) -> Outcome<(u32, Vec<u8>)> {
        let resolve = |station: &Station| match station {
            Station::Device(name) => self.resolve().addr(name),
            Station::Addr(addr) => *addr,
        };
        let resolve: &dyn Fn(&Station) -> MacAddr = &resolve;
        let (mut freq, mut octets) = match &injection.frame {
            Frame::Raw(octets) => (injection.freq, octets.clone()),
            Frame::Built(fields) => {
                (injection.freq, fields.build(resolve, self.now().micros().max(0).unsigned_abs()))
            }
            Frame::Replay(frames) => {
                let frame = self.last_frame(frames).ok_or_else(|| {
                    Stop::Target(TargetError::Unsupported(format!(
                        "no frame to replay: {} has not been on the air",
                        super::expect::show_frames(frames)
                    )))
                })?;
                (frame.freq, frame.octets)
            }
        };
        if injection.freq != 0 {
            freq = injection.freq;
        }
        for edit in &injection.edits {
            edit.apply(&mut octets);
        }
        Ok((freq, octets))
    }
}
