//! Commands that were started from the page: the lab's own, as child processes. They die with the page, every tab sees
//! the same ones, and a page that is loaded again finds them where they are.

use std::{
    collections::BTreeMap,
    io::{self, PipeReader, Read},
    os::unix::process::CommandExt,
    process::{Command, ExitStatus, Stdio},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, bail};
use rustix::process::{Pid, Signal, kill_process_group};
use tokio::time::sleep;
use verdict::exit_status;

/// So much of a command's output is kept, from its end.
const KEPT_BYTES: usize = 128 * 1024;

/// How long commands may take to end after the stop signal.
const PATIENCE: Duration = Duration::from_secs(5);

/// All that were started, the last of each name.
#[derive(Default)]
pub struct Jobs(Mutex<BTreeMap<String, Arc<Job>>>);

/// A command that runs, or ran.
pub struct Job {
    /// By which it is stopped.
    pub name: String,
    /// As it would be typed.
    pub command: String,
    /// Whether it loads the system: of these only one at a time, or they measure each other.
    pub loads: bool,
    /// When it was started.
    pub started: Instant,
    group: Pid,
    seen: Mutex<JobOutput>,
}

#[derive(Default)]
struct JobOutput {
    output: String,
    ended: Option<(ExitStatus, Duration)>,
}

impl Jobs {
    /// Starts `command` under `name`; `typed` is how a person would.
    ///
    /// # Errors
    /// When one of that name runs, or another one that loads the system while this one does; when it cannot be started.
    pub fn start(&self, name: &str, typed: &str, loads: bool, mut command: Command) -> anyhow::Result<()> {
        let mut jobs = held(&self.0);
        let in_the_way =
            |(other, job): &(&String, &Arc<Job>)| job.runs() && (*other == name || loads && job.loads);
        if let Some((_, job)) = jobs.iter().find(in_the_way) {
            bail!("`{}` still runs; wait for it, or stop it first", job.command);
        }
        let (reader, writer) = io::pipe().context("cannot make a pipe")?;
        command
            .process_group(0)
            .stdin(Stdio::null())
            .stdout(writer.try_clone()?)
            .stderr(writer)
            // The output without a terminal.
            .env("NO_COLOR", "1");
        let (tell, told) = std::sync::mpsc::channel();
        let (own_name, typed) = (name.to_owned(), typed.to_owned());
        // The kernel ends a child with the thread that started it, so that thread waits for it.
        thread::spawn(move || {
            let started = Instant::now();
            let mut child = match command.spawn().with_context(|| format!("cannot start `{typed}`")) {
                Ok(child) => child,
                Err(error) => return drop(tell.send(Err(error))),
            };
            // It holds the other end of the pipe, which would never close.
            drop(command);
            let job = Arc::new(Job {
                name: own_name,
                command: typed,
                loads,
                started,
                group: Pid::from_child(&child),
                seen: Mutex::default(),
            });
            let _ = tell.send(Ok(Arc::clone(&job)));
            job.take_down(reader);
            if let Ok(status) = child.wait() {
                held(&job.seen).ended = Some((status, started.elapsed()));
            }
        });
        let job = told.recv().context("the thread of a command ended")??;
        jobs.insert(name.to_owned(), job);
        Ok(())
    }

    /// The one that was started last under `name`.
    pub fn get(&self, name: &str) -> Option<Arc<Job>> {
        held(&self.0).get(name).cloned()
    }

    /// Wherever in the page `command` was started last.
    pub fn last(&self, command: &str) -> Option<Arc<Job>> {
        let jobs = held(&self.0);
        jobs.values().filter(|job| job.command == command).max_by_key(|job| job.started).cloned()
    }

    /// What loads the system now.
    pub fn loading(&self) -> Option<Arc<Job>> {
        held(&self.0).values().find(|job| job.loads && job.runs()).cloned()
    }

    /// As Ctrl-C would, for all of them, and returns when they have ended.
    pub async fn stop_all(&self) {
        let running: Vec<_> = held(&self.0).values().filter(|job| job.runs()).cloned().collect();
        running.iter().for_each(|job| job.stop());
        let deadline = Instant::now() + PATIENCE;
        while running.iter().any(|job| job.runs()) && Instant::now() < deadline {
            sleep(Duration::from_millis(20)).await;
        }
    }
}

impl Job {
    /// Whether it has not ended yet.
    pub fn runs(&self) -> bool {
        held(&self.seen).ended.is_none()
    }

    /// How it ended, and how long it took; `None` while it runs.
    pub fn ended(&self) -> Option<(ExitStatus, Duration)> {
        held(&self.seen).ended
    }

    /// What it printed so far.
    pub fn output(&self) -> String {
        held(&self.seen).output.clone()
    }

    /// Its last line.
    pub fn last_line(&self) -> Option<String> {
        held(&self.seen).output.lines().rfind(|line| !line.trim().is_empty()).map(str::to_owned)
    }

    /// Why it could not do its work; `None` when it did, with any verdict.
    pub fn gave_up(&self) -> Option<String> {
        let (status, _) = self.ended()?;
        let gave_up =
            status.code().is_none_or(|code| code == i32::from(exit_status::ExitStatus::Error.code()));
        gave_up.then(|| self.last_line().unwrap_or_else(|| "it was stopped".to_owned()))
    }

    /// As Ctrl-C would.
    pub fn stop(&self) {
        let seen = held(&self.seen);
        // Reaped only under the same lock, or after it: until then the number is its own.
        if seen.ended.is_none() {
            let _ = kill_process_group(self.group, Signal::INT);
        }
    }

    fn take_down(&self, mut reader: PipeReader) {
        let mut piece = [0; 4096];
        while let Ok(length @ 1..) = reader.read(&mut piece) {
            let output = &mut held(&self.seen).output;
            output.push_str(&String::from_utf8_lossy(&piece[..length]));
            if output.len() > 2 * KEPT_BYTES {
                let start = output.len() - KEPT_BYTES;
                let start = (start..).find(|at| output.is_char_boundary(*at)).unwrap_or_default();
                output.drain(..start);
            }
        }
    }
}

/// A panic elsewhere leaves the data intact.
fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
