//! What fits into a terminal only where the checkout may be changed; all other commands are in `real/terminal.rs`.

use std::time::Duration;

use testkit::terminal::in_terminal;

use crate::checkout::{Checkout, within};

const SOURCE: &str = "crates/app/src/main.rs";

#[test]
fn a_start_a_status_with_warnings_and_other_scenarios_and_a_reset_fit_into_80_columns() {
    let checkout = Checkout::new();
    checkout.edit(
        SOURCE,
        "fn main() {",
        "fn main() {\n    let never_read_by_anybody = 1;\n    let nor_this = 2;",
    );
    let shown = |arguments: &[&str]| {
        let shown = in_terminal(checkout.command(arguments), 80, 24, "");
        let text = shown.text();
        let is_code = |line: &str| line.contains(" | ") || line.trim_start().starts_with(['=', '-']);
        for line in shown.lines.iter().filter(|line| !is_code(line)) {
            let is_whole = line.trim_start().starts_with("cargo lab ") || !line.trim_start().contains(' ');
            assert!(line.chars().count() <= 80 || is_whole, "{arguments:?}: {line}\nin\n{text}");
        }
        text
    };
    // The start itself would wait for this terminal if the scenario kept it.
    assert!(shown(&["up", "1"]).contains("app: ready after"));
    checkout.json(&["up", "2"]);
    let first = shown(&["status", "1"]);
    assert!(first.contains("The compiler has 2 warnings") && first.contains("cargo lab status 2"), "{first}");
    checkout.edit(SOURCE, "\"one\"", "one");
    let has_failed = || checkout.json(&["status", "1"])["build"]["state"] == "failed";
    within(Duration::from_secs(20), "the build has failed", has_failed);
    for arguments in [&["status", "1"][..], &["reset"], &["reset", "--code"], &["down", "--all"], &["status"]]
    {
        shown(arguments);
    }
}
