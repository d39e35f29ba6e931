//! A target that answers from a list, for the interpreter's own tests.

use std::collections::BTreeMap;

use wpasim_wire::time::{Duration, Instant};

use super::*;

/// What a command does: the reply, and events after a delay.
#[derive(Clone, Default)]
pub struct Answer {
    pub reply: Option<&'static str>,
    /// Device, delay in milliseconds, text.
    pub events: Vec<(usize, i64, &'static str)>,
}

/// Answers by command; others get `UNKNOWN COMMAND`.
#[derive(Clone, Default)]
pub struct Script(pub BTreeMap<&'static str, Answer>);

impl Script {
    pub fn on(
        mut self,
        command: &'static str,
        reply: &'static str,
        events: &[(usize, i64, &'static str)],
    ) -> Self {
        self.0.insert(command, Answer { reply: Some(reply), events: events.to_vec() });
        self
    }

    pub fn silent(mut self, command: &'static str) -> Self {
        self.0.insert(command, Answer::default());
        self
    }
}

impl TargetKind for Script {
    fn name(&self) -> &'static str {
        "scripted"
    }
    fn capabilities(&self) -> &'static [&'static str] {
        &["ap", "files", "process"]
    }
    fn make(&self, _: &Setup) -> Result<Box<dyn Target>, TargetError> {
        Ok(Box::new(Scripted {
            script: self.clone(),
            now: Instant::ZERO,
            devices: 0,
            attached: BTreeMap::new(),
            queue: Vec::new(),
            heard: Vec::new(),
            files: BTreeMap::new(),
        }))
    }
}

struct Scripted {
    script: Script,
    now: Instant,
    devices: usize,
    attached: BTreeMap<DeviceId, Connection>,
    queue: Vec<(Instant, DeviceId, &'static str)>,
    heard: Vec<Observed>,
    files: BTreeMap<(DeviceId, Option<String>), Vec<u8>>,
}

impl Target for Scripted {
    fn name(&self) -> &'static str {
        "scripted"
    }
    fn implementation(&self) -> String {
        "a list".to_owned()
    }
    fn kernel(&self) -> String {
        String::new()
    }
    fn add(&mut self, _: &Device) -> Result<DeviceId, TargetError> {
        self.devices += 1;
        Ok(DeviceId(self.devices - 1))
    }
    fn start(&mut self, _: DeviceId) -> Result<(), TargetError> {
        Ok(())
    }
    fn kill(&mut self, _: DeviceId) {}
    fn command(
        &mut self,
        device: DeviceId,
        connection: Connection,
        _: &Socket,
        command: &[u8],
    ) -> Result<(), TargetError> {
        let text = String::from_utf8_lossy(command).into_owned();
        if text == "PANIC" {
            panic!("a bug of the target");
        }
        let mut reply = |data: &str| {
            let what = ControlEvent::Reply(connection, data.as_bytes().to_vec());
            self.heard.push(Observed { time: self.now, device, what });
        };
        if text == "ATTACH" {
            reply("OK\n");
            self.attached.insert(device, connection);
            return Ok(());
        }
        match self.script.0.get(text.as_str()) {
            Some(answer) => {
                if let Some(text) = answer.reply {
                    reply(text);
                }
                for (device, delay, event) in &answer.events {
                    self.queue.push((self.now + Duration::from_millis(*delay), DeviceId(*device), event));
                }
                self.queue.sort_by_key(|(time, ..)| *time);
            }
            None => reply("UNKNOWN COMMAND\n"),
        }
        Ok(())
    }
    fn advance(&mut self, limit: Instant) -> Result<Progress, TargetError> {
        match self.queue.first() {
            Some((time, ..)) if *time <= limit => {
                let (time, device, text) = self.queue.remove(0);
                self.now = self.now.max(time);
                if let Some(connection) = self.attached.get(&device) {
                    let what = ControlEvent::Event(*connection, format!("<3>{text}").into_bytes());
                    self.heard.push(Observed { time, device, what });
                }
                Ok(Progress::Moved)
            }
            _ => {
                self.now = self.now.max(limit);
                Ok(Progress::Limit)
            }
        }
    }
    fn heard(&mut self) -> Vec<Observed> {
        std::mem::take(&mut self.heard)
    }
    fn now(&self) -> Instant {
        self.now
    }
    fn file(&mut self, device: DeviceId, path: Option<&str>) -> Option<Vec<u8>> {
        self.files.get(&(device, path.map(str::to_owned))).cloned()
    }
    fn put_file(&mut self, device: DeviceId, path: Option<&str>, content: Vec<u8>) {
        self.files.insert((device, path.map(str::to_owned)), content);
    }
    fn describe(&mut self, _: DeviceId) -> String {
        "idle".to_owned()
    }
    fn air(&mut self) -> Option<&mut dyn Air> {
        None
    }
    fn air_ref(&self) -> Option<&dyn Air> {
        None
    }
    fn finish(&mut self) -> Remains {
        Remains::default()
    }
}
