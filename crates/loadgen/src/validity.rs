//! Whether a run is valid: whether the load generator and its clocks did what the plan asked of them.

use crate::{Generator, generator::clocks::Jump};

/// A thread that computes for a larger share of the time has none to spare: it may be what limits the throughput.
const BUSY_LIMIT: f64 = 0.85;

/// Gaps between the beats of a generator thread, in all. Healthy runs have none: on 2 cores with a service, its database
/// and 8 other programs that computed all the time, no beat was more than 77 ms late, and gaps begin at 200 ms.
const STOOD_STILL_LIMIT_S: f64 = 0.5;

/// A quota may hold the generator back for this share of the time. 3 % of a core held it for 90 % and more.
const THROTTLED_LIMIT: f64 = 0.05;

/// A thread may wait for a CPU for this share of the time, because generator, service and database share the cores.
/// Measured on 2 cores: 0.03 to 0.30 while others compiled, up to 0.47 beside 4 programs that computed all the time, and
/// up to 0.58 beside 8.
const CPU_WAIT_LIMIT: f64 = 0.75;

/// Requests of the open loop may begin this much too late, or this share of the median latency: compared with that, the
/// delay is small.
const LAG_LIMIT_MS: f64 = 2.0;
const LAG_LIMIT_OF_P50: f64 = 0.1;

/// Why a run of `measured_s` is invalid, in words; `p50_ms` is its median latency, if anything succeeded.
///
/// The most direct cause comes first: a generator that a quota held back stood still, and one that stood still was late.
pub(crate) fn why_invalid(
    generator: &Generator,
    measured_s: f64,
    p50_ms: Option<f64>,
    jump: Option<Jump>,
) -> Option<String> {
    jump.map(clock_jumped)
        .or_else(|| throttled(generator, measured_s))
        .or_else(|| stood_still(generator))
        .or_else(|| busy(generator))
        .or_else(|| waited_for_cpu(generator))
        .or_else(|| late(generator, p50_ms))
}

fn clock_jumped(jump: Jump) -> String {
    match jump {
        Jump::Slept(time) => format!("the machine slept for {:.1} s", time.as_secs_f64()),
        Jump::Set(time) => {
            format!("the clock was set, by {:.1} s, or the machine was paused", time.as_secs_f64())
        }
    }
}

fn stood_still(generator: &Generator) -> Option<String> {
    let time_s = generator.stood_still_s;
    (time_s > STOOD_STILL_LIMIT_S).then(|| format!("the load generator stood still for {time_s:.1} s"))
}

fn throttled(generator: &Generator, measured_s: f64) -> Option<String> {
    // The kernel adds up the throttled time of all CPUs, also while the generator had nothing to do; a thread that waits
    // for a CPU may wait for other programs. Neither exceeds what is true of both.
    let share = generator.cpu_wait?.min(generator.throttled_s / measured_s);
    (share > THROTTLED_LIMIT).then(|| {
        format!(
            "a CPU quota (cgroup) held the load generator back for {:.0} % of the time: raise the quota, or start \
             the load generator outside that cgroup",
            share * 100.0
        )
    })
}

fn busy(generator: &Generator) -> Option<String> {
    (generator.busy > BUSY_LIMIT).then(|| {
        format!(
            "a generator thread was busy {:.0} % of the time: the generator may be the bottleneck, not the server",
            generator.busy * 100.0
        )
    })
}

fn waited_for_cpu(generator: &Generator) -> Option<String> {
    generator.cpu_wait.filter(|&share| share > CPU_WAIT_LIMIT).map(|share| {
        format!(
            "the load generator waited for a CPU for {:.0} % of the time: close other programs that use the CPU",
            share * 100.0
        )
    })
}

