//! The figures of a run that was made up, so that they are known.

use std::time::Duration;

use super::*;

/// Ten seconds in which a hundred answers took 1 to 100 ms, two requests failed and one was left.
pub(crate) fn run() -> Run {
    let plan = serde_json::from_value(serde_json::json!({
        "target": "127.0.0.1:3000",
        "endpoints": [{ "name": "feed", "path": "/feed" }],
        "users": 2, "warm_up_s": 0.0, "duration_s": 10.0, "timeout_s": 5.0, "blocks": 2, "threads": 1, "seed": 1,
    }));
    let mut blocks = vec![BTreeMap::<Outcome, Latencies>::new(); 2];
    for nth in 1..=100 {
        let good = blocks[nth as usize % 2].entry(Outcome::Ok).or_default();
        good.record(Duration::from_millis(nth));
    }
    blocks[0].entry(Outcome::Status5xx).or_default().record(Duration::from_secs(4));
    blocks[1].entry(Outcome::Connect).or_default().record(Duration::from_micros(50));
    let unanswered = Unanswered { count: 1, oldest_ms: 900 };
    let mut feed = EndpointRun { name: "feed".into(), blocks, unanswered, ..EndpointRun::default() };
    feed.keep_sample(Outcome::Status5xx, "no connection came free".into());
    Run {
        plan: plan.expect("the rest of an endpoint has defaults"),
        measured_s: 10.0,
        endpoints: vec![feed],
        rows: Vec::new(),
        longest_silence_ms: 100,
        generator: Generator { cpu_s: 0.5, busy: 0.05, ..Generator::default() },
        why_invalid: None,
    }
}

#[test]
fn a_summary_has_the_keys_that_scripts_read() {
    let json = serde_json::to_value(run().summary()).expect("a summary is JSON");
    let keys = json.as_object().expect("it has keys").iter();
    let lines: String = keys.map(|(key, value)| format!("{key}: {value}\n")).collect();
    insta::assert_snapshot!(lines, @r#"
    drift: null
    endpoints: [{"errors":{"check":{"count":0,"samples":[]},"connect":{"count":1,"samples":[]},"parse":{"count":0,"samples":[]},"reset":{"count":0,"samples":[]},"status_4xx":{"count":0,"samples":[]},"status_5xx":{"count":1,"samples":["no connection came free"]},"timeout":{"count":0,"samples":[]}},"latency_ms":{"max":100.031,"mean":50.504,"p50":50.015,"p95":95.039,"p99":99.007},"name":"feed","ok":100,"ok_per_s":10.0,"requests":103,"retried":0,"success_rate":0.970873786407767,"unanswered":{"count":1,"oldest_ms":900},"unreliable_percentiles":["p99"]}]
    errors: {"check":{"count":0,"samples":[]},"connect":{"count":1,"samples":[]},"parse":{"count":0,"samples":[]},"reset":{"count":0,"samples":[]},"status_4xx":{"count":0,"samples":[]},"status_5xx":{"count":1,"samples":["no connection came free"]},"timeout":{"count":0,"samples":[]}}
    generator: {"busy":0.05,"cpu_s":0.5,"cpu_wait":null,"lag_p99_ms":null,"stood_still_s":0.0,"throttled_s":0.0}
    latency_ms: {"max":100.031,"mean":50.504,"p50":50.015,"p95":95.039,"p99":99.007}
    little: {"holds":false,"in_flight":0.9051168,"users":2}
    longest_silence_ms: 100
    ok: 100
    ok_per_s: 10.0
    requests: 103
    retried: 0
    success_rate: 0.970873786407767
    unanswered: {"count":1,"oldest_ms":900}
    unreliable_percentiles: ["p99"]
    valid: true
    why_invalid: null
    "#);
}

#[test]
fn nothing_measured_is_zero_and_not_nan() {
    let summary = Run { measured_s: 0.0, endpoints: Vec::new(), ..run() }.summary();
    assert_eq!((summary.total.success_rate, summary.total.ok_per_s), (0.0, 0.0));
    assert_eq!(summary.total.latency_ms, None);
}

#[test]
fn percentiles_that_rest_on_too_few_answers_are_named() {
    let total = run().summary().total;
    assert_eq!(total.unreliable_percentiles, ["p99"], "100 answers are enough for p95");
    assert!(total.is_reliable(0.95) && !total.is_reliable(0.99));
    let nothing = Run { endpoints: Vec::new(), ..run() }.summary().total;
    assert!(nothing.unreliable_percentiles.is_empty(), "there is none");
}

#[test]
fn requests_in_flight_are_throughput_times_latency() {
    let little = run().little().expect("the loop is closed");
    // 5.05 s of answers and 4 s of an error, in ten seconds.
    assert!((little.in_flight - 0.905).abs() < 0.001, "{little:?}");
    assert!(!little.holds);
    assert!(Run { measured_s: 4.5, ..run() }.little().is_some_and(|little| little.holds));
    let plan = crate::Plan { rate_per_s: Some(10.0), ..run().plan };
    assert_eq!(Run { plan, ..run() }.little(), None);
}

#[test]
fn an_outcome_is_called_as_in_json() {
    for outcome in [Outcome::ERRORS.as_slice(), &[Outcome::Ok]].concat() {
        assert_eq!(serde_json::to_value(outcome).expect("it is a word"), outcome.name());
    }
}
