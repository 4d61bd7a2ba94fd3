//! Answers in lessons that were damaged: only the block of the answer changes, and all answers are found again.

use proptest::prelude::*;
use site::answers::{find, with};
use testkit::damaged::{damaged, lesson_files, promptly};

/// Every lesson, and one with its blocks in a list and in a quotation.
fn lessons() -> Vec<String> {
    let lessons = lesson_files("SCENARIO.md").into_iter();
    lessons.chain([NESTED.to_owned()]).collect()
}

const NESTED: &str = "1. What?\n\n   ```text\n   Your answer:\n\n   ```\n\n> Why?\n>\n> ```text\n> Your answer:\n>\n> ```\n\n\
    - ```text\n  Your answer: x\n  ```\n\nEnd.\n";

/// Writes `text` as each of the answers of `lesson`.
fn answer_all(lesson: &str, text: &str) {
    let ids = |lesson: &str| find(lesson).into_iter().map(|answer| answer.id).collect::<Vec<_>>();
    for answer in find(lesson).iter().take(8) {
        let changed = with(lesson, answer, text);
        assert_eq!(ids(&changed), ids(lesson), "{lesson}\n->\n{changed}");
        let after = lesson.len() - answer.place.end;
        assert_eq!(changed[..answer.place.start], lesson[..answer.place.start]);
        assert_eq!(changed[changed.len() - after..], lesson[answer.place.end..]);
    }
}

proptest! {
    #[test]
    fn an_answer_to_a_damaged_lesson_changes_its_block_only(
        lesson in damaged(lessons()),
        text in damaged(vec!["Because of the pool.\n\n```sql\nSELECT 1;\n```\n".to_owned()]),
    ) {
        promptly(move || answer_all(&lesson, &text));
    }
}

#[test]
fn a_block_in_a_list_or_a_quotation_stays_there() {
    answer_all(NESTED, "Because.\n\nReally.");
    let [first, second, third] = <[_; 3]>::try_from(find(NESTED)).expect("three");
    let changed = with(NESTED, &second, "a\n\nb");
    assert!(changed.contains("> ```text\n> Your answer:\n> a\n> \n> b\n> ```\n"), "{changed}");
    assert!(with(NESTED, &first, "a").contains("   ```text\n   Your answer:\n   a\n   ```\n"));
    assert_eq!((&*third.text, with(NESTED, &third, "x")), ("x", NESTED.replace(": x", ":\n  x")));
}

#[test]
fn a_lesson_of_many_blocks_is_read_soon() {
    let lesson = "```text\n```\n".repeat(40_000);
    assert_eq!(promptly(move || find(&lesson).len()), 40_000);
}
