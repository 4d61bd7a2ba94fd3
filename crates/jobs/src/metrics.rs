//! What this service counts beside what every service does.

use std::{sync::LazyLock, time::Duration};

use actix_web::rt::spawn;
use diesel_async::AsyncPgConnection;
use metrics::{Counter, Gauge, counter, describe_counter, describe_gauge, gauge};
use shared::database::Database;
use tokio::time::{MissedTickBehavior, interval, timeout};

use crate::queries;

/// As often as Prometheus asks. Counting 10,000 jobs takes PostgreSQL about a millisecond.
const SAMPLE_EVERY: Duration = Duration::from_secs(1);

/// Jobs handed to a worker.
pub static CLAIMED: LazyLock<Counter> = LazyLock::new(|| counter!("jobs_claimed_total"));

/// Jobs that used up their attempts.
pub static DEAD: LazyLock<Counter> = LazyLock::new(|| counter!("jobs_dead_total"));

/// Describes the metrics and begins to sample the number of pending jobs. To be called once the server has its port.
pub fn start(database: Database) {
    describe_counter!("jobs_claimed_total", "Jobs handed to a worker.");
    describe_counter!("jobs_dead_total", "Jobs that used up their attempts.");
    describe_gauge!("jobs_pending", "Jobs that wait for a worker, those that rest after a failure included.");
    // So that they are there, and 0, before the first claim.
    LazyLock::force(&CLAIMED);
    LazyLock::force(&DEAD);
    spawn(sample_pending(database, gauge!("jobs_pending")));
}

/// On a connection of its own. One of the pool's would be missed by requests, and would not be had when it matters: while
/// all are taken.
async fn sample_pending(database: Database, pending: Gauge) {
    let mut samples = interval(SAMPLE_EVERY);
    samples.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut conn = None;
    loop {
        samples.tick().await;
        // Without an answer the last number stands, and the next sample begins with a new connection.
        conn = timeout(SAMPLE_EVERY, sample(&database, conn, &pending)).await.ok().and_then(Result::ok);
    }
}

async fn sample(
    database: &Database,
    conn: Option<AsyncPgConnection>,
    pending: &Gauge,
) -> anyhow::Result<AsyncPgConnection> {
    let mut conn = match conn {
        Some(conn) => conn,
        None => database.connect().await?,
    };
    pending.set(queries::count_pending(&mut conn).await? as f64);
    Ok(conn)
}
