//! The page while it is open: what it costs, that nothing jumps when figures change, and that a keyboard is enough.

use std::{fs, thread::sleep, time::Duration};

use serde_json::Value;

use crate::{browser::Browser, checkout::Checkout};

/// How long the CPU time is measured.
const SECONDS: u64 = 10;

/// Clock ticks of CPU that the lab's own processes have used: the supervisor and the page.
fn ticks(checkout: &Checkout) -> u64 {
    let of = |dir: &std::path::PathBuf| {
        let stat = fs::read_to_string(dir.join("stat")).unwrap_or_default();
        let after_name = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
        // utime and stime. Source: proc_pid_stat(5).
        after_name
            .split_whitespace()
            .skip(11)
            .take(2)
            .filter_map(|ticks| ticks.parse::<u64>().ok())
            .sum::<u64>()
    };
    let is_the_lab = |dir: &&std::path::PathBuf| {
        let command = fs::read_to_string(dir.join("cmdline")).unwrap_or_default();
        ["\0supervise\0", "\0page\0"].iter().any(|verb| command.contains(verb))
    };
    checkout.process_dirs().iter().filter(is_the_lab).map(of).sum()
}

/// Per cent of a core, over some seconds.
fn cost(checkout: &Checkout) -> f64 {
    let before = ticks(checkout);
    sleep(Duration::from_secs(SECONDS));
    // A tick is a hundredth of a second, so that one per second is one per cent.
    (ticks(checkout) - before) as f64 / SECONDS as f64
}

/// Ten times what a quiet machine shows: 0.8 and 1.2 per cent.
#[test]
fn the_lab_costs_little_while_nobody_looks_and_little_more_while_somebody_does() {
    let checkout = Checkout::new();
    let Some(mut browser) = Browser::start() else { return };
    let page = checkout.with_page(&mut browser);
    browser.navigate("about:blank");
    sleep(Duration::from_secs(11));
    let idle = cost(&checkout);
    browser.open(&page);
    let watched = cost(&checkout);
    println!("idle {idle:.2} % of a core, with an open tab {watched:.2} %");
    assert!(idle < 10.0 && watched < 30.0, "idle {idle:.2} %, with an open tab {watched:.2} %");
}

#[test]
fn nothing_jumps_while_figures_change() {
    let checkout = Checkout::new();
    let Some(mut browser) = Browser::start() else { return };
    let page = checkout.with_page(&mut browser);
    browser.look(1440, 900, false);
    browser.open(&page);
    browser.click("#start-load");
    browser.shows(5, "#part-load", "Ok per second");
    // From here on only figures change.
    let observe = "window.moved = 0; new PerformanceObserver((list) => list.getEntries().forEach((shift) => { if (!shift.hadRecentInput) \
        moved += shift.value })).observe({ type: 'layout-shift' }); true";
    browser.eval(observe);
    sleep(Duration::from_secs(2));
    let moved = browser.eval("moved").as_f64().unwrap();
    // Chromium's limit for a good page is 0.1 in all.
    assert!(moved < 0.01, "{moved}");
}

#[test]
fn a_keyboard_is_enough_and_a_screen_reader_is_told_all_names() {
    let checkout = Checkout::new();
    let Some(mut browser) = Browser::start() else { return };
    let page = checkout.with_page(&mut browser);
    for path in ["goals", "runs", "system", "logs", "lessons", "request", ""] {
        browser.open(&format!("{page}{path}"));
        let named =
            ["button", "link", "textbox", "searchbox", "checkbox", "switch", "combobox", "heading", "image"];
        let nameless: Vec<_> = browser
            .tree()
            .into_iter()
            .filter(|(role, name)| named.contains(&&**role) && name.is_empty())
            .collect();
        assert!(nameless.is_empty(), "/{path}: {nameless:?}");
    }
    let focus = "(({ id, outerHTML }) => [id, getComputedStyle(document.activeElement).outlineStyle, outerHTML.slice(0, 100)])(document.activeElement)";
    let mut walked = Vec::new();
    while browser.eval("document.activeElement.id") != "start-load" {
        browser.press("Tab", 9, "");
        let seen = browser.eval(focus);
        assert_ne!(seen[1], "none", "the focus cannot be seen: {seen}");
        walked.push(seen);
        assert!(walked.len() < 200, "{walked:#?}");
    }
    assert!(
        walked.iter().any(|seen| seen[2].as_str().is_some_and(|html| html.contains("Run make loadtest"))),
        "{walked:#?}"
    );
    browser.press("Enter", 13, "\r");
    browser.within(5, "document.querySelector('#stop-load')");
    assert_eq!(
        browser.eval("document.activeElement === document.body"),
        Value::Bool(false),
        "the focus is kept"
    );
}

#[test]
fn at_every_width_one_sees_where_one_is_and_reaches_the_load_test() {
    let checkout = Checkout::new();
    let Some(mut browser) = Browser::start() else { return };
    let page = checkout.with_page(&mut browser);
    let seen = |selector: &str| {
        format!(
            "[...document.querySelectorAll({selector:?})].find((it) => it.checkVisibility())?.textContent.trim()"
        )
    };
    for width in [2560, 1440, 1280, 390, 320] {
        browser.look(width, 700, false);
        browser.open(&page);
        browser.eval("document.querySelector('#step-2-fix-it').scrollIntoView({ behavior: 'instant' })");
        let here = if width >= 1344 { ".sections [aria-current]" } else { ".contents .here" };
        browser.within(5, &format!("{}?.startsWith('Step 2: Fix it')", seen(here)));
        let reached = browser.eval(&seen("#start-load, .quick a[href='#part-load']"));
        assert_ne!(reached, Value::Null, "at {width}");
        // The head and what is below it begin at the same place.
        browser.open(&format!("{page}goals"));
        let left = |selector| format!("document.querySelector({selector:?}).getBoundingClientRect().left");
        assert_eq!(browser.eval(&left(".brand")), browser.eval(&left("main h1")), "at {width}");
        // Before the first check its goals are there.
        browser.shows(5, "#part-goals", "No check was run yet");
        assert!(
            browser
                .eval("document.querySelectorAll('.goals li').length")
                .as_u64()
                .is_some_and(|goals| goals > 1)
        );
    }
}
