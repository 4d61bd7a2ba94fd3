//! What the figures of a load test mean, in sentences.

use loadgen::{Little, Plan, Summary};

/// Fewer users hardly wait for each other.
const CROWD: usize = 10;

/// The sentences that belong under the figures of a run; long ones have lines of their own.
pub fn of(plan: &Plan, summary: &Summary) -> Vec<String> {
    let load = match plan.rate_per_s {
        Some(rate_per_s) => open(rate_per_s, summary),
        None => summary.little.and_then(|little| closed(little, summary)),
    };
    let silence = summary.longest_silence_ms;
    let silence =
        (silence > 0).then(|| format!("The longest silence, without one good answer: {silence} ms."));
    let unanswered = summary.total.unanswered;
    let unanswered = (unanswered.count > 0).then(|| {
        let oldest_s = unanswered.oldest_ms as f64 / 1_000.0;
        format!(
            "{} had no answer when the run ended, the oldest for {oldest_s:.1} s by then.",
            unanswered.count
        )
    });
    let drift = summary.drift.as_ref().map(|drift| {
        format!("The numbers still drift: {drift}.\nMeasure longer (--duration 2m) before you build on them.")
    });
    let busy = format!("The generator itself was busy {:.0} % of the time.", summary.generator.busy * 100.0);
    [load, silence, unanswered, drift, Some(busy)].into_iter().flatten().collect()
}

/// Whose queue the latency is.
fn closed(Little { users, in_flight, holds }: Little, summary: &Summary) -> Option<String> {
    let (rate, mean) = (summary.total.ok_per_s, summary.total.latency_ms?.mean);
    if !holds {
        return Some(format!(
            "Throughput x latency says that {in_flight:.1} requests were waiting on average, of {users} users: some\n\
             paused after a lost connection, or the run is short beside its latencies."
        ));
    }
    (users >= CROWD && summary.total.ok == summary.total.requests).then(|| {
        format!(
            "{rate:.1} per second x {mean:.1} ms = {in_flight:.1} requests waiting: your {users} users, who ask again \
             at once.\nSo this latency is mostly your own queue; look at the throughput.\n\
             What people feel who do not wait for each other: cargo lab load --rate {:.0}",
            // Half of what it can do leaves it room to breathe.
            rate / 2.0
        )
    })
}

/// What the latency is counted from.
fn open(rate_per_s: f64, summary: &Summary) -> Option<String> {
    let latency = summary.total.latency_ms?;
    let under_way = summary.total.ok_per_s * latency.mean / 1_000.0;
    let mut text = format!(
        "{rate_per_s} requests began per second, whether or not others were answered; {under_way:.1} were under way on \
         average.\nLatency runs from the time at which each was meant to begin."
    );
    if let Some(lag_ms) = summary.generator.lag_p99_ms {
        text += &format!(" 99 % began at most {lag_ms:.1} ms late.");
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    /// What is said of 100 users, or of a rate, when all succeeded in 50 ms on average, but for what `but` says.
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
        2000.0 per second x 50.0 ms = 100.0 requests waiting: your 100 users, who ask again at once.
        So this latency is mostly your own queue; look at the throughput.
        What people feel who do not wait for each other: cargo lab load --rate 1000
        The longest silence, without one good answer: 7 ms.
        The generator itself was busy 1 % of the time.
        ");
    }

    #[test]
    fn users_who_did_not_wait_are_noticed() {
        let little = json!({"users": 100, "in_flight": 80.0, "holds": false});
        insta::assert_snapshot!(remarks(None, json!({ "little": little })), @r"
        Throughput x latency says that 80.0 requests were waiting on average, of 100 users: some
        paused after a lost connection, or the run is short beside its latencies.
        The longest silence, without one good answer: 7 ms.
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
        2000 requests began per second, whether or not others were answered; 100.0 were under way on average.
        Latency runs from the time at which each was meant to begin. 99 % began at most 0.2 ms late.
        The longest silence, without one good answer: 7 ms.
        3 had no answer when the run ended, the oldest for 31.0 s by then.
        The numbers still drift: the median latency went one way all the time, from 5.0 ms to 50.0 ms.
        Measure longer (--duration 2m) before you build on them.
        The generator itself was busy 1 % of the time.
        ");
    }
}
