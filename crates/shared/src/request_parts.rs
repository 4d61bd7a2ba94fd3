//! What a request spends its time on: the wait for a connection, each query, each call of another service. Only requests
//! that their client has named (`X-Request-Id`) are looked at, so that the others cost nothing.

use std::{
    cell::RefCell,
    fmt::Write,
    time::{Duration, Instant},
};

use tokio::task_local;

/// More than these are left out: a line of the log has an end.
const MOST: usize = 20;

task_local! {
    static PARTS: RefCell<Parts>;
}

struct Parts {
    /// When the request began.
    begun: Instant,
    parts: Vec<(&'static str, Instant, Duration)>,
}

/// Notes that the request that is being worked on spent the time since `started` on `part`: one word, such as `query`.
pub fn record(part: &'static str, started: Instant) {
    // An error means that this task works on no named request: then there is nothing to note.
    let _ = PARTS.try_with(|parts| {
        let mut parts = parts.borrow_mut();
        if parts.parts.len() < MOST {
            parts.parts.push((part, started, started.elapsed()));
        }
    });
}

/// The result of `work` on a request that began at `begun`, and its parts: `pool:0.1-12.3,query:12.4-15.0`, in
/// milliseconds from the beginning.
pub(crate) async fn collect<T>(begun: Instant, work: impl Future<Output = T>) -> (T, String) {
    let work = async {
        let result = work.await;
        (result, PARTS.with(|parts| parts.borrow().in_words()))
    };
    PARTS.scope(RefCell::new(Parts { begun, parts: Vec::new() }), work).await
}

impl Parts {
    fn in_words(&self) -> String {
        let mut words = String::new();
        for (name, started, took) in &self.parts {
            let from = started.saturating_duration_since(self.begun);
            let ms = |time: Duration| time.as_micros() as f64 / 1_000.0;
            let comma = if words.is_empty() { "" } else { "," };
            // Writing to a String cannot fail.
            let _ = write!(words, "{comma}{name}:{}-{}", ms(from), ms(from + *took));
        }
        words
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::sleep;

    use super::*;

    #[tokio::test]
    async fn parts_are_those_of_the_request_that_is_worked_on() {
        record("query", Instant::now());
        let begun = Instant::now();
        let work = async {
            let waits = Instant::now();
            sleep(Duration::from_millis(5)).await;
            record("pool", waits);
            record("query", Instant::now());
            7
        };
        let (result, parts) = collect(begun, work).await;
        assert_eq!(result, 7);
        let (pool, query) = parts.split_once(',').unwrap();
        let (from, to) = pool.strip_prefix("pool:").unwrap().split_once('-').unwrap();
        let ms = |text: &str| text.parse::<f64>().unwrap();
        assert!(ms(from) < ms(to) && ms(to) >= 5.0, "{parts}");
        assert!(query.starts_with("query:"), "{parts}");
    }

    #[tokio::test]
    async fn a_line_of_the_log_has_an_end() {
        let work = async { (0..1_000).for_each(|_| record("query", Instant::now())) };
        let ((), parts) = collect(Instant::now(), work).await;
        assert_eq!(parts.split(',').count(), MOST);
    }
}
