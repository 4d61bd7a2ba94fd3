//! The parts of a report that are words and numbers.

use format::{count, number, percent, throughput};
use loadgen::{Figures, LatencyMs, Summary};
use maud::{Markup, html};
use observe::{
    changes::Change,
    measurement::{Observations, in_words},
    own_prediction::Predicted,
    saved_runs::SavedRun,
};

use crate::{
    comparison::{Comparison, how},
    local_time::{at, date_and_time},
    report::outcomes,
};

/// What was loaded, how and when.
pub fn summary(saved: &SavedRun) -> Markup {
    let plan = &saved.run.plan;
    html! {
        (saved.subject.program()) ", " (in_words(plan)) ", " (saved.length()) ", "
        (date_and_time(at(saved.started_unix_s)))
    }
}

/// The figures of a run: all requests, and each endpoint where there are several.
pub fn figures(summary: &Summary) -> Markup {
    let parts = summary.endpoints.iter().filter(|_| summary.endpoints.len() > 1);
    let rows: Vec<(&str, &Figures)> = std::iter::once(("all", &summary.total))
        .chain(parts.map(|endpoint| (&*endpoint.name, &endpoint.figures)))
        .collect();
    let ms = |value: Option<f64>| value.map_or_else(|| "-".to_owned(), |value| number(value, 1));
    html! {
        h2 { "What was measured" }
        div.scroll tabindex="0" { table {
            tr {
                th { "Requests" }
                @for title in ["Success", "Ok per second", "Ok", "Failed", "p50 ms", "p95 ms", "p99 ms", "Max ms"] {
                    th.number { (title) }
                }
            }
            @for (name, figures) in rows {
                tr {
                    td { (name) }
                    td.number { (percent(figures.success_rate)) }
                    td.number { (throughput(figures.ok_per_s)) }
                    td.number { (count(figures.ok)) }
                    td.number { (count(figures.requests - figures.ok)) }
                    @for percentile in percentiles(figures) { td.number { (percentile) } }
                    td.number { (ms(figures.latency_ms.map(|latency| latency.max))) }
                }
            }
        } }
        p.soft { "Latencies are those of the successful requests alone. The generator was busy "
            (number(summary.generator.busy * 100.0, 0)) " % of the time." }
    }
}

/// p50, p95 and p99 in milliseconds, marked where they rest on too few answers.
fn percentiles(figures: &Figures) -> [String; 3] {
    let of = |quantile, value: fn(&LatencyMs) -> f64| {
        let shown = |latency| figures.marked(quantile, number(value(latency), 1));
        figures.latency_ms.as_ref().map_or_else(|| "-".to_owned(), shown)
    };
    [of(0.5, |ms| ms.p50), of(0.95, |ms| ms.p95), of(0.99, |ms| ms.p99)]
}

/// Predicted and measured throughput. Empty without a prediction.
pub fn predicted(saved: &SavedRun) -> Markup {
    let Some(Predicted { yours_per_s, simulated_per_s, .. }) = saved.seen.predicted else { return html! {} };
    let measured = saved.run.summary().total.ok_per_s;
    let guesses = [("your guess", yours_per_s), ("lab predict", simulated_per_s)];
    html! {
        h2 { "Predicted and measured" }
        div.scroll tabindex="0" { table {
            tr { th { "Good answers per second" } th.number {} th.number { "Off by" } }
            @for (who, per_s) in guesses.into_iter().filter_map(|(who, per_s)| Some((who, per_s?))) {
                tr {
                    td { (who) }
                    td.number { (number(per_s, 1)) }
                    td.number { @if measured > 0.0 { (format!("{:+.0} %", 100.0 * (per_s / measured - 1.0))) } }
                }
            }
            tr { td { "measured" } td.number { (throughput(measured)) } td.number {} }
        } }
    }
}

/// The verdicts.
pub fn changes(comparison: &Comparison, names: &[String; 2]) -> Markup {
    let value = |change: &Change, value: Option<f64>| {
        value.map_or_else(|| "-".to_owned(), |value| change.figure.show(value))
    };
    html! {
        h2 { "What changed" }
        div.scroll tabindex="0" { table {
            tr { th {} @for name in names { th.number { (name) } } th.number { "Change" } th { "Verdict" } }
            @for change in &comparison.changes {
                tr {
                    td { (change.figure.title()) }
                    td.number { (value(change, change.estimate.map(|estimate| estimate.before))) }
                    td.number { (value(change, change.estimate.map(|estimate| estimate.after))) }
                    td.number { (change) }
                    td class=(change.in_words()) { (change.in_words()) }
                }
            }
        } }
        @for line in how(comparison).lines() { p.soft { (line) } }
    }
}

