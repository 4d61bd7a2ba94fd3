//! What was predicted before a run, kept until that run is made.

use std::{fs, path::PathBuf};

use anyhow::Context;
use loadgen::Plan;
use serde::{Deserialize, Serialize};

use crate::project::{self, Scenario};

/// `.lab/scenario-N/prediction.json`: of the load test to come.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub struct Guess {
    /// Users at once.
    pub users: Option<usize>,
    /// Requests per second, in an open loop.
    pub rate_per_s: Option<f64>,
    /// What both said.
    #[serde(flatten)]
    pub guessed: Guessed,
}

/// Good answers per second, as they were predicted.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize, Serialize)]
pub struct Guessed {
    /// By the learner; `None` when the learner said nothing.
    pub yours_per_s: Option<f64>,
    /// By the simulation; `None` when there was no run to compute it from.
    pub simulated_per_s: Option<f64>,
    /// Mean latency by the simulation.
    pub simulated_ms: Option<f64>,
}

impl Guess {
    /// Keeps it for the next load test.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn store(&self, scenario: &Scenario) -> anyhow::Result<()> {
        project::write_json(&path(scenario), self)
    }

    /// What was predicted of a load test like `plan`, which is about to be shown beside it: it is used up.
    ///
    /// # Errors
    /// When it cannot be put away.
    pub fn take(scenario: &Scenario, plan: &Plan) -> anyhow::Result<Option<Guessed>> {
        let path = path(scenario);
        let Some(guess) = project::read_json::<Self>(&path) else { return Ok(None) };
        if !guess.is_about(plan) {
            return Ok(None);
        }
        fs::remove_file(&path).with_context(|| format!("cannot remove {}", path.display()))?;
        Ok(Some(guess.guessed))
    }

    fn is_about(&self, plan: &Plan) -> bool {
        match (self.rate_per_s, plan.rate_per_s) {
            (None, None) => self.users == Some(plan.users),
            (predicted, asked) => predicted == asked,
        }
    }
}

fn path(scenario: &Scenario) -> PathBuf {
    scenario.dir().join("prediction.json")
}
