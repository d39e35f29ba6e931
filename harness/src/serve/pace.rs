//! The pace of virtual time beside the clock on the wall.

use std::str::FromStr;
use std::time::Duration as WallDuration;

use wpasim_wire::time::{Duration, Instant};

use crate::wall::Stopwatch;

/// Virtual seconds a second.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Speed {
    Times(f64),
    /// Time jumps to the next event whenever nobody waits for a reply.
    Max,
}

impl FromStr for Speed {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        if text == "max" {
            return Ok(Speed::Max);
        }
        match text.parse::<f64>() {
            Ok(times) if times > 0.0 && times <= 1e6 => Ok(Speed::Times(times)),
            _ => Err("a number above 0, such as 1 or 20, or max".to_owned()),
        }
    }
}

/// Virtual time by the clock on the wall.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    times: f64,
    began: Stopwatch,
    at: Instant,
}

impl Pace {
    /// Begins now, at a virtual time.
    pub fn new(times: f64, at: Instant) -> Self {
        Pace { times, began: Stopwatch::start(), at }
    }

    /// The virtual time now.
    pub fn now(&self) -> Instant {
        let micros = self.began.elapsed().as_secs_f64() * self.times * 1e6;
        self.at + Duration::from_micros(micros as i64)
    }

    /// Goes on from a virtual time now: what was missed is not caught up with.
    pub fn restart(&mut self, at: Instant) {
        *self = Pace::new(self.times, at);
    }

    /// Returns the time to wait on the wall for a virtual time.
    pub fn until(&self, at: Instant) -> WallDuration {
        let micros = (at - self.now()).micros().max(0);
        WallDuration::from_secs_f64(micros as f64 / 1e6 / self.times)
    }
}
