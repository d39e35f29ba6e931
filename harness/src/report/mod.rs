//! What a session tells: on the terminal, as JUnit, as JSON, as annotations and as a summary of a job.

pub mod about;
pub mod collected;
pub mod conformance;
pub mod github;
pub mod json;
pub mod junit;
pub mod merge;
pub mod model;
pub mod releases;
pub mod schema;
pub mod terminal;
