//! Who does not answer though its process runs: it hangs, or somebody has stopped it. The supervisor sees only processes
//! that end, and Prometheus cannot tell of itself.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use anyhow::ensure;
use loadgen::{Endpoint, fetch};
use tokio::{task::spawn_blocking, time::sleep};

use crate::{
    plan::{Desired, Kind, Service},
    project::{Scenario, read_json},
};

/// Between two questions.
const INTERVAL: Duration = Duration::from_secs(1);

/// A server under load may take its time.
const PATIENCE: Duration = Duration::from_secs(2);

/// So many questions in a row are not answered before somebody is told: one may be lost in a restart.
const IN_VAIN: u32 = 2;

/// How many questions in a row each did not answer.
#[derive(Default)]
pub struct Pulse(Mutex<BTreeMap<String, u32>>);

impl Pulse {
    /// Whether the service `name` does not answer.
    pub fn is_silent(&self, name: &str) -> bool {
        self.in_vain(name) >= IN_VAIN
    }

    /// Nobody waits for a Prometheus that is known to be silent.
    ///
    /// # Errors
    /// When it is.
    pub fn expect_prometheus(&self, desired: &Desired) -> anyhow::Result<()> {
        let is_silent = desired.prometheus().is_some_and(|service| self.is_silent(&service.name));
        ensure!(!is_silent, "Prometheus does not answer");
        Ok(())
    }

    /// Asks for ever.
    pub async fn feel(&self, scenario: &Scenario) {
        loop {
            let desired: Option<Desired> = read_json(&scenario.dir().join("desired.json"));
            // Nobody waits for one that hangs: each is asked on a thread of its own.
            let questions: Vec<_> = desired
                .iter()
                .flat_map(questions)
                .map(|(name, target, path)| (name, spawn_blocking(move || answers(&target, path))))
                .collect();
            let mut now = BTreeMap::new();
            for (name, answers) in questions {
                let before = self.in_vain(&name);
                let count = if answers.await.unwrap_or(true) { 0 } else { before.saturating_add(1) };
                now.insert(name, count);
            }
            *self.0.lock().unwrap_or_else(PoisonError::into_inner) = now;
            sleep(INTERVAL).await;
        }
    }

    fn in_vain(&self, name: &str) -> u32 {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(name).copied().unwrap_or_default()
    }
}

/// Whom to ask, where, and what. Others would count the question as a client's.
fn questions(desired: &Desired) -> Vec<(String, String, &'static str)> {
    let question = |service: &Service| {
        let path = match service.kind {
            Kind::Program(_) => "/livez",
            Kind::Prometheus(_) => "/-/healthy",
            _ => return None,
        };
        Some((service.name.clone(), format!("127.0.0.1:{}", service.port?.native), path))
    };
    desired.services.iter().filter_map(question).collect()
}

/// Whatever it says is an answer.
fn answers(target: &str, path: &str) -> bool {
    fetch(target, &Endpoint::get(path), PATIENCE).is_ok()
}
