//! A generator that was held back while it ran yields no valid run: stopped by a signal, or capped by a cgroup.
//!
//! The generator is this program in a process of its own, so that the test can stop and cap it.

use std::{
    env, fs,
    io::{self, BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    path::PathBuf,
    process::{self, Child, ChildStdout, Command, Stdio},
    sync::atomic::AtomicBool,
    thread,
    time::Duration,
};

use loadgen::{Endpoint, Phase, Plan, Run};
use rustix::process::{Pid, Signal, kill_process};
use testkit::require::missing;

const OK: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

const CLOSED: Option<f64> = None;
const OPEN: Option<f64> = Some(100.0);

/// Runs against the server at this address.
type Test = fn(&str);

fn main() -> anyhow::Result<()> {
    if let Some(plan) = env::args().skip_while(|argument| argument != "--generate").nth(1) {
        return generate(&serde_json::from_str(&plan)?);
    }
    let target = serve()?;
    let tests: [(&str, Test); 8] = [
        ("a_stop_while_measuring_makes_a_closed_loop_invalid", |target| {
            assert_stood_still(&stopped(target, CLOSED, Phase::Measure, 1_000), 1.0);
        }),
        ("a_stop_while_measuring_makes_an_open_loop_invalid", |target| {
            assert_stood_still(&stopped(target, OPEN, Phase::Measure, 1_000), 1.0);
        }),
        ("a_stop_in_the_warm_up_makes_a_run_invalid", |target| {
            assert_stood_still(&stopped(target, CLOSED, Phase::WarmUp, 1_000), 1.0);
        }),
        ("a_stop_past_the_end_of_measuring_makes_a_run_invalid", |target| {
            assert_stood_still(&stopped(target, OPEN, Phase::Measure, 2_500), 2.5);
        }),
        ("a_stop_below_the_limit_is_measured_and_accepted", |target| {
            let run = stopped(target, CLOSED, Phase::Measure, 350);
            let stood_still_s = run.generator.stood_still_s;
            assert!((0.29..0.5).contains(&stood_still_s), "{stood_still_s} s");
            assert_eq!(run.why_invalid, None);
        }),
        ("a_cpu_quota_that_the_generator_exceeds_makes_a_run_invalid", |target| {
            let Some(run) = capped(target, 1) else { return };
            let why =
                run.why_invalid.unwrap_or_else(|| panic!("it waits for its quota: {:?}", run.generator));
            assert!(why.starts_with("a CPU quota (cgroup) held the load generator back"), "{why}");
        }),
        ("a_cpu_quota_makes_an_open_loop_invalid", |target| {
            let Some(run) = capped_at(target, Some(3_000.0), 1) else { return };
            let why =
                run.why_invalid.unwrap_or_else(|| panic!("it waits for its quota: {:?}", run.generator));
            assert!(why.starts_with("a CPU quota (cgroup) held the load generator back"), "{why}");
        }),
        ("a_cpu_quota_that_the_generator_does_not_reach_is_accepted", |target| {
            let Some(run) = capped(target, 50) else { return };
            assert_eq!(run.why_invalid, None, "{:?}", run.generator);
        }),
    ];
    for (name, test) in tests {
        test(&target);
        println!("{name}: ok");
    }
    Ok(())
}

/// Half a second of warm-up and two of measuring.
fn plan(target: &str, rate_per_s: Option<f64>) -> Plan {
    Plan {
        target: target.to_owned(),
        endpoints: vec![Endpoint::get("/")],
        users: 4,
        rate_per_s,
        warm_up: Duration::from_millis(500),
        duration: Duration::from_secs(2),
        timeout: Duration::from_secs(5),
        blocks: 4,
        threads: 1,
        seed: 1,
    }
}

/// A run that was stopped a moment into `phase` and continued after some time.
fn stopped(target: &str, rate_per_s: Option<f64>, phase: Phase, for_ms: u64) -> Run {
    let mut generator = Generator::start(&plan(target, rate_per_s));
    generator.go();
    generator.wait_for(phase);
    let signal =
        |signal| kill_process(Pid::from_child(&generator.child), signal).expect("the generator runs");
    signal(Signal::STOP);
    thread::sleep(Duration::from_millis(for_ms));
    signal(Signal::CONT);
    generator.result()
}

#[track_caller]
fn assert_stood_still(run: &Run, for_s: f64) {
    let why = run.why_invalid.as_deref().expect("the generator was stopped");
    let stood_still_s = run.generator.stood_still_s;
    assert_eq!(why, format!("the load generator stood still for {stood_still_s:.1} s"));
    // A beat more or less, and what a busy machine adds.
    assert!((for_s - 0.1..for_s + 0.5).contains(&stood_still_s), "{why}");
}

/// A closed loop in a cgroup with a quota of so many percent of a core; `None` where this user may not make one.
fn capped(target: &str, percent: u32) -> Option<Run> {
    capped_at(target, CLOSED, percent)
}

fn capped_at(target: &str, rate_per_s: Option<f64>, percent: u32) -> Option<Run> {
    let quota = match Quota::new(percent) {
        Ok(quota) => quota,
        Err(error) => {
            missing("cgroups", &format!("this user may not make one with a CPU quota: {error}"));
            return None;
        }
    };
    let mut generator = Generator::start(&plan(target, rate_per_s));
    quota.admit(&generator.child).expect("the group takes a process");
    generator.go();
    Some(generator.result())
}

/// This program as a generator, in a process of its own.
struct Generator {
    child: Child,
    lines: io::Lines<BufReader<ChildStdout>>,
}

impl Generator {
    fn start(plan: &Plan) -> Self {
        let mut child = Command::new(env::current_exe().expect("this program has a path"))
            .args(["--generate", &serde_json::to_string(plan).expect("a plan is JSON")])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("this program runs");
        let lines = BufReader::new(child.stdout.take().expect("it is piped")).lines();
        Self { child, lines }
    }

    /// Lets it begin: it waits for the end of its input.
    fn go(&mut self) {
        drop(self.child.stdin.take());
    }

    fn wait_for(&mut self, phase: Phase) {
        let expected = format!("{phase:?}");
        assert!(self.lines.by_ref().any(|line| line.is_ok_and(|line| line == expected)), "no {expected}");
    }

    fn result(mut self) -> Run {
        let last = self.lines.by_ref().last().expect("it prints something").expect("it prints text");
        self.child.wait().expect("it ends");
        serde_json::from_str(&last).expect("the last line is the run")
    }
}

/// Generates load when its input ends; prints each phase, then the run.
fn generate(plan: &Plan) -> anyhow::Result<()> {
    io::stdin().read_to_end(&mut Vec::new())?;
    let mut last = None;
    let run = loadgen::run(plan, &AtomicBool::new(false), |progress| {
        if last.replace(progress.phase) != Some(progress.phase) {
            println!("{:?}", progress.phase);
        }
    })?;
    println!("{}", serde_json::to_string(&run)?);
    Ok(())
}

/// Answers each request after 2 ms, so that the generator has little to do.
fn serve() -> io::Result<String> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            thread::spawn(|| answer(stream));
        }
    });
    Ok(address.to_string())
}

