//! Every call by which a command reads and writes files and makes sockets fails once, in the manner of SQLite's and curl's
//! tests: the first, the second, and so on until a run has fewer calls than that. The same again with all calls after the
//! first that fails. Each time the exit code and the message are right, every file has its old content or the whole of its
//! new one, no file or socket is left behind, and nothing panics or hangs.
#![cfg(target_os = "linux")]
#![allow(clippy::disallowed_methods, reason = "waits for processes, on the wall clock")]

mod limits;
#[cfg(debug_assertions)]
mod once;
mod place;
#[cfg(debug_assertions)]
mod proxy;
mod seam;
#[cfg(debug_assertions)]
mod serve;
#[cfg(debug_assertions)]
mod sweep;

#[cfg(not(debug_assertions))]
#[test]
#[ignore = "calls fail in builds with debug assertions only"]
fn torture() {}
