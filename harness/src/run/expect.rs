//! Expectations: events that must come, alone, together or one of several, and events that must
//! not.

use wpasim_wire::time::{Duration, Instant};

use super::log::without_priority;
use super::{Actual, Label, Outcome, Runner, Stop, no_air, releases};
use crate::scenario::model::{FramePattern, Sees, Step, Until};
use crate::scenario::pattern::{Extent, Pattern, Scope};
use crate::scenario::reader::show_duration;
use crate::steps::Expectation;
use crate::target::OnAir;
use crate::transcript::Mark;

/// A part of `together:` that is waited for.
enum Wanted<'s> {
    Event { sees: &'s Sees, on: usize },
    Frame { frames: &'s FramePattern, cursor: usize },
}

/// The entry that fulfilled a part.
enum Found {
    Event { on: usize, entry: usize, captures: Scope },
    Frame { cursor: usize },
}

/// Whether an event's text matches, `<3>` included if the pattern has it; a sentence that a later release words otherwise
/// may be worded either way, for the transcript to tell.
fn event_matches(pattern: &Pattern, text: &str, scope: &Scope) -> Option<Scope> {
    let source = pattern.source();
    let with_priority = source.starts_with('<') && source.get(2..3) == Some(">");
    let matches = |text: &str| {
        let text = if with_priority { text } else { without_priority(text) };
        pattern.matches(text, scope, Extent::Beginning)
    };
    matches(text).or_else(|| matches(&releases::in_words_of_2_10(text)?))
}

impl Runner<'_> {
    /// The first event on a connection that no step has consumed and that matches.
    fn find_event(&self, on: usize, pattern: &Pattern, taken: &[usize]) -> Option<(usize, Scope)> {
        if releases::lacks(self.release, pattern.source()) {
            return self.find_stand_in(on, pattern, taken);
        }
        self.open[on].pending.iter().filter(|e| !taken.contains(e)).find_map(|&entry| {
            event_matches(pattern, &self.log.entry(entry).text(), &self.scope)
                .map(|captures| (entry, captures))
        })
    }

    /// The event that stands in for one that the release lacks, consumed or not: each stands in once.
    fn find_stand_in(&self, on: usize, pattern: &Pattern, taken: &[usize]) -> Option<(usize, Scope)> {
        let stand_in = releases::stand_in(&pattern.show(&self.scope))?;
        let device = self.open[on].address.to_string();
        let is_free = |entry: &usize| !taken.contains(entry) && !self.stood_in.contains(entry);
        let fits = |entry: &usize| {
            let entry = self.log.entry(*entry);
            entry.mark == Mark::Event
                && entry.device == device
                && without_priority(&entry.text()).starts_with(&stand_in)
        };
        (0..self.log.len()).filter(is_free).find(fits).map(|entry| (entry, Scope::new()))
    }

    /// Whether a step passes over an event because the release lacks it and nothing stands in for it. The transcript
    /// says so.
    fn passes_over(&mut self, on: usize, sees: &Sees) -> bool {
        let event = sees.event.source();
        let passes = releases::lacks(self.release, event) && releases::stand_in(event).is_none();
        if passes {
            let device = self.open[on].address.to_string();
            let words = format!("{} has no {}", self.release, sees.event.show(&self.scope));
            self.log.add(self.target.now(), &device, Mark::Note, words.as_bytes());
        }
        passes
    }

    /// An event was awaited: it and those before it are consumed, its captures are known from now.
    fn consume(&mut self, on: usize, pattern: &Pattern, entry: usize, captures: Scope) {
        self.open[on].pending.retain(|e| *e > entry);
        self.taken(pattern, entry, captures);
    }

    /// A step waited for an event.
    fn taken(&mut self, pattern: &Pattern, entry: usize, captures: Scope) {
        if releases::lacks(self.release, pattern.source()) {
            self.stood_in.push(entry);
        }
        self.log.await_entry(entry);
        self.scope.extend(captures);
    }

    /// Waits for one event.
    pub(crate) fn sees(&mut self, step: &Step, sees: &Sees, within: Duration) -> Outcome<()> {
        let on = self.open_connection(&sees.on)?;
        if self.passes_over(on, sees) {
            return Ok(());
        }
        let deadline = self.target.now() + within;
        let mut found = None;
        self.pass(deadline, |run| {
            found = run.find_event(on, &sees.event, &[]);
            found.is_some()
        })?;
        match found {
            Some((entry, captures)) => {
                self.consume(on, &sees.event, entry, captures);
                Ok(())
            }
            None => Err(self.unseen(step, sees, on, within)),
        }
    }

    fn unseen(&self, step: &Step, sees: &Sees, on: usize, within: Duration) -> Stop {
        let message = format!(
            "{} did not see the event within {} (at {})",
            sees.on,
            show_duration(within),
            self.target.now()
        );
        let expected = sees.event.show(&self.scope);
        self.failed(step, message, Some(expected.clone()), self.nearest(on, &expected))
    }

    /// The unconsumed event most like the expected one.
    fn nearest(&self, on: usize, expected: &str) -> Option<Actual> {
        let events = self.open[on].pending.iter().map(|e| self.log.entry(*e));
        // An event may go on after what is expected of it.
        let length = expected.chars().count();
        let likeness = |text: &str| {
            let beginning: String = without_priority(text).chars().take(length).collect();
            strsim::jaro_winkler(&beginning, expected)
        };
        let best = events.max_by(|a, b| likeness(&a.text()).total_cmp(&likeness(&b.text())))?;
        let text = without_priority(&best.text()).to_owned();
        Some(Actual { label: Label::Nearest, text, at: Some(best.time) })
    }

    /// An event must not come.
    pub(crate) fn does_not_see(&mut self, step: &Step, sees: &Sees, until: &Until) -> Outcome<()> {
        let on = self.open_connection(&sees.on)?;
        let mut seen = None;
        let mut ended = None;
        match until {
            Until::Now => {
                self.settle()?;
                seen = self.find_event(on, &sees.event, &[]);
            }
            Until::For(duration) => {
                let limit = self.target.now() + *duration;
                self.pass(limit, |run| {
                    seen = run.find_event(on, &sees.event, &[]);
                    seen.is_some()
                })?;
            }
            Until::Event { sees: end, within } => {
                let limit = self.target.now() + *within;
                self.pass(limit, |run| {
                    seen = run.find_event(on, &sees.event, &[]);
                    ended = run.find_event(on, &end.event, &[]);
                    seen.is_some() || ended.is_some()
                })?;
                match (&seen, ended) {
                    (None, None) => return Err(self.unseen(step, end, on, *within)),
                    (None, Some((entry, captures))) => self.consume(on, &end.event, entry, captures),
                    (Some((entry, _)), Some((last, captures))) if last < *entry => {
                        self.consume(on, &end.event, last, captures);
                        seen = None;
                    }
                    _ => {}
                }
            }
        }
        let Some((entry, _)) = seen else { return Ok(()) };
        let event = self.log.entry(entry);
        let actual = Actual {
            label: Label::Actual,
            text: without_priority(&event.text()).to_owned(),
            at: Some(event.time),
        };
        let expected = format!("no {}", sees.event.show(&self.scope));
        Err(self.failed(step, format!("{} saw what must not come", sees.on), Some(expected), Some(actual)))
    }

    /// All of several expectations, in any order.
    pub(crate) fn together(&mut self, parts: &[Step], within: Duration) -> Outcome<()> {
        let mut wanted = Vec::new();
        for part in parts {
            match part.action.expectation() {
                Some(Expectation::Event(sees)) => {
                    let on = self.open_connection(&sees.on)?;
                    if !self.passes_over(on, sees) {
                        wanted.push((part, Wanted::Event { sees, on }));
                    }
                }
                Some(Expectation::Frame(frames)) => {
                    wanted.push((part, Wanted::Frame { frames, cursor: self.frame_cursor }));
                }
                // The reader refuses other steps.
                None => {}
            }
        }
        let deadline = self.target.now() + within;
        let mut found: Vec<Option<Found>> = wanted.iter().map(|_| None).collect();
        self.pass(deadline, |run| {
            for i in 0..wanted.len() {
                if found[i].is_none() {
                    found[i] = run.fulfilled(&wanted[i].1, &found);
                }
            }
            found.iter().all(Option::is_some)
        })?;
        if let Some(i) = found.iter().position(Option::is_none) {
            let (part, _) = &wanted[i];
            return Err(match &wanted[i].1 {
                Wanted::Event { sees, on } => self.unseen(part, sees, *on, within),
                Wanted::Frame { .. } => {
                    let message = format!("no such frame was on the air within {}", show_duration(within));
                    self.failed(part, message, None, None)
                }
            });
        }
        let mut last: Vec<(usize, usize)> = Vec::new();
        for (part, (_, wanted)) in found.into_iter().flatten().zip(&wanted) {
            match part {
                Found::Event { on, entry, captures } => {
                    if let Wanted::Event { sees, .. } = wanted {
                        self.taken(&sees.event, entry, captures);
                    }
                    match last.iter_mut().find(|(o, _)| *o == on) {
                        Some((_, end)) => *end = (*end).max(entry),
                        None => last.push((on, entry)),
                    }
                }
                Found::Frame { cursor } => self.frame_cursor = self.frame_cursor.max(cursor),
            }
        }
        for (on, entry) in last {
            self.open[on].pending.retain(|e| *e > entry);
        }
        Ok(())
    }

    fn fulfilled(&self, wanted: &Wanted<'_>, found: &[Option<Found>]) -> Option<Found> {
        match wanted {
            Wanted::Event { sees, on } => {
                let taken: Vec<usize> = found
                    .iter()
                    .filter_map(|f| match f {
                        Some(Found::Event { on: o, entry, .. }) if o == on => Some(*entry),
                        _ => None,
                    })
                    .collect();
                let (entry, captures) = self.find_event(*on, &sees.event, &taken)?;
                Some(Found::Event { on: *on, entry, captures })
            }
            Wanted::Frame { frames, cursor } => {
                let (cursor, _) = self.find_frame(*cursor, frames)?;
                Some(Found::Frame { cursor })
            }
        }
    }

    fn find_frame(&self, from: usize, frames: &FramePattern) -> Option<(usize, OnAir)> {
        self.target.air_ref()?.find_frame(from, frames, &self.names)
    }

    /// Waits for one of several events, and returns the place of the one that came first.
    pub(crate) fn either(&mut self, step: &Step, events: &[&Sees], within: Duration) -> Outcome<usize> {
        let mut firsts = Vec::new();
        for sees in events {
            firsts.push((*sees, self.open_connection(&sees.on)?));
        }
        let deadline = self.target.now() + within;
        let mut taken: Option<(usize, usize, Scope)> = None;
        self.pass(deadline, |run| {
            for (i, (sees, on)) in firsts.iter().enumerate() {
                if let Some((entry, captures)) = run.find_event(*on, &sees.event, &[])
                    && taken.as_ref().is_none_or(|(_, earlier, _)| entry < *earlier)
                {
                    taken = Some((i, entry, captures));
                }
            }
            taken.is_some()
        })?;
        match taken {
            Some((branch, entry, captures)) => {
                let (sees, on) = firsts[branch];
                self.consume(on, &sees.event, entry, captures);
                Ok(branch)
            }
            None => {
                let all: Vec<String> = firsts
                    .iter()
                    .map(|(s, _)| format!("{} sees: {}", s.on, s.event.show(&self.scope)))
                    .collect();
                let message = format!("none of {} outcomes came within {}", all.len(), show_duration(within));
                Err(self.failed(step, message, Some(all.join(" | ")), None))
            }
        }
    }

    /// A frame must be sent.
    pub(crate) fn expect_frame(
        &mut self,
        step: &Step,
        frames: &FramePattern,
        within: Duration,
    ) -> Outcome<()> {
        self.target.air_ref().ok_or_else(no_air)?;
        let from = self.frame_cursor;
        let deadline = self.target.now() + within;
        let mut found = None;
        self.pass(deadline, |run| {
            found = run.find_frame(from, frames);
            found.is_some()
        })?;
        match found {
            Some((cursor, _)) => {
                self.frame_cursor = cursor;
                Ok(())
            }
            None => {
                let message = format!("no such frame was on the air within {}", show_duration(within));
                Err(self.failed(step, message, Some(show_frames(frames)), None))
            }
        }
    }

    /// A frame must not be sent from now on for a while.
    pub(crate) fn forbid_frame(
        &mut self,
        step: &Step,
        frames: &FramePattern,
        during: Duration,
    ) -> Outcome<()> {
        self.target.air_ref().ok_or_else(no_air)?;
        // Without a duration: it has not been sent since the last frame that was expected.
        let from = match during {
            Duration::ZERO => self.frame_cursor,
            _ => self.target.air_ref().map_or(0, |air| air.frame_count()),
        };
        let limit = self.target.now() + during;
        let mut found = None;
        self.pass(limit, |run| {
            found = run.find_frame(from, frames);
            found.is_some()
        })?;
        let Some((_, frame)) = found else { return Ok(()) };
        let actual = Actual { label: Label::Actual, text: frame.shown, at: Some(frame.time) };
        let expected = format!("no {}", show_frames(frames));
        Err(self.failed(step, "a forbidden frame was on the air".to_owned(), Some(expected), Some(actual)))
    }

    /// The last frame on the air that matches.
    pub(crate) fn last_frame(&self, frames: &FramePattern) -> Option<OnAir> {
        let mut cursor = 0;
        let mut last = None;
        while let Some((next, frame)) = self.find_frame(cursor, frames) {
            cursor = next;
            last = Some(frame);
        }
        last
    }

    /// A failure of a step at this instant.
    pub(crate) fn failed(
        &self,
        step: &Step,
        message: String,
        expected: Option<String>,
        actual: Option<Actual>,
    ) -> Stop {
        Stop::Failed(Box::new(super::StepFailure {
            place: step.place,
            file: step.file.clone(),
            message: match &step.name {
                Some(name) => format!("{name}: {message}"),
                None => message,
            },
            expected,
            actual,
            at: self.target.now(),
            entries: self.log.len(),
        }))
    }

    /// Returns the time at which something that is due now happens.
    pub(crate) fn now(&self) -> Instant {
        self.target.now()
    }
}

/// Frames in the scenario's own words.
pub(super) fn show_frames(frames: &FramePattern) -> String {
    use crate::scenario::model::Station;
    let station = |s: &Station| match s {
        Station::Device(name) => name.clone(),
        Station::Addr(addr) => addr.to_string(),
    };
    let mut parts = Vec::new();
    parts.extend(frames.from.as_ref().map(|s| format!("from: {}", station(s))));
    parts.extend(frames.to.as_ref().map(|s| format!("to: {}", station(s))));
    parts.extend(frames.kind.as_ref().map(|k| format!("frame: {k}")));
    parts.extend(frames.freq.map(|f| format!("freq: {f}")));
    parts.extend(frames.contains.as_ref().map(|o| {
        let hex: String = o.iter().map(|b| format!("{b:02x}")).collect();
        format!("contains: {hex}")
    }));
    format!("{{{}}}", parts.join(", "))
}
