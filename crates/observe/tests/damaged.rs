//! Metrics and saved runs that were damaged.

use observe::{counters::Counters, saved_runs::SavedRun};
use proptest::prelude::*;
use testkit::damaged::{damaged, promptly};

/// What a service says of itself.
const METRICS: &str = include_str!("../../fuzz/seeds/metrics_text/service");

/// A load test that was saved.
const RUN: &str = include_str!("../../fuzz/seeds/saved_run/run.json");

fn count(text: &str) -> anyhow::Result<Counters> {
    let mut counters = Counters::default();
    counters.add("app1", text)?;
    counters.add("app2", text)?;
    Ok(counters)
}

proptest! {
    #[test]
    fn damaged_metrics_are_counted_or_refused(before in damaged(vec![METRICS.to_owned()]), text in damaged(vec![METRICS.to_owned()])) {
        promptly(move || {
            if let (Ok(before), Ok(after)) = (count(&before), count(&text)) {
                let counters = after.since(&before);
                _ = (counters.cpu_s(), counters.most_cpu_s(), counters.connections_per_request(), counters.hit_rate());
            }
        });
    }

    #[test]
    fn a_damaged_run_is_refused_or_can_be_written_and_read_again(text in damaged(vec![RUN.to_owned()])) {
        promptly(move || {
            let Ok(run) = serde_json::from_str::<SavedRun>(&text) else { return };
            _ = (run.crowded(), run.length(), run.unlike(&run), run.doubt(std::slice::from_ref(&run)));
            let written = serde_json::to_string(&run).expect("it writes");
            let again: SavedRun = serde_json::from_str(&written).expect("it reads what it wrote");
            assert_eq!(serde_json::to_string(&again).expect("it writes"), written);
        });
    }
}

#[test]
fn counts_at_the_end_of_all_numbers_do_not_overflow() {
    let most = u64::MAX;
    let text = format!(
        "http_requests_total{{a=\"1\"}} {most}\nhttp_requests_total{{a=\"2\"}} {most}\ndb_pool_timeouts_total 1e300\n"
    );
    let counters = count(&text).expect("these are numbers");
    assert_eq!(counters.timeouts, most);
    assert_eq!(counters.served["app1"], most);
    assert_eq!(counters.connections_per_request(), Some(0.0));
}
