//! Predictions for the next run, kept until that run is made.

use std::{
    fmt::{self, Display, Formatter},
    fs,
    path::PathBuf,
};

use anyhow::Context;
use format::{per_second, precise_ms, throughput};
use loadgen::Plan;
use project::Scenario;
use serde::{Deserialize, Serialize};

/// `.lab/scenario-N/prediction.json`: of the load test to come.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub struct OwnPrediction {
    /// What is asked for.
    pub endpoints: Vec<String>,
    /// Users at once.
    pub users: Option<usize>,
    /// Requests per second, in an open loop.
    pub rate_per_s: Option<f64>,
    /// Both predictions.
    #[serde(flatten)]
    pub guessed: Predicted,
}

/// Predicted successful requests per second.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize, Serialize)]
pub struct Predicted {
    /// By the learner; `None` without a guess.
    pub yours_per_s: Option<f64>,
    /// By the simulation; `None` when there was no run to compute it from.
    pub simulated_per_s: Option<f64>,
    /// Mean latency by the simulation.
    pub simulated_ms: Option<f64>,
}

impl OwnPrediction {
    /// Keeps it for the next load test.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn store(&self, scenario: &Scenario) -> anyhow::Result<()> {
        project::write_json(&path(scenario), self)
    }

    /// The prediction for the next load test; `None` without one.
    pub fn kept(scenario: &Scenario) -> Option<Self> {
        project::read_json(&path(scenario))
    }

    /// Takes the prediction for a load test like `plan`, to be shown with its result.
    ///
    /// # Errors
    /// When it cannot be removed.
    pub fn take(scenario: &Scenario, plan: &Plan) -> anyhow::Result<Option<Predicted>> {
        let path = path(scenario);
        let Some(guess) = Self::kept(scenario) else { return Ok(None) };
        if !guess.is_about(plan) {
            return Ok(None);
        }
        fs::remove_file(&path).with_context(|| format!("cannot remove {}", path.display()))?;
        Ok(Some(guess.guessed))
    }

    fn is_about(&self, plan: &Plan) -> bool {
        let load = match (self.rate_per_s, plan.rate_per_s) {
            (None, None) => self.users == Some(plan.users),
            (predicted, asked) => predicted == asked,
        };
        load && self.endpoints == names(plan)
    }
}

impl Display for Predicted {
    /// `612.3 (you: 500)`.
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match (self.simulated_per_s, self.yours_per_s) {
            (Some(simulated), Some(yours)) => {
                write!(f, "{} (you: {})", per_second(simulated), per_second(yours))
            }
            (Some(simulated), None) => f.write_str(&per_second(simulated)),
            (None, Some(yours)) => write!(f, "you: {}", per_second(yours)),
            (None, None) => f.write_str("-"),
        }
    }
}

impl Predicted {
    /// Predicted and measured, line by line.
    pub fn beside(&self, measured_per_s: f64, measured_ms: Option<f64>) -> String {
        let mut lines = vec!["  Predicted and measured, successful requests per second".to_owned()];
        let mut line = |who: &str, per_s: f64, ms_too: Option<f64>| {
            let off = if measured_per_s > 0.0 {
                format!("{:+.0} %", 100.0 * (per_s / measured_per_s - 1.0))
            } else {
                "-".to_owned()
            };
            let latency =
                ms_too.map_or_else(String::new, |each| format!(", {} each", precise_ms(each / 1_000.0)));
            lines.push(format!("    {who:<15}{:>9}  {off:>7}{latency}", per_second(per_s)));
        };
        if let Some(yours) = self.yours_per_s {
            line("your guess", yours, None);
        }
        if let Some(simulated) = self.simulated_per_s {
            line("lab predict", simulated, self.simulated_ms);
        }
        let latency =
            measured_ms.map_or_else(String::new, |each| format!(", {} each", format::latency(each)));
        lines.push(format!("    {:<15}{:>9}{:>9}{latency}", "measured", throughput(measured_per_s), ""));
        lines.join("\n")
    }
}

/// What `plan` asks for.
pub fn names(plan: &Plan) -> Vec<String> {
    plan.endpoints.iter().map(|endpoint| endpoint.name.clone()).collect()
}

fn path(scenario: &Scenario) -> PathBuf {
    scenario.dir().join("prediction.json")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_guess_is_about_one_load_and_no_other() {
        let plan = |users: usize, rate: Option<f64>, name: &str| -> Plan {
            serde_json::from_value(json!({
                "target": "127.0.0.1:3000", "endpoints": [{"name": name, "path": "/"}], "users": users,
                "rate_per_s": rate, "warm_up_s": 0.0, "duration_s": 1.0, "timeout_s": 1.0, "blocks": 1, "threads": 1,
                "seed": 1,
            }))
            .unwrap()
        };
        let guessed = Predicted { yours_per_s: Some(5.0), simulated_per_s: None, simulated_ms: None };
        let of = |users, rate_per_s| OwnPrediction {
            endpoints: vec!["feed".to_owned()],
            users,
            rate_per_s,
            guessed,
        };
        assert!(of(Some(100), None).is_about(&plan(100, None, "feed")));
        assert!(!of(Some(100), None).is_about(&plan(50, None, "feed")));
        assert!(!of(Some(100), None).is_about(&plan(100, None, "report")));
        assert!(!of(Some(100), None).is_about(&plan(100, Some(10.0), "feed")));
        assert!(of(None, Some(10.0)).is_about(&plan(1_000, Some(10.0), "feed")));
    }
}
