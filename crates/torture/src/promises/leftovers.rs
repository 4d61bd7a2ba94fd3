//! What is there after a scenario was stopped and reset.

use std::{collections::BTreeSet, fs, net::TcpListener, path::Path};

use crate::{
    lab::Lab,
    process::Process,
    promise::{Outcome, Promise, Trial},
    promises::starts::first,
};

pub const NOTHING_LEFT: Promise = Promise {
    number: 26,
    text: "`down` and `reset` may be repeated, and leave no process, port, socket, shared memory or temporary file",
    target: "0 left, and the second of each changes nothing, in 10 of 10",
    test,
};

fn test(trial: &mut Trial) -> Outcome {
    let lab = Lab::new();
    let times = trial.times(10, 1);
    let mut wrong = Vec::new();
    for _ in 0..times {
        // With page and Prometheus.
        lab.run(&["up", "2", "--no-watch"]);
        lab.run(&["reset", "--data"]);
        lab.run(&["reset", "--data"]);
        assert_eq!(lab.sql("SELECT count(*) FROM tasks"), "500", "a second reset changed the data");
        let family = lab.process("2", "supervisor").family();
        let memory: BTreeSet<_> = family.iter().flat_map(|process| shared_memory(*process)).collect();
        assert!(!memory.is_empty(), "PostgreSQL uses no shared memory");
        let urls = lab.services().into_iter().filter_map(|service| Some(service["url"].as_str()?.to_owned()));
        let ports: Vec<u16> = urls.filter_map(|url| url.rsplit(':').next()?.parse().ok()).collect();
        assert!(ports.len() > 3, "the scenario has a database, a cache, a service and a page");
        let said = [
            lab.run(&["down"]),
            lab.run(&["down"]),
            lab.run(&["reset"]),
            lab.run(&["reset"]),
            lab.run(&["down", "--all"]),
        ];
        let mut left: Vec<_> =
            family.into_iter().filter(|each| each.is_alive()).map(|each| each.to_string()).collect();
        left.extend(lab.processes().iter().map(Process::to_string));
        left.extend(memory.into_iter().filter(|file| Path::new(file).exists()));
        left.extend(unix_sockets(&lab.path("")));
        left.extend(
            ports
                .into_iter()
                .filter(|port| TcpListener::bind(("127.0.0.1", *port)).is_err())
                .map(|port| format!("port {port}")),
        );
        let files = fs::read_dir(lab.path("tmp")).expect("it was made").flatten();
        left.extend(files.map(|file| file.path().display().to_string()));
        if lab.path(".lab/scenario-2/db").exists() {
            left.push("the data, after a reset".to_owned());
        }
        let is_same = said[1] == "nothing was running" && said[2] == said[3] && said[4] == said[1];
        if !is_same || !left.is_empty() {
            wrong.push(format!("{said:?} {left:?}"));
        }
    }
    Outcome {
        done: format!(
            "{times} times a scenario with page and Prometheus was reset, stopped and reset, each twice"
        ),
        measured: format!("{} of {times} left nothing{}", times - wrong.len(), first(&wrong)),
        held: wrong.is_empty(),
    }
}

/// The files of shared memory that a process has mapped.
fn shared_memory(process: Process) -> Vec<String> {
    let maps = fs::read_to_string(process.path("maps")).unwrap_or_default();
    let files = maps.lines().filter_map(|line| line.split_whitespace().last());
    files.filter(|file| file.starts_with("/dev/shm/")).map(str::to_owned).collect()
}

/// The sockets of this machine with a name in `dir`.
fn unix_sockets(dir: &Path) -> Vec<String> {
    let sockets = fs::read_to_string("/proc/net/unix").expect("this is Linux");
    let names = sockets.lines().filter_map(|line| line.split_whitespace().last());
    names.filter(|name| Path::new(name).starts_with(dir)).map(str::to_owned).collect()
}
