//! The lab's page, as a person uses it: in a real browser, on a scenario that really runs.

use std::{fs, time::Duration};

use serde_json::{Value, json};

use crate::{
    browser::Browser,
    checkout::{Checkout, quiet, within},
    page::Page,
};

const SOURCE: &str = "crates/app/src/main.rs";

pub const LESSON: &str = "\
# Scenario 1: A fixture\n\n## Step 1: Break it\n\n```bash\nmake loadtest\n```\n\n| | Value |\n|---|---|\n| Success rate | |\n\n\
**Q1: What happens?**\n\n```text\nYour answer:\n\n\n```\n\n- [ ] `main.rs`: answer well\n\n## Step 2: Fix it\n\n```bash\nmake apply-fix\n```\n\n\
```bash\nmake watch\n```\n\n```bash\necho \"<b>$LAB_SCENARIO</b>\"; sleep 60\n```\n\n<script>document.title = 'taken'</script>\n";

impl Checkout {
    /// Starts it with a page and a lesson.
    pub fn start_page(&self) -> Page {
        self.add_page(LESSON);
        Page::of(&self.up())
    }

    /// From the next start on it has a page, for this lesson.
    pub fn add_page(&self, lesson: &str) {
        let port = self.app_port + 6;
        let dashboards = format!(
            "services:\n  dashboard:\n    image: grafana/grafana:11.6.0\n    ports: [\"127.0.0.1:{port}:3000\"]\n"
        );
        fs::write(self.path("compose/dashboards.yml"), dashboards).unwrap();
        fs::write(self.path("docs/scenario-1/SCENARIO.md"), lesson).unwrap();
    }

    /// The same, and logs `browser` in; where the page is.
    pub fn with_page(&self, browser: &mut Browser) -> String {
        let page = self.start_page();
        browser.log_in(&page);
        page.url
    }

    fn lesson(&self) -> String {
        fs::read_to_string(self.path("docs/scenario-1/SCENARIO.md")).unwrap()
    }
}

#[test]
fn a_lesson_is_followed_in_the_page_from_the_failure_to_the_verdict_that_turns() {
    let checkout = Checkout::new();
    checkout.edit(SOURCE, "STATUS: &str = \"200 OK\"", "STATUS: &str = \"502 Bad Gateway\"");
    let Some(mut browser) = Browser::start() else { return };
    let page = checkout.with_page(&mut browser);
    browser.look(1440, 900, false);
    browser.open(&page);
    assert_eq!(browser.eval("document.title"), "Lesson · 1: A fixture");

    // It is loaded, and fails; a second tab would see the same run.
    browser.eval("document.querySelector('#guess').value = 50");
    browser.click(".guess button");
    browser.shows(5, "#part-guess", "50 per second is kept");
    browser.click("#start-load");
    browser.within(5, "document.querySelector('#stop-load')");
    browser.open(&page);
    browser.shows(20, "#part-load .figures", "0.0 %");
    browser.shows(5, "#part-load .figures", "50 per second");
    browser.click("#load-output summary");
    browser.shows(5, "#load-output", "success rate");

    // It is checked, and the page says what is wrong.
    browser.click("#start-check");
    browser.shows(30, "#goal-everybody-is-served", "FAIL");
    browser.shows(5, "#goal-everybody-is-served", "wanted: at least");
    browser.click("#next-hint");
    browser.shows(5, "#part-hint details[open]", "first");

    // The learner repairs the program in an editor, the database in the page, and the verdict changes without another click.
    browser.click("#watch");
    browser.within(5, "document.querySelector('#watch[aria-checked=true]')");
    checkout.edit(SOURCE, "502 Bad Gateway", "200 OK");
    browser.shows(60, "#goal-everybody-is-served", "PASS");
    browser.shows(5, "#goal-things-are-found-by-an-index", "FAIL");
    browser.click("[aria-label='Run make apply-fix']");
    browser.shows(60, "#goal-things-are-found-by-an-index", "PASS");
    browser.shows(5, ".health", "4 of 4 goals reached");
    browser.shows(10, "#part-end", "All goals are reached");

    // What changes then makes the verdict an old one, and the page says so.
    browser.click("#watch");
    browser.within(5, "document.querySelector('#watch[aria-checked=false]')");
    checkout.lab(&["sql", "-c", "CREATE INDEX surplus ON things (id)"]);
    browser.shows(15, ".health", "before your last change: check again");
    browser.shows(5, "#part-goals", "before your last change: check again");

    // A load test that was started in a terminal: its figures are large, and those of the last one are a line.
    let load = quiet(&mut checkout.command(&["load", "--duration", "5s"]));
    browser.shows(10, "#part-load .figures.live", "100.0 %");
    browser.shows(5, "#part-load", "A load test runs in a terminal");
    browser.shows(5, "#part-load", "Before: Run 001");
    assert!(load.wait_with_output().unwrap().status.success());
    assert_eq!(browser.complaints, Vec::<String>::new());
}

