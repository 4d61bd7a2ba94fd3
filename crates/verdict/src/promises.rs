//! Correctness: what a system must do however fast it is. A fix that loses a row, or answers from memory, is wrong.

use std::{
    process,
    time::{SystemTime, UNIX_EPOCH},
};

use anyhow::{Context, bail, ensure};
use format::counted;
use lesson::goals::{Change, List, Promise};
use loadgen::Response;
use project::database::{self, in_full};
use serde_json::Value;
use tokio::task::JoinSet;
use tokio_postgres::{Client, SimpleQueryMessage};

use crate::{
    crash,
    judge::GoalResult,
    lost_answer::{self, Kill},
    requests::{NoAnswer, all_alike, all_differ, ask, field, marked, text},
};

/// The system that promises.
pub struct System {
    target: String,
    /// Its database, as the superuser sees it.
    pub database: Client,
    login: Login,
    kill: Kill,
}

/// Where the superuser finds the database.
pub struct Login {
    /// On 127.0.0.1.
    pub port: u16,
    /// The superuser's.
    pub password: String,
    /// The service's.
    pub database: String,
}

impl Login {
    async fn connect(&self) -> anyhow::Result<Client> {
        database::connect(self.port, "postgres", &self.password, &self.database).await
    }
}

impl System {
    /// The one that answers at `target`, host and port. `kill` ends the server that has just stored something.
    ///
    /// # Errors
    /// PostgreSQL's error.
    pub async fn connect(target: String, login: Login, kill: Kill) -> anyhow::Result<Self> {
        let database = login.connect().await?;
        lost_answer::release_what_is_left(&database).await?;
        Ok(Self { target, database, login, kill })
    }

    /// How often `promise` was kept, and how it was broken the first time.
    pub async fn keeps(&mut self, promise: &Promise) -> (u32, Option<anyhow::Error>) {
        let mut kept = 0;
        let mut broken = None;
        for time in 0..promise.times {
            let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_micros();
            let mark = format!("mark-{}-{now}-{time}-", process::id());
            match self.try_once(promise, &mark).await {
                Ok(()) => kept += 1,
                Err(error) => broken = broken.or(Some(error)),
            }
            if let Some(undo) = &promise.undo
                && let Err(error) = self.database.batch_execute(&undo.replace("{mark}", &mark)).await
            {
                eprintln!("lab: cannot remove what the check wrote: {:#}", in_full(error));
            }
        }
        (kept, broken)
    }

    async fn try_once(&mut self, promise: &Promise, mark: &str) -> anyhow::Result<()> {
        let before = self.numbers(&promise.changes).await?;
        if promise.crash {
            crash::prepare(&self.database).await?;
        }
        let mut written = Vec::new();
        if let (Some(write), true) = (&promise.write, promise.answer_is_lost) {
            let (write, guard) = (marked(write, mark), self.login.connect().await?);
            let stored =
                lost_answer::write(&self.database, guard, self.target.clone(), write, self.kill.clone());
            stored.await.context(NoAnswer)?;
        } else if let Some(write) = &promise.write {
            let asking = (0..promise.clients).map(|_| ask(self.target.clone(), marked(write, mark)));
            written =
                asking.collect::<JoinSet<_>>().join_all().await.into_iter().collect::<Result<_, _>>()?;
        }
        if let Some(field) = &promise.differ_in {
            all_differ(&written, field)?;
        }
        if promise.alike {
            all_alike(&written)?;
        }
        if promise.crash {
            self.database = crash::crash(&self.database, || self.login.connect()).await?;
        }
        let mut holds = promise.holds.as_ref().map(|query| query.replace("{mark}", mark));
        if let Some(read) = &promise.read {
            let mut read = marked(read, mark);
            if read.path.contains("{id}") {
                read.path = read.path.replace("{id}", &field(written.first(), "id")?);
            }
            let answer = ask(self.target.clone(), read.clone()).await?;
            let body = String::from_utf8_lossy(&answer.body);
            match (&promise.list, &mut holds) {
                (Some(list), _) => self.compare(list, &answer).await?,
                (None, Some(query)) if query.contains("{answer}") => {
                    *query = query.replace("{answer}", &format!("'{}'", body.replace('\'', "''")));
                }
                _ => {
                    ensure!(body.contains(mark), "{} does not show the write before it", read.path)
                }
            }
        }
        if let Some(query) = &holds {
            let answer = self.first_column(query).await?;
            ensure!(answer == ["t"], "this query returned false: {}", query.trim());
        }
        let after = self.numbers(&promise.changes).await?;
        for ((Change { query, by }, before), after) in promise.changes.iter().zip(before).zip(after) {
            ensure!(after - before == *by, "{query}: {before}, then {after}, not {}", before + by);
        }
        Ok(())
    }

    async fn numbers(&self, changes: &[Change]) -> anyhow::Result<Vec<i64>> {
        let mut numbers = Vec::new();
        for Change { query, .. } in changes {
            let column = self.first_column(query).await?;
            let number = column.first().and_then(|number| number.parse().ok());
            numbers.push(number.with_context(|| format!("{query} returned no number"))?);
        }
        Ok(numbers)
    }

    async fn compare(&self, list: &List, answer: &Response) -> anyhow::Result<()> {
        let body: Value = serde_json::from_slice(&answer.body).context("the answer is not JSON")?;
        let items = body.pointer(&list.at).and_then(Value::as_array);
        let items = items.with_context(|| format!("the answer has no list at {:?}", list.at))?;
        let answered: Vec<_> = items.iter().map(|item| text(&item[&list.field])).collect();
        let wanted = self.first_column(&list.query).await?;
        if let Some(at) =
            (0..answered.len().max(wanted.len())).find(|at| answered.get(*at) != wanted.get(*at))
        {
            let [here, there] = [&answered, &wanted].map(|all| all.get(at).map_or("nothing", String::as_str));
            bail!(
                "the answer holds {} items, the database {}; `{}` of number {} is {here}, and {there} in the database",
                answered.len(),
                wanted.len(),
                list.field,
                at + 1
            );
        }
        Ok(())
    }

    /// What `query` finds, as PostgreSQL prints it.
    async fn first_column(&self, query: &str) -> anyhow::Result<Vec<String>> {
        let messages = self.database.simple_query(query).await.map_err(in_full)?;
        let cell = |message| match message {
            SimpleQueryMessage::Row(row) => Some(row.get(0).unwrap_or_default().to_owned()),
            _ => None,
        };
        Ok(messages.into_iter().filter_map(cell).collect())
    }
}

/// Whether the database still has all the rows that it was seeded with, as `seed_marker` counts them.
///
/// # Errors
/// PostgreSQL's error.
pub async fn all_rows(database: &Client) -> anyhow::Result<GoalResult> {
    let rows = database::rows(database).await?;
    let seeded = database::seeded(database).await?;
    let missing = seeded.into_iter().filter_map(|(table, seeded)| {
        let now = rows.get(&table).copied().unwrap_or_default();
        (now < seeded).then(|| format!("{table} has {} of {seeded}", counted(now as f64, "row")))
    });
    let missing: Vec<_> = missing.collect();
    let (id, title) = ("rows-are-there", "Nothing is missing from the database");
    Ok(if missing.is_empty() {
        GoalResult::kept(id, title)
    } else {
        let why = format!("the seeded data must stay complete: {}", missing.join(", "));
        GoalResult::of_the_whole(id, title, why, "make reset")
    })
}
