//! Reports saved source files.

use std::{fs, path::Path, sync::mpsc, time::Duration};

use anyhow::Context;
use notify::{Config, Event, PollWatcher, RecommendedWatcher, RecursiveMode, Watcher};
use project::{Scenario, container};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

/// Watches all crates: cargo knows which of them matter to a program, and a build without changes is quick. The watching ends
/// when the watcher is dropped.
///
/// # Errors
/// When the folder cannot be watched in either way.
pub fn sources(scenario: &Scenario) -> anyhow::Result<(Box<dyn Watcher>, UnboundedReceiver<()>)> {
    let (sender, receiver) = unbounded_channel();
    let handler = move |event: notify::Result<Event>| {
        if event.is_ok_and(|event| is_source(&event)) {
            // The receiver is gone only when the supervisor is about to end.
            let _ = sender.send(());
        }
    };
    // Half a second costs under 1 % of a core for our few files.
    let config = Config::default().with_poll_interval(Duration::from_millis(500));
    let recommended =
        events_arrive(&scenario.dir()).then(|| RecommendedWatcher::new(handler.clone(), config));
    let mut watcher: Box<dyn Watcher> = match recommended {
        Some(Ok(watcher)) => Box::new(watcher),
        _ => Box::new(PollWatcher::new(handler, config)?),
    };
    let crates = scenario.root.join("crates");
    watcher
        .watch(&crates, RecursiveMode::Recursive)
        .with_context(|| format!("cannot watch {}", crates.display()))?;
    Ok((watcher, receiver))
}

/// Reading a file is an event too, and the compiler reads all of them.
fn is_source(event: &Event) -> bool {
    let changed = event.kind.is_create() || event.kind.is_modify() || event.kind.is_remove();
    let ours =
        |path: &Path| path.extension().is_some_and(|extension| extension == "rs" || extension == "toml");
    changed && event.paths.iter().any(|path| ours(path))
}

/// Some file systems take a watch and never report (mounts of Windows drives in WSL, network drives): tries it out.
fn events_arrive(dir: &Path) -> bool {
    // Here the trial would mislead: a change is reported when the container makes it, and not when the host does.
    if container::is_here() {
        return false;
    }
    let (sender, receiver) = mpsc::channel();
    let Ok(mut watcher) = notify::recommended_watcher(sender) else {
        return false;
    };
    let probe = dir.join("watch-probe");
    watcher.watch(dir, RecursiveMode::NonRecursive).is_ok()
        && fs::write(&probe, "").and_then(|()| fs::remove_file(&probe)).is_ok()
        && receiver.recv_timeout(Duration::from_millis(200)).is_ok()
}
