//! Random sessions, for `wpasim explore`: scenarios without expectations, whose transcripts are compared. The same seed gives
//! the same session.

mod session;
mod vocabulary;

pub use session::{Kind, session};
