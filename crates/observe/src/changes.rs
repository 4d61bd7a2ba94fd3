//! What changed from one measurement to another, figure by figure, and whether that can be believed.

use std::fmt::{self, Display, Formatter};

use compare::{Estimate, Scale, Verdict, judge};
use serde::Serialize;

use crate::{
    blocks::{Blocks, Figure},
    noise::Noise,
};

/// One figure, before and after.
#[derive(Clone, Debug, Serialize)]
pub struct Change {
    /// Which.
    pub figure: Figure,
    /// The change that the blocks show; `None` when there are too few: a run was cut short, or nothing succeeded.
    #[serde(flatten)]
    pub estimate: Option<Estimate>,
    /// What a difference has to exceed: 0.03 for 3 %.
    pub margin: f64,
    /// The verdict.
    #[serde(flatten)]
    pub verdict: Verdict,
}

impl Change {
    /// The change of `figure`.
    pub fn of(figure: Figure, before: &Blocks, after: &Blocks, noise: &Noise) -> Self {
        let estimate = Estimate::of(figure.scale(), before.figure(figure), after.figure(figure));
        let runs = before.of_run(figure).zip(after.of_run(figure));
        let estimate = estimate.map(|estimate| match runs {
            Some((before, after)) => estimate.of_whole(before, after),
            None => estimate,
        });
        let change = Self::judged(figure, estimate, noise.margin(figure));
        let is_crowded = noise.is_crowded && figure.scale() == Scale::Ratio;
        if is_crowded { Self { verdict: change.verdict.on_busy_machine(), ..change } } else { change }
    }

    /// The change of `figure` in pairs of runs, where each end of the interval may be wrong with the chance `tail`.
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
            // There is no ratio to zero.
            Some(Estimate { scale: Scale::Ratio, before: 0.0, after: 0.0, .. }) => f.write_str("-"),
            Some(Estimate { scale: Scale::Ratio, before: 0.0, .. }) => f.write_str("from none"),
            Some(Estimate { scale: Scale::Ratio, change, low, high, .. }) => {
                write!(f, "{}x ({} to {})", format::ratio(*change), format::ratio(*low), format::ratio(*high))
            }
            Some(Estimate { scale: Scale::Difference, change, low, high, .. }) => {
                let [change, low, high] = [change, low, high].map(|share| 100.0 * share);
                write!(f, "{change:+.1} points ({low:+.1} to {high:+.1})")
            }
            None => f.write_str("-"),
        }
    }
}
