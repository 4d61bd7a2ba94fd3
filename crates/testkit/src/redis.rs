//! A Redis of one's own.

use std::{
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    path::Path,
    process::{Child, Stdio},
    sync::Mutex,
    time::Duration,
};

use pgcluster::dies_with_parent;
use rustix::process::{Pid, Signal, kill_process};

use crate::{eventually, spawn_for_good};

/// As in the lab, clients must send one.
const PASSWORD: &str = "redis";

/// A running Redis that keeps nothing on the disk.
pub struct Redis {
    port: u16,
    server: Mutex<Child>,
}

impl Redis {
    /// Starts one on a free port.
    ///
    /// # Panics
    /// When that fails; the message says why.
    pub fn start() -> Self {
        let port = TcpListener::bind("127.0.0.1:0")
            .and_then(|free| free.local_addr())
            .expect("a port is free")
            .port();
        let redis = Self { port, server: Mutex::new(serve(port)) };
        redis.wait_until_it_answers();
        redis
    }

    /// What a service takes as its `REDIS_URL`.
    pub fn url(&self) -> String {
        format!("redis://:{PASSWORD}@127.0.0.1:{}", self.port)
    }

    /// Kills it; connections to it are refused from now on.
    pub fn crash(&self) {
        let mut server = self.server.lock().expect("no test panics while it holds this");
        server.kill().expect("it is running");
        server.wait().expect("it is our child");
    }

    /// Starts it again after a crash, on the same port and empty, and waits until it answers.
    pub fn restart(&self) {
        *self.server.lock().expect("no test panics while it holds this") = serve(self.port);
        self.wait_until_it_answers();
    }

    /// Makes it a black hole: it accepts connections and whatever is sent, and says nothing.
    pub fn pause(&self) {
        self.signal(Signal::STOP);
    }

    /// Ends the pause. It then answers all that was asked meanwhile.
    pub fn resume(&self) {
        self.signal(Signal::CONT);
    }

    /// Fills its memory: it then answers reads, and refuses writes.
    pub fn fill_memory(&self) {
        self.ask("SETRANGE filler 2000000 x");
        self.ask("CONFIG SET maxmemory-policy noeviction");
        self.ask("CONFIG SET maxmemory 1mb");
    }

    /// Gives it as much memory as the machine has.
    pub fn free_memory(&self) {
        self.ask("CONFIG SET maxmemory 0");
    }

    /// Sends one command in its inline form, such as `GET key`, and returns all that comes back, in the protocol's own
    /// shape.
    ///
    /// Source: Redis documentation, "Redis serialization protocol specification".
    ///
    /// # Panics
    /// When there is no answer.
    pub fn ask(&self, command: &str) -> String {
        self.try_ask(command).unwrap_or_else(|error| panic!("{error}, after {command}"))
    }

    fn try_ask(&self, command: &str) -> std::io::Result<String> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port))?;
        stream.set_read_timeout(Some(Duration::from_secs(5)))?;
        stream.write_all(format!("AUTH {PASSWORD}\r\n{command}\r\nQUIT\r\n").as_bytes())?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer)?;
        let answer = String::from_utf8_lossy(&answer);
        Ok(answer.strip_prefix("+OK\r\n").unwrap_or(&answer).to_owned())
    }

    fn signal(&self, signal: Signal) {
        let server = self.server.lock().expect("no test panics while it holds this");
        kill_process(Pid::from_child(&server), signal).expect("it is running");
    }

    fn wait_until_it_answers(&self) {
        eventually(Duration::from_secs(10), "Redis answers", || {
            self.try_ask("PING").is_ok_and(|answer| answer.starts_with("+PONG"))
        });
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        if let Ok(server) = self.server.get_mut() {
            // It may have ended already.
            let _ = server.kill();
            let _ = server.wait();
        }
    }
}

fn serve(port: u16) -> Child {
    let program = Path::new("redis-server");
    let found = std::env::var_os("PATH")
        .is_some_and(|path| std::env::split_paths(&path).any(|dir| dir.join(program).is_file()));
    assert!(found, "Redis is not installed; install it with: sudo apt-get install --yes redis-server");
    let mut command = dies_with_parent(program, "KILL", None);
    command
        .args(["--port", &port.to_string(), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"])
        .args(["--requirepass", PASSWORD])
        .current_dir(std::env::temp_dir())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    spawn_for_good(command).unwrap_or_else(|error| panic!("cannot start redis-server: {error}"))
}
