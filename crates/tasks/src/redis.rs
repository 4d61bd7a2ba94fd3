//! Redis, which may be away: each call has 50 ms, and after five failures in a row nobody calls for a while. Whoever
//! asks gets `None` then, and does without.

use std::{
    pin::pin,
    str::FromStr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use anyhow::Context;
use metrics::{Counter, Histogram, Unit, counter, describe_counter, describe_histogram, histogram};
use redis::{
    AsyncConnectionConfig, Client, FromRedisValue, Pipeline, RedisResult, aio::MultiplexedConnection, pipe,
};
use tokio::{
    sync::Mutex,
    task::yield_now,
    time::{sleep, timeout},
};

use crate::breaker::{Breaker, REST};

/// How long a call may take, connecting included. Without the cache an answer takes 10 ms; the library would wait 500.
const BUDGET: Duration = Duration::from_millis(50);

/// Where Redis is, from `redis://:password@host:port`.
#[derive(Clone)]
pub struct RedisAddress(Client);

impl FromStr for RedisAddress {
    type Err = anyhow::Error;

    fn from_str(url: &str) -> anyhow::Result<Self> {
        // The parser's own words could quote the password.
        Ok(Self(Client::open(url).ok().context("expected redis://:password@host:port")?))
    }
}

/// A Redis. A clone is another handle to the same, with the same one connection, over which calls need not wait for
/// each other's answers.
#[derive(Clone)]
pub struct Redis(Arc<State>);

struct State {
    client: Client,
    connection: Mutex<Option<MultiplexedConnection>>,
    breaker: Breaker,
    /// Failures so far, and how many of them the last new generation made good.
    failures: AtomicU64,
    made_good: AtomicU64,
    making_good: Mutex<()>,
    duration: Histogram,
    failed: Counter,
}

impl Redis {
    /// Remembers where it is. The first call connects.
    pub fn at(RedisAddress(client): RedisAddress) -> Self {
        describe_histogram!(
            "redis_call_duration_seconds",
            Unit::Seconds,
            "From a call to its answer, or to its failure."
        );
        describe_counter!("redis_failures_total", "Calls that had no answer in time, or an error.");
        Self(Arc::new(State {
            client,
            connection: Mutex::default(),
            breaker: Breaker::default(),
            failures: AtomicU64::new(0),
            made_good: AtomicU64::new(0),
            making_good: Mutex::default(),
            duration: histogram!("redis_call_duration_seconds"),
            failed: counter!("redis_failures_total"),
        }))
    }

    /// The value of `key`; `None` also when Redis does not answer.
    pub async fn get(&self, key: &str) -> Option<Vec<u8>> {
        let (value,) = self.call(pipe().get(key)).await?;
        value
    }

    /// Keeps `value` for `ttl`, if Redis answers.
    pub async fn set(&self, key: &str, value: &[u8], ttl: Duration) {
        let ttl_ms = ttl.as_millis().try_into().unwrap_or(u64::MAX);
        // Nothing comes of a failure but that the value is not there.
        let _: Option<()> = self.call(pipe().pset_ex(key, value, ttl_ms).ignore()).await;
    }

    /// The number of the present generation; `None` when Redis does not answer.
    ///
    /// After a failure nobody knows which calls came through, or whether this Redis is the one of before with what
    /// that knew. Then a new generation begins.
    pub async fn generation(&self, key: &str) -> Option<u64> {
        if self.0.in_doubt() {
            // One is enough. The others do without meanwhile: queueing, each would wait for all before it.
            let _turn = self.0.making_good.try_lock().ok()?;
            let failures = self.0.failures.load(Ordering::Relaxed);
            let generation = self.next_generation(key).await?;
            self.0.made_good.store(failures, Ordering::Relaxed);
            return Some(generation);
        }
        let (generation,) = self.call(pipe().get(key)).await?;
        match generation {
            Some(generation) => Some(generation),
            None => self.next_generation(key).await,
        }
    }

    /// Begins a generation and returns its number; `None` when Redis does not answer.
    pub async fn next_generation(&self, key: &str) -> Option<u64> {
        // A Redis that lost its memory must not begin with 1 again: what was made in the first 1 could still be on its
        // way here. Nobody writes a million times per second, so that the clock is ahead of all numbers there were.
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let first = now.as_micros().try_into().unwrap_or(0_u64);
        let (generation,) = self.call(pipe().set_nx(key, first).ignore().incr(key, 1)).await?;
        Some(generation)
    }

    /// Makes failures good as soon as Redis answers again, whether or not anybody asks. Never ends.
    pub async fn keep_in_touch(&self, key: &str) {
        loop {
            sleep(REST).await;
            if self.0.in_doubt() {
                self.generation(key).await;
            }
        }
    }

    /// Sends the commands in one go; `None` when there is no answer within the budget, or when nobody calls now.
    async fn call<T: FromRedisValue>(&self, commands: &Pipeline) -> Option<T> {
        let state = &*self.0;
        let started = Instant::now();
        if !state.breaker.admits(started) {
            return None;
        }
        let mut call = pin!(async { commands.query_async(&mut state.connection().await?).await });
        let mut result = timeout(BUDGET, &mut call).await;
        if result.is_err() {
            // Was it Redis? When this thread had too much to do, the answer lies here already, and two turns bring it.
            yield_now().await;
            yield_now().await;
            result = timeout(Duration::ZERO, &mut call).await;
        }
        state.duration.record(started.elapsed());
        match result {
            Ok(Ok(answer)) => {
                state.breaker.succeeded();
                Some(answer)
            }
            Ok(Err(error)) => state.fail(&error.to_string()).await,
            Err(_) => state.fail(&format!("no answer within {} ms", BUDGET.as_millis())).await,
        }
    }
}

impl State {
    /// Whether something failed that was not made good.
    fn in_doubt(&self) -> bool {
        self.failures.load(Ordering::Relaxed) != self.made_good.load(Ordering::Relaxed)
    }

    async fn connection(&self) -> RedisResult<MultiplexedConnection> {
        // Whoever comes while one connects waits for that, and does not connect as well.
        let mut connection = self.connection.lock().await;
        if let Some(connection) = &*connection {
            return Ok(connection.clone());
        }
        let config =
            AsyncConnectionConfig::new().set_connection_timeout(Some(BUDGET)).set_response_timeout(None);
        let new = self.client.get_multiplexed_async_connection_with_config(&config).await?;
        Ok(connection.insert(new).clone())
    }

    async fn fail<T>(&self, why: &str) -> Option<T> {
        self.failed.increment(1);
        self.failures.fetch_add(1, Ordering::Relaxed);
        if self.breaker.failed(Instant::now()) {
            tracing::warn!(
                "no answer from Redis: {why}; it is left alone for {} ms at a time",
                REST.as_millis()
            );
        }
        // The next call connects anew: the other side may be gone without a word.
        *self.connection.lock().await = None;
        None
    }
}
