//! `lab reset`: back to the start.

use std::{
    fmt::{self, Display, Formatter},
    fs,
    path::PathBuf,
    time::{SystemTime, UNIX_EPOCH},
};

use anyhow::Context;
use engine::{data_dir, database, docker};
use lesson::Room;
use project::{Scenario, git::git, running};
use serde::Serialize;

/// What was reset.
#[derive(Debug, Serialize)]
pub struct Put {
    data: bool,
    code: Vec<PathBuf>,
    /// Where the learner's changes are kept; `None` when there were none.
    patch: Option<PathBuf>,
}

/// Resets data and code, or only one of them.
///
/// # Errors
/// PostgreSQL's or git's error. Everything that was not reset is unchanged.
pub async fn run(scenario: &Scenario, data: bool, code: bool) -> anyhow::Result<Put> {
    let both = data == code;
    let lesson = scenario.lesson()?;
    if data || both {
        put_data_back(scenario, &lesson.database.service).await?;
    }
    let code: Vec<_> = if code || both {
        lesson.rooms.into_iter().map(|Room { starter, .. }| starter).collect()
    } else {
        Vec::new()
    };
    let patch = if code.is_empty() { None } else { put_code_back(scenario, &code)? };
    Ok(Put { data: data || both, code, patch })
}

/// Clones the template while the database runs; otherwise the next start seeds it again.
async fn put_data_back(scenario: &Scenario, service: &str) -> anyhow::Result<()> {
    if scenario.is_up()? {
        let (spec, _) = running(scenario)?;
        let (postgres, port) = spec.postgres(service)?;
        return database::reset(postgres, port, &scenario.password("superuser")?).await;
    }
    if !scenario.dir().exists() {
        return Ok(());
    }
    docker::remove(scenario, true)?;
    let dir = data_dir::of(scenario, service)?;
    if dir.exists() {
        fs::remove_dir_all(&dir).with_context(|| format!("cannot remove {}", dir.display()))?;
    }
    Ok(())
}

/// Returns to the last commit. Uncommitted changes are saved as a patch, and discarded only if the patch is sound.
fn put_code_back(scenario: &Scenario, files: &[PathBuf]) -> anyhow::Result<Option<PathBuf>> {
    // Independent of the learner's git settings: the patch must apply.
    let plain = ["--no-color", "--no-ext-diff", "--no-textconv", "--src-prefix=a/", "--dst-prefix=b/"];
    let diff = git(&scenario.root, &[&["diff"], &plain[..], &["HEAD", "--"]].concat(), files)
        .context("git could not put the files back")?;
    if diff.is_empty() {
        return Ok(None);
    }
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    let patch = scenario.dir().join(format!("reset-{now}.patch"));
    fs::create_dir_all(scenario.dir())
        .and_then(|()| fs::write(&patch, diff))
        .with_context(|| format!("cannot write {}", patch.display()))?;
    git(&scenario.root, &["apply", "--check", "--reverse", "--"], &[&patch])
        .and_then(|_| git(&scenario.root, &["checkout", "HEAD", "--"], files))
        .context("git could not put the files back")?;
    Ok(Some(patch))
}

impl Display for Put {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        for file in &self.code {
            writeln!(f, "{} is as it was committed", file.display())?;
        }
        if let Some(patch) = &self.patch {
            writeln!(f, "your changes are kept; they come back with: git apply {}", patch.display())?;
        }
        if self.data {
            writeln!(f, "the database is as it was seeded")?;
        }
        f.write_str("Next: make loadtest")
    }
}
