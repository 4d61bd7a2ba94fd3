//! One request, by its id (`X-Request-Id`): its time in each program, and its lines in their logs.

use engine::logs::recent_lines;
use format::number;
use loadgen::{Outcome, Trace};
use maud::{Markup, html};
use observe::saved_runs::SavedRun;
use view::{log_line::LogLine, logs::draw_line, report::outcome as in_words, waterfall::Waterfall};

use crate::{Site, logs};

/// Read of each log, in bytes: a minute of all that a program may log.
const SEARCHED: u64 = 8 << 20;

/// The request `id`; without an id, how to get one.
pub fn request(site: &Site, id: &str) -> Markup {
    let lines = if id.is_empty() { Vec::new() } else { find(site, id) };
    html! {
        form.inline role="search" method="get" action="/request" {
            label for="id" { "Id" }
            input #id type="search" name="id" value=(id) placeholder="what X-Request-Id says";
            button { "Show" }
        }
        @if let Some(waterfall) = Waterfall::find(id, &lines) {
            p { (waterfall.in_words()) }
            (waterfall.draw())
        } @else if id.is_empty() {
            p { "Each answer has an " code { "X-Request-Id" } ". The load generator names ten requests per second: the report of a run lists the slowest. To name one yourself:" }
            pre tabindex="0" { code { "curl -H 'X-Request-Id: my-request' …" } }
        } @else {
            p.warning {
                "No program has logged the times of " code { (id) } ". They do so for a request that its client has named, and each logs at most 100 \
                of them per second. Old lines are gone after a restart."
            }
        }
        @if !lines.is_empty() {
            h2 { "Its lines" }
            ol.lines tabindex="0" aria-label="The lines of this request" {
                @for (service, line) in &lines { (draw_line(Some(service), &LogLine::read(line))) }
            }
        }
    }
}

/// Each line with `id`, and whose it is.
fn find(site: &Site, id: &str) -> Vec<(String, String)> {
    let of = |service: String| {
        let lines = recent_lines(&site.scenario, &service, SEARCHED);
        let is_its = |line: &String| line.contains(id) && LogLine::read(line).field("request_id") == Some(id);
        lines.into_iter().filter(is_its).map(move |line| (service.clone(), line))
    };
    logs::names(site).into_iter().flat_map(of).collect()
}

/// The slowest requests with a name, each with a link to where it spent its time; empty where none was named.
pub fn slowest(run: &SavedRun) -> Markup {
    let traces: Vec<_> = run.run.endpoints.iter().flat_map(|endpoint| &endpoint.traces).collect();
    html! {
        @if !traces.is_empty() {
            details #traces {
                summary { "Requests to look at: the slowest of those with a name" }
                div.scroll tabindex="0" { table {
                    tr { th { "Request" } th { "How it ended" } th.number { "Took" } }
                    @for Trace { request_id, outcome, took_ms } in traces {
                        tr {
                            td { a href={ "/request?id=" (request_id) } { (request_id) } }
                            td { (in_words(*outcome)) }
                            td.number { (number(*took_ms, 1)) " ms" }
                        }
                    }
                } }
            }
        }
    }
}

/// The id of a failed request.
pub fn failed(run: &SavedRun) -> Option<&str> {
    let mut traces = run.run.endpoints.iter().flat_map(|endpoint| &endpoint.traces);
    traces.find(|trace| trace.outcome != Outcome::Ok).map(|trace| &*trace.request_id)
}
