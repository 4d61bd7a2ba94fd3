//! Whether a run can be believed.

use crate::{Generator, clocks::Jump};

/// A thread that computes for more than this share of the time has none to spare: it may be what limits the
/// throughput.
const BUSY_LIMIT: f64 = 0.85;

/// Requests of the open loop may begin this much too late, or this share of the median latency: beside that
/// nobody notices it.
const LAG_LIMIT_MS: f64 = 2.0;
const LAG_LIMIT_OF_P50: f64 = 0.1;

/// What speaks against a run, in words; `p50_ms` is its median latency, if anything succeeded.
pub(crate) fn why_invalid(generator: &Generator, p50_ms: Option<f64>, jump: Option<Jump>) -> Option<String> {
    let lag_limit_ms = LAG_LIMIT_MS.max(LAG_LIMIT_OF_P50 * p50_ms.unwrap_or_default());
    if let Some(Jump::Slept(time)) = jump {
        return Some(format!("the machine slept for {:.1} s", time.as_secs_f64()));
    }
    if let Some(Jump::Set(time)) = jump {
        return Some(format!("the clock was set, by {:.1} s, or the machine was paused", time.as_secs_f64()));
    }
    if generator.busy > BUSY_LIMIT {
        return Some(format!(
            "a generator thread was busy {:.0} % of the time: the generator may be the bottleneck, not the server",
            generator.busy * 100.0
        ));
    }
    generator.lag_p99_ms.filter(|&lag_ms| lag_ms > lag_limit_ms).map(|lag_ms| {
        format!(
            "the generator came too late: 1 % of the requests began {lag_ms:.1} ms after their time or later, \
             and {lag_limit_ms:.1} ms would do; other programs may keep this machine busy"
        )
    })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn why(busy: f64, lag_p99_ms: Option<f64>, p50_ms: Option<f64>) -> Option<String> {
        why_invalid(&Generator { cpu_s: 1.0, busy, lag_p99_ms }, p50_ms, None)
    }

    #[test]
    fn a_busy_generator_makes_a_run_invalid() {
        assert_eq!(why(BUSY_LIMIT, None, None), None);
        insta::assert_snapshot!(
            why(0.86, None, None).unwrap_or_default(),
            @"a generator thread was busy 86 % of the time: the generator may be the bottleneck, not the server"
        );
    }

    #[test]
    fn a_late_generator_makes_a_run_invalid_unless_the_answers_take_much_longer() {
        assert_eq!(why(0.1, Some(2.0), Some(1.0)), None);
        assert_eq!(why(0.1, Some(10.0), Some(100.0)), None);
        assert!(why(0.1, Some(10.1), Some(100.0)).is_some());
        insta::assert_snapshot!(
            why(0.1, Some(2.1), None).unwrap_or_default(),
            @"the generator came too late: 1 % of the requests began 2.1 ms after their time or later, and 2.0 ms would do; other programs may keep this machine busy"
        );
    }

    #[test]
    fn a_jump_of_the_clock_makes_a_run_invalid() {
        let why = |jump| why_invalid(&Generator::default(), None, Some(jump)).unwrap_or_default();
        insta::assert_snapshot!(why(Jump::Slept(Duration::from_secs(30))), @"the machine slept for 30.0 s");
        insta::assert_snapshot!(
            why(Jump::Set(Duration::from_secs(30))),
            @"the clock was set, by 30.0 s, or the machine was paused"
        );
    }
}
