//! The logs, of one service or of all.

use compose::service_spec::Kind;
use engine::logs::{last_lines, recent_lines};
use maud::{Markup, html};
use project::{spec_file::Spec, status::Status};
use view::{
    log_line::Level,
    logs::{Filter, Tail, logs},
};

use crate::{Site, failure::Failure, query::Asked};

/// Lines of a log that stands alone, and of one among others.
const ALONE: usize = 300;
const AMONG_OTHERS: usize = 12;

/// Read for one that is shown: what the lab and Prometheus ask once a second would leave no room for anything else.
const READ_FOR_ONE: usize = 8;

/// Read of each log for a search, in bytes.
const SEARCHED: u64 = 1 << 20;

/// The last lines of the service that is `asked` for (`of`), or of all services. With `find` and `level`, the last lines
/// that match.
///
/// # Errors
/// When there is no such service.
pub fn tails(site: &Site, asked: &Asked) -> Result<Markup, Failure> {
    let of = asked.get("of").filter(|of| !of.is_empty());
    let names = names(site);
    if let Some(of) = of.filter(|of| !names.contains(of)) {
        return Err(Failure::not_found(format!("there is no service `{of}`")));
    }
    let filter = filter(asked);
    let count = if of.is_some() { ALONE } else { AMONG_OTHERS };
    let shown = names.iter().filter(|name| of.is_none_or(|of| of == *name));
    let tail = |name: &String| {
        let mut lines = match filter.is_empty() {
            true => last_lines(&site.scenario, name, READ_FOR_ONE * count),
            false => recent_lines(&site.scenario, name, SEARCHED),
        };
        lines.retain(|line| !is_ours(line) && filter.shows(line));
        Tail { service: name.clone(), lines: lines.split_off(lines.len().saturating_sub(count)) }
    };
    let mut tails: Vec<_> = shown.map(tail).collect();
    if !filter.is_empty() {
        tails.retain(|tail| !tail.lines.is_empty());
    }
    Ok(html! {
        @if names.is_empty() { p { "Nothing was started yet." } }
        @else if tails.is_empty() { p { "No line matches." } }
        @else { p.soft { "Requests by the lab and Prometheus are hidden. Full log: " code { "make logs" } } }
        (logs(&tails))
    })
}

/// All services: first the programs that the learner edits, last those that only watch.
pub fn names(site: &Site) -> Vec<String> {
    let spec = Spec::read(&site.scenario);
    let place = |name: &str| {
        let service = spec.as_ref().and_then(|spec| spec.service(name).ok());
        service.map_or(1, |service| match service.kind {
            Kind::Program(_) => 0,
            Kind::Prometheus(_) | Kind::Page(_) => 2,
            _ => 1,
        })
    };
    let services = Status::read(&site.scenario).map(|state| state.services).unwrap_or_default();
    let mut names: Vec<_> = services.into_iter().map(|service| service.name).collect();
    names.sort_by_key(|name| place(name));
    names
}

fn filter(asked: &Asked) -> Filter {
    Filter {
        find: asked.get("find").map(|find| find.trim().to_owned()).unwrap_or_default(),
        least: asked.get("level").and_then(|level| Level::of(level)),
    }
}

/// Which log, and which of its lines. It is no part that is fetched anew: somebody types in it.
pub fn choice(site: &Site, asked: &Asked) -> Markup {
    let (names, of, filter) = (names(site), asked.get("of").filter(|of| !of.is_empty()), filter(asked));
    let levels = [
        ("", "All levels", None),
        ("warning", "Warnings and errors", Some(Level::Warning)),
        ("error", "Errors only", Some(Level::Error)),
    ];
    html! {
        nav.choice aria-label="Log of" {
            a href="/logs" aria-current=[of.is_none().then_some("true")] { "All" }
            @for name in &names {
                a href={ "/logs?of=" (name) } aria-current=[(of == Some(name)).then_some("true")] { (name) }
            }
        }
        form.inline role="search" method="get" action="/logs" {
            @if let Some(of) = of { input type="hidden" name="of" value=(of); }
            label for="find" { "Find" }
            input #find type="search" name="find" value=(filter.find) placeholder="words, or a request's id";
            label for="level" { "Level" }
            select #level name="level" {
                @for (value, words, level) in levels {
                    option value=(value) selected[filter.least == level] { (words) }
                }
            }
            button { "Show" }
        }
    }
}

/// Whether a request was made by the lab or by Prometheus, as both formats of our programs' logs say it.
fn is_ours(line: &str) -> bool {
    ["/metrics", "/readyz", "/livez", "/health"].iter().any(|route| {
        line.contains(&format!(r#"route="{route}""#)) || line.contains(&format!(r#""route":"{route}""#))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_prometheus_asks_is_left_out_and_what_users_ask_stays() {
        assert!(is_ours(r#"INFO request method="GET" route="/metrics" status=200"#));
        assert!(is_ours(r#"{"message":"request","route":"/livez","status":200}"#));
        assert!(!is_ours(r#"INFO request method="GET" route="/orders" status=503 problem="/metrics""#));
    }
}
