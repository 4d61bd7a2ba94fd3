//! Where copies of lists are kept: in Redis, for all instances together.

use std::time::Duration;

use actix_web::rt::spawn;

use crate::{list_body::ListBody, redis::Redis};

/// How long a copy is good for, give or take a tenth: those that were made together do not all end together.
const TTL: Duration = Duration::from_secs(30);

/// Where the number of the present generation is.
const GENERATION: &str = "tasks:gen";

/// The copies.
pub struct Cache {
    redis: Redis,
}

impl Cache {
    /// Uses what is in `redis` already.
    pub fn new(redis: Redis) -> Self {
        let handle = redis.clone();
        spawn(async move { handle.keep_in_touch(GENERATION).await });
        Self { redis }
    }

    /// The number that the keys of present copies begin with; `None` when there is no cache now.
    pub async fn generation(&self) -> Option<u64> {
        self.redis.generation(GENERATION).await
    }

    /// The copy by this key.
    pub async fn find(&self, key: &str) -> Option<ListBody> {
        ListBody::from_bytes(self.redis.get(key).await?)
    }

    /// Keeps a copy.
    pub async fn keep(&self, key: &str, copy: &ListBody) {
        let ttl = TTL.mul_f64(0.9 + 0.2 * fastrand::f64());
        self.redis.set(key, copy.as_bytes(), ttl).await;
    }

    /// Begins a new generation: copies made so far, and those being made now, are out of date.
    pub async fn invalidate(&self) {
        // Without an answer it begins as soon as there is one.
        self.redis.next_generation(GENERATION).await;
    }
}
