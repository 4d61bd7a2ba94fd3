//! Is measuring cheap? The generator against wrk, on the same small static answer, at 100 connections and one
//! thread each.
//!
//! `cargo bench -p loadgen` prints two ratios and fails when one misses its goal. The runs alternate, so that
//! whatever else the machine does falls on both. The server is this program in a process of its own, so that
//! its CPU is nobody else's.

use std::{
    env, fs,
    io::{self, BufRead, BufReader, Read},
    process::{Child, Command, ExitCode, Stdio},
    sync::atomic::AtomicBool,
    thread,
    time::Duration,
};

use anyhow::{Context, ensure};
use loadgen::{Endpoint, Plan};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    runtime::{Builder, LocalOptions},
};

const CONNECTIONS: usize = 100;
const SECONDS: u64 = 3;

/// Which of the two measures when.
const ORDER: &str = "wllwwllw";

/// Successes per second, beside wrk's.
const RATE_GOAL: f64 = 0.8;

/// CPU per request, beside wrk's.
const CPU_GOAL: f64 = 1.3;

const ANSWER: &[u8] = b"HTTP/1.1 200 OK\r\nServer: bench\r\nContent-Type: text/plain\r\nContent-Length: 13\r\n\r\nHello, world!";

fn main() -> ExitCode {
    let result = if env::args().any(|argument| argument == "--serve") { serve() } else { compare() };
    result.unwrap_or_else(|error| {
        eprintln!("loadgen bench: {error:#}");
        ExitCode::FAILURE
    })
}

fn compare() -> anyhow::Result<ExitCode> {
    let server = Server::start()?;
    let (mut wrk, mut ours) = (Vec::new(), Vec::new());
    for turn in ORDER.chars() {
        match turn {
            'w' => wrk.push(run_wrk(&server.address)?),
            _ => ours.push(run_loadgen(&server.address)?),
        }
    }
    let (wrk, ours) = (Cost::mean(&wrk), Cost::mean(&ours));
    let rate = ours.per_s / wrk.per_s;
    let cpu = ours.cpu_us / wrk.cpu_us;
    println!("loadgen_vs_wrk: {rate:.2} ({:.0}/s against {:.0}/s)", ours.per_s, wrk.per_s);
    println!("loadgen_cpu_per_request_vs_wrk: {cpu:.2} ({:.2} µs against {:.2} µs)", ours.cpu_us, wrk.cpu_us);
    if rate >= RATE_GOAL && cpu <= CPU_GOAL {
        return Ok(ExitCode::SUCCESS);
    }
    eprintln!("loadgen bench: the goals are at least {RATE_GOAL} and at most {CPU_GOAL}");
    Ok(ExitCode::FAILURE)
}

/// What one run reached, and what it took.
struct Cost {
    per_s: f64,
    /// CPU per request, in microseconds.
    cpu_us: f64,
}

impl Cost {
    fn mean(all: &[Self]) -> Self {
        let mean = |of: fn(&Self) -> f64| all.iter().map(of).sum::<f64>() / all.len() as f64;
        Self { per_s: mean(|cost| cost.per_s), cpu_us: mean(|cost| cost.cpu_us) }
    }
}

fn run_wrk(address: &str) -> anyhow::Result<Cost> {
    let before = cpu()?.children;
    let output = Command::new("wrk")
        .args(["--threads=1", &format!("--connections={CONNECTIONS}"), &format!("--duration={SECONDS}")])
        .arg(format!("http://{address}/"))
        .output()
        .context("cannot run wrk (Debian and Ubuntu: apt-get install wrk)")?;
    let text = String::from_utf8_lossy(&output.stdout);
    ensure!(output.status.success() && !text.contains("errors") && !text.contains("Non-2xx"), "wrk:\n{text}");
    // "  457890 requests in 3.00s, 38.43MB read" and "Requests/sec: 152612.03"
    let number = |of: &str| {
        let line = text.lines().find(|line| line.contains(of))?;
        line.split_whitespace().find_map(|word| word.parse::<f64>().ok())
    };
    let (requests, per_s) =
        number("requests in").zip(number("Requests/sec")).context("wrk says something new")?;
    Ok(Cost { per_s, cpu_us: (cpu()?.children - before).as_secs_f64() * 1e6 / requests })
}

fn run_loadgen(address: &str) -> anyhow::Result<Cost> {
    let before = cpu()?.own;
    let plan = Plan {
        target: address.into(),
        endpoints: vec![Endpoint::get("/")],
        users: CONNECTIONS,
        warm_up: Duration::ZERO,
        duration: Duration::from_secs(SECONDS),
        timeout: Duration::from_secs(2),
        blocks: 1,
        threads: 1,
        seed: 1,
    };
    let total = loadgen::run(&plan, &AtomicBool::new(false), |_| ())?.summary().total;
    ensure!(total.ok == total.requests, "not all requests succeeded: {:?}", total.errors);
    Ok(Cost { per_s: total.ok_per_s, cpu_us: (cpu()?.own - before).as_secs_f64() * 1e6 / total.ok as f64 })
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

/// The static server, until it is dropped.
struct Server {
    address: String,
    process: Child,
}

impl Server {
    fn start() -> anyhow::Result<Self> {
        let mut process = Command::new(env::current_exe()?)
            .arg("--serve")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .context("cannot start the server")?;
        let mut address = String::new();
        BufReader::new(process.stdout.take().context("no output")?).read_line(&mut address)?;
        Ok(Self { address: address.trim().into(), process })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Its standard input closes, and it ends.
        drop(self.process.stdin.take());
        _ = self.process.wait();
    }
}

fn serve() -> anyhow::Result<ExitCode> {
    thread::spawn(|| {
        _ = io::stdin().read_to_end(&mut Vec::new());
        std::process::exit(0);
    });
    let runtime = Builder::new_current_thread().enable_io().build_local(LocalOptions::default())?;
    runtime.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        println!("{}", listener.local_addr()?);
        loop {
            let (stream, _) = listener.accept().await?;
            stream.set_nodelay(true)?;
            tokio::task::spawn_local(answer(stream));
        }
    })
}

/// Both ask with one write, so that each read is one request.
async fn answer(mut stream: TcpStream) -> io::Result<()> {
    let mut request = [0; 4096];
    while stream.read(&mut request).await? > 0 {
        stream.write_all(ANSWER).await?;
    }
    Ok(())
}
