//! The figures of a run, as a lesson's tables show them.

use format::percent;
use lesson::Figure;
use observe::{connection_probe::Probes, freshness::Reads, saved_runs::SavedRun};
use view::results::p99;

/// The text of `figure`; `None` when the run did not measure it.
pub fn figure(figure: Figure, run: &SavedRun) -> Option<String> {
    let total = run.run.summary().total;
    let latency = total.latency_ms;
    // Without a success there is no latency of the successes.
    let or_none = |text: Option<String>| Some(text.unwrap_or_else(|| "none succeeded".to_owned()));
    match figure {
        Figure::SuccessRate => Some(percent(total.success_rate)),
        Figure::FailedRequests => Some(format::count(total.requests - total.ok)),
        Figure::MostFrequentError => most_frequent_error(run),
        Figure::OkPerS => Some(format::throughput(total.ok_per_s)),
        Figure::MeanMs => or_none(latency.map(|ms| format::latency(ms.mean))),
        Figure::P99Ms => or_none(latency.map(|_| p99(&total))),
        Figure::StaleReads => run.seen.freshness.as_ref().map(|reads| percent(Reads::share_stale(reads))),
        Figure::ProbesRefused => {
            run.seen.probes.as_ref().map(|probes| percent(Probes::share_refused(probes)))
        }
        Figure::HitRate => run.seen.hit_rate.map(percent),
        Figure::BrowseHitRate => run.seen.browse_hit_rate.map(percent),
    }
}

fn most_frequent_error(run: &SavedRun) -> Option<String> {
    let total = run.run.summary().total;
    let most = total.errors.values().max_by_key(|error| error.count).filter(|error| error.count > 0)?;
    let sample = most.samples.first()?;
    let problem = serde_json::from_str::<serde_json::Value>(sample).ok();
    let name = problem.as_ref().and_then(|problem| problem["type"].as_str()).unwrap_or(sample);
    // A cell has one line, and ends at a bar.
    Some(name.chars().filter(|c| !c.is_control() && *c != '|').take(60).collect())
}
