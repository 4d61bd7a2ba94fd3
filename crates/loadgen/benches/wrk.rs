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
    let result = if env::args().any(|argument| argument == "--serve") {
        serve()
    } else {
        compare()
    };
    result.unwrap_or_else(|error| {
        eprintln!("loadgen bench: {error:#}");
        ExitCode::FAILURE
    })
}

/// What one of the two did in all its runs.
#[derive(Default)]
struct Total {
    runs: u32,
    requests: f64,
    per_s: f64,
    cpu_s: f64,
}

impl Total {
    fn per_s(&self) -> f64 {
        self.per_s / f64::from(self.runs)
    }

    fn cpu_us(&self) -> f64 {
        self.cpu_s / self.requests * 1e6
    }
}

fn compare() -> anyhow::Result<ExitCode> {
    let server = Server::start()?;
    let (mut wrk, mut ours) = (Total::default(), Total::default());
    for turn in ORDER.chars() {
        let [own_before, children_before] = cpu_seconds()?;
        let total = if turn == 'w' { &mut wrk } else { &mut ours };
        let (requests, per_s) = if turn == 'w' {
            run_wrk(&server.address)?
        } else {
            run_loadgen(&server.address)?
        };
        let [own, children] = cpu_seconds()?;
        total.runs += 1;
        total.requests += requests;
        total.per_s += per_s;
        total.cpu_s += if turn == 'w' {
            children - children_before
        } else {
            own - own_before
        };
    }
    let rate = ours.per_s() / wrk.per_s();
    let cpu = ours.cpu_us() / wrk.cpu_us();
    println!(
        "loadgen_vs_wrk: {rate:.2} ({:.0}/s against {:.0}/s)",
        ours.per_s(),
        wrk.per_s()
    );
    println!(
        "loadgen_cpu_per_request_vs_wrk: {cpu:.2} ({:.2} µs against {:.2} µs)",
        ours.cpu_us(),
        wrk.cpu_us()
    );
    let reached = rate >= RATE_GOAL && cpu <= CPU_GOAL;
    if !reached {
        eprintln!("loadgen bench: the goals are at least {RATE_GOAL} and at most {CPU_GOAL}");
    }
    Ok(if reached {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Requests, and requests per second.
fn run_wrk(address: &str) -> anyhow::Result<(f64, f64)> {
    let output = Command::new("wrk")
        .args([
            "-t1",
            &format!("-c{CONNECTIONS}"),
            &format!("-d{SECONDS}s"),
            &format!("http://{address}/"),
        ])
        .output()
        .context("cannot run wrk (Debian and Ubuntu: apt-get install wrk)")?;
    let text = String::from_utf8_lossy(&output.stdout);
    ensure!(
        output.status.success() && !text.contains("errors") && !text.contains("Non-2xx"),
        "wrk failed:\n{text}"
    );
    let number = |mut words: std::str::SplitWhitespace| words.find_map(|word| word.parse().ok());
    let requests = text
        .lines()
        .find(|line| line.contains(" requests in "))
        .and_then(|line| number(line.split_whitespace()));
    let per_s = text
        .lines()
        .find(|line| line.contains("Requests/sec"))
        .and_then(|line| number(line.split_whitespace()));
    requests
        .zip(per_s)
        .with_context(|| format!("wrk says something new:\n{text}"))
}

/// Successes, and successes per second.
fn run_loadgen(address: &str) -> anyhow::Result<(f64, f64)> {
    let plan = Plan {
        target: address.into(),
        endpoints: vec![Endpoint {
            name: "static".into(),
            method: "GET".into(),
            path: "/".into(),
            headers: Vec::new(),
            body: String::new(),
            weight: 1,
            contains: None,
        }],
        users: CONNECTIONS,
        warm_up: Duration::ZERO,
        duration: Duration::from_secs(SECONDS),
        timeout: Duration::from_secs(2),
        blocks: 1,
        threads: 1,
        seed: 1,
    };
    let total = loadgen::run(&plan, &AtomicBool::new(false), |_| ())?
        .summary()
        .total;
    ensure!(
        total.ok == total.requests,
        "not all requests succeeded: {:?}",
        total.errors
    );
    Ok((total.ok as f64, total.ok_per_s))
}

/// CPU so far of this process, and of the children that it has waited for. Source: proc(5), `/proc/pid/stat`.
fn cpu_seconds() -> anyhow::Result<[f64; 2]> {
    let stat = fs::read_to_string("/proc/self/stat")?;
    let (_, fields) = stat.rsplit_once(") ").context("/proc/self/stat has no name")?;
    let ticks: Vec<f64> = fields
        .split(' ')
        .skip(11)
        .take(4)
        .map(str::parse)
        .collect::<Result<_, _>>()?;
    let [user, system, children_user, children_system] = ticks[..] else {
        anyhow::bail!("/proc/self/stat is short")
    };
    // Linux counts in hundredths of a second for every program (`USER_HZ`).
    Ok([(user + system) / 100.0, (children_user + children_system) / 100.0])
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
        Ok(Self {
            address: address.trim().into(),
            process,
        })
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
    let runtime = Builder::new_current_thread()
        .enable_io()
        .build_local(LocalOptions::default())?;
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
