//! Is measuring cheap? The generator against wrk, oha and hey, on the same small static answer, at 100 connections
//! and one thread each.
//!
//! `cargo bench -p loadgen` prints a table, and fails when it misses a goal beside wrk. The tools take turns, so
//! that whatever else the machine does falls on all of them. Then it looks at its own memory.

mod server;
mod tools;

use std::{env, fs, process::ExitCode, sync::atomic::AtomicBool, time::Duration};

use anyhow::Context;
use loadgen::{Phase, Plan};

use crate::{
    server::{Server, serve},
    tools::{Cost, Tool, plan},
};

const CONNECTIONS: usize = 100;
const SECONDS: u64 = 3;

/// Turns of each tool; every other time in the opposite order.
const ROUNDS: usize = 4;

/// Successes per second, beside wrk's.
const RATE_GOAL: f64 = 1.0;

/// CPU per request, beside wrk's.
const CPU_GOAL: f64 = 1.0;

/// Memory after ten seconds, beside that after two: four blocks more, 0.6 MiB.
const MEMORY_GOAL: f64 = 1.15;

fn main() -> ExitCode {
    let result = if env::args().any(|argument| argument == "--serve") { serve() } else { compare() };
    result.unwrap_or_else(|error| {
        eprintln!("loadgen bench: {error:#}");
        ExitCode::FAILURE
    })
}

fn compare() -> anyhow::Result<ExitCode> {
    let server = Server::start()?;
    let (skipped, mut present): (Vec<_>, Vec<_>) =
        Tool::ALL.into_iter().partition(|tool| tool.missing().is_some());
    for tool in skipped {
        println!("{} is skipped; it comes with: {}", tool.name(), tool.missing().unwrap_or_default());
    }
    let mut costs: Vec<(Tool, Cost)> = Vec::new();
    for _ in 0..ROUNDS {
        for &tool in &present {
            costs.push((tool, tool.run(&server.address)?));
        }
        present.reverse();
    }
    let mean = |tool: Tool| Cost::mean(costs.iter().filter(|(of, _)| *of == tool).map(|(_, cost)| cost));
    let ours = mean(Tool::Loadgen).context("the generator itself is there")?;
    println!("| tool    | requests per second | CPU per request | loadgen's rate | loadgen's CPU |");
    println!("|---------|--------------------:|----------------:|---------------:|--------------:|");
    for (tool, cost) in Tool::ALL.into_iter().filter_map(|tool| Some((tool, mean(tool)?))) {
        let (rate, cpu) = ours.beside(&cost);
        let Cost { per_s, cpu_us } = cost;
        println!("| {:<7} | {per_s:>19.0} | {cpu_us:>12.2} µs | {rate:>13.2}x | {cpu:>12.2}x |", tool.name());
    }
    open_loop(&server, &ours)?;
    let memory = memory(&server)?;
    let Some(wrk) = mean(Tool::Wrk) else { return Ok(ExitCode::SUCCESS) };
    let (rate, cpu) = ours.beside(&wrk);
    println!(
        "loadgen_vs_wrk: {rate:.2}\nloadgen_cpu_per_request_vs_wrk: {cpu:.2}\nloadgen_memory_after_10_s_vs_2_s: {memory:.2}"
    );
    if rate >= RATE_GOAL && cpu <= CPU_GOAL && memory <= MEMORY_GOAL {
        return Ok(ExitCode::SUCCESS);
    }
    eprintln!(
        "loadgen bench: the goals are at least {RATE_GOAL}, at most {CPU_GOAL} and at most {MEMORY_GOAL}"
    );
    Ok(ExitCode::FAILURE)
}

/// What the open loop costs at half the rate of the closed one, and how punctual it is.
fn open_loop(server: &Server, closed: &Cost) -> anyhow::Result<()> {
    let rate_per_s = (closed.per_s / 2.0).round();
    let plan = Plan {
        rate_per_s: Some(rate_per_s),
        warm_up: Duration::from_secs(1),
        ..plan(&server.address, SECONDS, 1)
    };
    let run = loadgen::run(&plan, &AtomicBool::new(false), |_| ())?;
    let cpu_us = run.generator.cpu_s * 1e6 / run.summary().total.ok as f64;
    let lag_ms = run.generator.lag_p99_ms.unwrap_or_default();
    println!(
        "open loop at {rate_per_s} per second: {cpu_us:.2} µs per request, 99 % began at most {lag_ms:.2} ms late"
    );
    Ok(())
}

/// Memory of this process late in a run, as a multiple of what it was early in it.
fn memory(server: &Server) -> anyhow::Result<f64> {
    let (mut early, mut late) = (None, None);
    // In blocks, as the lab does it: each takes 150 kB.
    loadgen::run(&plan(&server.address, 11, 5), &AtomicBool::new(false), |progress| {
        let after =
            |seconds| progress.phase == Phase::Measure && progress.elapsed >= Duration::from_secs(seconds);
        if after(2) && early.is_none() {
            early = resident_pages();
        }
        if after(10) && late.is_none() {
            late = resident_pages();
        }
    })?;
    let (early, late) = early.zip(late).context("the run was too short, or /proc says nothing")?;
    println!(
        "memory of the generator: {:.1} MiB after 2 s, {:.1} MiB after 10 s",
        early / 256.0,
        late / 256.0
    );
    Ok(late / early)
}

/// Of 4 KiB. Source: proc(5), `/proc/pid/statm`, the second field.
fn resident_pages() -> Option<f64> {
    fs::read_to_string("/proc/self/statm").ok()?.split(' ').nth(1)?.parse().ok()
}

impl Cost {
    fn mean<'a>(all: impl Iterator<Item = &'a Self> + Clone) -> Option<Self> {
        let count = all.clone().count() as f64;
        let mean = |of: fn(&Self) -> f64| all.clone().map(of).sum::<f64>() / count;
        (count > 0.0).then(|| Self { per_s: mean(|cost| cost.per_s), cpu_us: mean(|cost| cost.cpu_us) })
    }

    /// Rate and CPU per request as multiples of another's.
    fn beside(&self, other: &Self) -> (f64, f64) {
        (self.per_s / other.per_s, self.cpu_us / other.cpu_us)
    }
}
