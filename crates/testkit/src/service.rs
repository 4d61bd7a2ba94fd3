//! A service as its own process, on a port of its own.

use std::{
    io::{BufRead, BufReader},
    net::SocketAddr,
    path::Path,
    process::{Child, ExitStatus, Stdio},
    sync::{Arc, Mutex, mpsc},
    thread,
    time::Duration,
};

use pgcluster::dies_with_parent;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use crate::{Answer, exchange, spawn_for_good, with_body};

/// A running service. Dropping it kills it.
pub struct Service {
    child: Child,
    /// Where it listens.
    pub address: SocketAddr,
    log: Arc<Mutex<Vec<Value>>>,
}

impl Service {
    /// Starts `program` on a free port with `environment` and nothing else, and waits until it listens.
    ///
    /// # Panics
    /// When it ends instead.
    pub fn start(program: &str, environment: &[(&str, &str)]) -> Self {
        let mut command = dies_with_parent(Path::new(program), "KILL", None);
        command
            .env_clear()
            .env("LISTEN_ADDRESS", "127.0.0.1:0")
            .env("LOG_FORMAT", "json")
            .envs(environment.iter().copied())
            .stdin(Stdio::null())
            .stdout(Stdio::piped());
        let mut child =
            spawn_for_good(command).unwrap_or_else(|error| panic!("cannot start {program}: {error}"));
        let stdout = BufReader::new(child.stdout.take().expect("its output is a pipe"));
        let log = Arc::new(Mutex::new(Vec::new()));
        let (sender, listening) = mpsc::channel();
        let lines = log.clone();
        thread::spawn(move || {
            for line in stdout.lines().map_while(Result::ok) {
                let line: Value = serde_json::from_str(&line).unwrap_or(Value::String(line));
                if line["message"] == "listening" {
                    // Nobody listens to a second one.
                    let _ = sender.send(line["address"].as_str().and_then(|address| address.parse().ok()));
                }
                lines.lock().expect("nobody panics while holding this").push(line);
            }
        });
        let address = listening.recv_timeout(Duration::from_secs(10)).ok().flatten();
        let address = address.unwrap_or_else(|| panic!("{program} does not listen"));
        Self { child, address, log }
    }

    /// Sends `GET path`.
    pub fn get(&self, path: &str) -> Answer {
        self.send(format!("GET {path} HTTP/1.1\r\nHost: test\r\n\r\n"))
    }

    /// Sends `POST path` with a JSON body.
    pub fn post(&self, path: &str, body: &str) -> Answer {
        self.send_json("POST", path, body)
    }

    /// Sends `PUT path` with a JSON body.
    pub fn put(&self, path: &str, body: &str) -> Answer {
        self.send_json("PUT", path, body)
    }

    /// Sends `DELETE path`.
    pub fn delete(&self, path: &str) -> Answer {
        self.send(format!("DELETE {path} HTTP/1.1\r\nHost: test\r\n\r\n"))
    }

    fn send_json(&self, method: &str, path: &str, body: &str) -> Answer {
        self.send(with_body(method, path, "", body))
    }

    /// Sends these bytes on a new connection.
    ///
    /// # Panics
    /// When no answer comes.
    pub fn send(&self, request: impl AsRef<[u8]>) -> Answer {
        let request = request.as_ref();
        exchange(self.address, request).unwrap_or_else(|error| {
            panic!("{error}, after sending {:?}", String::from_utf8_lossy(&request[..request.len().min(200)]))
        })
    }

    /// Asks it to stop (SIGTERM), and does not wait.
    pub fn terminate(&self) {
        kill_process(Pid::from_child(&self.child), Signal::TERM).expect("it is running");
    }

    /// Kills it, and waits for its end.
    pub fn kill(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Waits for its end.
    pub fn wait(&mut self) -> ExitStatus {
        self.child.wait().expect("it is our child")
    }

    /// The lines of its log so far: objects, or strings where a line is no JSON.
    pub fn log(&self) -> Vec<Value> {
        self.log.lock().expect("nobody panics while holding this").clone()
    }

    /// The value of one of its metrics, named with its labels.
    ///
    /// # Panics
    /// When it has no metric of that name.
    pub fn metric(&self, name: &str) -> f64 {
        let metrics = String::from_utf8(self.get("/metrics").body).expect("metrics are text");
        let line = metrics.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        let value = line.and_then(|value| value.parse().ok());
        value.unwrap_or_else(|| panic!("no {name} in {metrics}"))
    }

    /// What it uses of memory now, in bytes.
    pub fn resident_bytes(&self) -> u64 {
        self.metric("process_resident_memory_bytes") as u64
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        self.kill();
    }
}
