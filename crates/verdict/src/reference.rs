//! The baseline of a service: PostgreSQL's own throughput on this machine, without a service in front.

use std::time::Duration;

use compose::service_spec::Postgres;
use project::database::{self, in_full};
use tokio::{task::JoinSet, time::Instant};

/// As many as keep a small machine busy, and few enough to find a place beside a pool of 10.
const CLIENTS: u32 = 4;

/// Long enough to be even, short enough for a learner who waits.
const DURATION: Duration = Duration::from_secs(2);

/// How often per second PostgreSQL answers `query`, prepared, to 4 clients that ask again at once.
///
/// # Errors
/// PostgreSQL's error, for example that it has no connection left.
pub async fn answers_per_s(postgres: &Postgres, port: u16, query: &str) -> anyhow::Result<f64> {
    let Postgres { user, password, database, .. } = postgres;
    let mut clients = JoinSet::new();
    for _ in 0..CLIENTS {
        let client = database::connect(port, user, password, database).await?;
        let statement = client.prepare(query).await.map_err(in_full)?;
        clients.spawn(async move {
            let started = Instant::now();
            let mut answers = 0_u32;
            while started.elapsed() < DURATION {
                client.query(&statement, &[]).await.map_err(in_full)?;
                answers += 1;
            }
            anyhow::Ok(f64::from(answers) / started.elapsed().as_secs_f64())
        });
    }
    clients.join_all().await.into_iter().sum()
}
