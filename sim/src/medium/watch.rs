//! The observers of the air that take no part in it: a capture, and those who look for frames.

use super::FrameSeen;
use crate::capture::Capture;

/// The frames that are watched.
#[derive(Default)]
pub(crate) struct Watch {
    tap: Option<Vec<FrameSeen>>,
    capture: Option<Capture>,
}

impl Watch {
    /// Begins to keep every transmission.
    pub fn begin_tap(&mut self) {
        self.tap.get_or_insert_default();
    }

    /// Whether transmissions are kept.
    pub fn has_tap(&self) -> bool {
        self.tap.is_some()
    }

    /// Keeps a transmission.
    pub fn keep(&mut self, seen: FrameSeen) {
        if let Some(tap) = &mut self.tap {
            tap.push(seen);
        }
    }

    /// Returns the frames that were kept.
    pub fn seen(&self) -> &[FrameSeen] {
        self.tap.as_deref().unwrap_or_default()
    }

    /// Takes what was kept so far.
    pub fn take_seen(&mut self) -> Vec<FrameSeen> {
        self.tap.as_mut().map(std::mem::take).unwrap_or_default()
    }

    /// Begins a capture.
    pub fn begin_capture(&mut self) {
        self.capture.get_or_insert_with(Capture::default);
    }

    /// The capture, if one was begun.
    pub fn capture(&self) -> Option<&Capture> {
        self.capture.as_ref()
    }

    pub fn capture_mut(&mut self) -> Option<&mut Capture> {
        self.capture.as_mut()
    }

    /// Ends the capture.
    pub fn take_capture(&mut self) -> Option<Capture> {
        self.capture.take()
    }

    /// Whether anyone wants frames that nobody else does.
    pub fn is_on(&self) -> bool {
        self.capture.is_some() || self.tap.is_some()
    }
}
