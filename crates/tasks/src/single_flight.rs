//! Single flight: of many requests for the same thing at the same time, one fetches it and all share it.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError, Weak},
};

use tokio::sync::OnceCell;

/// What is being fetched now, by key. A cell lives as long as a request waits for it.
pub struct SingleFlight<T> {
    by_key: Mutex<HashMap<String, Weak<OnceCell<T>>>>,
}

impl<T: Clone> SingleFlight<T> {
    /// Nothing is being fetched.
    pub fn new() -> Self {
        Self { by_key: Mutex::default() }
    }

    /// What `fetch` gives, or what that of another gave who came with the same `key` before this one was ready. When
    /// the request that fetches is dropped, the next one that waits fetches.
    pub async fn share(&self, key: &str, fetch: impl Future<Output = T>) -> T {
        self.cell(key).get_or_init(|| fetch).await.clone()
    }

    fn cell(&self, key: &str) -> Arc<OnceCell<T>> {
        let mut by_key = self.by_key.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(cell) = by_key.get(key).and_then(Weak::upgrade) {
            return cell;
        }
        by_key.retain(|_, cell| cell.strong_count() > 0);
        let cell = Arc::new(OnceCell::new());
        by_key.insert(key.to_owned(), Arc::downgrade(&cell));
        cell
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use tokio::{join, task::yield_now, time::timeout};

    use super::*;

    async fn count(fetched: &AtomicU32) -> u32 {
        yield_now().await;
        fetched.fetch_add(1, Ordering::Relaxed)
    }

    #[tokio::test]
    async fn those_who_come_together_share_and_those_who_come_later_do_not() {
        let (flights, fetched) = (SingleFlight::new(), AtomicU32::new(0));
        let share = |key| flights.share(key, count(&fetched));
        let (one, another, other) = join!(share("a"), share("a"), share("b"));
        assert!(one == another && one != other);
        assert_eq!(share("a").await, 2);
        assert_eq!(flights.by_key.lock().unwrap().len(), 1);
    }

    #[tokio::test]
    async fn when_the_one_who_fetches_leaves_the_next_begins() {
        let (flights, fetched) = (SingleFlight::new(), AtomicU32::new(0));
        let leaves = timeout(std::time::Duration::ZERO, flights.share("a", std::future::pending()));
        let (left, stayed) = join!(leaves, flights.share("a", count(&fetched)));
        assert!(left.is_err());
        assert_eq!(stayed, 0);
    }
}
