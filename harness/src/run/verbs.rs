//! The verbs of a run in progress, of which each step is made.

use wpasim_wire::MacAddr;
use wpasim_wire::time::Duration;

use super::{Outcome, Runner, Stop, Timed, no_air};
use crate::scenario::model::{Address, AirRule, Frame, Injection, Station, Step};
use crate::scenario::pattern::{Extent, Pattern};
use crate::target::Refusal;
use crate::target::{Air, DeviceId, Resolve, TargetError};
use crate::transcript::Mark;

impl Runner<'_> {
    /// Carries out steps in order.
    pub(crate) fn steps(&mut self, steps: &[Step]) -> Outcome<()> {
        for step in steps {
            if (self.interrupted)() {
                return Err(Stop::Interrupted);
            }
            step.action.run(self, step).map_err(|stop| match stop {
                // The target's fault in a step has the step's place.
                Stop::Target(
                    error @ (TargetError::Budget(_) | TargetError::Unsupported(_) | TargetError::Device(_)),
                ) => self.failed(step, error.to_string(), None, None),
                other => other,
            })?;
        }
        self.settle()
    }

    /// Lets time pass.
    pub(crate) fn let_pass(&mut self, duration: Duration) -> Outcome<()> {
        let limit = self.now() + duration;
        self.pass(limit, |_| false).map(|_| ())
    }

    /// The air of the target.
    pub(crate) fn air(&mut self) -> Outcome<&mut dyn Air> {
        self.target.air().ok_or_else(no_air)
    }

    /// The target's device of this name; a scripted one is none.
    pub(crate) fn id(&self, device: &str) -> Option<DeviceId> {
        self.names.device(device)
    }

    /// The name of the first device, which remarks that concern none stand beside.
    pub(crate) fn first_device(&self) -> String {
        self.scenario.devices.first().map(|d| d.name.clone()).unwrap_or_default()
    }

    /// Returns the time that a step waits which says nothing else.
    pub(crate) fn deadline(&self) -> Duration {
        self.scenario.deadline
    }

    /// Writes a remark into the transcript.
    pub(crate) fn note(&mut self, device: &str, text: &[u8]) {
        self.log.add(self.target.now(), device, Mark::Note, text);
    }

    /// Begins a rule of the air.
    pub(crate) fn begin_rule(&mut self, rule: &AirRule) -> Outcome<()> {
        let handle = self.target.air().ok_or_else(no_air)?.add_rule(rule, &self.names);
        self.rules.extend(rule.name.clone().map(|name| (name, handle)));
        Ok(())
    }

    /// Makes a device's driver refuse requests.
    pub(crate) fn refuse(&mut self, device: &str, refusal: &Refusal, name: Option<&String>) -> Outcome<()> {
        let Some(id) = self.id(device) else { return Ok(()) };
        let handle = self.target.refuse(id, refusal)?;
        self.refusals.extend(name.map(|name| (name.clone(), handle)));
        Ok(())
    }

    /// Ends the refusals of drivers, the rules and repeated injections of a name.
    pub(crate) fn end_rules(&mut self, name: &str) -> Outcome<()> {
        self.timed.retain(|t| t.injection.name.as_deref() != Some(name));
        let (ended, kept): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.rules).into_iter().partition(|(n, _)| n == name);
        self.rules = kept;
        for (_, handle) in ended {
            self.air()?.remove_rule(handle);
        }
        for (_, handle) in self.refusals.extract_if(.., |(n, _)| n == name) {
            self.target.end_refusal(handle);
        }
        Ok(())
    }

    /// Puts a frame on the air, now or as its `after:` and `every:` say.
    pub(crate) fn inject(&mut self, injection: &Injection) -> Outcome<()> {
        self.timed.push(Timed { due: self.now() + injection.after, injection: injection.clone() });
        self.send_timed()
    }

    /// Ends a device's process without a word.
    pub(crate) fn kill(&mut self, device: &str) {
        if let Some(id) = self.id(device) {
            self.target.kill(id);
            self.open.retain(|o| o.device != id);
        }
    }

    /// Starts a device's process and attaches its monitor.
    pub(crate) fn start(&mut self, device: &str) -> Outcome<()> {
        let scenario = self.scenario;
        match scenario.devices.iter().find(|d| d.name == device) {
            Some(device) => self.start_device(device),
            None => Ok(()),
        }
    }

    /// Starts a device that must refuse its configuration, and returns what it wrote; nothing if it took it.
    pub(crate) fn start_and_hear_refusal(&mut self, device: &str) -> Outcome<Option<Vec<String>>> {
        let Some(id) = self.id(device) else { return Ok(None) };
        self.begin(id)?;
        if !self.ended.contains(&id) {
            self.target.kill(id);
            return Ok(None);
        }
        Ok(Some(self.written.get(&id).cloned().unwrap_or_default()))
    }

    /// A file of a device; its configuration without `path`.
    pub(crate) fn file(&mut self, device: &str, path: Option<&str>) -> Option<Vec<u8>> {
        let id = self.id(device)?;
        self.target.file(id, path)
    }

    /// Writes a file of a device.
    pub(crate) fn put_file(&mut self, device: &str, path: Option<&str>, content: Vec<u8>) {
        if let Some(id) = self.id(device) {
            self.target.put_file(id, path, content);
        }
    }

    /// Whether a text matches a pattern; the names that it captures are known from now.
    pub(crate) fn captures(&mut self, pattern: &Pattern, text: &str, extent: Extent) -> bool {
        let captures = pattern.matches(text, &self.scope, extent);
        let matched = captures.is_some();
        self.scope.extend(captures.unwrap_or_default());
        matched
    }

    /// Gives names their values.
    pub(crate) fn define(&mut self, values: impl IntoIterator<Item = (String, String)>) {
        self.scope.extend(values);
    }

    /// A pattern with the values of its names, as failures show it.
    pub(crate) fn show(&self, pattern: &Pattern) -> String {
        pattern.show(&self.scope)
    }

    /// Draws a duration of at most `most`, in microseconds.
    pub(crate) fn draw(&mut self, most: Duration) -> Duration {
        let range = u32::try_from(most.micros()).unwrap_or(u32::MAX).saturating_add(1);
        Duration::from_micros(self.drawn.below(range).into())
    }

    /// A text with the values of its names.
    pub(crate) fn filled(&self, step: &Step, pattern: &Pattern) -> Outcome<String> {
        pattern.fill(&self.scope).map_err(|name| {
            // Reading the scenario proves that a name is defined on every path but this one.
            self.failed(step, format!("\"{{{name}}}\" has no value here"), None, None)
        })
    }

    /// Sends a command and waits for its reply; `None` if none came.
    pub(crate) fn ask(&mut self, to: &Address, command: &[u8], within: Duration) -> Outcome<Option<Vec<u8>>> {
        let at = self.open_connection(to)?;
        let device = self.open[at].device;
        let is_right_behind = self.answered.take() == Some(device);
        if !is_right_behind {
            self.settle()?;
        }
        let label = self.open[at].address.to_string();
        self.log.add(self.target.now(), &label, Mark::Command, command);
        if is_right_behind {
            // The process says what it has to say until it reads the command.
            self.target.turn(device)?;
            self.listen();
            self.open_groups()?;
        }
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
            self.answered = Some(device);
        }
        Ok(reply)
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
            Station::Device(name) => self.names.addr(name),
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
