//! The worker as it is: a program that does the jobs.

use std::{
    net::{SocketAddr, TcpListener},
    path::Path,
    process::{Child, Stdio},
    time::{Duration, Instant},
};

use pgcluster::dies_with_parent;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::json;
use testkit::eventually;

use crate::{Jobs, STARTER, each_variant};

/// A running worker named radia. Dropping it kills it.
struct Worker(Child);

impl Worker {
    fn start(address: SocketAddr, environment: &[(&str, &str)]) -> Self {
        let mut command = dies_with_parent(Path::new(env!("CARGO_BIN_EXE_jobs-worker")), "KILL", None);
        command
            .env_clear()
            .env("JOBS_URL", format!("http://{address}"))
            .env("WORKER", "radia")
            .envs(environment.iter().copied())
            .stdin(Stdio::null())
            .stdout(Stdio::null());
        Self(command.spawn().unwrap())
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Sets the id of the next job. By its id a job goes well or not.
fn next_id(jobs: &Jobs, id: i64) {
    jobs.database.sql(&format!("ALTER TABLE jobs ALTER COLUMN id RESTART WITH {id}"));
}

fn has_status(jobs: &Jobs, id: i64, status: &str) -> bool {
    jobs.job(&json!(id))["status"] == status
}

#[test]
fn it_does_one_job_after_another_and_fails_every_tenth_at_first() {
    each_variant(|jobs| {
        next_id(jobs, 20_008);
        let ids = [0; 4].map(|_| jobs.submit(5));
        let _worker = Worker::start(jobs.service.address, &[("WORK_MS", "10")]);
        for id in [20_008, 20_009, 20_011] {
            assert!(ids.contains(&id));
            eventually(Duration::from_secs(5), "it is done", || has_status(jobs, id, "done"));
        }
        let failed = jobs.job(&json!(20_010));
        assert_eq!((&failed["status"], &failed["attempt"]), (&json!("pending"), &json!(1)));
        assert_eq!(failed["claimedBy"], "radia");
        // It rests for 2 s, a fifth more or less.
        eventually(Duration::from_secs(6), "it is done at last", || has_status(jobs, 20_010, "done"));
        assert_eq!(jobs.job(&json!(20_010))["attempt"], 2);
    });
}

#[test]
fn work_that_takes_longer_than_a_lease_is_not_given_to_another() {
    let jobs = Jobs::start(STARTER, "idle", &[("LEASE_MS", "1000")]);
    let id = jobs.submit(5);
    let _worker = Worker::start(jobs.service.address, &[("WORK_MS", "2500"), ("HEARTBEAT_MS", "100")]);
    eventually(Duration::from_secs(5), "it is done", || has_status(&jobs, id, "done"));
    assert_eq!(jobs.job(&json!(id))["attempt"], 1);
}

#[test]
fn a_killed_worker_loses_its_job_when_the_lease_ends() {
    let jobs = Jobs::start(STARTER, "idle", &[("LEASE_MS", "500")]);
    let id = jobs.submit(5);
    let worker = Worker::start(jobs.service.address, &[("WORK_MS", "60000"), ("HEARTBEAT_MS", "100")]);
    eventually(Duration::from_secs(5), "it is claimed", || has_status(&jobs, id, "running"));
    drop(worker);
    eventually(Duration::from_millis(1_500), "it is back", || jobs.claim()["id"] == id);
}

#[test]
fn a_worker_that_is_asked_to_stop_gives_its_job_back() {
    let jobs = Jobs::start(STARTER, "idle", &[]);
    let id = jobs.submit(5);
    let mut worker = Worker::start(jobs.service.address, &[("WORK_MS", "60000")]);
    eventually(Duration::from_secs(5), "it is claimed", || has_status(&jobs, id, "running"));
    kill_process(Pid::from_child(&worker.0), Signal::TERM).unwrap();
    assert!(worker.0.wait().unwrap().success());
    let job = jobs.job(&json!(id));
    assert_eq!((&job["status"], &job["lastError"]), (&json!("pending"), &json!("its worker was stopped")));
}

#[test]
fn a_worker_that_waits_for_an_answer_ends_within_a_second() {
    // It accepts connections and never answers.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut worker = Worker::start(silent.local_addr().unwrap(), &[]);
    let _claim = silent.accept().unwrap();
    let asked = Instant::now();
    kill_process(Pid::from_child(&worker.0), Signal::TERM).unwrap();
    assert!(worker.0.wait().unwrap().success());
    assert!(asked.elapsed() < Duration::from_secs(1), "{:?}", asked.elapsed());
}

#[test]
fn it_waits_for_a_service_that_is_away_and_tells_the_next_what_it_did() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let listen = port.to_string();
    let start = || Jobs::start(STARTER, "idle", &[("LISTEN_ADDRESS", &listen)]);
    let mut worker = Worker::start(port, &[("WORK_MS", "500")]);
    let mut jobs = start();
    let id = jobs.submit(5);
    eventually(Duration::from_secs(5), "it is claimed", || has_status(&jobs, id, "running"));
    jobs.restart(&[("LISTEN_ADDRESS", &listen)]);
    eventually(Duration::from_secs(5), "it is done", || has_status(&jobs, id, "done"));
    assert_eq!(jobs.job(&json!(id))["attempt"], 1);
    assert!(worker.0.try_wait().unwrap().is_none(), "it still runs");
}
