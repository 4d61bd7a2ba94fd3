//! lesson.toml, check.toml and wrong-fixes.toml: read, or refused.
#![no_main]

use std::time::Duration;

use lesson::{Goals, Lesson, WrongFixes, parse};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    _ = parse::<Goals>(text);
    _ = parse::<WrongFixes>(text);
    if let Ok(Lesson { load, .. }) = parse::<Lesson>(text) {
        _ = load.plan(3000, None, load.users, Duration::from_secs(load.duration_s));
    }
});
