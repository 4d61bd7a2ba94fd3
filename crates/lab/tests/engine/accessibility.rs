//! Every page, for everybody: what axe finds, in both themes, on a telephone and on a large screen.

use std::{fs, path::Path};

use serde_json::{Value, json};
use testkit::require::missing;

use crate::{browser::Browser, checkout::Checkout, page::Page};

/// Rules of WCAG 2.2 in level AA, targets of 24 pixels among them, and what is known to help beyond that.
const RULES: &str = "{ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] }";

#[test]
fn every_page_is_for_everybody() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let Some(axe) = script(&root) else {
        return missing("axe", "install it with: cargo xtask tools");
    };
    let checkout = Checkout::new();
    let Some(mut browser) = Browser::start() else { return };
    // A lesson with everything that a lesson may have, and terms to explain.
    for file in ["docs/scenario-1/SCENARIO.md", "docs/glossary.md"] {
        fs::copy(root.join(file), checkout.path(file)).unwrap();
    }
    checkout.add_page(&fs::read_to_string(root.join("docs/scenario-1/SCENARIO.md")).unwrap());
    let page = Page::of(&checkout.up());
    checkout.json(&["load", "--duration", "1s"]);
    checkout.lab(&["check"]);
    browser.log_in(&page);
    let pages = [
        "",
        "lessons",
        "dashboard",
        "goals",
        "runs",
        "runs?run=001",
        "system",
        "logs",
        "request",
        "glossary",
        "file/crates/app/src/main.rs",
        "file/docs/glossary.md",
    ];
    let mut barriers = Vec::new();
    for (width, is_dark) in [(1440, false), (320, true)] {
        browser.look(width, 900, is_dark);
        for path in pages {
            browser.open(&format!("{}{path}", page.url));
            browser.eval(&format!("{axe}; true"));
            let found = browser.eval(&format!("axe.run({RULES}).then((found) => found.violations)"));
            if found != json!([]) {
                barriers.push(format!("/{path} at {width}: {}", in_words(&found)));
            }
        }
    }
    assert!(barriers.is_empty(), "{}", barriers.join("\n"));
}

/// axe itself, as `cargo xtask tools` installs it.
fn script(root: &Path) -> Option<String> {
    // One folder, of the Python that is there: `python3.11`.
    let pythons = fs::read_dir(root.join("target/tools/lib")).ok()?.flatten();
    let scripts = pythons.map(|python| python.path().join("site-packages/axe_playwright_python/axe.min.js"));
    scripts.into_iter().find_map(|script| fs::read_to_string(script).ok())
}

fn in_words(found: &Value) -> String {
    let rules = found.as_array().into_iter().flatten().map(|rule| {
        let nodes = rule["nodes"].as_array().into_iter().flatten();
        let places: Vec<_> = nodes.map(|node| node["html"].to_string()).take(5).collect();
        format!("{} ({}): {}", rule["id"], rule["help"], places.join("\n    "))
    });
    rules.collect::<Vec<_>>().join("\n  ")
}
