//! What does a service cost beside its database? The service and pgbench, with the same SQL, to the same PostgreSQL.

use std::{
    env, fs,
    process::{self, Command, ExitCode},
};

use anyhow::{Context, ensure};

use crate::{Postgres, TestDatabase};

/// Who is measured when, so that whatever else the machine does falls on both.
const TURNS: [Turn; 8] = {
    use Turn::{Ours, Pgbench};
    [Pgbench, Ours, Ours, Pgbench, Pgbench, Ours, Ours, Pgbench]
};

#[derive(Clone, Copy)]
enum Turn {
    Pgbench,
    Ours,
}

/// Answers per second, beside pgbench's transactions per second.
const RATE_GOAL: f64 = 0.5;

/// Memory of the service while it is under load.
const RESIDENT_MB_GOAL: f64 = 20.0;

/// Prints `figure`, the ratio of the answers per second that `ours` measures to the transactions per second of `pgbench`,
/// and `<service>_resident_mb`, the most memory (in bytes, from `ours`) that the service had. Fails when one misses its
/// goal.
///
/// # Errors
/// When one of the two cannot be measured.
pub fn beside_pgbench(
    service: &str,
    figure: &str,
    mut pgbench: impl FnMut() -> anyhow::Result<f64>,
    mut ours: impl FnMut() -> anyhow::Result<(f64, u64)>,
) -> anyhow::Result<ExitCode> {
    let (mut theirs, mut rates, mut resident_mb) = (Vec::new(), Vec::new(), 0.0_f64);
    for turn in TURNS {
        match turn {
            Turn::Pgbench => theirs.push(pgbench()?),
            Turn::Ours => {
                let (rate, resident_bytes) = ours()?;
                rates.push(rate);
                resident_mb = resident_mb.max(resident_bytes as f64 / 1e6);
            }
        }
    }
    let mean = |rates: &[f64]| rates.iter().sum::<f64>() / rates.len() as f64;
    let (theirs, ours) = (mean(&theirs), mean(&rates));
    let ratio = ours / theirs;
    println!("{figure}: {ratio:.2} ({ours:.0}/s against {theirs:.0}/s)");
    println!("{service}_resident_mb: {resident_mb:.1}");
    if ratio >= RATE_GOAL && resident_mb <= RESIDENT_MB_GOAL {
        return Ok(ExitCode::SUCCESS);
    }
    eprintln!("{service} bench: the goals are at least {RATE_GOAL} and at most {RESIDENT_MB_GOAL} MB");
    Ok(ExitCode::FAILURE)
}

impl Postgres {
    /// Transactions per second of pgbench, whose `clients` run `sql` for so many seconds. `variables` are what it is
    /// given for `$1`, `$2`, …: a name and a value each.
    ///
    /// # Errors
    /// When there is no pgbench; its own words when it fails.
    pub fn pgbench(
        &self,
        database: &TestDatabase,
        sql: &str,
        variables: &[(&str, &str)],
        clients: usize,
        seconds: u64,
    ) -> anyhow::Result<f64> {
        let script = env::temp_dir().join(format!("pgbench-{}.sql", process::id()));
        // pgbench makes parameters of its variables.
        let named = (1..).zip(variables).fold(sql.to_owned(), |sql, (position, (name, _))| {
            sql.replace(&format!("${position}"), &format!(":{name}"))
        });
        // Without the line's end, pgbench takes what follows in its memory for a part of the last name.
        fs::write(&script, named + "\n")?;
        let output = Command::new(self.program("pgbench"))
            .args(["--protocol=prepared", "--no-vacuum", "-j1"])
            .args(variables.iter().map(|(name, value)| format!("--define={name}={value}")))
            .arg(format!("--client={clients}"))
            .arg(format!("--time={seconds}"))
            .arg(format!("--file={}", script.display()))
            .arg(database.url())
            .output();
        fs::remove_file(&script)?;
        let output = output.context("cannot run pgbench (Debian and Ubuntu: apt-get install postgresql)")?;
        let text = String::from_utf8_lossy(&output.stdout);
        ensure!(output.status.success(), "pgbench: {}", String::from_utf8_lossy(&output.stderr));
        // "tps = 30749.774266 (without initial connection time)"
        let rate = text.lines().find_map(|line| line.strip_prefix("tps = ")?.split(' ').next()?.parse().ok());
        rate.context("pgbench says something new")
    }
}

impl TestDatabase<'_> {
    /// What a service really sent, from PostgreSQL's own list of who runs what: a query that is `like` this.
    ///
    /// # Errors
    /// When there was none.
    pub fn seen(&self, like: &str) -> anyhow::Result<String> {
        let list = format!(
            "SELECT query FROM pg_stat_activity WHERE query LIKE '{like}' AND pid <> pg_backend_pid()"
        );
        self.sql(&list)
            .into_iter()
            .flatten()
            .flatten()
            .next()
            .with_context(|| format!("no query is like {like}"))
    }
}
