//! What a supervisor may have left that was killed.

use std::time::Duration;

use process::cgroup;
use project::{Scenario, status::Status};
use rustix::process::Signal;
use tokio::time::sleep;

use crate::{docker, native_processes::capped_process::cgroup_prefix, supervisor::scrape_targets};

/// Ends processes that should have died with the supervisor that started them, and removes their CPU caps. A process that
/// is left has our data open.
pub async fn end(scenario: &Scenario) {
    scrape_targets::withdraw(scenario);
    end_processes(scenario).await;
    docker::clean_up(scenario);
    cgroup::sweep(&cgroup_prefix(scenario));
}

async fn end_processes(scenario: &Scenario) {
    // Another supervisor may have started since, with servers of its own.
    let Some(state) = Status::read(scenario).filter(|state| !state.supervisor.is_alive()) else { return };
    for process in state.services.iter().filter_map(|service| service.process.as_ref()) {
        for signal in [Signal::QUIT, Signal::KILL] {
            process.signal(signal);
            for _ in 0..50 {
                if process.is_alive() {
                    sleep(Duration::from_millis(100)).await;
                }
            }
        }
    }
}
