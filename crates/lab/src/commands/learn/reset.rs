//! `lab reset`: back to the start.

use std::{
    fmt::{self, Display, Formatter},
    fs,
    path::PathBuf,
    time::{SystemTime, UNIX_EPOCH},
};

use anyhow::Context;
use engine::{data_dir, database, docker};
use project::{Scenario, folders, running, store::write_in_checkout};
use serde::Serialize;

/// What was reset.
#[derive(Debug, Serialize)]
pub struct Put {
    data: bool,
    /// The files that were changed, from the checkout's top; `None` when only the data was reset.
    code: Option<Vec<PathBuf>>,
    /// The folder with the learner's versions of them; `None` when there are none.
    kept: Option<PathBuf>,
}

/// Resets data and code, or only one of them.
///
/// # Errors
/// PostgreSQL's error, or a file that cannot be read or written.
pub async fn run(scenario: &Scenario, data: bool, code: bool) -> anyhow::Result<Put> {
    let both = data == code;
    if data || both {
        put_data_back(scenario, &scenario.lesson()?.database.service).await?;
    }
    let code = (code || both).then(|| put_code_back(scenario)).transpose()?;
    let kept = code.as_ref().and_then(|(_, kept)| kept.clone());
    Ok(Put { data: data || both, code: code.map(|(files, _)| files), kept })
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

/// Puts the files back as they came, whatever git knows of them: those that were changed, and where they now are. Nothing
/// is changed before everything is at hand.
fn put_code_back(scenario: &Scenario) -> anyhow::Result<(Vec<PathBuf>, Option<PathBuf>)> {
    let starter = scenario.starter()?;
    let files = starter.edited()?;
    let originals: Vec<_> = files.iter().map(|file| starter.original(file)).collect::<anyhow::Result<_>>()?;
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    let kept = scenario.dir().join(format!("reset-{now}"));
    for file in &files {
        // Of a file that the learner has removed there is nothing to keep.
        if let Ok(edited) = fs::read(scenario.root.join(file)) {
            folders::private(&kept)?;
            write_in_checkout(&kept.join(file), &edited)?;
        }
    }
    for (file, original) in files.iter().zip(originals) {
        let path = scenario.root.join(file);
        match original {
            Some(bytes) => write_in_checkout(&path, &bytes)?,
            None => {
                fs::remove_file(&path).with_context(|| format!("cannot remove {}", path.display()))?;
            }
        }
    }
    let is_kept = kept.exists();
    Ok((files, is_kept.then_some(kept)))
}

impl Display for Put {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self.code.as_deref() {
            Some([]) => writeln!(f, "the code is as it came: no file was changed")?,
            Some(files) => {
                for file in files {
                    writeln!(f, "{} is as it came", file.display())?;
                }
            }
            None => {}
        }
        if let Some(kept) = &self.kept {
            let kept = kept.display();
            writeln!(f, "your files are kept in {kept}; they come back with: cp -R {kept}/. .")?;
        }
        if self.data {
            writeln!(f, "the database is as it was seeded")?;
        }
        f.write_str("Next: make loadtest")
    }
}
