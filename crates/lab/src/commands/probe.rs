//! Another client of the lesson's database: once a second it asks for a connection, as a person or a report would.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::time::{MissedTickBehavior, interval};

use crate::{database, plan::Postgres};

/// What became of the other client's attempts.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub struct Probes {
    /// How often it asked for a connection.
    pub attempts: u32,
    /// How often it was refused one.
    pub refused: u32,
    /// What it was told, the first time.
    pub refusal: Option<String>,
}

impl Probes {
    /// Share that was refused, 0 to 1; not a number when nobody asked.
    pub fn share_refused(&self) -> f64 {
        f64::from(self.refused) / f64::from(self.attempts)
    }

    /// Asks again and again, and takes notes; ends only by being dropped.
    pub async fn take(&mut self, postgres: &Postgres, port: u16) {
        let mut second = interval(Duration::from_secs(1));
        second.set_missed_tick_behavior(MissedTickBehavior::Delay);
        // The first tick is at once, before there is any load.
        second.tick().await;
        loop {
            second.tick().await;
            let Postgres { user, password, database, .. } = postgres;
            let connected = database::connect(port, user, password, database).await;
            self.attempts += 1;
            if let Err(error) = connected {
                self.refused += 1;
                self.refusal.get_or_insert(format!("{error:#}"));
            }
        }
    }
}
