//! What a service waits for.

use serde::Deserialize;

/// When a dependency counts as there.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DependsOn {
    /// Natively a service waits in both cases until the other is ready.
    pub condition: Condition,
}

/// The conditions of Compose for a service that keeps running.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Condition {
    /// Its health check passes.
    ServiceHealthy,
    /// Its process has started.
    ServiceStarted,
}