/// Errors by class, with sample answers. Empty without errors.
pub fn errors(runs: &[&SavedRun]) -> Markup {
    let of = |saved: &SavedRun| {
        let errors = saved.run.summary().total.errors.into_iter().filter(|(_, errors)| errors.count > 0);
        errors.map(|(class, errors)| (saved.run_id.clone(), class, errors)).collect::<Vec<_>>()
    };
    let rows: Vec<_> = runs.iter().flat_map(|saved| of(saved)).collect();
    html! {
        @if !rows.is_empty() {
            h2 { "Errors" }
            table {
                tr { @if runs.len() > 1 { th { "Run" } } th { "Class" } th.number { "How many" } th { "For example" } }
                @for (run_id, class, errors) in &rows {
                    tr {
                        @if runs.len() > 1 { td { (run_id) } }
                        td.name { (outcomes::outcome(*class)) }
                        td.number { (count(errors.count)) }
                        td { @for sample in &errors.samples { pre { (sample) } } }
                    }
                }
            }
        }
    }
}

/// The other measurements of the lesson. Empty if it has none.
pub fn beside(seen: &Observations) -> Markup {
    let seen = seen.to_string();
    let lines: Vec<_> = seen.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    html! {
        @if !lines.is_empty() {
            h2 { "Other measurements" }
            @for line in lines { p { (line) } }
        }
    }
}

/// A unified diff in colours. Empty without differences.
pub fn diff(title: &str, diff: &str) -> Markup {
    let class = |line: &str| match line.as_bytes() {
        [b'+', b'+', b'+', ..] | [b'-', b'-', b'-', ..] | [b'@', b'@', ..] => "place",
        [b'+', ..] => "added",
        [b'-', ..] => "removed",
        _ => "",
    };
    html! {
        @if !diff.is_empty() {
            h2 { (title) }
            pre { @for line in diff.lines() { span class=[Some(class(line)).filter(|c| !c.is_empty())] { (line) } } }
        }
    }
}

/// Everything that the figures depend on.
pub fn circumstances(saved: &SavedRun) -> Markup {
    let subject = &saved.subject;
    let rows = saved.seen.rows.iter().map(|(table, rows)| format!("{table} {}", number(*rows as f64, 0)));
    let plan = &saved.run.plan;
    let asked = plan.endpoints.iter().map(|endpoint| format!("{} {}", endpoint.method, endpoint.path));
    let all = [
        ("Asked for", asked.collect::<Vec<_>>().join(", ")),
        ("Servers", subject.servers.to_string()),
        ("Rows at the start", rows.collect::<Vec<_>>().join(", ")),
        ("Indexes", subject.indexes.join(", ")),
        ("PostgreSQL", subject.settings.join(", ")),
        ("Build profile", subject.profile.clone()),
        ("Commit", subject.git_revision.clone().unwrap_or_default()),
        ("Machine", saved.machine.to_string()),
    ];
    html! {
        h2 { "Conditions of run " (saved.run_id) }
        dl {
            @for (name, value) in all.into_iter().filter(|(_, value)| !value.is_empty()) {
                dt { (name) }
                dd { (value) }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn a_percentile_of_too_few_answers_says_so() {
        let figures = |ok| Figures {
            requests: ok,
            ok,
            errors: BTreeMap::new(),
            unanswered: loadgen::Unanswered::default(),
            retried: 0,
            success_rate: 1.0,
            ok_per_s: 1.0,
            latency_ms: Some(LatencyMs { mean: 1.0, p50: 1.0, p95: 2.0, p99: 3.0, max: 4.0 }),
            unreliable_percentiles: Vec::new(),
        };
        assert_eq!(percentiles(&figures(17)), ["1.0", "2.0 (of 17)", "3.0 (of 17)"]);
        assert_eq!(percentiles(&figures(500)), ["1.0", "2.0", "3.0"]);
    }

    #[test]
    fn a_diff_is_shown_as_it_is_whatever_it_holds() {
        let shown = diff("Changed", "--- a\n+++ b\n@@ -1 +1 @@\n-old\n+<script>\n same").into_string();
        assert!(shown.contains(r#"<span class="removed">-old</span>"#), "{shown}");
        assert!(shown.contains(r#"<span class="added">+&lt;script&gt;</span>"#), "{shown}");
        assert!(shown.contains("<span> same</span>"), "{shown}");
    }
}
