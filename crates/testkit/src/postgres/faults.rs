//! What can go wrong with a PostgreSQL, made to happen.

use std::{
    fs::{self, File},
    io, iter,
    time::Duration,
};

use rustix::process::{Pid, Signal, kill_process};

use super::{Held, OWNER, Postgres, run_sql};
use crate::eventually;

impl Postgres {
    /// Stops it in order: its clients are disconnected.
    pub fn stop(&self) {
        self.end(Signal::INT);
    }

    /// Stops it as a crash would: no goodbye to clients, recovery at the next start.
    pub fn crash(&self) {
        // QUIT and not KILL: its children would live on for a while, and keep the memory they share.
        self.end(Signal::QUIT);
    }

    fn end(&self, signal: Signal) {
        let mut server = self.server.lock().expect("no test panics while it holds this");
        kill_process(Pid::from_child(&server), signal).expect("it is running");
        server.wait().expect("it is our child");
    }

    /// Takes all connections there are, those of the role that owns the tests' databases included, until the handles are
    /// dropped.
    pub fn take_all_connections(&self) -> Vec<Held> {
        let take = || Held::open(self.url("postgres", "postgres"), "SELECT 1".to_owned()).ok();
        let limit = |limit: i32| {
            let change = format!("ALTER ROLE {OWNER} CONNECTION LIMIT {limit}");
            let url = self.url("postgres", "postgres");
            // A connection that was just closed counts for a moment.
            eventually(Duration::from_secs(5), &change, || run_sql(&url, &change).is_ok());
        };
        // While they are taken, the role would take what another has just lost.
        limit(0);
        self.admin(&format!(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '{OWNER}'"
        ));
        let mut held: Vec<_> = iter::from_fn(take).collect();
        // The last connections are for superusers only.
        held.pop();
        limit(-1);
        held.extend(iter::from_fn(take));
        held
    }

    /// Fills the disk of [`Postgres::start_on_small_disk`].
    pub fn fill_disk(&self) {
        let mut ballast = File::create(self.dir.join("ballast")).expect("a disk has room for a name");
        let filled = io::copy(&mut io::repeat(0), &mut ballast);
        assert!(filled.is_err_and(|error| error.kind() == io::ErrorKind::StorageFull), "the disk has an end");
    }

    /// Frees the disk again. PostgreSQL stops when it cannot write its log: then it is to be restarted.
    pub fn free_disk(&self) {
        fs::remove_file(self.dir.join("ballast")).expect("the disk was filled");
    }

    /// Kills the postmaster, PostgreSQL's first process. The processes of the connections see it a moment later, and end.
    pub fn kill_postmaster(&self) {
        self.end(Signal::KILL);
    }

    /// Kills the backend process of one connection of the role that owns the tests' databases; an active one if there is one.
    /// PostgreSQL then closes all connections and recovers. Returns whether it found a process.
    pub fn kill_backend(&self) -> bool {
        let pids = run_sql(
            &self.url("postgres", "postgres"),
            &format!(
                "SELECT pid FROM pg_stat_activity WHERE usename = '{OWNER}' ORDER BY state = 'active' DESC, random() LIMIT 1"
            ),
        );
        let pid = pids.ok().and_then(|rows| rows.first()?.first()?.as_ref()?.parse().ok());
        let pid = pid.and_then(Pid::from_raw);
        pid.is_some_and(|pid| kill_process(pid, Signal::KILL).is_ok())
    }
}
