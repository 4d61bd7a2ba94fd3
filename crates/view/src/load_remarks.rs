//! What the figures of a load test mean, in sentences.

use format::{counted, latency, throughput};
use loadgen::{Little, Plan, Summary};

/// Fewer users hardly wait for each other.
const CROWD: usize = 10;

/// The sentences that belong under the figures of a run; long ones have lines of their own.
///
/// The figures of an invalid run mean nothing.
pub fn of(plan: &Plan, summary: &Summary) -> Vec<String> {
    let busy = format!("The generator itself was busy {:.0} % of the time.", summary.generator.busy * 100.0);
    if !summary.valid {
        return vec![busy];
    }
    let load = match plan.rate_per_s {
        Some(rate_per_s) => open(rate_per_s, summary),
        None => summary.little.and_then(|little| closed(little, summary)),
    };
    let silence = summary.longest_silence_ms;
    let silence =
        (silence > 0).then(|| format!("The longest time without a successful request: {silence} ms."));
    let unanswered = summary.total.unanswered;
    let unanswered = (unanswered.count > 0).then(|| {
        let oldest_s = unanswered.oldest_ms as f64 / 1_000.0;
        format!(
            "{} had no answer when the run ended; the oldest had waited for {oldest_s:.1} s.",
            counted(unanswered.count as f64, "request")
        )
    });
    let drift = summary.drift.as_ref().map(|drift| {
        format!("The numbers still drift: {drift}.\nMeasure longer (--duration 2m) before you rely on them.")
    });
    [load, silence, unanswered, drift, Some(busy)].into_iter().flatten().collect()
}

/// Whose queue the latency is.
fn closed(Little { users, in_flight, holds }: Little, summary: &Summary) -> Option<String> {
    let (rate, mean) = (summary.total.ok_per_s, summary.total.latency_ms?.mean);
    if !holds {
        return Some(format!(
            "Throughput x latency says that {in_flight:.1} requests were waiting on average, of {}: some\n\
             paused after a lost connection, or the run is short compared with its latencies.",
            counted(users as f64, "user")
        ));
    }
    (users >= CROWD && summary.total.ok == summary.total.requests).then(|| {
        format!(
            "{} per second x {} = {in_flight:.1} requests waiting: your {users} users, who send the \
             next request at once.\nSo this latency is mostly time in a queue; look at the throughput.\n\
             Latency for independent users: cargo lab load --rate {:.0}",
            throughput(rate),
            latency(mean),
            // Half of its throughput keeps the queue short.
            rate / 2.0
        )
    })
}

/// What the latency is counted from.
fn open(rate_per_s: f64, summary: &Summary) -> Option<String> {
    let latency = summary.total.latency_ms?;
    let under_way = summary.total.ok_per_s * latency.mean / 1_000.0;
    let mut text = format!(
        "{} per second were sent, whether or not earlier ones were answered; {under_way:.1} were in \
         flight on average.\nLatency counts from the scheduled start of each request.",
        counted(rate_per_s, "request")
    );
    if let Some(lag_ms) = summary.generator.lag_p99_ms {
        text += &format!(" 99 % started at most {lag_ms:.1} ms late.");
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    /// The remarks on 100 users, or on a rate, when all succeeded in 50 ms on average, with the fields of `but` replaced.
    fn remarks(rate_per_s: Option<f64>, but: Value) -> String {
        let plan = json!({
            "target": "127.0.0.1:3000", "endpoints": [], "users": 100, "rate_per_s": rate_per_s, "warm_up_s": 2.0,
            "duration_s": 10.0, "timeout_s": 10.0, "blocks": 5, "threads": 1, "seed": 1,
        });
        let mut summary = json!({
            "requests": 20_000, "ok": 20_000, "errors": {}, "unanswered": {"count": 0, "oldest_ms": 0},
            "success_rate": 1.0, "ok_per_s": 2_000.0, "endpoints": [], "drift": null, "longest_silence_ms": 7,
            "latency_ms": {"mean": 50.0, "p50": 50.0, "p95": 60.0, "p99": 70.0, "max": 80.0},
            "little": {"users": 100, "in_flight": 100.0, "holds": true},
            "generator": {"cpu_s": 0.1, "busy": 0.01, "lag_p99_ms": rate_per_s.map(|_| 0.2)},
            "valid": true, "why_invalid": null,
        });
        for (key, value) in but.as_object().unwrap() {
            summary[key] = value.clone();
        }
        of(&serde_json::from_value(plan).unwrap(), &serde_json::from_value(summary).unwrap()).join("\n")
    }

    #[test]
    fn the_latency_of_a_closed_loop_is_mostly_its_own_queue() {
        insta::assert_snapshot!(remarks(None, json!({})), @r"
        2,000.0 per second x 50.0 ms = 100.0 requests waiting: your 100 users, who send the next request at once.
        So this latency is mostly time in a queue; look at the throughput.
        Latency for independent users: cargo lab load --rate 1000
        The longest time without a successful request: 7 ms.
        The generator itself was busy 1 % of the time.
        ");
    }

    #[test]
    fn an_invalid_run_says_nothing_of_the_service() {
        let invalid = json!({"valid": false, "why_invalid": "the load generator stood still for 8.0 s"});
        insta::assert_snapshot!(remarks(None, invalid), @"The generator itself was busy 1 % of the time.");
    }

    #[test]
    fn users_who_did_not_wait_are_noticed() {
        let little = json!({"users": 100, "in_flight": 80.0, "holds": false});
        insta::assert_snapshot!(remarks(None, json!({ "little": little })), @r"
        Throughput x latency says that 80.0 requests were waiting on average, of 100 users: some
        paused after a lost connection, or the run is short compared with its latencies.
        The longest time without a successful request: 7 ms.
        The generator itself was busy 1 % of the time.
        ");
    }

    #[test]
    fn the_latency_of_an_open_loop_runs_from_the_time_that_was_meant() {
        let but = json!({
            "unanswered": {"count": 3, "oldest_ms": 31_000}, "little": null,
            "drift": "the median latency went one way all the time, from 5.0 ms to 50.0 ms",
        });
        insta::assert_snapshot!(remarks(Some(2_000.0), but), @r"
        2,000 requests per second were sent, whether or not earlier ones were answered; 100.0 were in flight on average.
        Latency counts from the scheduled start of each request. 99 % started at most 0.2 ms late.
        The longest time without a successful request: 7 ms.
        3 requests had no answer when the run ended; the oldest had waited for 31.0 s.
        The numbers still drift: the median latency went one way all the time, from 5.0 ms to 50.0 ms.
        Measure longer (--duration 2m) before you rely on them.
        The generator itself was busy 1 % of the time.
        ");
    }
}
