//! The figures of a load test by the names that lessons give them.

use format::percent;
use observe::{connection_probe::Probes, freshness::Reads, saved_runs::SavedRun};

/// The figure of a run for the table name `name`; `None` if runs do not have it.
pub fn figure(name: &str) -> Option<fn(&SavedRun) -> Option<String>> {
    let name = name.to_lowercase();
    let begins = |with: &str| name.starts_with(with);
    let figure: fn(&SavedRun) -> Option<String> = match () {
        () if begins("success rate") => |run| Some(percent(run.run.summary().total.success_rate)),
        () if begins("successes per second") || begins("reports per second") => {
            |run| Some(format!("{:.1}", run.run.summary().total.ok_per_s))
        }
        () if begins("failed requests") => |run| {
            let total = run.run.summary().total;
            Some((total.requests - total.ok).to_string())
        },
        () if begins("error of the failed requests") => told,
        () if begins("mean latency") => |run| {
            Some(run.run.summary().total.latency_ms.map_or_else(none, |ms| format!("{:.1} ms", ms.mean)))
        },
        () if begins("p99 latency") => {
            |run| Some(run.run.summary().total.latency_ms.map_or_else(none, |ms| format!("{:.0} ms", ms.p99)))
        }
        () if begins("stale reads") || begins("reads after one's own write: stale") => {
            |run| run.seen.freshness.as_ref().map(|reads| percent(Reads::share_stale(reads)))
        }
        () if ["others refused", "refusals of \"another client\"", "the other client was refused"]
            .iter()
            .any(|with| begins(with)) =>
        {
            |run| run.seen.probes.as_ref().map(|probes| percent(Probes::share_refused(probes)))
        }
        () if begins("from the cache") => |run| run.seen.hit_rate.map(percent),
        () if begins("browsing") || begins("before the load, without writes") => {
            |run| run.seen.browse_hit_rate.map(percent)
        }
        () => return None,
    };
    Some(figure)
}

/// What most of the failed requests got for an answer; the name of the problem, where it has one.
fn told(run: &SavedRun) -> Option<String> {
    let total = run.run.summary().total;
    let most = total.errors.values().max_by_key(|error| error.count).filter(|error| error.count > 0)?;
    let sample = most.samples.first()?;
    let problem = serde_json::from_str::<serde_json::Value>(sample).ok();
    let name = problem.as_ref().and_then(|problem| problem["type"].as_str()).unwrap_or(sample);
    // A cell has one line, and ends at a bar.
    Some(name.chars().filter(|c| !c.is_control() && *c != '|').take(60).collect())
}

/// Of a run in which nothing succeeded, there is no latency of the successes.
fn none() -> String {
    "none succeeded".to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lessons_names_for_one_figure_are_all_known() {
        for name in ["Others refused", "Refusals of \"another client\"", "The other client was refused"] {
            assert!(figure(name).is_some(), "{name}");
        }
    }
}
