//! Health checks: finds services that do not answer though their process runs. The supervisor sees only processes
//! that end, and Prometheus cannot tell of itself.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use anyhow::ensure;
use observe::health_check;
use project::{Scenario, spec_file::Spec};
use tokio::time::sleep;

/// Between two questions.
const INTERVAL: Duration = Duration::from_secs(1);

/// Failed health checks in a row before a service counts as silent: one may be lost in a restart.
const IN_VAIN: u32 = 2;

/// How many questions in a row each did not answer.
#[derive(Default)]
pub struct HealthPoll(Mutex<BTreeMap<String, u32>>);

impl HealthPoll {
    /// Whether the service `name` does not answer.
    pub fn is_silent(&self, name: &str) -> bool {
        self.in_vain(name) >= IN_VAIN
    }

    /// Fails at once if Prometheus is known to be silent.
    ///
    /// # Errors
    /// When it is.
    pub fn expect_prometheus(&self, spec: &Spec) -> anyhow::Result<()> {
        let is_silent = spec.prometheus().is_some_and(|service| self.is_silent(&service.name));
        ensure!(!is_silent, "Prometheus does not answer");
        Ok(())
    }

    /// Asks for ever.
    pub async fn poll_forever(&self, scenario: &Scenario) {
        loop {
            let services = Spec::read(scenario).map(|spec| spec.services).unwrap_or_default();
            let answers = health_check::answers(&services).await.into_iter();
            let now = answers.map(|(name, is_answered)| {
                let in_vain = if is_answered { 0 } else { self.in_vain(&name).saturating_add(1) };
                (name, in_vain)
            });
            let now = now.collect();
            *self.0.lock().unwrap_or_else(PoisonError::into_inner) = now;
            sleep(INTERVAL).await;
        }
    }

    fn in_vain(&self, name: &str) -> u32 {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(name).copied().unwrap_or_default()
    }
}
