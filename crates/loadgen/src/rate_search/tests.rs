//! The search, on simulated services whose limit is known.

use super::*;
use crate::summary::tests::run;

/// Measures a service that answers at most `most_per_s`, with a generator that sends at most `generator_per_s`.
fn measure(most_per_s: f64, generator_per_s: f64) -> impl FnMut(f64) -> anyhow::Result<Option<Step>> {
    move |rate_per_s| {
        let mut summary = run().summary();
        summary.valid = rate_per_s <= generator_per_s;
        let answered_per_s = rate_per_s.min(most_per_s).min(generator_per_s);
        let why_not = (rate_per_s > answered_per_s).then(|| "it is slow".to_owned());
        Ok(Some(Step { rate_per_s, answered_per_s, summary, why_not }))
    }
}

#[test]
fn the_climb_ends_at_most_five_percent_below_what_the_service_can_take() {
    for most_per_s in [3.0, 49.0, 50.0, 51.0, 820.0, 99_000.0] {
        let result = search(50.0, measure(most_per_s, f64::MAX)).unwrap();
        let sustained = result.sustained_per_s.unwrap();
        assert!(sustained <= most_per_s && sustained > 0.95 * most_per_s, "{sustained} of {most_per_s}");
        assert!(result.found);
        assert!(result.steps.len() <= 25, "{} steps", result.steps.len());
    }
}

#[test]
fn one_hiccup_does_not_end_the_climb() {
    let mut service = measure(820.0, f64::MAX);
    let mut hiccup = true;
    let result = search(50.0, |rate| {
        let mut step = service(rate)?;
        if rate == 100.0 && std::mem::take(&mut hiccup) {
            step = step.map(|step| Step { why_not: Some("a hiccup".to_owned()), ..step });
        }
        Ok(step)
    });
    assert!(result.unwrap().sustained_per_s > Some(780.0));
}

#[test]
fn a_generator_that_cannot_go_on_has_not_found_the_limit() {
    let result = search(50.0, measure(820.0, 300.0)).unwrap();
    assert_eq!((result.sustained_per_s, result.found), (Some(200.0), false));
}

#[test]
fn a_service_that_sustains_nothing_is_said_so() {
    let result = search(50.0, measure(0.0, f64::MAX)).unwrap();
    assert_eq!((result.sustained_per_s, result.found), (None, false));
}

#[test]
fn a_climb_that_is_stopped_keeps_its_steps() {
    let mut service = measure(820.0, f64::MAX);
    let result = search(50.0, |rate| if rate < 300.0 { service(rate) } else { Ok(None) }).unwrap();
    assert_eq!((result.sustained_per_s, result.found, result.steps.len()), (Some(200.0), false, 3));
}

#[test]
fn errors_late_answers_and_long_ones_each_mean_that_it_does_not_keep_up() {
    let why = |change: fn(&mut Summary), answered_per_s| {
        let mut summary = run().summary();
        (summary.total.success_rate, summary.total.ok) = (1.0, 103);
        change(&mut summary);
        why_not(&summary, answered_per_s, 10.0, &Limits::default())
    };
    assert_eq!(why(|_| (), 9.5), None);
    assert_eq!(why(|_| (), 9.4).unwrap(), "only 9 per second were answered");
    assert_eq!(why(|all| all.total.success_rate = 0.99, 10.0), None);
    let failed = why(|all| all.total.success_rate = 0.98, 10.0).unwrap();
    assert_eq!(failed, "2.0 % of the requests failed, most of them by connect");
    let slow = why(|all| all.total.latency_ms.as_mut().unwrap().p99 = 501.0, 10.0).unwrap();
    assert_eq!(slow, "p99 was 501 ms (of 103), and 500 ms is the limit");
    assert_eq!(why(|all| all.total.latency_ms = None, 0.0).unwrap(), "not one request succeeded");
}