fn answer(mut stream: TcpStream) -> io::Result<()> {
    let mut request = [0; 512];
    stream.set_nodelay(true)?;
    while stream.read(&mut request)? > 0 {
        thread::sleep(Duration::from_millis(2));
        stream.write_all(OK)?;
    }
    Ok(())
}

/// A cgroup with a CPU quota, version 2 or 1. Dropping it removes it; its process must have ended.
struct Quota(PathBuf);

impl Quota {
    fn new(percent: u32) -> io::Result<Self> {
        let quota_us = percent * 1_000;
        // It may be on already, and then there is nothing to write.
        let _ = set("/sys/fs/cgroup/cgroup.subtree_control".into(), "+cpu");
        Self::with("/sys/fs/cgroup", &[("cpu.max", format!("{quota_us} 100000"))]).or_else(|_| {
            let settings =
                [("cpu.cfs_period_us", "100000".to_owned()), ("cpu.cfs_quota_us", quota_us.to_string())];
            Self::with("/sys/fs/cgroup/cpu", &settings)
        })
    }

    fn with(parent: &str, settings: &[(&str, String)]) -> io::Result<Self> {
        let dir = PathBuf::from(format!("{parent}/loadgen-test-{}", process::id()));
        fs::create_dir(&dir)?;
        let group = Self(dir);
        for (file, value) in settings {
            set(group.0.join(file), value)?;
        }
        Ok(group)
    }

    fn admit(&self, child: &Child) -> io::Result<()> {
        set(self.0.join("cgroup.procs"), &child.id().to_string())
    }
}

impl Drop for Quota {
    fn drop(&mut self) {
        let _ = fs::remove_dir(&self.0);
    }
}

/// Writes to a file that is there: below `/sys/fs/cgroup` may be an ordinary file system, where this could create it.
fn set(file: PathBuf, value: &str) -> io::Result<()> {
    fs::File::options().write(true).open(file)?.write_all(value.as_bytes())
}
