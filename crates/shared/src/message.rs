//! For an API whose clients are older than RFC 9457: they read the `message` of an error.

use std::sync::atomic::{AtomicBool, Ordering};

use serde::Serialize;

use crate::problem::Problem;

static WANTED: AtomicBool = AtomicBool::new(false);

/// Makes all problems of this process carry their detail a second time, as `message`. To be called before the server
/// starts.
pub fn repeat_detail_as_message() {
    WANTED.store(true, Ordering::Relaxed);
}

/// A problem and, as `message`, its detail.
#[derive(Serialize)]
pub(crate) struct Repeated<'a> {
    #[serde(flatten)]
    problem: &'a Problem,
    message: &'a str,
}

/// The problem with its message, where that is wanted.
pub(crate) fn repeated<'a>(problem: &'a Problem, message: &'a str) -> Option<Repeated<'a>> {
    WANTED.load(Ordering::Relaxed).then_some(Repeated { problem, message })
}
