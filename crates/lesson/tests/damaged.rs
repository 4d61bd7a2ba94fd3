//! Files of a lesson that were damaged: read or refused, soon, with the line.

use std::time::Duration;

use lesson::{Goals, Lesson, WrongFixes, parse};
use proptest::prelude::*;
use testkit::damaged::{damaged, lesson_files, promptly};

/// Reads all three kinds; the message for `text` as a lesson, or its plan.
fn read(text: &str) -> Result<Lesson, String> {
    let lesson = parse::<Lesson>(text).map_err(|error| format!("{error:#}"));
    let others = [parse::<Goals>(text).err(), parse::<WrongFixes>(text).err()];
    for error in others.into_iter().flatten() {
        assert!(format!("{error:#}").contains(" at line "), "{error:#}");
    }
    lesson
}

proptest! {
    #[test]
    fn a_damaged_lesson_is_read_or_refused_with_its_line(
        text in damaged(["lesson.toml", "check.toml", "wrong-fixes.toml"].map(lesson_files).concat()),
    ) {
        match promptly(move || read(&text)) {
            Ok(Lesson { load, .. }) => {
                let plan = load.plan(3000, None, load.users, Duration::from_secs(load.duration_s));
                prop_assert!(plan.is_ok_and(|plan| plan.users > 0 && plan.warm_up + plan.duration < Duration::from_secs(10_000)));
            }
            Err(message) => prop_assert!(message.contains(" at line "), "{message}"),
        }
    }
}
