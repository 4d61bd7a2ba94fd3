//! How each tool is asked to do the same: so many connections, so many seconds, one thread.

use std::{fs, io::ErrorKind, process::Command, sync::atomic::AtomicBool, time::Duration};

use anyhow::{Context, ensure};
use loadgen::{Endpoint, Plan};

use crate::{CONNECTIONS, SECONDS};

/// A load generator.
#[derive(Clone, Copy, PartialEq)]
pub enum Tool {
    Loadgen,
    Wrk,
    Oha,
    Hey,
}

/// What one run reached, and what it took.
#[derive(Clone, Copy)]
pub struct Cost {
    pub per_s: f64,
    /// CPU per request, in microseconds.
    pub cpu_us: f64,
}

impl Tool {
    pub const ALL: [Self; 4] = [Self::Loadgen, Self::Wrk, Self::Oha, Self::Hey];

    pub fn name(self) -> &'static str {
        match self {
            Self::Loadgen => "loadgen",
            Self::Wrk => "wrk",
            Self::Oha => "oha",
            Self::Hey => "hey",
        }
    }

    /// How to get it, if it is not there.
    pub fn missing(self) -> Option<&'static str> {
        let get = match self {
            Self::Loadgen => return None,
            Self::Wrk => "apt-get install wrk",
            Self::Oha => "cargo install oha --locked",
            Self::Hey => "apt-get install hey",
        };
        let tried = Command::new(self.name()).arg("--help").output();
        tried.is_err_and(|error| error.kind() == ErrorKind::NotFound).then_some(get)
    }

    /// One run against the server at `address`.
    pub fn run(self, address: &str) -> anyhow::Result<Cost> {
        let before = cpu()?;
        let (requests, per_s) = match self {
            Self::Loadgen => ours(&plan(address, SECONDS, 1))?,
            Self::Wrk => {
                let text = self.output(
                    address,
                    &format!("--threads=1 --connections={CONNECTIONS} --duration={SECONDS}"),
                )?;
                // "  457890 requests in 3.00s, 38.43MB read" and "Requests/sec: 152612.03"
                (number(&text, "requests in")?, number(&text, "Requests/sec")?)
            }
            Self::Oha => {
                let text = self.output(address, &format!("--no-tui -z {SECONDS}s -c {CONNECTIONS}"))?;
                // "  Requests/sec:	152612.0342" and "  [200] 457890 responses"
                (number(&text, " responses")?, number(&text, "Requests/sec")?)
            }
            Self::Hey => {
                let text = self.output(address, &format!("-cpus 1 -z {SECONDS}s -c {CONNECTIONS}"))?;
                (number(&text, " responses")?, number(&text, "Requests/sec")?)
            }
        };
        let after = cpu()?;
        let used = match self {
            Self::Loadgen => after.own - before.own,
            _ => after.children - before.children,
        };
        Ok(Cost { per_s, cpu_us: used.as_secs_f64() * 1e6 / requests })
    }

    fn output(self, address: &str, arguments: &str) -> anyhow::Result<String> {
        let output = Command::new(self.name())
            .args(arguments.split(' '))
            .arg(format!("http://{address}/"))
            // oha has no other way to say so.
            .env("TOKIO_WORKER_THREADS", "1")
            .output()
            .with_context(|| format!("cannot run {}", self.name()))?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let failed = ["Socket errors", "Non-2xx", "Status code distribution:\n  [5"]
            .iter()
            .any(|sign| text.contains(sign));
        ensure!(output.status.success() && !failed, "{}:\n{text}", self.name());
        Ok(text)
    }
}

/// `blocks` as in the plan.
pub fn plan(address: &str, seconds: u64, blocks: u32) -> Plan {
    Plan {
        target: address.into(),
        endpoints: vec![Endpoint::get("/")],
        users: CONNECTIONS,
        rate_per_s: None,
        warm_up: Duration::ZERO,
        duration: Duration::from_secs(seconds),
        timeout: Duration::from_secs(2),
        blocks,
        threads: 1,
        seed: 1,
    }
}

fn ours(plan: &Plan) -> anyhow::Result<(f64, f64)> {
    let total = loadgen::run(plan, &AtomicBool::new(false), |_| ())?.summary().total;
    ensure!(total.ok == total.requests, "not all requests succeeded: {:?}", total.errors);
    Ok((total.ok as f64, total.ok_per_s))
}

/// The first number in the line that holds `of`.
fn number(text: &str, of: &str) -> anyhow::Result<f64> {
    let line = text.lines().find(|line| line.contains(of)).with_context(|| format!("no {of} in:\n{text}"))?;
    let words = line.split_whitespace().filter(|word| !word.starts_with('['));
    words.into_iter().find_map(|word| word.parse().ok()).with_context(|| format!("no number in {line}"))
}

/// CPU used so far.
struct Cpu {
    /// By this process, all threads.
    own: Duration,
    /// By the children it has waited for.
    children: Duration,
}

/// Source: proc(5), `/proc/pid/stat`, fields 14 to 17.
fn cpu() -> anyhow::Result<Cpu> {
    let stat = fs::read_to_string("/proc/self/stat")?;
    // The name before it may hold anything.
    let (_, fields) = stat.rsplit_once(") ").context("/proc/self/stat has no name")?;
    let ticks: Vec<u64> = fields.split(' ').skip(11).take(4).map(str::parse).collect::<Result<_, _>>()?;
    // Linux tells every program hundredths of a second, whatever it counts in itself.
    let time = |ticks: &[u64]| Duration::from_millis(10 * ticks.iter().sum::<u64>());
    Ok(Cpu { own: time(&ticks[..2]), children: time(&ticks[2..]) })
}
