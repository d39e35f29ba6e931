//! The content of a session: its events, and the reporters that tell them on the terminal, as JUnit, as JSON, as annotations a
//! as a summary of a job.

pub mod about;
pub mod collected;
pub mod conformance;
pub mod console;
pub mod event;
pub mod github;
pub mod json;
pub mod junit;
pub mod keys;
pub mod merge;
pub mod model;
pub mod releases;
pub mod schema;
pub mod terminal;
