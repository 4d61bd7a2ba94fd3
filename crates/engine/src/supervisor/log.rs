//! The logs of services: they write them themselves, we keep them in bounds.

use std::{fs, path::Path};

use crate::docker;

/// A load test writes about 100 bytes a request.
const MAX_BYTES: u64 = 64 << 20;

/// Empties a log that has grown too long. Its writer appends, so it goes on at the new start.
pub fn trim(log: &Path) {
    if log.metadata().is_ok_and(|log| log.len() > MAX_BYTES) {
        // A full disk is no reason to stop serving; the next try may work.
        let _ = fs::write(log, "(older lines were cut)\n");
    }
}

/// The end of a log, for people.
pub fn last_lines(log: &Path, count: usize) -> String {
    let bytes = fs::read(log).unwrap_or_default();
    let end = docker::messages::plain(&String::from_utf8_lossy(&bytes[bytes.len().saturating_sub(4_096)..]));
    let lines: Vec<_> = end.lines().collect();
    lines[lines.len().saturating_sub(count)..].join("\n")
}
