//! A small store in the memory of this process: values by key, each for a while.

use std::{
    collections::HashMap,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

/// Values that are kept. A list of ten tasks has some 4 KB.
const VALUES_MAX: usize = 1_000;

/// The values, each with the moment when it is no good any more.
#[derive(Default)]
pub struct Memory {
    generation: AtomicU64,
    values: Mutex<HashMap<String, (Instant, Vec<u8>)>>,
}

impl Memory {
    /// The value of `key`.
    pub fn get(&self, key: &str) -> Option<Vec<u8>> {
        let values = self.values();
        let (_, value) = values.get(key).filter(|(until, _)| Instant::now() < *until)?;
        Some(value.clone())
    }

    /// Keeps `value` for `ttl`. When it is full, it forgets all others first.
    pub fn set(&self, key: &str, value: &[u8], ttl: Duration) {
        let mut values = self.values();
        if values.len() >= VALUES_MAX {
            values.clear();
        }
        values.insert(key.to_owned(), (Instant::now() + ttl, value.to_vec()));
    }

    /// The number of the present generation.
    pub fn generation(&self) -> u64 {
        self.generation.load(Ordering::Relaxed)
    }

    /// Begins a generation, and forgets what was kept.
    pub fn next_generation(&self) {
        self.generation.fetch_add(1, Ordering::Relaxed);
        self.values().clear();
    }

    fn values(&self) -> MutexGuard<'_, HashMap<String, (Instant, Vec<u8>)>> {
        self.values.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_kept_for_its_while() {
        let memory = Memory::default();
        memory.set("a", b"x", Duration::from_secs(30));
        memory.set("b", b"x", Duration::ZERO);
        assert_eq!((memory.get("a"), memory.get("b")), (Some(b"x".to_vec()), None));
    }

    #[test]
    fn it_does_not_grow_without_end() {
        let memory = Memory::default();
        for key in 0..=VALUES_MAX {
            memory.set(&key.to_string(), b"x", Duration::from_secs(30));
        }
        assert_eq!((memory.get("0"), memory.get("1000")), (None, Some(b"x".to_vec())));
    }
}
