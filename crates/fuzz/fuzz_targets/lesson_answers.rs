//! Answers in SCENARIO.md: whatever a learner writes, only that block changes.
#![no_main]

use libfuzzer_sys::fuzz_target;
use site::answers::{find, with};

// The answer follows a NUL; without one, the lesson is its own answer.
fuzz_target!(|input: &str| {
    let (lesson, text) = input.split_once('\0').unwrap_or((input, input));
    let ids = |lesson: &str| find(lesson).into_iter().map(|answer| answer.id).collect::<Vec<_>>();
    for answer in find(lesson).iter().take(2) {
        let changed = with(lesson, answer, text);
        assert_eq!(ids(&changed), ids(lesson), "{changed}");
        let after = lesson.len() - answer.place.end;
        assert_eq!(changed[..answer.place.start], lesson[..answer.place.start]);
        assert_eq!(changed[changed.len() - after..], lesson[answer.place.end..]);
    }
});
