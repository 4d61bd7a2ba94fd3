//! Saved runs: those of earlier versions, and text that is no run or was damaged.

use loadgen::{Generator, Latencies, Run};
use proptest::{collection::vec, prelude::*, sample::Index};
use serde_json::{Value, json};

/// As it was saved before the generator's gaps, waits and throttling were measured.
const EARLIER: &str = include_str!("run-before-heartbeats.json");

#[test]
fn a_run_of_an_earlier_version_reads_and_means_what_it_meant() {
    let run: Run = serde_json::from_str(EARLIER).expect("what it lacks has defaults");
    let expected = Generator { cpu_s: 0.012, busy: 0.012, ..Generator::default() };
    assert_eq!(run.generator, expected);
    let summary = run.summary();
    assert!(summary.valid);
    assert_eq!((summary.total.requests, summary.total.ok), (161, 89));
    assert_eq!(summary.total.unreliable_percentiles, ["p95", "p99"], "89 answers are too few for them");
}

#[test]
fn a_run_keeps_what_it_measured_of_the_generator() {
    let generator =
        Generator { cpu_wait: Some(0.25), throttled_s: 0.5, stood_still_s: 0.75, ..Generator::default() };
    let run = Run { generator, ..serde_json::from_str(EARLIER).expect("it is a run") };
    let read: Run = serde_json::from_str(&serde_json::to_string(&run).expect("it writes")).expect("it reads");
    assert_eq!(read, run);
}

/// Values that no run has in most places.
fn strange() -> [Value; 12] {
    [
        json!(null),
        json!(0),
        json!(-1),
        json!(0.5),
        json!(1e308),
        json!(u32::MAX),
        json!(u64::MAX),
        json!(""),
        json!("AAAA"),
        json!([]),
        json!({}),
        json!([[0.0]]),
    ]
}

/// Where all values of `json` are that hold no others.
fn leaves(json: &Value, at: &str) -> Vec<String> {
    match json {
        Value::Object(fields) => {
            fields.iter().flat_map(|(key, value)| leaves(value, &format!("{at}/{key}"))).collect()
        }
        Value::Array(items) => {
            items.iter().enumerate().flat_map(|(nth, value)| leaves(value, &format!("{at}/{nth}"))).collect()
        }
        _ => vec![at.to_owned()],
    }
}

/// Sums the run up, if it is one.
fn sum_up(json: Value) {
    if let Ok(run) = serde_json::from_value::<Run>(json) {
        serde_json::to_string(&run.summary()).expect("a summary is JSON");
    }
}

#[test]
fn a_run_with_a_strange_value_anywhere_is_refused_or_summed_up() {
    let json: Value = serde_json::from_str(EARLIER).expect("it is JSON");
    for place in leaves(&json, "") {
        for value in strange() {
            let mut damaged = json.clone();
            *damaged.pointer_mut(&place).expect("it was just seen") = value;
            sum_up(damaged);
        }
    }
}

proptest! {
    #[test]
    fn a_run_with_several_strange_values_is_refused_or_summed_up(
        changes in vec((any::<Index>(), prop::sample::select(strange().to_vec())), 2..5),
    ) {
        let mut json: Value = serde_json::from_str(EARLIER).expect("it is JSON");
        for (place, value) in changes {
            let leaves = leaves(&json, "");
            if let Some(place) = leaves.get(place.index(leaves.len().max(1))) {
                *json.pointer_mut(place).expect("it was just seen") = value;
            }
        }
        sum_up(json);
    }

    #[test]
    fn text_that_is_no_run_is_refused(text in "\\PC{0,200}") {
        prop_assert!(serde_json::from_str::<Run>(&text).is_err());
    }

    #[test]
    fn bytes_that_are_no_histogram_are_refused(bytes in "[A-Za-z0-9+/]{0,80}", start in prop::sample::select(vec!["", "HISTFA", "HISTEw"])) {
        // The base64 of the two formats' first bytes, and whatever comes then.
        _ = serde_json::from_value::<Latencies>(json!(format!("{start}{bytes}")));
    }
}
