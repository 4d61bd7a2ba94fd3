//! Redis, which may be unavailable: each call has 50 ms, and after five failures in a row there are no calls for a while.
//! Callers get `None` then, and ask the database.

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
use shared::request_parts;
use tokio::{
    sync::Mutex,
    task::yield_now,
    time::{sleep, timeout},
};

use crate::{
    breaker::{Breaker, LIMIT, REST},
    freshness::Freshness,
};

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
    generation: Freshness<u64>,
    /// How often there was a doubt about what Redis knows, and how many of these doubts the last new generation settled.
    doubts: AtomicU64,
    settled: AtomicU64,
    duration: Histogram,
    failures: Counter,
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
            generation: Freshness::new(),
            doubts: AtomicU64::new(0),
            settled: AtomicU64::new(0),
            duration: histogram!("redis_call_duration_seconds"),
            failures: counter!("redis_failures_total"),
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
    pub async fn generation(&self, key: &str) -> Option<u64> {
        self.0.generation.read(self.read_generation(key)).await
    }

    /// Nobody knows whether Redis heard of a new generation that had no answer, or whether what is behind a new
    /// connection has the memory of what was behind the old one. Then a new generation begins.
    async fn read_generation(&self, key: &str) -> Option<u64> {
        let doubts = self.0.doubts.load(Ordering::Relaxed);
        if doubts != self.0.settled.load(Ordering::Relaxed) {
            let generation = self.begin_generation(key).await?;
            self.0.settled.store(doubts, Ordering::Relaxed);
            return Some(generation);
        }
        let (generation,) = self.call(pipe().get(key)).await?;
        match generation {
            Some(generation) => Some(generation),
            None => self.begin_generation(key).await,
        }
    }

    /// Begins a generation and returns its number; `None` when Redis does not answer, nor when asked a second time.
    pub async fn next_generation(&self, key: &str) -> Option<u64> {
        // Until Redis has heard of a write, other instances find the copies made before it. So one late answer, as a
        // busy machine gives now and then, is no reason to leave it at that. One generation too many does no harm.
        if let Some(generation) = self.begin_generation(key).await {
            return Some(generation);
        }
        // A Redis that is full keeps no new number, but it does give up the old one, and without one there are no copies.
        let _: Option<()> = self.call(pipe().del(key).ignore()).await;
        self.begin_generation(key).await
    }

    async fn begin_generation(&self, key: &str) -> Option<u64> {
        // A Redis that lost its memory must not begin with 1 again: what was made in the first 1 could still be on its
        // way here. Nobody writes a million times per second, so that the clock is ahead of all numbers there were.
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let first = now.as_micros().try_into().unwrap_or(0_u64);
        let generation = self.call(pipe().set_nx(key, first).ignore().incr(key, 1)).await;
        if generation.is_none() {
            self.0.doubts.fetch_add(1, Ordering::Relaxed);
        }
        generation.map(|(generation,)| generation)
    }

    /// Connects, and settles doubts as soon as Redis answers again, whether or not anybody asks. Never ends.
    pub async fn keep_in_touch(&self, key: &str) {
        self.generation(key).await;
        loop {
            sleep(REST).await;
            if self.0.doubts.load(Ordering::Relaxed) != self.0.settled.load(Ordering::Relaxed) {
                self.generation(key).await;
            }
        }
    }

    /// Sends the commands in one go; `None` when there is no answer within the budget, or when the breaker is open.
    async fn call<T: FromRedisValue>(&self, commands: &Pipeline) -> Option<T> {
        let state = &*self.0;
        let started = Instant::now();
        if !state.breaker.admits(started) {
            return None;
        }
        let call = async { commands.query_async(&mut state.connection().await?).await };
        let result = within_budget(call).await;
        state.duration.record(started.elapsed());
        request_parts::record("redis", started);
        match result {
            Some(Ok(answer)) => {
                state.breaker.succeeded();
                return Some(answer);
            }
            Some(Err(error)) => state.failed(&error.to_string(), true),
            None => state.failed(&format!("no answer within {} ms", BUDGET.as_millis()), false),
        }
        None
    }
}

/// What `call` gives, or `None` when it takes too long. It is dropped then, and with it whatever it holds.
async fn within_budget<T>(call: impl Future<Output = T>) -> Option<T> {
    let mut call = pin!(call);
    if let Ok(result) = timeout(BUDGET, &mut call).await {
        return Some(result);
    }
    // Was it Redis? When this thread had too much to do, the answer lies here already, and two turns bring it.
    yield_now().await;
    yield_now().await;
    timeout(Duration::ZERO, &mut call).await.ok()
}

impl State {
    async fn connection(&self) -> RedisResult<MultiplexedConnection> {
        // Whoever comes while one connects waits for that, and does not connect as well.
        let mut connection = self.connection.lock().await;
        if let Some(connection) = &*connection {
            return Ok(connection.clone());
        }
        let config =
            AsyncConnectionConfig::new().set_connection_timeout(Some(BUDGET)).set_response_timeout(None);
        // In a box: every call would carry its 5 KB along, and few connect.
        let new = Box::pin(self.client.get_multiplexed_async_connection_with_config(&config)).await?;
        Ok(connection.insert(new).clone())
    }

    fn failed(&self, why: &str, is_broken: bool) {
        self.failures.increment(1);
        let in_a_row = self.breaker.failed(Instant::now());
        if in_a_row == LIMIT {
            tracing::warn!(
                "no answer from Redis: {why}; it is left alone for {} ms at a time",
                REST.as_millis()
            );
        }
        // The other side may also be gone without a word. (Whoever holds the lock is connecting already.)
        if (is_broken || in_a_row >= LIMIT)
            && let Ok(mut connection) = self.connection.try_lock()
        {
            *connection = None;
            self.doubts.fetch_add(1, Ordering::Relaxed);
        }
    }
}
