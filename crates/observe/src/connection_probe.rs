//! Another client of the lesson's database: once a second it asks for a connection, as a person or a report would.

use std::time::Duration;

use anyhow::anyhow;
use compose::service_spec::Postgres;
use project::database;
use serde::{Deserialize, Serialize};
use tokio::time::{MissedTickBehavior, interval, timeout};

use crate::live_figures::{LiveFigure, LiveFigures};

/// A server that is well lets in or refuses at once.
const PATIENCE: Duration = Duration::from_secs(2);

/// The outcome of the other client's attempts.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub struct Probes {
    /// How often it asked for a connection.
    pub attempts: u32,
    /// How often it was refused one.
    pub refused: u32,
    /// The first error that it got.
    pub refusal: Option<String>,
    /// The first other error: the counts are then meaningless.
    pub trouble: Option<String>,
}

impl LiveFigure for Probes {
    const BY: &str = "probes";
}

impl Probes {
    /// Share that was refused, 0 to 1; NaN without attempts.
    pub fn share_refused(&self) -> f64 {
        f64::from(self.refused) / f64::from(self.attempts)
    }

    /// Keeps trying to connect and counts the outcomes, also on the `board`; runs until it is dropped.
    pub async fn take(&mut self, postgres: &Postgres, port: u16, board: &LiveFigures) {
        let mut second = interval(Duration::from_secs(1));
        second.set_missed_tick_behavior(MissedTickBehavior::Delay);
        // The first tick is at once, before there is any load.
        second.tick().await;
        loop {
            second.tick().await;
            let Postgres { user, password, database, .. } = postgres;
            self.attempts += 1;
            let connecting = timeout(PATIENCE, database::connect(port, user, password, database));
            board.tell(&*self);
            let error = match connecting.await {
                Ok(Ok(_)) => continue,
                Ok(Err(error)) => error,
                Err(_) => anyhow!("no answer within {} s", PATIENCE.as_secs()),
            };
            let said = format!("{error:#}");
            if database::is_full(&error) {
                self.refused += 1;
                self.refusal.get_or_insert(said);
                board.tell(&*self);
            } else {
                self.trouble.get_or_insert(format!("another client could not connect to PostgreSQL: {said}"));
            }
        }
    }
}
