//! A load test from preflight to report.

use std::{
    io,
    panic::resume_unwind,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc,
    },
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, ensure};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use crate::{
    Endpoint, Generator, Plan, Progress, Run,
    clocks::Clocks,
    course::Course,
    fetch::connect,
    record::Window,
    request::Request,
    worker::{Recorded, Task},
};

/// A thread that computes for more than this share of the time has none to spare: it may be what limits the
/// throughput.
const BUSY_LIMIT: f64 = 0.85;

/// How far two clocks can drift apart during a run without one of them jumping.
const DRIFT_LIMIT: Duration = Duration::from_millis(500);

/// Good answers per second of `endpoint` for so many users, after a second of warm-up: for benchmarks.
///
/// # Errors
/// When one request of them all did not succeed within `timeout`, and as [`run`].
pub fn rate(
    target: impl ToString,
    endpoint: Endpoint,
    users: usize,
    duration: Duration,
    timeout: Duration,
) -> anyhow::Result<f64> {
    let plan = Plan {
        target: target.to_string(),
        endpoints: vec![endpoint],
        users,
        warm_up: Duration::from_secs(1),
        duration,
        timeout,
        blocks: 1,
        threads: 1,
        seed: 1,
    };
    let total = run(&plan, &AtomicBool::new(false), |_| ())?.summary().total;
    ensure!(total.ok == total.requests, "not all requests succeeded: {:?}", total.errors);
    Ok(total.ok_per_s)
}

/// Runs `plan` to its end, or until `stop` is set.
///
/// Blocks for the warm-up, the duration and as much of the timeout as the last answers need; stopped, it
/// returns within about a second with what was measured so far. Requests that were started while measuring
/// count, whenever they end. A user whose connection was refused or lost waits 100 ms before trying again.
///
/// Raises this process's limit of open files where the users need it.
///
/// # Errors
/// The plan cannot be run, nothing listens at its target, or the system lets no generator start.
pub fn run(plan: &Plan, stop: &AtomicBool, mut progress: impl FnMut(&Progress)) -> anyhow::Result<Run> {
    plan.check()?;
    let render = |endpoint| Request::render(endpoint, &plan.target);
    let requests: Arc<[Request]> = plan.endpoints.iter().map(render).collect::<anyhow::Result<_>>()?;
    allow_connections(plan.users)?;
    progress(&Progress::START);
    let server = connect(&plan.target, plan.timeout)?.peer_addr()?;

    let clocks = Clocks::read();
    let window = Window::of(plan, clocks.monotonic);
    let threads = plan.threads.min(plan.users);
    let mut course = Course::new(window, threads);
    let (sender, ticks) = mpsc::channel();
    let recorded: io::Result<Vec<_>> = thread::scope(|scope| {
        let start = |thread| {
            let (requests, ticks) = (requests.clone(), sender.clone());
            let task = Task { plan, requests, server, window, thread, threads, stop, ticks };
            scope.spawn(|| task.run())
        };
        let working: Vec<_> = (0..threads).map(start).collect();
        // With this one gone, the channel ends with the last thread.
        drop(sender);
        for tick in ticks {
            let paces = tick.thread == 0;
            course.add(tick);
            if paces {
                progress(course.progress(Instant::now(), stop.load(Ordering::Relaxed)));
            }
        }
        working.into_iter().map(|thread| thread.join().unwrap_or_else(|panic| resume_unwind(panic))).collect()
    });
    let recorded = recorded.context("cannot start a generator thread")?;
    let all = recorded.into_iter().reduce(Recorded::add).context("no generator thread")?;
    Ok(Run {
        plan: plan.clone(),
        measured_s: all.measured.as_secs_f64(),
        endpoints: all.endpoints,
        rows: course.finish(),
        longest_silence_ms: longest_silence(&all.served),
        why_invalid: why_invalid(all.busy, clocks.drift()),
        generator: Generator { cpu_s: thousandths(all.cpu.as_secs_f64()), busy: thousandths(all.busy) },
    })
}

/// Lets this process have as many connections as there are users.
fn allow_connections(users: usize) -> anyhow::Result<()> {
    // Whatever else the program has open: epoll, a terminal, a log, ...
    let needed = users as u64 + 100;
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    if current.is_some_and(|current| current < needed) {
        let allowed = maximum.unwrap_or(u64::MAX);
        ensure!(
            needed <= allowed,
            "{users} users need {needed} open files, and the system allows {allowed} (`ulimit -Hn`)"
        );
        setrlimit(Resource::Nofile, Rlimit { current: Some(needed), maximum })?;
    }
    Ok(())
}

/// The longest row of milliseconds without a good answer.
fn longest_silence(served: &[bool]) -> u64 {
    served.split(|&served| served).map(<[bool]>::len).max().unwrap_or_default() as u64
}

/// Rounded to what was measured with any certainty.
fn thousandths(value: f64) -> f64 {
    (value * 1_000.0).round() / 1_000.0
}

fn why_invalid(busy: f64, drift: Duration) -> Option<String> {
    if busy > BUSY_LIMIT {
        return Some(format!(
            "a generator thread was busy {:.0} % of the time: the generator may be the bottleneck, not the server",
            busy * 100.0
        ));
    }
    (drift > DRIFT_LIMIT).then(|| {
        format!("the clock jumped by {:.1} s: the machine slept, or its time was set", drift.as_secs_f64())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_busy_generator_or_a_jump_of_the_clock_makes_a_run_invalid() {
        assert_eq!(why_invalid(BUSY_LIMIT, DRIFT_LIMIT), None);
        let busy = why_invalid(0.86, Duration::ZERO);
        assert_eq!(
            busy.as_deref(),
            Some(
                "a generator thread was busy 86 % of the time: the generator may be the bottleneck, not the server"
            )
        );
        let slept = why_invalid(0.1, Duration::from_secs(30));
        assert_eq!(
            slept.as_deref(),
            Some("the clock jumped by 30.0 s: the machine slept, or its time was set")
        );
    }

    #[test]
    fn silence_also_counts_before_the_first_answer_and_after_the_last() {
        assert_eq!(longest_silence(&[false, false, true, false, true]), 2);
        assert_eq!(longest_silence(&[true, false, true, false, false, false]), 3);
        assert_eq!(longest_silence(&[]), 0);
    }
}
