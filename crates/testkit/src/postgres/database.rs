//! A database for one test.

use std::{
    sync::mpsc::{self, Sender},
    thread::{self, JoinHandle},
};

use tokio::runtime;
use tokio_postgres::NoTls;

use super::{OWNER, Postgres, run_sql};

/// A database, and its address as the role that owns it.
pub struct TestDatabase<'a> {
    pub(super) postgres: &'a Postgres,
    pub(super) name: String,
    pub(super) is_template: bool,
}

impl TestDatabase<'_> {
    /// What a service takes as its `DATABASE_URL`.
    pub fn url(&self) -> String {
        self.postgres.url(OWNER, &self.name)
    }

    /// Runs statements as one transaction; returns the rows of all of them, each value as text.
    ///
    /// # Panics
    /// When a statement fails.
    pub fn sql(&self, statements: &str) -> Vec<Vec<Option<String>>> {
        run_sql(&self.url(), statements).unwrap_or_else(|error| panic!("{error}, in {statements}"))
    }

    /// Runs statements in a transaction that stays open, with all its locks, until the handle is dropped. It is rolled back
    /// then.
    ///
    /// # Panics
    /// When a statement fails.
    pub fn hold(&self, statements: &str) -> Held {
        Held::open(self.url(), format!("BEGIN; {statements}"))
            .unwrap_or_else(|error| panic!("{error}, while holding a transaction open"))
    }
}

/// A connection, often with a transaction that is open. Dropping it closes the one and rolls back the other.
pub struct Held {
    release: Option<Sender<()>>,
    session: Option<JoinHandle<()>>,
}

impl Held {
    /// Opens a connection and runs these statements.
    pub(super) fn open(url: String, statements: String) -> Result<Self, String> {
        let (is_held, wait_until_held) = mpsc::channel();
        let (release, wait_for_release) = mpsc::channel::<()>();
        let session = thread::spawn(move || {
            let runtime = runtime::Builder::new_current_thread().enable_all().build();
            let runtime = runtime.expect("a runtime needs nothing special");
            let client = runtime.block_on(async {
                let (client, connection) = tokio_postgres::connect(&url, NoTls).await?;
                tokio::spawn(connection);
                client.batch_execute(&statements).await?;
                Ok::<_, tokio_postgres::Error>(client)
            });
            is_held
                .send(client.as_ref().map(drop).map_err(ToString::to_string))
                .expect("the test waits for it");
            // An error: the handle was dropped. Then the connection is, and PostgreSQL rolls back.
            let _ = wait_for_release.recv();
        });
        wait_until_held.recv().expect("the session reports")?;
        Ok(Self { release: Some(release), session: Some(session) })
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.release = None;
        if let Some(session) = self.session.take() {
            // It has nothing to tell.
            let _ = session.join();
        }
    }
}

impl Drop for TestDatabase<'_> {
    fn drop(&mut self) {
        if !self.is_template {
            // It may be down: then it goes with its directory.
            let drop = format!("DROP DATABASE {} WITH (FORCE)", self.name);
            let _ = run_sql(&self.postgres.url("postgres", "postgres"), &drop);
        }
    }
}
