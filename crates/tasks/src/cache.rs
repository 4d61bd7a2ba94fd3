//! Where copies of lists are kept: in the memory of this process.

use std::time::Duration;

use crate::{list_body::ListBody, memory::Memory, redis::Redis};

/// How long a copy is good for.
const TTL: Duration = Duration::from_secs(30);

/// The copies.
pub struct Cache {
    memory: Memory,
}

impl Cache {
    /// An empty cache. It needs no Redis.
    pub fn new(_redis: Redis) -> Self {
        Self { memory: Memory::default() }
    }

    /// The number that the keys of present copies begin with; `None` when there is no cache now.
    pub async fn generation(&self) -> Option<u64> {
        Some(self.memory.generation())
    }

    /// The copy by this key.
    pub async fn find(&self, key: &str) -> Option<ListBody> {
        ListBody::from_bytes(self.memory.get(key)?)
    }

    /// Keeps a copy.
    pub async fn keep(&self, key: &str, copy: &ListBody) {
        self.memory.set(key, copy.as_bytes(), TTL);
    }

    /// Begins a new generation: copies made so far, and those being made now, are out of date.
    pub async fn invalidate(&self) {
        self.memory.next_generation();
    }
}
