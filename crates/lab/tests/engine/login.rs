//! Who may use the lab's page: a browser that has the checkout's token, and no other.

use std::{fs, os::unix::fs::PermissionsExt, time::Duration};

use crate::{
    browser::Browser,
    checkout::{Checkout, stderr, within},
    page::Page,
};

/// One of each kind: pages, parts, files, diagrams, logs, what the browser loads with them, and what is not there.
const READS: [&str; 17] = [
    "/",
    "/dashboard",
    "/goals",
    "/runs",
    "/system",
    "/logs",
    "/logs?of=app",
    "/logs?find=x&level=error",
    "/lessons",
    "/record",
    "/part/bar",
    "/part/topology",
    "/file/compose/scenario-1.yml",
    "/picture/docs/scenario-1/a.svg",
    "/style.css",
    "/live.js",
    "/nothing",
];

const ACTIONS: [&str; 12] =
    ["load", "guess", "check", "watch", "hint", "up", "down", "run", "stop", "answer", "tick", "nothing"];

#[test]
fn without_its_token_the_page_answers_nothing_and_does_nothing() {
    let checkout = Checkout::new();
    let page = checkout.start_page();
    let lesson = || fs::read_to_string(checkout.path("docs/scenario-1/SCENARIO.md")).unwrap();
    let before = lesson();
    let own = page.url.trim_end_matches('/').to_owned();
    let wrong = format!("{}={}", page.cookie().split_once('=').unwrap().0, "0".repeat(32));
    let other_name = format!("lab={}", page.token());
    // What another user of this machine can send: any header, but not the token.
    for forged in [
        vec![],
        vec![("Origin", &*own)],
        vec![("Origin", &own), ("Sec-Fetch-Site", "same-origin"), ("Cookie", &wrong)],
        vec![("Origin", &own), ("Cookie", &other_name)],
        vec![("Origin", &own), ("Cookie", "")],
    ] {
        for path in READS {
            for method in ["GET", "HEAD"] {
                let answer = page.ask(method, path, &forged, "");
                assert_eq!(answer.status, 403, "{method} {path} {forged:?}: {answer}");
                assert_eq!(answer.header("set-cookie"), None);
            }
        }
        for action in ACTIONS {
            let answer = page.ask("POST", &format!("/do/{action}"), &forged, "on=true&item=0");
            assert_eq!(answer.status, 403, "{action} {forged:?}: {answer}");
        }
    }
    for query in ["token=", "token", "token=0", &format!("token={}", "0".repeat(32)), "Token=x&token=%30"] {
        assert_eq!(page.ask("GET", &format!("/?{query}"), &[], "").status, 403, "{query}");
    }
    assert_eq!(lesson(), before);

    let refusal = page.ask("GET", "/", &[], "");
    assert_eq!(refusal.header("content-type"), Some("text/plain; charset=utf-8"));
    assert_eq!(
        String::from_utf8(refusal.body).unwrap(),
        "this page needs its token: run `cargo lab open`, or copy the address that `cargo lab status` prints"
    );
    // The supervisor and Prometheus ask for these. They contain numbers, which Prometheus shows as well.
    assert_eq!(page.ask("GET", "/livez", &[], "").status, 200);
    assert_eq!(page.ask("GET", "/metrics", &[], "").status, 200);
}

#[test]
fn with_its_token_the_page_gives_a_cookie_and_still_refuses_foreign_pages() {
    let checkout = Checkout::new();
    let page = checkout.start_page();
    let answer = page.ask("GET", &format!("//evil.example/?of=app&token={}", page.token()), &[], "");
    let set = answer.header("set-cookie").unwrap();
    assert!(set.ends_with("; HttpOnly; SameSite=Strict; Path=/"), "{set}");
    let body = String::from_utf8_lossy(&answer.body);
    assert!(body.contains("content=\"0; url=/evil.example/?of=app\""), "{body}");
    assert!(!body.contains(page.token()), "{body}");

    let (cookie, own) = (page.cookie(), page.url.trim_end_matches('/'));
    let others = format!("theme=dark; {cookie}; lab=1");
    for cookie in [&cookie, &others] {
        let answer = page.ask("GET", "/", &[("Cookie", cookie)], "");
        assert_eq!(answer.status, 200, "{answer}");
        assert!(!String::from_utf8_lossy(&answer.body).contains(page.token()));
    }
    let cookie = ("Cookie", &*cookie);
    let watch = |path: &str, headers: &[(&str, &str)]| page.ask("POST", path, headers, "on=false").status;
    assert_eq!(watch("/do/watch", &[cookie, ("Origin", own)]), 303);
    assert_eq!(watch("/do/watch", &[cookie, ("Origin", "http://evil.example")]), 403);
    assert_eq!(watch("/do/watch", &[cookie]), 403);
    let with_token = format!("/do/watch?token={}", page.token());
    assert_eq!(watch(&with_token, &[("Origin", own)]), 303);
    assert_eq!(watch(&with_token, &[("Origin", "http://evil.example")]), 403);
}

