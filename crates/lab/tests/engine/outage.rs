//! How the page shows an outage: in a real browser, with processes that are really killed.

use std::{
    fs,
    time::{Duration, Instant},
};

use serde_json::Value;

use crate::{
    browser::Browser,
    checkout::{Checkout, signal},
    page::Page,
    site::LESSON,
    watched::watched,
};

/// Whether the diagram has an element for `selector`.
fn drawn(selector: &str) -> String {
    format!("document.querySelector('.topology .wide {selector}')")
}

/// The box of the service `name`, while it is in the state `class`.
fn node(name: &str, class: &str) -> String {
    let nodes = format!("[...document.querySelectorAll('.topology .wide .node.{class} title')]");
    format!("{nodes}.some((title) => title.textContent === '{name}')")
}

fn pid(checkout: &Checkout, service: &str) -> Value {
    let state = fs::read(checkout.path(".lab/scenario-1/status.json")).unwrap();
    let state: Value = serde_json::from_slice(&state).unwrap();
    let services = state["services"].as_array().unwrap();
    services.iter().find(|it| it["name"] == service).unwrap()["process"]["pid"].clone()
}

#[test]
fn a_killed_server_turns_red_in_the_page_and_back() {
    let checkout = Checkout::new();
    let Some(mut browser) = Browser::start() else { return };
    let page = checkout.with_page(&mut browser);
    browser.open(&format!("{page}system"));
    browser.within(10, &node("app", "good"));
    for service in ["app", "db"] {
        browser.shows(15, ".health", "Everything runs");
        signal("KILL", pid(&checkout, service));
        browser.within(5, &format!("{} || {}", node(service, "bad"), node(service, "back")));
        // It may be back by now; the page still shows that it was down.
        browser.shows(5, ".health", &format!("{service} "));
        browser.shows(5, "#part-topology .warning", &format!("{service} "));
        browser.picture(&format!("killed-{service}"));
        browser.within(20, &node(service, "back"));
        browser.shows(5, ".health", &format!("{service} was killed"));
        browser.within(15, &node(service, "good"));
    }
    browser.shows(5, ".health", "Everything runs");

    // A stopped process does not end, and does not answer.
    for service in ["app", "db"] {
        let process = pid(&checkout, service);
        signal("STOP", &process);
        browser.shows(15, ".health", &format!("{service} runs but does not answer"));
        browser.within(5, &node(service, "bad"));
        // No arrow leads to this database: the program has no address for it.
        if service == "app" {
            browser.within(5, &drawn(".arrow.broken"));
        }
        signal("CONT", &process);
        browser.within(15, &node(service, "good"));
        browser.shows(5, ".health", "Everything runs");
    }
    assert_eq!(browser.complaints, Vec::<String>::new());
}

#[test]
fn a_frozen_prometheus_is_named_and_no_page_waits_for_it() {
    let Some(checkout) = watched() else { return };
    let Some(mut browser) = Browser::start() else { return };
    fs::write(checkout.path("docs/scenario-1/SCENARIO.md"), LESSON).unwrap();
    let up = checkout.up();
    let page = Page::of(&up);
    browser.log_in(&page);
    let page = page.url.trim_end_matches('/');
    browser.open(&format!("{page}/system"));
    browser.shows(5, ".health", "Everything runs");
    let prometheus = pid(&checkout, "prometheus");
    signal("STOP", &prometheus);
    browser.shows(20, ".health", "prometheus runs but does not answer");
    browser.shows(5, "#part-topology", "The traffic is not known now: Prometheus does not answer.");
    for path in ["/", "/dashboard", "/goals", "/runs", "/system", "/logs"] {
        let started = Instant::now();
        browser.open(&format!("{page}{path}"));
        assert!(started.elapsed() < Duration::from_secs(5), "{path} took {:?}", started.elapsed());
        browser.shows(5, ".health", "prometheus runs but does not answer");
    }
    browser.open(&format!("{page}/dashboard"));
    browser.shows(5, "#part-panels .warning", "Prometheus does not answer.");
    signal("CONT", &prometheus);
    browser.within(20, "document.querySelector('.panel')");
    browser.shows(15, ".health", "Everything runs");
    assert_eq!(browser.complaints, Vec::<String>::new());
}

#[test]
fn of_two_answers_under_way_the_last_is_shown() {
    let checkout = Checkout::new();
    let Some(mut browser) = Browser::start() else { return };
    let page = checkout.with_page(&mut browser);
    browser.open(&page);
    // Looked at again while the part is being fetched: the first answer is old by then, and all others are alike.
    browser.eval(
        "(() => { const real = window.fetch; let count = 0; window.fetch = async (...what) => { \
        if (what[0] !== '/part/bar') return real(...what); \
        const text = ++count === 1 ? 'the first' : 'the last'; \
        await new Promise((done) => setTimeout(done, 300)); \
        return new Response(`<div class=part id=part-bar data-part=/part/bar data-every=1>${text}</div>`) }; \
        window.dispatchEvent(new Event('focus')); \
        setTimeout(() => window.dispatchEvent(new Event('focus')), 100) })()",
    );
    browser.shows(5, "#part-bar", "the last");
}
