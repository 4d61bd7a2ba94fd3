//! What a supervisor before us may have left.

use std::time::Duration;

use process::cgroup;
use project::{Scenario, status::Status};
use rustix::process::Signal;
use tokio::time::sleep;

use crate::{docker, native_processes::capped_process::cgroup_prefix};

/// Ends processes that should have died with the supervisor that started them, and removes their CPU caps. A process that
/// is left has our data open.
pub async fn end(scenario: &Scenario) {
    end_processes(scenario).await;
    docker::clean_up(scenario);
    cgroup::sweep(&cgroup_prefix(scenario));
}

async fn end_processes(scenario: &Scenario) {
    let Some(state) = Status::read(scenario) else { return };
    for process in state.services.iter().filter_map(|service| service.process.as_ref()) {
        process.signal(Signal::QUIT);
        for _ in 0..50 {
            if process.is_alive() {
                sleep(Duration::from_millis(100)).await;
            }
        }
        process.signal(Signal::KILL);
    }
}
