//! Work in a separate checkout, with its own data, ports and folder, which are removed afterwards.

use std::{fs, future::Future, time::Duration};

use anyhow::{Context, anyhow, bail};
use engine::{
    data_dir, database, docker, down,
    up::{Options, up},
    wait_ready::Life,
};
use lesson::Lesson;
use project::Scenario;
use tokio::{signal::ctrl_c, time::sleep};

/// Does `work`, which may start `scenario`, and cleans up after it, also on Ctrl-C.
///
/// # Errors
/// Those of `work`; when another such work is under way.
pub async fn in_parallel<T>(
    scenario: &Scenario,
    lesson: &Lesson,
    work: impl Future<Output = anyhow::Result<T>>,
) -> anyhow::Result<T> {
    if scenario.is_up()? {
        bail!(
            "another smoke or A/B test of scenario {} is running; stop it with: cargo lab down --all",
            scenario.number
        );
    }
    scenario.prepare()?;
    // With the folders of all its servers, wherever they may be.
    let data = data_dir::of(scenario, &lesson.database.service)?;
    let data = data.parent().context("a data directory lies in a folder")?.to_owned();
    let result = tokio::select! {
        result = work => result,
        _ = ctrl_c() => {
            // A supervisor that was being started may not have its lock yet.
            sleep(Duration::from_secs(1)).await;
            Err(anyhow!("stopped"))
        }
    };
    down::stop(scenario).await?;
    docker::remove(scenario, true)?;
    for dir in [&data, &scenario.lab_dir] {
        if dir.exists() {
            fs::remove_dir_all(dir).with_context(|| format!("cannot remove {}", dir.display()))?;
        }
    }
    result
}

/// Starts `scenario` for as long as this process lives, with its data as they were seeded.
///
/// # Errors
/// When it does not start, or the database refuses.
pub async fn start(scenario: &Scenario, options: &Options) -> anyhow::Result<()> {
    let spec = up(scenario, options, Life::Attached).await?;
    let (postgres, port) = spec.postgres(&scenario.lesson()?.database.service)?;
    database::reset(postgres, port, &scenario.password("superuser")?).await
}