#[test]
fn answers_and_tables_live_in_the_lessons_file() {
    let checkout = Checkout::new();
    let Some(mut browser) = Browser::start() else { return };
    let page = checkout.with_page(&mut browser);
    checkout.load(&[]);
    browser.open(&page);
    let type_in = |browser: &mut Browser, text: &str| {
        browser.eval(&format!(
            "(() => {{ const area = document.querySelector('textarea'); area.focus(); area.value = {text:?}; \
            area.dispatchEvent(new Event('input', {{ bubbles: true }})) }})()"
        ));
    };
    type_in(&mut browser, "It breaks.\n```\nbecause");
    browser.shows(5, ".answer .state", "Saved");
    within(Duration::from_secs(1), "it is in the file", || {
        checkout.lesson().contains("Your answer:\nIt breaks.\n```\nbecause\n````\n")
    });

    // What an editor writes is shown, or, when both wrote, not lost.
    let from_editor = checkout.lesson().replace("It breaks.", "From the editor.");
    fs::write(checkout.path("docs/scenario-1/SCENARIO.md"), &from_editor).unwrap();
    type_in(&mut browser, "From the page.");
    browser.shows(5, "#alert", "From the editor.");
    assert_eq!(checkout.lesson(), from_editor);
    browser.click(".answer button");
    browser.shows(5, ".answer .state", "Saved");
    assert!(checkout.lesson().contains("Your answer:\nFrom the page.\n```\n"), "{}", checkout.lesson());

    browser.click(".tick");
    within(Duration::from_secs(5), "it is ticked off", || checkout.lesson().contains("- [x] `main.rs`"));
    browser.click(".fill button");
    within(Duration::from_secs(5), "the table is filled", || {
        checkout.lesson().contains("| Success rate | 100.0 % |")
    });
    browser.within(5, "document.querySelector('.cells td input').value === '100.0 %'");
    browser.eval(
        "(() => { const cell = document.querySelector('.cells td input'); cell.value = 'all | of them'; \
        cell.dispatchEvent(new Event('input', { bubbles: true })); \
        cell.dispatchEvent(new Event('change', { bubbles: true })) })()",
    );
    within(Duration::from_secs(5), "the cell is written", || {
        checkout.lesson().contains(r"| Success rate | all \| of them |")
    });
    assert_eq!(browser.complaints, Vec::<String>::new());
}

#[test]
fn the_page_needs_no_script_and_runs_only_what_the_lesson_says() {
    let checkout = Checkout::new();
    let Some(mut browser) = Browser::start() else { return };
    let page = checkout.with_page(&mut browser);
    browser.scripts(false);
    browser.open(&page);
    assert_eq!(browser.eval("document.title"), "Lesson · 1: A fixture");
    assert_eq!(browser.eval("document.querySelectorAll('article script, article b').length"), 0);
    assert_eq!(browser.eval("document.querySelector('[aria-label=\"Run make watch\"]')"), Value::Null);
    browser.click("[aria-label^='Run echo']");
    browser.within(5, "document.querySelector('[id^=stop-]')");
    // Without the script it is the reader who loads the page again.
    within(Duration::from_secs(5), "the output is shown", || {
        browser.open(&page);
        browser.eval("document.querySelector('.output')?.innerText.includes('<b>1</b>')") == true
    });
    // The form is sent before the page is loaded again: that would take it back.
    browser.eval("window.isOld = true");
    browser.click("[id^=stop-]");
    browser.within(5, "!window.isOld && document.readyState === 'complete'");
    within(Duration::from_secs(5), "it has stopped", || {
        browser.open(&page);
        browser.eval("!document.querySelector('[id^=stop-]')") == true
    });
    let page = Page::of(&checkout.json(&["status"]));
    let cookie = page.cookie();
    let post = |body: &str, origin: &str| {
        page.ask("POST", "/do/run", &[("Cookie", &cookie), ("Origin", origin)], body).status
    };
    let own = page.url.trim_end_matches('/');
    assert_eq!(post("id=echo+x", own), 404);
    assert_eq!(post("id=echo+x", "http://evil.example"), 403);
    assert_eq!(post("id=echo+x", "null"), 403);
}

/// What is not within the window, where the page can be moved sideways.
const TOO_WIDE: &str = "(({ scrollWidth, clientWidth }) => scrollWidth <= clientWidth ? [] : \
    [...document.querySelectorAll('body *')].filter((it) => it.getBoundingClientRect().right > clientWidth) \
    .map((it) => it.outerHTML.slice(0, 200)))(document.documentElement)";

#[test]
fn the_page_fits_a_telephone_and_both_themes() {
    let checkout = Checkout::new();
    let Some(mut browser) = Browser::start() else { return };
    let page = checkout.with_page(&mut browser);
    for (name, width, height, is_dark) in
        [("light", 1440, 900, false), ("dark", 2560, 900, true), ("phone", 320, 740, false)]
    {
        browser.look(width, height, is_dark);
        for path in [
            "",
            "lessons",
            "dashboard",
            "goals",
            "runs",
            "system",
            "logs",
            "request",
            "file/crates/app/src/main.rs",
        ] {
            browser.open(&format!("{page}{path}"));
            let too_wide = browser.eval(TOO_WIDE);
            assert_eq!(too_wide, json!([]), "{path} {width}");
            assert_eq!(browser.eval("document.querySelectorAll('h1').length"), 1, "{path}");
            let unnamed = "[...document.querySelectorAll('button, textarea, select')].filter((it) => !it.innerText && !it.ariaLabel && !it.labels?.length).length";
            assert_eq!(browser.eval(unnamed), 0, "{path}");
            browser.picture(&format!(
                "{}-{name}",
                if path.is_empty() { "lesson" } else { path.split('/').next().unwrap() }
            ));
        }
    }
    assert_eq!(browser.complaints, Vec::<String>::new());
}

#[test]
fn what_the_page_started_ends_with_it() {
    let checkout = Checkout::new();
    let Some(mut browser) = Browser::start() else { return };
    let page = checkout.with_page(&mut browser);
    browser.open(&page);
    browser.click("[aria-label^='Run echo']");
    browser.within(5, "document.querySelector('[id^=stop-]')");
    drop(browser);
    checkout.lab(&["down", "--all"]);
    checkout.assert_nothing_is_left();
}
