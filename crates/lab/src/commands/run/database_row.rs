//! What is in the database of a scenario, or why that is not known.

use std::collections::BTreeMap;

use format::number;
use project::{
    Session,
    database::{self, is_being_made},
    status::Phase,
    transactions::{self, OLD_S, OpenTransaction},
};
use serde::Serialize;

/// What is in the database.
#[derive(Debug, Default, Serialize)]
pub struct DatabaseRow {
    /// Whether it answers.
    pub ready: bool,
    /// Why it does not.
    pub error: Option<String>,
    /// Rows of each table.
    pub tables: BTreeMap<String, i64>,
    /// Rows that each table was seeded with; nothing for a table that the seed leaves empty.
    pub seeded: BTreeMap<String, i64>,
    /// Transactions that have been open for long, the oldest first.
    pub old_transactions: Vec<OpenTransaction>,
}

impl DatabaseRow {
    /// What is in the database, unless it is still being started.
    pub async fn of(session: &Session) -> Self {
        let name = &session.lesson.database.service;
        let phase = session.status.service(name).map_or(Phase::Starting, |service| service.phase);
        if phase == Phase::Starting {
            return Self { error: Some(format!("{name} is not ready yet")), ..Self::default() };
        }
        let old_transactions = old_transactions(session).await.unwrap_or_default();
        match rows(session).await {
            Ok((tables, seeded)) => Self { ready: true, error: None, tables, seeded, old_transactions },
            Err(error) => {
                let error = if is_being_made(&error) {
                    format!("the database of {name} is being created or reset")
                } else {
                    format!("{error:#}")
                };
                Self { error: Some(error), old_transactions, ..Self::default() }
            }
        }
    }

    /// `posts 10,006 (10,000 seeded, 6 added since), users 1,000`
    pub fn counts(&self) -> String {
        let of = |(name, rows): (&String, &i64)| {
            let shown = number(*rows as f64, 0);
            match self.seeded.get(name).copied().unwrap_or(*rows) {
                seeded if seeded < *rows => {
                    let [seeded, added] = [seeded, rows - seeded].map(|count| number(count as f64, 0));
                    format!("{name} {shown} ({seeded} seeded, {added} added since)")
                }
                seeded if seeded > *rows => {
                    format!("{name} {shown} of {} seeded", number(seeded as f64, 0))
                }
                _ => format!("{name} {shown}"),
            }
        };
        self.tables.iter().map(of).collect::<Vec<_>>().join(", ")
    }
}

/// Counts with a connection like the service's: when PostgreSQL has none left for the service, this fails too.
async fn rows(session: &Session) -> anyhow::Result<(BTreeMap<String, i64>, BTreeMap<String, i64>)> {
    let client = session.connect().await?;
    // A learner may have dropped the marker.
    Ok((database::rows(&client).await?, database::seeded(&client).await.unwrap_or_default()))
}

/// As the superuser, who sees the statements of all.
async fn old_transactions(session: &Session) -> anyhow::Result<Vec<OpenTransaction>> {
    let (postgres, _) = session.postgres()?;
    transactions::open_for(&session.connect_as_superuser().await?, &postgres.database, OLD_S).await
}
