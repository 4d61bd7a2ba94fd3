//! A load test from preflight to results.

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
    generator::clocks::Clocks,
    http::{fetch::connect, request::Request},
    progress::Timeline,
    recorder::Window,
    validity::why_invalid,
    worker::{Task, ThreadResults},
};

/// Good answers per second from `endpoint` to `users`, after a second of warm-up. For benchmarks.
///
/// # Errors
/// When a request did not succeed within `timeout`, and those of [`run`].
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
/// Blocks for the warm-up and the duration, and then until the last answers arrive or time out. A stopped run returns
/// within about a second what was measured so far. All requests count that were started while measuring, whenever they
/// end. A user whose connection was refused or lost waits 100 ms before the next request.
///
/// Raises this process's limit of open files when the users need more.
///
/// # Errors
/// The plan is impossible, no server listens at its target, or the system cannot start a thread.
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
    let mut timeline = Timeline::new(window, threads);
    let (sender, ticks) = mpsc::channel();
    let recorded: io::Result<Vec<_>> = thread::scope(|scope| {
        let start = |thread| {
            let (requests, ticks) = (requests.clone(), sender.clone());
            let task = Task { plan, requests, server, window, thread, threads, stop, ticks };
            scope.spawn(|| task.run())
        };
        let working: Vec<_> = (0..threads).map(start).collect();
        // The channel ends when the last thread drops its sender.
        drop(sender);
        for tick in ticks {
            let paces = tick.thread == 0;
            timeline.add(tick);
            if paces {
                progress(timeline.progress(Instant::now(), stop.load(Ordering::Relaxed)));
            }
        }
        working.into_iter().map(|thread| thread.join().unwrap_or_else(|panic| resume_unwind(panic))).collect()
    });
    let recorded = recorded.context("cannot start a generator thread")?;
    let all = recorded.into_iter().reduce(ThreadResults::add).context("no generator thread")?;
    let lag_p99_ms = all.recording.lag.quantile_ms(0.99);
    let generator = Generator { lag_p99_ms, ..all.generator }.rounded();
    let mut run = Run {
        plan: plan.clone(),
        measured_s: all.measured.as_secs_f64(),
        endpoints: all.recording.endpoints,
        rows: timeline.finish(),
        longest_silence_ms: longest_silence(&all.recording.served),
        why_invalid: None,
        generator,
    };
    let p50_ms = run.summary().total.latency_ms.map(|latency| latency.p50);
    run.why_invalid = why_invalid(&generator, run.measured_s, p50_ms, clocks.jump());
    Ok(run)
}

/// Lets this process have as many connections as there are users.
fn allow_connections(users: usize) -> anyhow::Result<()> {
    // 100 for the other files of the program: epoll, a terminal, a log, ...
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

/// The longest sequence of milliseconds without a good answer.
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
