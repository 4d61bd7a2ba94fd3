//! Where copies of lists are kept: in the memory of this process.

use std::{
    collections::HashMap,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use crate::{copy::Copy, redis::Redis};

/// How long a copy is good for.
const TTL: Duration = Duration::from_secs(30);

/// Copies that are kept. One of ten tasks has some 4 KB.
const COPIES_MAX: usize = 1_000;

/// The copies, each with the moment it was made.
pub struct Cache {
    generation: AtomicU64,
    copies: Mutex<HashMap<String, (Instant, Vec<u8>)>>,
}

impl Cache {
    /// An empty cache. It needs no Redis.
    pub fn new(_redis: Redis) -> Self {
        Self { generation: AtomicU64::new(0), copies: Mutex::default() }
    }

    /// The number that the keys of present copies begin with; `None` when there is no cache now.
    pub async fn generation(&self) -> Option<u64> {
        Some(self.generation.load(Ordering::Relaxed))
    }

    /// The copy by this key.
    pub async fn find(&self, key: &str) -> Option<Copy> {
        let copies = self.copies.lock().unwrap_or_else(PoisonError::into_inner);
        let (_, bytes) = copies.get(key).filter(|(made, _)| made.elapsed() < TTL)?;
        Copy::from_bytes(bytes.clone())
    }

    /// Keeps a copy.
    pub async fn keep(&self, key: &str, copy: &Copy) {
        let mut copies = self.copies.lock().unwrap_or_else(PoisonError::into_inner);
        if copies.len() >= COPIES_MAX {
            copies.clear();
        }
        copies.insert(key.to_owned(), (Instant::now(), copy.as_bytes().to_vec()));
    }

    /// Begins a new generation: copies made so far, and those being made now, are out of date.
    pub async fn invalidate(&self) {
        self.generation.fetch_add(1, Ordering::Relaxed);
        self.copies.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}
