//! A learner's guess is kept without the lab's answer: the next load test shows both.

use crate::lab::Lab;

#[test]
fn a_guess_is_kept_without_the_labs_answer_until_the_load_test_shows_both() {
    let lab = Lab::new();
    lab.up("1", "solution");
    let run = |what: &str| lab.json(&["load", "--duration", "4s"])[what].clone();
    let text = |arguments: &[&str]| String::from_utf8(lab.lab(arguments).stdout).unwrap();
    if !run("why_invalid").is_null() {
        return testkit::require::missing("a quiet machine", "the load test was invalid");
    }
    let kept = text(&["predict", "--guess", "60"]);
    assert!(kept.contains("What the lab cannot know before:\n  - "), "{kept}");
    assert!(kept.contains("Your guess of 60 per second is kept"), "{kept}");
    for answer in ["Simulated", "Little's law", "By formula", "A request needs"] {
        assert!(!kept.contains(answer), "{answer}: {kept}");
    }
    let predicted = run("predicted");
    assert_eq!(predicted["yours_per_s"], 60.0);
    assert!(predicted["simulated_per_s"].is_number(), "{predicted}");
    // Who gives no guess, or asks about another system, asks for the answer.
    for asks in [&["predict"][..], &["predict", "--pool", "5", "--guess", "60"]] {
        assert!(text(asks).contains("Simulated"), "{}", text(asks));
    }
}
