//! Processes of the lab: what they show, what they hold open, and who may end them.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::Duration,
};

use super::{all, as_another, open_in, possible, two_users};
use crate::{checkout::Checkout, watched::watched};

/// The arguments of all processes of this machine, as every user can read them.
fn arguments() -> Vec<String> {
    let processes = fs::read_dir("/proc").unwrap().flatten();
    let read = processes.filter_map(|entry| fs::read_to_string(entry.path().join("cmdline")).ok());
    read.map(|arguments| arguments.replace('\0', " ")).collect()
}

/// Every argument list that there was while `work` ran. It may miss a process of less than a few milliseconds.
fn arguments_during(work: impl FnOnce()) -> BTreeSet<String> {
    let is_done = AtomicBool::new(false);
    thread::scope(|scope| {
        let watcher = scope.spawn(|| {
            let mut seen = BTreeSet::new();
            while !is_done.load(Ordering::Relaxed) {
                seen.extend(arguments());
                thread::sleep(Duration::from_millis(2));
            }
            seen
        });
        work();
        is_done.store(true, Ordering::Relaxed);
        watcher.join().unwrap()
    })
}

/// The passwords and the token.
fn secrets(checkout: &Checkout) -> Vec<String> {
    let is_secret = |path: &PathBuf| {
        path.extension().is_some_and(|extension| extension == "password" || extension == "token")
    };
    let files = all(&checkout.path(".lab")).into_iter().filter(is_secret);
    files.map(|file| fs::read_to_string(file).unwrap().trim().to_owned()).collect()
}

#[test]
fn another_user_finds_no_secret_in_the_arguments_of_any_program_that_the_lab_starts() {
    if !two_users() {
        return;
    }
    let Some(checkout) = watched() else { return };
    let seen = arguments_during(|| {
        checkout.up();
        checkout.load(&["--duration", "1s"]);
        for command in [&["apply-fix"][..], &["explain"], &["report"], &["top"], &["reset"], &["check"]] {
            checkout.lab(command);
        }
        for role in [&["sql"][..], &["sql", "--read-only"]] {
            let sleep = checkout.lab(&[role, &["-c", "SELECT pg_sleep(0.2)"]].concat());
            assert!(sleep.status.success());
        }
    });
    let secrets = secrets(&checkout);
    assert_eq!(secrets.len(), 6, "of PostgreSQL three; of Redis, Prometheus and the page one each");
    for program in ["psql", "initdb", "postgres", "prometheus", "supervise", " page "] {
        assert!(seen.iter().any(|line| line.contains(program)), "{program} was not seen");
    }
    for secret in secrets {
        let open: Vec<_> = seen.iter().filter(|line| line.contains(&secret)).collect();
        assert_eq!(open, Vec::<&String>::new());
    }
}

/// The files that a process can write to, and the memory that it shares, by its folder in `/proc`.
fn shared_files(process: &Path) -> Vec<PathBuf> {
    let maps = fs::read_to_string(process.join("maps")).unwrap_or_default();
    let mapped = maps.lines().filter(|line| line.contains(" rw-s "));
    let mapped = mapped.filter_map(|line| Some(PathBuf::from(&line[line.find('/')?..])));
    // No device, no pipe, and no file that is deleted.
    open_in(process).into_iter().chain(mapped).filter(|path| path.is_file()).collect()
}

#[test]
fn another_user_can_neither_look_into_a_process_of_the_lab_nor_open_its_files_nor_signal_it() {
    if !two_users() {
        return;
    }
    let Some(checkout) = watched() else { return };
    checkout.up();
    let processes = checkout.process_dirs();
    // A supervisor, PostgreSQL and its own processes, the service, Prometheus, the page.
    assert!(processes.len() > 8, "{processes:?}");
    let secret = ["environ", "maps", "mem", "cwd", "exe", "root", "fd"];
    let inside: Vec<_> = processes.iter().flat_map(|process| secret.map(|name| process.join(name))).collect();
    assert_eq!(possible(&inside), Vec::<String>::new());
    let open: Vec<_> = processes.iter().flat_map(|process| shared_files(process)).collect();
    assert!(open.iter().any(|path| path.ends_with("lock")), "{open:#?}");
    assert_eq!(possible(&open), Vec::<String>::new());

    const SIGNAL: &str = r#"for pid; do kill -0 "$pid" && echo "$pid"; done; kill -0 $$ && echo own"#;
    let pids = processes.iter().map(|process| process.file_name().unwrap().to_str().unwrap());
    let output = as_another("sh", ["-c", SIGNAL, "sh"].into_iter().chain(pids));
    assert_eq!(String::from_utf8(output.stdout).unwrap(), "own\n");
}
