//! `lab reset`: back to the start.

use std::{
    fmt::{self, Display, Formatter},
    fs,
    path::PathBuf,
    process::Command,
    time::{SystemTime, UNIX_EPOCH},
};

use anyhow::{Context, bail};
use serde::Serialize;

use super::running;
use crate::{
    database,
    lesson::{Lesson, Room},
    project::Scenario,
};

/// What was put back.
#[derive(Debug, Serialize)]
pub struct Put {
    data: bool,
    code: Vec<PathBuf>,
    /// Where the learner's changes are kept.
    patch: Option<PathBuf>,
}

/// Puts data and code back; only one of them when only that is asked for.
///
/// # Errors
/// When the scenario does not run (the data needs its database), or git cannot put the files back.
pub async fn run(scenario: &Scenario, data: bool, code: bool) -> anyhow::Result<Put> {
    let both = data == code;
    let lesson = Lesson::read(scenario)?;
    let mut put = Put {
        data: false,
        code: Vec::new(),
        patch: None,
    };
    if code || both {
        put_code_back(scenario, &lesson.rooms, &mut put)?;
    }
    if data || both {
        let (desired, _) = running(scenario)?;
        let (postgres, port) = desired.postgres(&lesson.database.service)?;
        database::reset(postgres, port, &scenario.password("superuser")?).await?;
        put.data = true;
    }
    Ok(put)
}

/// What is committed is the start; what is not is kept as a patch.
fn put_code_back(scenario: &Scenario, rooms: &[Room], put: &mut Put) -> anyhow::Result<()> {
    let files: Vec<PathBuf> = rooms.iter().map(|room| room.starter.clone()).collect();
    let git = |arguments: &[&str]| {
        let output = Command::new("git")
            .current_dir(&scenario.root)
            .args(arguments)
            .arg("--")
            .args(&files)
            .output();
        let output = output.context("cannot run git")?;
        if !output.status.success() {
            bail!(
                "git {}: {}",
                arguments.join(" "),
                String::from_utf8_lossy(&output.stderr).trim()
            );
        }
        Ok(output.stdout)
    };
    let diff = git(&["diff", "HEAD"])?;
    if diff.is_empty() {
        return Ok(());
    }
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default()
        .as_secs();
    let patch = scenario.dir().join(format!("reset-{now}.patch"));
    fs::write(&patch, diff).with_context(|| format!("cannot write {}", patch.display()))?;
    git(&["checkout", "HEAD"])?;
    put.patch = Some(patch);
    put.code = files;
    Ok(())
}

impl Display for Put {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        for file in &self.code {
            writeln!(f, "{} is as it was committed", file.display())?;
        }
        if let Some(patch) = &self.patch {
            writeln!(f, "your changes are kept: git apply {}", patch.display())?;
        }
        if self.data {
            writeln!(f, "the database is as it was seeded")?;
        }
        f.write_str("Next: make loadtest")
    }
}
