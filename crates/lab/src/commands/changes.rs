//! What changed from one measurement to another, figure by figure, and whether that can be believed.

use std::fmt::{self, Display, Formatter};

use compare::{Estimate, Prefer, Scale, Verdict, judge};
use loadgen::{Latencies, Outcome, Run};
use serde::Serialize;

use super::noise::Noise;

/// What runs are compared by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Figure {
    /// Good answers per second.
    OkPerS,
    /// What 99 % of the good answers did not exceed.
    P99Ms,
    /// Share of the requests that succeeded, 0 to 1.
    SuccessRate,
}

/// A measurement in blocks: parts of one run, or a short run as a whole.
#[derive(Clone, Debug, Default)]
pub struct Blocks {
    ok_per_s: Vec<f64>,
    p99_ms: Vec<f64>,
    success_rate: Vec<f64>,
}

/// One figure, before and after.
#[derive(Clone, Debug, Serialize)]
pub struct Change {
    /// Which.
    pub figure: Figure,
    /// What the blocks show; `None` when they are too few: a run was cut short, or nothing succeeded.
    #[serde(flatten)]
    pub estimate: Option<Estimate>,
    /// What a difference has to exceed: 0.03 for 3 %.
    pub margin: f64,
    /// What can be said.
    #[serde(flatten)]
    pub verdict: Verdict,
}

impl Figure {
    /// All, the one that says most first.
    pub const ALL: [Self; 3] = [Self::OkPerS, Self::P99Ms, Self::SuccessRate];

    /// How it is held against another.
    pub fn scale(self) -> Scale {
        match self {
            Self::OkPerS | Self::P99Ms => Scale::Ratio,
            Self::SuccessRate => Scale::Difference,
        }
    }

    fn prefer(self) -> Prefer {
        match self {
            Self::OkPerS | Self::SuccessRate => Prefer::More,
            Self::P99Ms => Prefer::Less,
        }
    }

    /// For people.
    pub fn title(self) -> &'static str {
        match self {
            Self::OkPerS => "Ok per second",
            Self::P99Ms => "p99 latency",
            Self::SuccessRate => "Success",
        }
    }

    /// A value of it, for people.
    pub fn show(self, value: f64) -> String {
        match self {
            Self::OkPerS => format!("{value:.1}"),
            Self::P99Ms => format!("{value:.1} ms"),
            Self::SuccessRate => super::load::percent(value),
        }
    }
}

impl Blocks {
    /// The blocks of `run` that were measured to their end.
    pub fn of(run: &Run) -> Self {
        let length_s = run.plan.duration.as_secs_f64() / f64::from(run.plan.blocks);
        // A hair's breadth: what was measured was measured with a clock.
        let whole = ((run.measured_s / length_s + 0.01) as usize).min(run.plan.blocks as usize);
        let mut blocks = Self::default();
        (0..whole).for_each(|block| blocks.push(run, block..block + 1, length_s));
        blocks
    }

    /// All of `run` as one block.
    pub fn whole(run: &Run) -> Self {
        let mut blocks = Self::default();
        blocks.push(run, 0..run.plan.blocks as usize, run.measured_s);
        blocks
    }

    /// One block of so many good answers per second, and no error.
    #[cfg(test)]
    pub fn of_rate(ok_per_s: f64) -> Self {
        Self { ok_per_s: vec![ok_per_s], p99_ms: vec![1.0], success_rate: vec![1.0] }
    }

    fn push(&mut self, run: &Run, blocks: std::ops::Range<usize>, length_s: f64) {
        let mut ok = Latencies::default();
        let mut requests = 0;
        let blocks =
            run.endpoints.iter().filter_map(|endpoint| endpoint.blocks.get(blocks.clone())).flatten();
        for (outcome, latencies) in blocks.flatten() {
            requests += latencies.count();
            if *outcome == Outcome::Ok {
                ok.add(latencies);
            }
        }
        self.ok_per_s.push(ok.count() as f64 / length_s);
        self.success_rate.push(ok.count() as f64 / requests as f64);
        self.p99_ms.extend(ok.quantile_ms(0.99));
    }

    /// One figure of all blocks. Of a latency there can be fewer: without a success there is none.
    pub fn figure(&self, figure: Figure) -> &[f64] {
        match figure {
            Figure::OkPerS => &self.ok_per_s,
            Figure::P99Ms => &self.p99_ms,
            Figure::SuccessRate => &self.success_rate,
        }
    }
}

impl Change {
    /// What became of `figure`.
    pub fn of(figure: Figure, before: &Blocks, after: &Blocks, noise: &Noise) -> Self {
        let estimate = Estimate::of(figure.scale(), before.figure(figure), after.figure(figure));
        let change = Self::judged(figure, estimate, noise.margin(figure));
        let is_crowded = noise.is_crowded && figure.scale() == Scale::Ratio;
        if is_crowded { Self { verdict: change.verdict.in_a_crowd(), ..change } } else { change }
    }

    /// What became of `figure` in pairs of runs, where each end of the interval may be wrong with the chance `tail`.
    pub fn paired(figure: Figure, pairs: &[[Blocks; 2]], tail: f64) -> Self {
        let values = pairs.iter().map(|pair| pair.each_ref().map(|blocks| blocks.figure(figure).first()));
        // Without a success there is no latency.
        let values: Vec<_> = values.filter_map(|[before, after]| Some((*before?, *after?))).collect();
        let estimate = Estimate::paired(figure.scale(), &values, tail);
        Self::judged(figure, estimate, figure.scale().smallest_margin())
    }

    fn judged(figure: Figure, estimate: Option<Estimate>, margin: f64) -> Self {
        let judged = estimate.as_ref().map(|estimate| judge(estimate, margin, figure.prefer()));
        Self { figure, estimate, margin, verdict: judged.unwrap_or(Verdict::Inconclusive) }
    }

    /// Without a verdict if the measurements must not be believed.
    pub fn unless(self, doubtful: bool) -> Self {
        if doubtful { Self { verdict: Verdict::Inconclusive, ..self } } else { self }
    }

    /// For people: the verdict in words.
    pub fn in_words(&self) -> String {
        match self.verdict {
            Verdict::Better => "better".to_owned(),
            Verdict::Worse => "worse".to_owned(),
            Verdict::NoDifference { beyond } => {
                format!("no difference beyond {}", self.figure.scale().size(beyond))
            }
            Verdict::Inconclusive => "inconclusive".to_owned(),
        }
    }
}

impl Display for Change {
    /// The change and its interval: `2.03x (1.98 to 2.10)`.
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match &self.estimate {
            // Nothing can be said in multiples of nothing.
            Some(Estimate { scale: Scale::Ratio, before: 0.0, after: 0.0, .. }) => f.write_str("-"),
            Some(Estimate { scale: Scale::Ratio, before: 0.0, .. }) => f.write_str("from none"),
            Some(Estimate { scale: Scale::Ratio, change, low, high, .. }) => {
                write!(f, "{}x ({} to {})", factor(*change), factor(*low), factor(*high))
            }
            Some(Estimate { scale: Scale::Difference, change, low, high, .. }) => {
                let [change, low, high] = [change, low, high].map(|share| 100.0 * share);
                write!(f, "{change:+.1} points ({low:+.1} to {high:+.1})")
            }
            None => f.write_str("-"),
        }
    }
}

/// To three digits, since more would be noise.
fn factor(value: f64) -> String {
    match value {
        _ if !value.is_finite() => "∞".to_owned(),
        ..10.0 => format!("{value:.2}"),
        ..100.0 => format!("{value:.1}"),
        _ => format!("{value:.0}"),
    }
}