#[test]
fn the_token_is_the_owners_it_survives_a_restart_and_other_checkouts_have_another() {
    let checkout = Checkout::new();
    let page = checkout.start_page();
    let cookie = page.cookie();
    let mode = fs::metadata(checkout.path(".lab/page.token")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    checkout.lab(&["down"]);
    let up = checkout.up();
    let again = Page::of(&up);
    assert_eq!(again.token(), page.token());
    assert_eq!(again.ask("GET", "/part/bar", &[("Cookie", &cookie)], "").status, 200);
    assert!(up["next"].as_str().unwrap().contains(&page.login_url), "{up:#}");
    let status = checkout.lab(&["status"]);
    assert!(String::from_utf8_lossy(&status.stdout).contains(&page.login_url));

    // Both scenarios of a checkout can be open in one browser.
    let second = Page::of(&checkout.json(&["up", "2"]));
    assert_eq!(second.token(), page.token());
    assert_ne!(second.cookie(), cookie);

    let other = Checkout::new();
    let other = (other.start_page(), other);
    assert_ne!(other.0.token(), page.token());
    assert_eq!(other.0.ask("GET", "/", &[("Cookie", &cookie)], "").status, 403);
}

#[test]
fn a_token_file_that_is_empty_opens_nothing_and_is_named() {
    let checkout = Checkout::new();
    let page = checkout.start_page();
    fs::write(checkout.path(".lab/page.token"), "").unwrap();
    let answer = page.ask("GET", "/?token=", &[], "");
    assert_eq!(answer.status, 500);
    assert!(String::from_utf8_lossy(&answer.body).contains("page.token contains no token; delete it"));
    let output = checkout.lab(&["status"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("page.token contains no token; delete it"), "{}", stderr(&output));
    // Who deletes it locks out all browsers, at once.
    fs::remove_file(checkout.path(".lab/page.token")).unwrap();
    assert_ne!(Page::of(&checkout.json(&["status"])).token(), page.token());
    assert_eq!(page.ask("GET", &format!("/?token={}", page.token()), &[], "").status, 403);
}

#[test]
fn a_browser_is_logged_in_by_open_and_no_argument_list_contains_the_token() {
    let checkout = Checkout::new();
    let Some(mut browser) = Browser::start() else { return };
    let page = checkout.start_page();
    // In place of the learner's browser: it notes what it is to open.
    let noted = checkout.path("noted");
    checkout.write("browser", format!("#!/bin/sh\necho \"$@\" > {}\n", noted.display()).as_bytes());
    fs::set_permissions(checkout.path("browser"), fs::Permissions::from_mode(0o755)).unwrap();
    let mut open = checkout.command(&["open"]);
    let open = open.env("DISPLAY", ":0").env("BROWSER", checkout.path("browser")).output().unwrap();
    assert!(String::from_utf8_lossy(&open.stdout).contains(&page.login_url), "{}", stderr(&open));
    within(Duration::from_secs(5), "it is opened", || {
        fs::read_to_string(&noted).is_ok_and(|it| !it.is_empty())
    });
    let file = fs::read_to_string(&noted).unwrap().trim().to_owned();
    assert!(!file.contains(page.token()), "{file}");
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);

    // As if it came from a foreign page: a redirected request would come without the cookie.
    browser.navigate(&format!("file://{file}"));
    browser
        .within(10, &format!("location.href === {:?} && document.querySelector('.bar, article')", page.url));
    browser.open(&page.url);
    assert_eq!(browser.eval("document.title"), "Lesson · 1: A fixture");
    assert_eq!(browser.eval("document.cookie"), "");
    assert_eq!(browser.complaints, Vec::<String>::new());
}
