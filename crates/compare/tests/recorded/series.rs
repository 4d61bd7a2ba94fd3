//! Runs of the same program, one after the other, as they were recorded; see README.md beside this file.

use compare::{Estimate, Noise, Prefer, Scale, Verdict, judge};
use serde::Deserialize;

/// Runs of one program.
#[derive(Deserialize)]
pub struct Series {
    /// What the README calls it.
    pub name: String,
    /// Good answers per second, for each run its five blocks.
    pub runs: Vec<[f64; 5]>,
}

/// Verdicts on measurements of one program, of which the second was made so many times as fast.
pub struct Verdicts(Vec<Verdict>);

impl Series {
    /// All that were recorded, the calm one first.
    pub fn all() -> Vec<Self> {
        serde_json::from_str(include_str!("series.json")).expect("the recording is whole")
    }

    /// What a difference of two runs has to exceed, as the lab learns it: from each run and the one after it.
    pub fn margin(&self) -> f64 {
        let whole: Vec<f64> = self.runs.iter().map(mean).collect();
        let pairs = whole.windows(2).map(|pair| (pair[0], pair[1]));
        Noise::margin(Noise::of(Scale::Ratio, pairs), Scale::Ratio)
    }

    /// Each run against each later one, block by block, as `lab compare` does it.
    pub fn run_by_run(&self, factor: f64) -> Verdicts {
        let margin = self.margin();
        let later = |(place, before)| self.runs[place + 1..].iter().map(move |after| (before, after));
        let pairs = self.runs.iter().enumerate().flat_map(later);
        Verdicts(pairs.map(|(before, after)| verdict(before, after, factor, margin)).collect())
    }

    /// Twelve runs in the order ABBA, each a block, as `lab ab` does it: from every run that has eleven after it.
    pub fn by_turns(&self, factor: f64) -> Verdicts {
        let verdict = |runs: &[[f64; 5]]| {
            let of = |turns: [usize; 2]| {
                let is_its = move |(turn, _): &(usize, &[f64; 5])| turns.contains(&(turn % 4));
                runs.iter().enumerate().filter(is_its).map(|(_, run)| mean(run)).collect::<Vec<_>>()
            };
            verdict(&of([0, 3]), &of([1, 2]), factor, Scale::Ratio.smallest_margin())
        };
        Verdicts(self.runs.windows(12).map(verdict).collect())
    }
}

impl Verdicts {
    /// How many there are.
    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// Share that says "no difference", 0 to 1.
    pub fn no_difference(&self) -> f64 {
        self.share(|verdict| matches!(verdict, Verdict::NoDifference { .. }))
    }

    /// Share that says "better", 0 to 1.
    pub fn better(&self) -> f64 {
        self.share(|verdict| **verdict == Verdict::Better)
    }

    /// Share that says "better" or "worse", 0 to 1.
    pub fn told_apart(&self) -> f64 {
        self.share(|verdict| matches!(verdict, Verdict::Better | Verdict::Worse))
    }

    fn share(&self, is_one: impl Fn(&&Verdict) -> bool) -> f64 {
        self.0.iter().filter(is_one).count() as f64 / self.0.len() as f64
    }
}

fn verdict(before: &[f64], after: &[f64], factor: f64, margin: f64) -> Verdict {
    let after: Vec<f64> = after.iter().map(|block| block * factor).collect();
    let found = Estimate::of(Scale::Ratio, before, &after).expect("there are enough blocks");
    judge(&found, margin, Prefer::More)
}

fn mean(blocks: &[f64; 5]) -> f64 {
    blocks.iter().sum::<f64>() / 5.0
}
