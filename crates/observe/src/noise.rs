//! How much two load tests of the same thing differ on this machine: learned from runs that were repeated.

use std::path::PathBuf;

use compare::Scale;
use project::{self, Scenario};
use serde::{Deserialize, Serialize};

use crate::{
    blocks::{Blocks, Figure},
    saved_runs::SavedRun,
};

/// Pairs that are remembered: machines change.
const MEMORY: usize = 50;

/// `.lab/noise.json`, of all scenarios together.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub struct Noise {
    /// Of successes per second: 0.02 for 2 %; `None` until enough runs were repeated.
    pub relative: Option<f64>,
    /// Of p99 latency.
    pub p99_relative: Option<f64>,
    /// Of success rates, as a difference of shares.
    pub success_rate: Option<f64>,
    /// How many runs were compared with the identical one before them.
    pub runs: usize,
    /// Whether it is the noise between runs on a machine that other programs kept busy.
    #[serde(skip)]
    pub is_crowded: bool,
    /// The figures of each and the one before, the latest last.
    pairs: Vec<Pair>,
}

#[derive(Clone, Debug, Deserialize, Serialize)]
struct Pair {
    ok_per_s: (f64, f64),
    p99_ms: Option<(f64, f64)>,
    success_rate: (f64, f64),
}

impl Noise {
    /// What is known so far.
    pub fn known(scenario: &Scenario) -> Self {
        project::read_json(&path(scenario)).unwrap_or_default()
    }

    /// Learns from `run`, which has just been saved, if it repeats one of `runs`, which are all of `scenario`.
    ///
    /// # Errors
    /// When this cannot be written down.
    pub fn learn(scenario: &Scenario, run: &SavedRun, runs: &[SavedRun]) -> anyhow::Result<()> {
        let equal = |earlier: &&SavedRun| earlier.run_id != run.run_id && earlier.repeats(run);
        let Some(earlier) = runs.iter().rev().find(equal) else { return Ok(()) };
        if !run.is_sound(runs) || !earlier.is_sound(runs) {
            return Ok(());
        }
        let mut noise = Self::known(scenario);
        noise.add(&Blocks::of(&earlier.run), &Blocks::of(&run.run));
        project::write_json(&path(scenario), &noise)
    }

    fn add(&mut self, before: &Blocks, after: &Blocks) {
        let pair = |figure| mean(before.figure(figure)).zip(mean(after.figure(figure)));
        let (Some(ok_per_s), Some(success_rate)) = (pair(Figure::OkPerS), pair(Figure::SuccessRate)) else {
            return;
        };
        self.pairs.push(Pair { ok_per_s, p99_ms: pair(Figure::P99Ms), success_rate });
        self.pairs.drain(..self.pairs.len().saturating_sub(MEMORY));
        self.runs = self.pairs.len();
        let of = |scale, pairs: &mut dyn Iterator<Item = (f64, f64)>| {
            compare::Noise::of(scale, pairs).map(|compare::Noise(noise)| noise)
        };
        self.relative = of(Scale::Ratio, &mut self.pairs.iter().map(|pair| pair.ok_per_s));
        self.p99_relative = of(Scale::Ratio, &mut self.pairs.iter().filter_map(|pair| pair.p99_ms));
        self.success_rate = of(Scale::Difference, &mut self.pairs.iter().map(|pair| pair.success_rate));
    }

    /// Between these runs: the noise of a quiet machine does not apply while other programs keep it busy.
    pub fn between(&self, runs: [&SavedRun; 2]) -> Self {
        let mut noise = self.clone();
        noise.is_crowded = runs.iter().any(|run| run.crowded().is_some());
        if noise.is_crowded {
            let compare::Noise(least) = compare::Noise::BUSY_MACHINE;
            for noise in [&mut noise.relative, &mut noise.p99_relative] {
                *noise = Some(noise.unwrap_or_default().max(least));
            }
        }
        noise
    }

    /// What a difference of `figure` has to exceed.
    pub fn margin(&self, figure: Figure) -> f64 {
        let noise = match figure {
            Figure::OkPerS => self.relative,
            Figure::P99Ms => self.p99_relative,
            Figure::SuccessRate => self.success_rate,
        };
        compare::Noise::margin(noise.map(compare::Noise), figure.scale())
    }
}

fn path(scenario: &Scenario) -> PathBuf {
    scenario.lab_dir.join("noise.json")
}

fn mean(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}
