//! `lab explain`: how PostgreSQL runs the lesson's query, and which scan matters.

use observe::query_plan::{self, Explained};
use project::{Scenario, Session};

/// Runs the query once under EXPLAIN ANALYZE.
///
/// # Errors
/// When the scenario does not run; PostgreSQL's own words.
pub async fn run(scenario: &Scenario) -> anyhow::Result<Explained> {
    query_plan::explain(&Session::open(scenario)?).await
}
