//! `lab reset`: back to the start.

use std::{
    fmt::{self, Display, Formatter},
    fs,
    path::{Path, PathBuf},
    time::{SystemTime, UNIX_EPOCH},
};

use anyhow::Context;
use engine::{data_dir, database, docker};
use lesson::Room;
use project::{
    Scenario,
    git::{self, git},
    running,
};
use serde::Serialize;

/// What was reset.
#[derive(Debug, Serialize)]
pub struct Put {
    data: bool,
    code: Vec<PathBuf>,
    #[serde(flatten)]
    changes: Changes,
}

/// Where the learner's changes are kept.
#[derive(Debug, Default, Serialize)]
struct Changes {
    /// Those of files that git knows; `None` when there were none.
    patch: Option<PathBuf>,
    /// The folder of the files that git does not know; `None` when there were none.
    new_files: Option<PathBuf>,
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
    let changes = if code.is_empty() { Changes::default() } else { put_code_back(scenario, &code)? };
    Ok(Put { data: data || both, code, changes })
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

/// Returns to the last commit. Changes that are not committed are saved as a patch, and discarded only if the patch is sound;
/// new files beside them are moved to a folder.
fn put_code_back(scenario: &Scenario, files: &[PathBuf]) -> anyhow::Result<Changes> {
    let root = &scenario.root;
    let failed = "git could not put the files back";
    git::expect_known(root, files).context(failed)?;
    // A room may have become a folder, or two files.
    let in_sources =
        |file: &PathBuf| file.parent().filter(|folder| folder.ends_with("src")).map(Path::to_owned);
    let mut places: Vec<_> =
        files.iter().map(|file| in_sources(file).unwrap_or_else(|| file.clone())).collect();
    places.dedup();
    // Independent of the learner's git settings: the patch must apply.
    let plain = ["--no-color", "--no-ext-diff", "--no-textconv", "--src-prefix=a/", "--dst-prefix=b/"];
    let diff = git(root, &[&["diff"], &plain[..], &["HEAD", "--"]].concat(), &places).context(failed)?;
    let new = git::new_files(root, &places).context(failed)?;
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    let kept = scenario.dir().join(format!("reset-{now}"));
    let mut changes = Changes::default();
    if !diff.is_empty() {
        let patch = kept.with_extension("patch");
        fs::create_dir_all(scenario.dir())
            .and_then(|()| fs::write(&patch, diff))
            .with_context(|| format!("cannot write {}", patch.display()))?;
        git(root, &["apply", "--check", "--reverse", "--"], &[&patch])
            .and_then(|_| git(root, &["checkout", "HEAD", "--"], &places))
            .context(failed)?;
        changes.patch = Some(patch);
    }
    for file in new {
        let (from, to) = (root.join(&file), kept.join(&file));
        fs::create_dir_all(to.parent().unwrap_or(&kept))
            .and_then(|()| fs::rename(&from, &to))
            .with_context(|| format!("cannot move {} to {}", from.display(), to.display()))?;
        changes.new_files = Some(kept.clone());
    }
    Ok(changes)
}

impl Display for Put {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        for file in &self.code {
            writeln!(f, "{} is as it was committed", file.display())?;
        }
        if let Some(patch) = &self.changes.patch {
            writeln!(f, "your changes are kept; they come back with: git apply {}", patch.display())?;
        }
        if let Some(folder) = &self.changes.new_files {
            writeln!(f, "your new files are kept in {}", folder.display())?;
        }
        if self.data {
            writeln!(f, "the database is as it was seeded")?;
        }
        f.write_str("Next: make loadtest")
    }
}
