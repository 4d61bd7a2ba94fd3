//! A lesson is followed in the page alone: each command keeps its own words, and leads to where things really are.

use std::{fs, net::TcpListener};

use serde_json::Value;

use crate::{browser::Browser, checkout::Checkout, site::LESSON};

#[test]
fn a_block_keeps_what_it_printed_and_its_end_is_noticed_everywhere() {
    let checkout = Checkout::new();
    let Some(mut browser) = Browser::start() else { return };
    let page = checkout.with_page(&mut browser);
    // So long that it can be stopped on any machine.
    let long = "\n```bash\ncargo lab load --duration 60s\n```\n";
    let twice = format!("{LESSON}{long}{long}");
    fs::write(checkout.path("docs/scenario-1/SCENARIO.md"), twice).unwrap();
    browser.open(&page);
    assert_eq!(browser.eval("document.querySelector('.fill')"), Value::Null);
    browser.eval(
        "[...document.querySelectorAll(\"[aria-label='Run cargo lab load --duration 60s']\")].at(-1).click()",
    );
    browser.shows(10, "#part-load .now", "measuring");
    // The card stops it, wherever it was started. What it measured until then can be filled in.
    browser.click("#stop-load");
    browser.within(10, "!document.querySelector('[id^=stop-]')");
    browser.within(5, "document.querySelector('.fill')");
    let outputs = "[...document.querySelectorAll('.command')].filter((it) => it.innerText.startsWith('cargo lab load')).map((it) => it.innerText.includes('success rate')).join()";
    assert_eq!(browser.eval(outputs), "false,true");

    // One run has nothing to be compared with.
    browser.open(&format!("{page}runs"));
    assert_eq!(browser.eval("document.querySelectorAll('.runs a').length"), 1);
    assert_eq!(browser.eval("document.querySelectorAll('[type=radio], #compare').length"), 0);
    assert_eq!(browser.complaints, Vec::<String>::new());
}

#[test]
fn addresses_in_the_lesson_are_those_that_the_services_got() {
    let checkout = Checkout::new();
    let said = format!("127.0.0.1:{}", checkout.app_port);
    let _taken = TcpListener::bind(&said).unwrap();
    let Some(mut browser) = Browser::start() else { return };
    let page = checkout.with_page(&mut browser);
    let lesson =
        format!("# x\n\n<http://{said}/> is `make status`.\n\n```bash\ncurl -s http://{said}/\n```\n");
    fs::write(checkout.path("docs/scenario-1/SCENARIO.md"), lesson).unwrap();
    browser.open(&page);
    let real = browser.eval("document.querySelector('article a').href");
    assert!(!real.as_str().unwrap().contains(&said), "{real}");
    browser.click("[aria-label^='Run curl']");
    browser.shows(5, ".command .output", "one");
    browser.click("article .place");
    browser.shows(5, "#do", "What you can do");
    browser.click("[aria-label='Run make status']");
    let real = real.as_str().unwrap().trim_end_matches('/').to_owned();
    browser.shows(5, ".command .output", &real);
}
