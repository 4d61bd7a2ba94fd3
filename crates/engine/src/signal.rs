//! A signal to a service, as `kill` and `docker kill` send it.

use anyhow::Context;
use compose::service_spec::Service;
use project::status::Status;
use rustix::process::Signal;

use crate::docker::container_process;

/// Sends `signal` to the program of `service`, in a container or not.
///
/// # Errors
/// When it does not run, or Docker's error message.
pub fn send(service: &Service, status: &Status, signal: Signal) -> anyhow::Result<()> {
    let name = &service.name;
    match &service.container {
        // Its process is Docker Compose, which only attaches to the container.
        Some(container) => container_process::signal(container, name, signal),
        None => {
            let process = status.service(name).and_then(|service| service.process.as_ref());
            process.with_context(|| format!("{name} is not running now"))?.signal(signal);
            Ok(())
        }
    }
}
