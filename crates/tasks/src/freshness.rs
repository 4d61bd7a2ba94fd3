//! A value that many requests need as it is now: one reads it for all requests that came before that reading began.

use std::time::Instant;

use tokio::sync::Mutex;

/// The last reading, if there was one.
pub struct Freshness<T>(Mutex<Option<Reading<T>>>);

struct Reading<T> {
    /// Whoever came before may share it.
    good_for: Instant,
    value: Option<T>,
}

impl<T: Copy> Freshness<T> {
    /// Nothing was read yet.
    pub fn new() -> Self {
        Self(Mutex::const_new(None))
    }

    /// What `read` gives, or what it gave another, if that reading began after this call. One reads at a time, so that
    /// of 500 who come together the first reads for itself and the second for all others. A reading without a value
    /// is shared by all who waited for it: they need not wait in vain a second time.
    pub async fn read(&self, read: impl Future<Output = Option<T>>) -> Option<T> {
        let came = Instant::now();
        let mut last = self.0.lock().await;
        if let Some(reading) = last.as_ref().filter(|reading| came < reading.good_for) {
            return reading.value;
        }
        let began = Instant::now();
        let value = read.await;
        let good_for = if value.is_some() { began } else { Instant::now() };
        *last = Some(Reading { good_for, value });
        value
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use tokio::{join, task::yield_now};

    use super::*;

    #[tokio::test]
    async fn who_comes_during_a_reading_waits_for_the_next_and_shares_it() {
        let (fresh, readings) = (Freshness::new(), AtomicU32::new(0));
        let read = || {
            fresh.read(async {
                yield_now().await;
                Some(readings.fetch_add(1, Ordering::Relaxed))
            })
        };
        let mut values: [_; 3] = join!(read(), read(), read()).into();
        values.sort_unstable();
        assert_eq!(values, [Some(0), Some(1), Some(1)]);
        assert_eq!(read().await, Some(2));
    }

    #[tokio::test]
    async fn a_reading_in_vain_is_enough_for_all_who_waited() {
        let (fresh, readings) = (Freshness::<u32>::new(), AtomicU32::new(0));
        let read = || {
            fresh.read(async {
                yield_now().await;
                readings.fetch_add(1, Ordering::Relaxed);
                None
            })
        };
        join!(read(), read(), read());
        assert_eq!(readings.load(Ordering::Relaxed), 1);
    }
}
