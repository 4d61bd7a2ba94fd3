//! The logs, of one service or of all.

use engine::logs::last_lines;
use maud::{Markup, html};
use project::status::Status;
use view::logs::{Tail, logs};

use crate::{Site, failure::Failure};

/// Lines of a log that stands alone, and of one among others.
const ALONE: usize = 300;
const AMONG_OTHERS: usize = 12;

/// Read for one that is shown: what the lab and Prometheus ask once a second would leave no room for anything else.
const READ_FOR_ONE: usize = 8;

/// The last lines of the service `of`; of all services without one.
///
/// # Errors
/// When there is no such service.
pub fn tails(site: &Site, of: Option<&str>) -> Result<Markup, Failure> {
    let services = Status::read(&site.scenario).map(|state| state.services).unwrap_or_default();
    let names: Vec<_> = services.into_iter().map(|service| service.name).collect();
    if let Some(of) = of.filter(|of| !names.iter().any(|name| name == of)) {
        return Err(Failure::not_found(format!("there is no service `{of}`")));
    }
    let count = if of.is_some() { ALONE } else { AMONG_OTHERS };
    let shown = names.iter().filter(|name| of.is_none_or(|of| of == *name));
    let tail = |name: &String| {
        let mut lines = last_lines(&site.scenario, name, READ_FOR_ONE * count);
        lines.retain(|line| !is_ours(line));
        Tail { service: name.clone(), lines: lines.split_off(lines.len().saturating_sub(count)) }
    };
    let tails: Vec<_> = shown.map(tail).collect();
    Ok(html! {
        nav.choice aria-label="Log of" {
            a href="/logs" aria-current=[of.is_none().then_some("true")] { "All" }
            @for name in &names {
                a href={ "/logs?of=" (name) } aria-current=[(of == Some(name)).then_some("true")] { (name) }
            }
        }
        @if names.is_empty() { p { "Nothing was started yet." } }
        @else { p.soft { "Requests by the lab and Prometheus are hidden. Full log: " code { "make logs" } } }
        (logs(&tails))
    })
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
