//! The logs of services, as they are read.

use std::{
    fs::File,
    io::{self, Read, Seek, SeekFrom},
    path::PathBuf,
};

use project::Scenario;

use crate::docker::messages;

/// Read of a log's end where nothing else is asked for, in bytes.
const END_BYTES: u64 = 64 << 10;

/// The last `count` lines of the log of `service`; empty if there is no such log.
pub fn last_lines(scenario: &Scenario, service: &str, count: usize) -> Vec<String> {
    let mut lines = recent_lines(scenario, service, END_BYTES);
    lines.split_off(lines.len().saturating_sub(count))
}

/// The lines in the last `bytes` of the log of `service`; the first may be cut.
pub fn recent_lines(scenario: &Scenario, service: &str, bytes: u64) -> Vec<String> {
    let text = Log { first: bytes, ..Log::of(scenario.log(service)) }.read_on().unwrap_or_default();
    text.lines().map(str::to_owned).collect()
}

/// A log that is read from its end on.
pub struct Log {
    /// Its file.
    pub path: PathBuf,
    read: u64,
    /// How much of its end is read the first time, in bytes.
    first: u64,
}

impl Log {
    /// The log in the file `path`.
    pub fn of(path: PathBuf) -> Self {
        Self { path, read: 0, first: END_BYTES }
    }

    /// What was written since the last time. A log that was cut in between is read from its new start.
    ///
    /// # Errors
    /// When there is no such file.
    pub fn read_on(&mut self) -> io::Result<String> {
        let mut file = File::open(&self.path)?;
        let length = file.metadata()?.len();
        if length < self.read {
            self.read = 0;
        }
        let from = if self.read == 0 { length.saturating_sub(self.first) } else { self.read };
        file.seek(SeekFrom::Start(from))?;
        let mut bytes = Vec::new();
        self.read = from + file.read_to_end(&mut bytes)? as u64;
        Ok(messages::plain(&String::from_utf8_lossy(&bytes)))
    }
}
