//! `lab apply-fix`: applies the lesson's `fix.sql`.

use std::{
    fmt::{self, Display, Formatter},
    fs,
    path::PathBuf,
    time::Instant,
};

use anyhow::{Context, bail};
use observe::invalid_index;
use project::{Scenario, Session, database::in_full};
use serde::Serialize;

/// What was applied.
#[derive(Debug, Serialize)]
pub struct Applied {
    fix: PathBuf,
    took_ms: u128,
    #[serde(skip)]
    sql: String,
}

/// Applies it; a second time changes nothing.
///
/// # Errors
/// When the scenario does not run; PostgreSQL's own words.
pub async fn apply_fix(scenario: &Scenario) -> anyhow::Result<Applied> {
    let session = Session::open(scenario)?;
    let fix = session
        .lesson
        .database
        .fix
        .clone()
        .context("this lesson's fix is not SQL; the lesson says which files to edit")?;
    let path = scenario.root.join(&fix);
    let sql = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    let client = session.connect().await?;
    let started = Instant::now();
    client
        .batch_execute(&sql)
        .await
        .map_err(in_full)
        .with_context(|| format!("{} could not be applied", fix.display()))?;
    // `IF NOT EXISTS` skips what an interrupted build left.
    let invalid = invalid_index::of_table(&client, &session.lesson.database.table).await?;
    if let Some(name) = invalid.first() {
        bail!("{} was applied, but {}", fix.display(), invalid_index::remark(name));
    }
    Ok(Applied { fix, took_ms: started.elapsed().as_millis(), sql })
}

impl Display for Applied {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}\nApplied {} in {} ms.\n", self.sql.trim(), self.fix.display(), self.took_ms)?;
        f.write_str("Next: see whether PostgreSQL uses it, with: make explain-query")
    }
}