fn late(generator: &Generator, p50_ms: Option<f64>) -> Option<String> {
    let limit_ms = LAG_LIMIT_MS.max(LAG_LIMIT_OF_P50 * p50_ms.unwrap_or_default());
    generator.lag_p99_ms.filter(|&lag_ms| lag_ms > limit_ms).map(|lag_ms| {
        format!(
            "the load generator was late: 1 % of the requests began {lag_ms:.1} ms after their time or later, and \
             the limit is {limit_ms:.1} ms; other programs may keep this machine busy"
        )
    })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    /// A run of 10 s, with a median latency of so much.
    fn why(generator: Generator, p50_ms: Option<f64>) -> Option<String> {
        why_invalid(&generator, 10.0, p50_ms, None)
    }

    #[test]
    fn a_busy_generator_makes_a_run_invalid() {
        let why = |busy| why(Generator { busy, ..Generator::default() }, None);
        assert_eq!(why(BUSY_LIMIT), None);
        insta::assert_snapshot!(
            why(0.86).unwrap_or_default(),
            @"a generator thread was busy 86 % of the time: the generator may be the bottleneck, not the server"
        );
    }

    #[test]
    fn a_late_generator_makes_a_run_invalid_unless_the_answers_take_much_longer() {
        let why =
            |lag_ms, p50_ms| why(Generator { lag_p99_ms: Some(lag_ms), ..Generator::default() }, p50_ms);
        assert_eq!(why(2.0, Some(1.0)), None);
        assert_eq!(why(10.0, Some(100.0)), None);
        assert!(why(10.1, Some(100.0)).is_some());
        insta::assert_snapshot!(
            why(2.1, None).unwrap_or_default(),
            @"the load generator was late: 1 % of the requests began 2.1 ms after their time or later, and the limit is 2.0 ms; other programs may keep this machine busy"
        );
    }

    #[test]
    fn a_jump_of_the_clock_makes_a_run_invalid() {
        let why = |jump| why_invalid(&Generator::default(), 10.0, None, Some(jump)).unwrap_or_default();
        insta::assert_snapshot!(why(Jump::Slept(Duration::from_secs(30))), @"the machine slept for 30.0 s");
        insta::assert_snapshot!(
            why(Jump::Set(Duration::from_secs(30))),
            @"the clock was set, by 30.0 s, or the machine was paused"
        );
    }

    #[test]
    fn a_generator_that_stood_still_is_the_reason_and_not_that_it_was_late() {
        let late = Generator { lag_p99_ms: Some(8_000.0), ..Generator::default() };
        let why = |stood_still_s| why(Generator { stood_still_s, ..late }, Some(1.0)).unwrap_or_default();
        insta::assert_snapshot!(why(8.0), @"the load generator stood still for 8.0 s");
        assert!(why(STOOD_STILL_LIMIT_S).starts_with("the load generator was late"));
    }

    #[test]
    fn a_quota_is_the_reason_and_not_that_the_generator_stood_still() {
        let held_back =
            Generator { cpu_wait: Some(0.9), throttled_s: 9.0, stood_still_s: 6.7, ..Generator::default() };
        assert!(why(held_back, None).unwrap_or_default().starts_with("a CPU quota (cgroup) held"));
    }

    #[test]
    fn a_quota_counts_only_as_far_as_the_generator_waited_for_it() {
        let why = |cpu_wait, throttled_s| {
            why(Generator { cpu_wait, throttled_s, ..Generator::default() }, None).unwrap_or_default()
        };
        insta::assert_snapshot!(
            why(Some(0.97), 9.7),
            @"a CPU quota (cgroup) held the load generator back for 97 % of the time: raise the quota, or start the load generator outside that cgroup"
        );
        assert!(why(Some(0.06), 40.0).contains("back for 6 %"));
        assert_eq!(why(Some(0.05), 40.0), "", "other threads of the group were held back");
        assert_eq!(why(Some(0.5), 0.5), "", "it waited for other programs");
        assert_eq!(why(None, 9.7), "", "whether this process waited is unknown");
    }

    #[test]
    fn a_generator_that_waits_for_a_cpu_makes_a_run_invalid() {
        let why = |share| why(Generator { cpu_wait: Some(share), ..Generator::default() }, None);
        assert_eq!(why(CPU_WAIT_LIMIT), None);
        insta::assert_snapshot!(
            why(0.76).unwrap_or_default(),
            @"the load generator waited for a CPU for 76 % of the time: close other programs that use the CPU"
        );
    }
}
