//! What the lab's page costs: how fast it answers, what it uses without and with an open page, and how soon
//! after `lab up` every panel that needs no request has data.
//!
//! `cargo bench -p lab --profile dev` prints it, of the program that learners have, and fails when a figure misses its goal.

#![expect(clippy::unwrap_used, reason = "a bench that cannot go on should say where")]

#[path = "../tests/real/lab.rs"]
mod lab;
#[path = "../tests/engine/page.rs"]
mod page;

use std::{
    fs,
    process::ExitCode,
    thread::sleep,
    time::{Duration, Instant},
};

use lab::Lab;
use loadgen::{Endpoint, fetch};
use page::Page;

/// What a browser asks for, one page after the other.
const PAGES: [&str; 6] = ["/", "/dashboard", "/goals", "/runs", "/system", "/logs"];
const TIMES: usize = 21;

/// How long CPU is counted.
const SPAN: Duration = Duration::from_secs(20);

fn main() -> ExitCode {
    let lab = Lab::new();
    lab.up("1", "solution");
    let started = Instant::now();
    let (Some(page), Some(prometheus)) = (lab.address("dashboard"), lab.address("prometheus")) else {
        eprintln!("skipped: this machine has no Prometheus; `cargo lab doctor --install` brings it");
        return ExitCode::SUCCESS;
    };
    let mut all_reached = true;
    let mut figure = |name: &str, value: f64, unit: &str, at_most: f64| {
        let is_reached = value <= at_most;
        all_reached &= is_reached;
        println!(
            "{name}: {value:.1} {unit} (at most {at_most} {unit}){}",
            if is_reached { "" } else { ", MISSED" }
        );
    };

    // A speed takes two answers.
    let speed = Endpoint::get("/api/v1/query?query=rate(process_cpu_seconds_total[10s])");
    while !ask(&prometheus, &speed).contains(r#""job":"feed"},"value""#) {
        sleep(Duration::from_millis(50));
    }
    figure("page_first_speed_s", started.elapsed().as_secs_f64(), "s", 5.0);

    lab.json(&["load", "--duration", "5s"]);
    let headers = vec![("Cookie".to_owned(), Page::of(&lab.json(&["status"])).cookie())];
    let of_page = |path: &str| Endpoint { headers: headers.clone(), ..Endpoint::get(path) };
    for path in PAGES {
        let endpoint = of_page(path);
        let mut times_ms: Vec<_> = (0..TIMES).map(|_| time_ms(&page, &endpoint)).collect();
        times_ms.sort_by(f64::total_cmp);
        figure(&format!("page_answers_ms {path}"), times_ms[TIMES / 2], "ms", 50.0);
    }

    let processes = ["dashboard", "prometheus"].map(|name| pid(&lab, name));
    let used = |meanwhile: &dyn Fn()| {
        let before = processes.map(cpu_s).iter().sum::<f64>();
        let since = Instant::now();
        while since.elapsed() < SPAN {
            meanwhile();
            sleep(Duration::from_secs(1));
        }
        100.0 * (processes.map(cpu_s).iter().sum::<f64>() - before) / since.elapsed().as_secs_f64()
    };
    figure("page_idle_percent_of_a_core, with Prometheus", used(&|| ()), "%", 3.0);
    // As often as the script in the browser asks.
    let look = || drop(ask(&page, &of_page("/part/panels")));
    let watched = used(&look);
    println!("page_watched_percent_of_a_core, with Prometheus: {watched:.1} %");
    if all_reached { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn ask(address: &str, endpoint: &Endpoint) -> String {
    // Prometheus may be reading what it wrote down before.
    let answer = fetch(address, endpoint, Duration::from_secs(5));
    let answer = answer.ok().filter(|answer| answer.status == 200);
    answer.map_or_else(String::new, |answer| String::from_utf8_lossy(&answer.body).into_owned())
}

fn time_ms(address: &str, endpoint: &Endpoint) -> f64 {
    let since = Instant::now();
    assert!(!ask(address, endpoint).is_empty(), "{} answers nothing", endpoint.path);
    since.elapsed().as_secs_f64() * 1_000.0
}

fn pid(lab: &Lab, name: &str) -> u64 {
    lab.service(name).and_then(|service| service["pid"].as_u64()).expect("it runs")
}

/// CPU time of a process so far, in seconds.
///
/// Source: proc(5), `/proc/pid/stat`, fields 14 and 15, in hundredths of a second.
fn cpu_s(pid: u64) -> f64 {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).expect("it runs");
    let fields: Vec<_> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    fields[11..13].iter().filter_map(|ticks| ticks.parse::<f64>().ok()).sum::<f64>() / 100.0
}
