//! Every route of the lab's page, by every method.

use std::{collections::BTreeSet, fs};

use super::{ports::statuses, two_users};
use crate::{checkout::Checkout, page::Page};

/// How each path is asked for, as arguments of `curl`.
const TRIES: [&[&str]; 11] = [
    &["--request", "GET"],
    &["--head"],
    &["--request", "POST", "--data", "on=true&item=0"],
    &["--request", "PUT", "--data", "x"],
    &["--request", "PATCH", "--data", "x"],
    &["--request", "DELETE"],
    &["--request", "OPTIONS"],
    &["--request", "TRACE"],
    &["--request", "LAB"],
    // A stream of events, and a WebSocket.
    &["--header", "Accept: text/event-stream"],
    &[
        "--header",
        "Connection: Upgrade",
        "--header",
        "Upgrade: websocket",
        "--header",
        "Sec-WebSocket-Version: 13",
        "--header",
        "Sec-WebSocket-Key: bGFiIGxhYiBsYWIgbGFiIQ==",
    ],
];

/// What the supervisor and Prometheus ask for. They read no more than whether the page runs, and its numbers.
const OPEN: [&str; 2] = ["/livez", "/metrics"];

/// The paths of all routes, and those that the pages link to: parts, files, actions.
fn paths(page: &Page) -> BTreeSet<String> {
    let example = |pattern: &'static str| {
        pattern.split_once('{').map_or(pattern.to_owned(), |it| it.0.to_owned() + "x")
    };
    let routes: BTreeSet<_> = site::patterns().map(example).collect();
    let cookie = page.cookie();
    let mut paths = routes.clone();
    for route in routes {
        let answer = page.ask("GET", &route, &[("Cookie", &cookie)], "");
        assert_ne!(answer.status, 403, "{route}, with the token");
        let body = String::from_utf8_lossy(&answer.body).into_owned();
        let quoted = body.split('"').skip(1).step_by(2).filter(|text| text.starts_with('/'));
        paths.extend(quoted.map(|path| path.split('#').next().unwrap_or_default().replace(' ', "%20")));
    }
    paths
}

#[test]
fn another_user_gets_403_from_every_route_of_the_page_by_every_method() {
    if !two_users() {
        return;
    }
    let checkout = Checkout::new();
    let page = checkout.start_page();
    let lesson = || fs::read_to_string(checkout.path("docs/scenario-1/SCENARIO.md")).unwrap();
    let before = lesson();
    let (own, paths) = (page.url.trim_end_matches('/'), paths(&page));
    for action in ["/do/run", "/do/answer", "/do/tick", "/do/load", "/do/check", "/do/watch"] {
        assert!(paths.contains(action), "{action} is not in {paths:#?}");
    }
    let origin = format!("Origin: {own}");
    let urls: Vec<_> = paths.iter().map(|path| format!("{own}{path}")).collect();
    for how in TRIES {
        let statuses = statuses(&[how, &["--header", &origin]].concat(), &urls);
        assert_eq!(statuses.len(), urls.len(), "{how:?}");
        for (path, status) in paths.iter().zip(statuses) {
            match OPEN.contains(&path.as_str()) {
                true => assert!(["200", "404", "405"].contains(&&*status), "{how:?} {path}: {status}"),
                false => assert_eq!(status, "403", "{how:?} {path}"),
            }
        }
    }
    assert_eq!(lesson(), before);
    let runs = fs::read_dir(checkout.path(".lab/scenario-1/runs")).into_iter().flatten().count();
    assert_eq!(runs, 0, "no load was started");
}
