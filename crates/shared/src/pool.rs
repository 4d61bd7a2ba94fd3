//! A pool of PostgreSQL connections: opened when first needed, lent out, measured.
//!
//! What bb8 and diesel-async do by default, and what is done here instead:
//! - they send `SELECT 1` whenever a connection is lent out. Here nothing is sent: whether a connection was
//!   closed is known without asking, and one that was is never lent out;
//! - they keep the reason of a failed connect to themselves and wait on. Here it is logged, and when there is
//!   nothing left to wait for, the caller gets its error at once;
//! - they let any number of callers wait. Here those who come when many wait already are refused at once, and while that
//!   happens the others wait a second at most.

use std::{
    ops::{Deref, DerefMut},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use bb8::ManageConnection;
use diesel::connection::{Instrumentation, InstrumentationEvent};
use diesel_async::{AsyncConnection, AsyncPgConnection, pooled_connection::PoolableConnection};

use crate::{
    connect_failures::Reach,
    database::{ConnectError, Database},
    metrics::DB,
    problem::Problem,
    queue::{MOST_WAITING, OVERLOADED_WAIT, Queue},
    request_parts,
};

/// A pool of at most `max_size` connections. A clone is another handle to the same pool.
#[derive(Clone)]
pub struct Pool {
    connections: bb8::Pool<Manager>,
    reach: Arc<Reach>,
    queue: Arc<Queue>,
    wait: Duration,
}

impl Pool {
    /// Makes a pool that lends out at most `max_size` connections at a time, and lets callers wait `wait` for one.
    /// It opens a connection when one is needed and none is idle. Dropping the pool closes the idle ones.
    pub fn new(database: Database, max_size: u32, wait: Duration) -> Self {
        Self::build(database, max_size, wait, None)
    }

    /// As [`Pool::new`], and a connection that was idle for `idle` is closed: at most a tenth later. To be
    /// called inside a runtime, since that takes a task.
    pub fn with_idle_timeout(database: Database, max_size: u32, wait: Duration, idle: Duration) -> Self {
        Self::build(database, max_size, wait, Some(idle))
    }

    fn build(database: Database, max_size: u32, wait: Duration, idle: Option<Duration>) -> Self {
        let reach = Arc::new(Reach::default());
        let manager = Manager { database, max_size, reach: reach.clone() };
        DB.max.increment(max_size);
        let mut builder = bb8::Pool::builder()
            .max_size(max_size)
            .connection_timeout(wait)
            // A connect that failed is tried again by the next caller, and not by bb8 behind everybody's back.
            .retry_connection(false)
            // A limit needs a task per pool, which outlives the pool until it looks again: none unless asked for.
            .max_lifetime(None)
            .idle_timeout(idle);
        if let Some(idle) = idle {
            // By itself bb8 looks every 30 s: a limit of 1 s would mean half a minute.
            builder = builder.reaper_rate(idle / 10);
        }
        let connections = builder.build_unchecked(manager);
        Self { connections, reach, queue: Arc::new(Queue::new()), wait }
    }

    /// Lends a connection, which comes back when it is dropped. No round trip, unless one has to be opened.
    ///
    /// # Errors
    /// 503 `pool-timeout` when none came free in time, which is a second while others are refused; 503 `overloaded` when
    /// too many wait already; 503 `dependency-unavailable`, without waiting any longer, when the database cannot be
    /// reached and no connection is left that could come free.
    pub async fn connection(&self) -> Result<Connection, Problem> {
        let Some(_place) = self.queue.enter() else {
            DB.refusals.increment(1);
            return Err(Problem::overloaded(format!(
                "{MOST_WAITING} requests wait for a database connection"
            )));
        };
        let started = Instant::now();
        if self.reach.is_resting(started) {
            return Err(Problem::database_unreachable());
        }
        let result = tokio::select! {
            biased;
            result = self.connections.get_owned() => result.map_err(|_| timed_out(self.wait)),
            () = self.reach.lost.notified() => Err(Problem::database_unreachable()),
            () = self.queue.overloaded() => Err(timed_out(OVERLOADED_WAIT)),
        };
        DB.wait.record(started.elapsed());
        request_parts::record("pool", started);
        result.map(Connection::lend)
    }
}

fn timed_out(wait: Duration) -> Problem {
    DB.timeouts.increment(1);
    Problem::pool_timeout(wait)
}

/// A connection on loan from a [`Pool`]. It derefs to `AsyncPgConnection`, so queries take `&mut conn`.
pub struct Connection(bb8::PooledConnection<'static, Manager>);

impl Connection {
    fn lend(conn: bb8::PooledConnection<'static, Manager>) -> Self {
        DB.idle.decrement(1);
        DB.in_use.increment(1);
        Self(conn)
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        DB.in_use.decrement(1);
        DB.idle.increment(1);
    }
}

impl Deref for Connection {
    type Target = AsyncPgConnection;

    fn deref(&self) -> &AsyncPgConnection {
        &self.0.conn
    }
}

impl DerefMut for Connection {
    fn deref_mut(&mut self) -> &mut AsyncPgConnection {
        &mut self.0.conn
    }
}

/// Opens connections for bb8, and tells it which are no good any more.
struct Manager {
    database: Database,
    max_size: u32,
    reach: Arc<Reach>,
}

impl ManageConnection for Manager {
    type Connection = Open;
    type Error = ConnectError;

    async fn connect(&self) -> Result<Open, ConnectError> {
        match self.database.connect().await {
            Ok(conn) => Ok(Open::new(conn, self.reach.clone())),
            Err(error) => {
                log_at_most_once_a_second(&error);
                match error.is_full() {
                    true => self.reach.clone().found_full(),
                    false => self.reach.failed(),
                }
                Err(error)
            }
        }
    }

    async fn is_valid(&self, open: &mut Open) -> Result<(), ConnectError> {
        if self.has_broken(open) { Err(ConnectError::Closed) } else { Ok(()) }
    }

    /// Closed by the other side, inside a transaction, or given back while a query was still running (its
    /// request took too long): the next request would wait for that query first.
    fn has_broken(&self, open: &mut Open) -> bool {
        open.conn.is_broken() || open.querying.load(Ordering::Relaxed)
    }
}

impl Drop for Manager {
    fn drop(&mut self) {
        DB.max.decrement(self.max_size);
    }
}

/// An open connection, counted as long as it is.
struct Open {
    conn: AsyncPgConnection,
    querying: Arc<AtomicBool>,
    reach: Arc<Reach>,
}

impl Open {
    fn new(mut conn: AsyncPgConnection, reach: Arc<Reach>) -> Self {
        let querying = Arc::new(AtomicBool::new(false));
        conn.set_instrumentation(QueryClock { started: None, querying: querying.clone() });
        reach.opened();
        DB.idle.increment(1);
        Self { conn, querying, reach }
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.reach.closed();
        DB.idle.decrement(1);
    }
}

/// Times each query. Diesel calls it; the queries know nothing of it.
struct QueryClock {
    started: Option<Instant>,
    querying: Arc<AtomicBool>,
}

impl Instrumentation for QueryClock {
    fn on_connection_event(&mut self, event: InstrumentationEvent<'_>) {
        match event {
            InstrumentationEvent::StartQuery { .. } => {
                self.started = Some(Instant::now());
                self.querying.store(true, Ordering::Relaxed);
            }
            InstrumentationEvent::FinishQuery { .. } => {
                self.querying.store(false, Ordering::Relaxed);
                if let Some(started) = self.started.take() {
                    DB.query.record(started.elapsed());
                    request_parts::record("query", started);
                }
            }
            _ => {}
        }
    }
}

/// Under load an unavailable database refuses thousands of times a second, always for the same reason.
fn log_at_most_once_a_second(error: &ConnectError) {
    static LAST: Mutex<Option<Instant>> = Mutex::new(None);
    let mut last = LAST.lock().unwrap_or_else(PoisonError::into_inner);
    if last.is_none_or(|last| last.elapsed() >= Duration::from_secs(1)) {
        *last = Some(Instant::now());
        tracing::warn!("no connection to the database: {error}");
    }
}
