//! What becomes of a lesson's text.

use std::fs;

use proptest::prelude::*;
use serde_json::json;
use testkit::damaged::{damaged, lesson_files, promptly};

use super::*;
use crate::lesson_text::table_cells;

fn rendered(text: &str) -> String {
    let scenario = Scenario { number: 1, root: "/checkout".into(), lab_dir: "/checkout/.lab".into() };
    render(&scenario, text, Path::new("docs/scenario-1"), &Draw::AS_TEXT).body.into_string()
}

#[test]
fn links_lead_to_pages_of_files_and_pictures_are_found() {
    assert_eq!(rendered("[x](../../crates/a.rs#L3)"), "<p><a href=\"/file/crates/a.rs\">x</a></p>\n");
    assert_eq!(
        rendered("![x](assets/a.svg)"),
        "<p><img src=\"/picture/docs/scenario-1/assets/a.svg\" alt=\"x\" /></p>\n"
    );
    assert_eq!(
        rendered("[x](#there) <http://127.0.0.1:3000/>"),
        "<p><a href=\"#there\">x</a> <a href=\"http://127.0.0.1:3000/\">http://127.0.0.1:3000/</a></p>\n"
    );
}

#[test]
fn addresses_are_those_that_the_services_have() {
    let dir = tempfile::tempdir().unwrap();
    let scenario = Scenario { number: 1, root: "/checkout".into(), lab_dir: dir.path().to_owned() };
    let service = json!({
        "name": "feed", "port": { "native": 3005, "published": 3000, "inside": 3000 }, "cpu_cap": null, "restarts": 0,
        "kind": { "kind": "page", "executable": "/lab" }, "container": null,
    });
    let spec = json!({
        "version": project::spec_file::VERSION, "generation": 1, "variant": "starter", "engine": "native", "watch": true, "rolling": false, "services": [service],
    });
    fs::create_dir_all(scenario.dir()).unwrap();
    fs::write(scenario.dir().join("spec.json"), spec.to_string()).unwrap();
    let text = "<http://127.0.0.1:3000/feed> [x](http://127.0.0.1:3000/)\n\n```bash\ncurl http://127.0.0.1:3000/feed\n```\n\n\
        ```yaml\nports: [\"127.0.0.1:3000:3000\"]\n```\n";
    let shown = render(&scenario, text, Path::new(""), &Draw::AS_TEXT).body.into_string();
    assert_eq!(
        (shown.matches("127.0.0.1:3005/").count(), shown.matches("127.0.0.1:3000").count()),
        (4, 1),
        "{shown}"
    );
}

#[test]
fn a_command_that_stands_there_twice_has_two_names() {
    let scenario = Scenario { number: 1, root: "/checkout".into(), lab_dir: "/checkout/.lab".into() };
    let text = "```bash\nmake loadtest\n```\n\n1. x\n\n   ```bash\n   make loadtest\n   ```\n";
    let found = commands(&scenario, &Addresses::default(), text);
    assert_eq!((&*found[0].text, &*found[1].text), ("make loadtest", "make loadtest"));
    assert_eq!(found[1].id, format!("{}-1", found[0].id));
}

#[test]
fn commands_in_sentences_lead_to_where_they_are_done() {
    assert_eq!(
        rendered("`make logs`"),
        "<p><a class=\"place\" href=\"/logs\"><code>make logs</code></a></p>\n"
    );
    assert_eq!(rendered("`make sql` `rm -rf /`"), "<p><code>make sql</code> <code>rm -rf /</code></p>\n");
    assert_eq!(rendered("[`make logs`](#x)"), "<p><a href=\"#x\"><code>make logs</code></a></p>\n");
}

#[test]
fn no_text_becomes_markup() {
    for text in [
        "<script>alert(1)</script>",
        "a <img src=x onerror=alert(1)> b",
        "```\n</code><script>\n```",
        "`<b>`",
        "```bash\n<script>\n```",
        "```text\nYour answer:\n<script>\n```",
        "# <script>x</script>",
        "| <script> |\n|---|\n| <b onclick=x> |",
        "<!-- --><script>",
        "<!-- x --><b>",
    ] {
        let shown = rendered(text);
        for wrong in ["<script", "<img", "<b>", "<b ", "onerror=\""] {
            assert!(!shown.contains(wrong), "{text}: {shown}");
        }
    }
    for link in
        ["javascript:alert(1)", "JaVaScRiPt:alert(1)", "data:text/html,x", "vbscript:x", "file:///etc/passwd"]
    {
        assert_eq!(rendered(&format!("[x]({link})")), "<p><a href=\"#\">x</a></p>\n");
    }
}

#[test]
fn a_place_is_named_after_its_heading() {
    assert_eq!(
        rendered("## Step 1: Read the `code`"),
        "<h2 id=\"step-1-read-the-code\">Step 1: Read the <code>code</code></h2>\n"
    );
}

proptest! {
    #[test]
    fn a_damaged_lesson_is_shown_and_its_tables_can_be_filled_in(text in damaged(lesson_files("SCENARIO.md"))) {
        promptly(move || {
            let names = ["Success rate", "Successes per second", "p99 latency"].map(str::to_owned);
            let figures: Figures = names.map(|name| (name, lesson::Figure::OkPerS)).into();
            let draw = Draw { table: &table_cells::fields, figures: &figures, ..Draw::AS_TEXT };
            let scenario = Scenario { number: 1, root: "/checkout".into(), lab_dir: "/checkout/.lab".into() };
            render(&scenario, &text, Path::new("docs/scenario-1"), &draw);
            tables::find(&text, &figures).iter().for_each(|table| _ = table.next());
        });
    }
}
