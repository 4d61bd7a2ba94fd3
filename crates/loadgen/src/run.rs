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
    validity::why_invalid,
    worker::{Recorded, Task},
};

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
        rate_per_s: None,
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
    let lag_p99_ms = all.notes.lag.quantile_ms(0.99);
    let generator = Generator { lag_p99_ms, ..all.generator }.rounded();
    let mut run = Run {
        plan: plan.clone(),
        measured_s: all.measured.as_secs_f64(),
        endpoints: all.notes.endpoints,
        rows: course.finish(),
        longest_silence_ms: longest_silence(&all.notes.served),
        why_invalid: None,
        generator,
    };
    let p50_ms = run.summary().total.latency_ms.map(|latency| latency.p50);
    run.why_invalid = why_invalid(&generator, run.measured_s, p50_ms, clocks.jump());
    Ok(run)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn silence_also_counts_before_the_first_answer_and_after_the_last() {
        assert_eq!(longest_silence(&[false, false, true, false, true]), 2);
        assert_eq!(longest_silence(&[true, false, true, false, false, false]), 3);
        assert_eq!(longest_silence(&[]), 0);
    }
}
