//! `lab logs`: the services' logs.

use std::{
    fs,
    io::{self, Write},
    time::Duration,
};

use anyhow::{Context, ensure};
use engine::logs::Log;
use project::Scenario;
use tokio::{signal::ctrl_c, time::sleep};

/// Lines of each log that are shown first.
const LAST: usize = 20;

/// Prints the end of every log, or of the log of `service`; with `follow` also what comes, until Ctrl-C.
///
/// # Errors
/// When there is no such log.
pub async fn run(scenario: &Scenario, service: Option<&str>, follow: bool) -> anyhow::Result<()> {
    let mut logs = match service {
        Some(service) => vec![Log::of(scenario.log(service))],
        None => all(scenario)?,
    };
    ensure!(
        !logs.is_empty(),
        "there are no logs yet; start the scenario with: make scenario-{}",
        scenario.number
    );
    for log in &mut logs {
        let text = log.read_on().with_context(|| format!("there is no log {}", log.path.display()))?;
        let lines: Vec<_> = text.lines().collect();
        let shown = &lines[lines.len().saturating_sub(LAST)..];
        if !print(&format!("==> {}\n{}\n", log.path.display(), shown.join("\n"))) {
            return Ok(());
        }
    }
    if follow {
        tokio::select! {
            () = print_what_comes(&mut logs) => {}
            _ = ctrl_c() => {}
        }
    }
    Ok(())
}

async fn print_what_comes(logs: &mut [Log]) {
    loop {
        sleep(Duration::from_millis(200)).await;
        for log in &mut *logs {
            let text = log.read_on().unwrap_or_default();
            if !text.is_empty() && !print(&text) {
                return;
            }
        }
    }
}

fn all(scenario: &Scenario) -> anyhow::Result<Vec<Log>> {
    let Ok(entries) = fs::read_dir(scenario.dir().join("log")) else {
        return Ok(Vec::new());
    };
    let mut paths = entries.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<_>>>()?;
    paths.sort();
    Ok(paths.into_iter().map(Log::of).collect())
}

/// `false` when the reader has closed the pipe: `lab logs | head`.
fn print(text: &str) -> bool {
    io::stdout().write_all(text.as_bytes()).is_ok()
}
