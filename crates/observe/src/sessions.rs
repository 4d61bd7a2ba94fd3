//! The connections that a program has to the lesson's database, seen by PostgreSQL itself: how many at once, how many
//! different ones, how many active.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, SystemTime},
};

use compose::service_spec::Postgres;
use project::{
    database::{self, in_full},
    transactions::{self, OLD_S, OpenTransaction},
};
use serde::{Deserialize, Serialize};
use tokio::{
    task::JoinHandle,
    time::{MissedTickBehavior, interval, sleep},
};
use tokio_postgres::Client;

/// Between two looks. A look costs PostgreSQL some 0.2 ms.
const INTERVAL: Duration = Duration::from_millis(50);

/// Old transactions are looked for once a second.
const LOOKS_PER_S: u64 = 1_000 / INTERVAL.as_millis() as u64;

/// The pause between two requests of a slow user.
const PAUSE: Duration = Duration::from_secs(3);

/// The result of all samples.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub struct Sessions {
    /// The most that were open at once.
    pub open: usize,
    /// How many different ones there were. One that came and went between two looks is in no count.
    pub different: usize,
    /// How many were active on average.
    pub busy: f64,
    /// How many were open on average.
    #[serde(default)]
    pub open_mean: f64,
    /// PostgreSQL's wait events of the active ones, and how many waited on average; the largest first.
    #[serde(default)]
    pub waits: Vec<(String, f64)>,
    /// Transactions that were open for long, of the program and of others, as old as they were when last seen.
    #[serde(default)]
    pub old_transactions: Vec<OpenTransaction>,
    /// How many were still open a pause after the load; `None` if they were not counted then.
    #[serde(default)]
    pub kept: Option<usize>,
}

impl Sessions {
    /// Share of the connections that outlived a pause, 0 to 1; `None` if they were not counted then.
    pub fn share_kept(&self) -> Option<f64> {
        self.kept.map(|kept| kept as f64 / self.open as f64)
    }
}

/// Samples until its result is taken, or it is dropped.
pub struct Watch {
    seen: Arc<Mutex<Looks>>,
    task: JoinHandle<()>,
}

#[derive(Default)]
struct Looks {
    looks: usize,
    open: usize,
    open_in_all: usize,
    busy: usize,
    waits: HashMap<String, usize>,
    /// A process of PostgreSQL and its start: the numbers of processes are used again.
    backends: HashSet<(i32, SystemTime)>,
    /// By their process.
    old_transactions: BTreeMap<i32, OpenTransaction>,
}

impl Watch {
    /// Starts to look at those to `database`, through a superuser's `client`.
    pub fn start(client: Arc<Client>, database: &str) -> Self {
        let seen = Arc::new(Mutex::new(Looks::default()));
        let task = tokio::spawn(look(client, database.to_owned(), seen.clone()));
        Self { seen, task }
    }

    /// Its result; `None` when it could not connect.
    pub fn finish(self) -> Option<Sessions> {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let mean = |count: usize| count as f64 / seen.looks as f64;
        let mut waits: Vec<_> =
            seen.waits.iter().map(|(event, count)| (event.clone(), mean(*count))).collect();
        waits.sort_by(|(_, one), (_, other)| other.total_cmp(one));
        (seen.looks > 0).then(|| Sessions {
            open: seen.open,
            different: seen.backends.len(),
            busy: mean(seen.busy),
            open_mean: mean(seen.open_in_all),
            waits,
            old_transactions: seen.old_transactions.values().cloned().collect(),
            kept: None,
        })
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// The name that `shared` gives the connections of a service. Those of others are not of its pool.
const QUERY: &str = "SELECT pid, backend_start, state = 'active',
        CASE WHEN state = 'active' THEN wait_event_type || ' ' || wait_event END
    FROM pg_stat_activity
    WHERE datname = $1 AND backend_type = 'client backend' AND application_name = 'service'";

/// How many connections the program still has after a while without requests.
///
/// # Errors
/// PostgreSQL's error.
pub async fn after_a_pause(
    postgres: &Postgres,
    port: u16,
    superuser_password: &str,
) -> anyhow::Result<usize> {
    sleep(PAUSE).await;
    let client = database::connect(port, "postgres", superuser_password, "postgres").await?;
    Ok(client.query(QUERY, &[&postgres.database]).await.map_err(in_full)?.len())
}

async fn look(client: Arc<Client>, database: String, seen: Arc<Mutex<Looks>>) {
    let mut tick = interval(INTERVAL);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    for look in 0_u64.. {
        tick.tick().await;
        // An unavailable server shows no sessions; it is sampled again when it is back.
        let Ok(rows) = client.query(QUERY, &[&database]).await.map_err(in_full) else { continue };
        let old = if look % LOOKS_PER_S == 0 {
            transactions::open_for(&client, &database, OLD_S).await.unwrap_or_default()
        } else {
            Vec::new()
        };
        let mut seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.looks += 1;
        seen.open = seen.open.max(rows.len());
        seen.open_in_all += rows.len();
        for event in rows.iter().filter_map(|row| row.get::<_, Option<String>>(3)) {
            *seen.waits.entry(event).or_default() += 1;
        }
        seen.busy += rows.iter().filter(|row| row.get::<_, Option<bool>>(2) == Some(true)).count();
        seen.old_transactions.extend(old.into_iter().map(|transaction| (transaction.pid, transaction)));
        seen.backends.extend(rows.iter().map(|row| (row.get(0), row.get(1))));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_are_kept_only_where_somebody_looked() {
        let seen = |kept| Sessions { open: 4, kept, ..Sessions::default() };
        assert_eq!(seen(Some(1)).share_kept(), Some(0.25));
        assert_eq!(seen(None).share_kept(), None);
    }
}
