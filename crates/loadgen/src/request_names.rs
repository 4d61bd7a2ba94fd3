//! Requests with a name (`X-Request-Id`): each service on the way writes a log line for them, with the time of its parts.
//!
//! To log every request would cost too much CPU. So the load generator names a few, at an even pace. It chooses them before
//! it sends them, so that failed and slow requests are among them as often as among all.

use std::time::{Duration, Instant};

/// Between two named requests of one generator thread.
const PACE: Duration = Duration::from_millis(200);

/// Gives out the names of one thread.
pub(crate) struct Names {
    /// Differs from run to run and from thread to thread.
    run: u32,
    given: u32,
    last: Option<Instant>,
}

impl Names {
    pub fn new() -> Self {
        Self { run: fastrand::u32(..), given: 0, last: None }
    }

    /// A name for a request that begins `now`; `None` when there was one a moment ago.
    pub fn next(&mut self, now: Instant) -> Option<String> {
        if self.last.is_some_and(|last| now.saturating_duration_since(last) < PACE) {
            return None;
        }
        self.last = Some(now);
        self.given += 1;
        Some(format!("load-{:08x}-{}", self.run, self.given))
    }
}

/// Puts `name` into a request, below its first line.
pub(crate) fn write_name(request: &mut Vec<u8>, name: &str) {
    const END_OF_LINE: &[u8] = b"\r\n";
    if let Some(end) = memchr::memmem::find(request, END_OF_LINE) {
        let header = format!("X-Request-Id: {name}\r\n");
        let after = end + END_OF_LINE.len();
        request.splice(after..after, header.bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_given_at_a_pace() {
        let (mut names, start) = (Names::new(), Instant::now());
        let given =
            (0..1_000).filter_map(|ms| names.next(start + Duration::from_millis(ms))).collect::<Vec<_>>();
        assert_eq!(given.len(), 5);
        assert!(given[0].starts_with("load-") && given[4].ends_with("-5"), "{given:?}");
    }

    #[test]
    fn a_name_is_a_header_of_the_request() {
        let mut request = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n".to_vec();
        write_name(&mut request, "load-1");
        assert_eq!(request, b"GET / HTTP/1.1\r\nX-Request-Id: load-1\r\nHost: x\r\n\r\n");
    }
}
