//! Where the time of a run went.

use std::mem::replace;

use format::number;
use maud::{Markup, html};
use observe::{resource_usage::ResourceUsage, saved_runs::SavedRun};

/// Where the time went, and the bottleneck. Nothing in runs of an older lab.
pub fn part(saved: &SavedRun, title: &str) -> Markup {
    let Some(ResourceUsage { evidence, bottleneck }) = &saved.seen.spent else { return html! {} };
    // Runs of an older lab named one even so.
    let bottleneck = bottleneck.as_ref().filter(|_| saved.run.why_invalid.is_none());
    let share = |ms: f64| 100.0 * ms / evidence.latency_ms.max(f64::MIN_POSITIVE);
    html! {
        h2 { (title) }
        @match bottleneck {
            Some(bottleneck) => p { strong { "The bottleneck: " } (bottleneck) },
            None => p.warning { "No bottleneck is named: this run is invalid." },
        }
        @if let Some(parts) = evidence.parts() {
            // Not a width in a style: the page's policy lets no element bring one along.
            svg.bar viewBox="0 0 100 1" preserveAspectRatio="none" role="img" aria-label="The mean latency, taken apart" {
                @for (before, part) in parts.iter().scan(0.0, |end, part| Some((replace(end, *end + part.ms), part))) {
                    rect class=(part.class) x=(number(share(before), 2)) width=(number(share(part.ms), 2)) height="1" {}
                }
            }
            div.scroll tabindex="0" { table {
                tr { th { "Of " (number(evidence.latency_ms, 1)) " ms on average" } th.number { "ms" } th.number { "Share" } }
                @for part in &parts {
                    tr {
                        td { span.swatch.(part.class) {} (part.name) }
                        td.number { (number(part.ms, 2)) }
                        td.number { (number(share(part.ms), 0)) " %" }
                    }
                }
            } }
        }
        div.scroll tabindex="0" { table {
            tr { th { "CPU" } th.number { "Cores" } }
            @for (name, cores) in evidence.cpu() { tr { td { (name) } td.number { (number(cores, 3)) } } }
            @if let Some(program) = evidence.program.as_ref().filter(|program| program.is_capped) {
                tr { td.soft { "what the program may use" } td.number { (number(program.cpu_limit_cores, 3)) } }
            }
            @if let Some(machine) = &evidence.machine {
                tr { td.soft { "what this machine has" } td.number { (number(machine.cores, 3)) } }
            }
        } }
        @let waits = evidence.database.iter().flat_map(|database| &database.waits).filter(|(_, count)| *count >= 0.05);
        @if waits.clone().next().is_some() {
            div.scroll tabindex="0" { table {
                tr { th { "Connections that waited in PostgreSQL" } th.number { "On average" } }
                @for (event, count) in waits { tr { td { (event) } td.number { (number(*count, 1)) } } }
            } }
        }
        @let statements = evidence.database.iter().flat_map(|database| &database.statements);
        @let statements = statements.filter(|statement| statement.share >= 0.005);
        @if statements.clone().next().is_some() {
            div.scroll tabindex="0" { table {
                tr { th { "Statement" } th.number { "Calls" } th.number { "Mean ms" } th.number { "Share" } }
                @for statement in statements {
                    tr {
                        td { code { (statement.short()) } }
                        td.number { (number(statement.calls as f64, 0)) }
                        td.number { (number(statement.mean_ms, 2)) }
                        td.number { (number(100.0 * statement.share, 0)) " %" }
                    }
                }
            } }
        }
    }
}
