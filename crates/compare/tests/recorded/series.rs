//! Runs of the same program, one after the other, as they were recorded; see README.md beside this file.

use compare::{Estimate, InterimAnalyses, Noise, Prefer, Scale, Verdict, judge};
use serde::Deserialize;

/// Runs of one program.
#[derive(Deserialize)]
pub struct Series {
    /// What the README calls it.
    pub name: String,
    /// Good answers per second, for each run its five blocks.
    pub runs: Vec<[f64; 5]>,
}

/// Programs that are the same, 10 % faster, and half as fast again.
pub const FACTORS: [f64; 3] = [1.0, 1.1, 1.5];

/// Verdicts on measurements of one program, of which the second was made so many times as fast.
pub struct Verdicts {
    factor: f64,
    all: Vec<Verdict>,
    pairs: usize,
}

/// Pairs at most, as `lab ab` has it.
const LOOKS: InterimAnalyses = InterimAnalyses { most: 32 };

/// From each place several times, since a coin decides who comes first.
const THROWS: usize = 20;

impl Series {
    /// All that were recorded, the calm one first.
    pub fn all() -> Vec<Self> {
        serde_json::from_str(include_str!("series.json")).expect("the recording is whole")
    }

    /// What a difference of two runs has to exceed, as the lab learns it: from each run and the one after it, and on a
    /// machine that others keep busy no less than what is known of those.
    pub fn margin(&self) -> f64 {
        let whole: Vec<f64> = self.runs.iter().map(mean).collect();
        let pairs = whole.windows(2).map(|pair| (pair[0], pair[1]));
        let learned = Noise::of(Scale::Ratio, pairs).map_or(0.0, |Noise(noise)| noise);
        let least = if self.is_crowded() { Noise::BUSY_MACHINE.0 } else { 0.0 };
        Noise::margin(Some(Noise(learned.max(least))), Scale::Ratio)
    }

    fn is_crowded(&self) -> bool {
        self.name != "calm"
    }

    /// Share of the comparisons of two runs that find 10 % more, 0 to 1, by the lowest limit for their difference that tells
    /// the same program apart in no more than 5 of 100.
    pub fn at_best(&self) -> f64 {
        let apart: Vec<f64> =
            self.two_by_two().map(|(before, after)| (mean(after) / mean(before)).ln()).collect();
        let mut sizes: Vec<f64> = apart.iter().map(|apart| apart.abs()).collect();
        sizes.sort_by(f64::total_cmp);
        let limit = sizes[sizes.len() * 95 / 100];
        apart.iter().filter(|apart| *apart + 1.1_f64.ln() > limit).count() as f64 / apart.len() as f64
    }

    /// Each run against each later one, block by block, as `lab compare` does it.
    pub fn run_by_run(&self, factor: f64) -> Verdicts {
        let margin = self.margin();
        let verdict = |(before, after): (&[f64; 5], &[f64; 5])| {
            let after = after.map(|block| block * factor);
            let found = Estimate::of(Scale::Ratio, before, &after).expect("there are enough blocks");
            let verdict = judge(&found, margin, Prefer::More);
            if self.is_crowded() { verdict.on_busy_machine() } else { verdict }
        };
        Verdicts { factor, all: self.two_by_two().map(verdict).collect(), pairs: 0 }
    }

    /// Blocks in pairs until it is clear, each a run, as `lab ab` does it: from every block that has enough after it.
    pub fn by_turns(&self, factor: f64) -> Verdicts {
        let mut random = fastrand::Rng::with_seed(1);
        let blocks: Vec<f64> = self.runs.iter().flatten().copied().collect();
        let mut verdicts = Verdicts { factor, all: Vec::new(), pairs: 0 };
        for blocks in blocks.windows(2 * LOOKS.most) {
            for _ in 0..THROWS {
                let (verdict, pairs) = until_clear(blocks, factor, &mut random);
                verdicts.all.push(verdict);
                verdicts.pairs += pairs;
            }
        }
        verdicts
    }

    fn two_by_two(&self) -> impl Iterator<Item = (&[f64; 5], &[f64; 5])> {
        let later = |(place, before)| self.runs[place + 1..].iter().map(move |after| (before, after));
        self.runs.iter().enumerate().flat_map(later)
    }
}

fn until_clear(blocks: &[f64], factor: f64, random: &mut fastrand::Rng) -> (Verdict, usize) {
    let mut pairs = Vec::new();
    for turns in blocks.chunks_exact(2) {
        let first = random.usize(..2);
        pairs.push((turns[first], factor * turns[1 - first]));
        if LOOKS.is_due(pairs.len()) {
            let found = Estimate::paired(Scale::Ratio, &pairs, LOOKS.tail()).expect("there are enough pairs");
            let verdict = judge(&found, Scale::Ratio.smallest_margin(), Prefer::More);
            if verdict != Verdict::Inconclusive {
                return (verdict, pairs.len());
            }
        }
    }
    (Verdict::Inconclusive, pairs.len())
}

impl Verdicts {
    /// How many there are.
    pub fn count(&self) -> usize {
        self.all.len()
    }

    /// Pairs that a verdict took on average.
    pub fn pairs(&self) -> f64 {
        self.pairs as f64 / self.all.len() as f64
    }

    /// Share that says "no difference", 0 to 1.
    pub fn no_difference(&self) -> f64 {
        self.share(|verdict| matches!(verdict, Verdict::NoDifference { .. }))
    }

    /// Share that says "better", 0 to 1.
    pub fn better(&self) -> f64 {
        self.share(|verdict| *verdict == Verdict::Better)
    }

    /// Share that says "inconclusive", 0 to 1.
    pub fn inconclusive(&self) -> f64 {
        self.share(|verdict| *verdict == Verdict::Inconclusive)
    }

    /// Share that is true, 0 to 1.
    pub fn right(&self) -> f64 {
        self.share(|verdict| match *verdict {
            Verdict::Better => self.factor > 1.0,
            Verdict::NoDifference { beyond } => self.factor - 1.0 <= beyond,
            Verdict::Worse | Verdict::Inconclusive => false,
        })
    }

    /// Share that is false, 0 to 1.
    pub fn wrong(&self) -> f64 {
        (1.0 - self.right() - self.inconclusive()).max(0.0)
    }

    /// Of those of `all` that say anything, the share that is true, 0 to 1.
    pub fn right_of_said(all: &[Self]) -> f64 {
        let sum = |share: fn(&Self) -> f64| all.iter().map(share).sum::<f64>();
        sum(Self::right) / (all.len() as f64 - sum(Self::inconclusive))
    }

    fn share(&self, is_one: impl Fn(&Verdict) -> bool) -> f64 {
        self.all.iter().filter(|verdict| is_one(verdict)).count() as f64 / self.all.len() as f64
    }
}

fn mean(blocks: &[f64; 5]) -> f64 {
    blocks.iter().sum::<f64>() / 5.0
}
