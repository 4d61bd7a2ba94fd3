//! A measurement in blocks, the unit in which two runs are compared.

use compare::{Prefer, Scale};
use loadgen::{Figures, Latencies, Outcome, Run};
use serde::Serialize;

/// What runs are compared by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Figure {
    /// Good answers per second.
    OkPerS,
    /// What 99 % of the successful requests did not exceed.
    P99Ms,
    /// Share of the requests that succeeded, 0 to 1.
    SuccessRate,
}

/// A measurement in blocks: parts of one run, or a short run as a whole.
#[derive(Clone, Debug, Default)]
pub struct Blocks {
    /// The figures of the whole run, as all other places show them; `None` where there is no run.
    run: Option<Figures>,
    ok_per_s: Vec<f64>,
    p99_ms: Vec<f64>,
    success_rate: Vec<f64>,
}

impl Figure {
    /// All, the most telling one first.
    pub const ALL: [Self; 3] = [Self::OkPerS, Self::P99Ms, Self::SuccessRate];

    /// How it is compared with another.
    pub fn scale(self) -> Scale {
        match self {
            Self::OkPerS | Self::P99Ms => Scale::Ratio,
            Self::SuccessRate => Scale::Difference,
        }
    }

    /// Whether more of it is better, or less.
    pub fn prefer(self) -> Prefer {
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
            Self::OkPerS => format::throughput(value),
            Self::P99Ms => format::latency(value),
            Self::SuccessRate => format::percent(value),
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
        blocks.without_few_answers(run)
    }

    /// All of `run` as one block.
    pub fn whole(run: &Run) -> Self {
        let mut blocks = Self::default();
        blocks.push(run, 0..run.plan.blocks as usize, run.measured_s);
        blocks.without_few_answers(run)
    }

    /// One block of so many successful requests per second, and no error.
    pub fn of_rate(ok_per_s: f64) -> Self {
        Self { ok_per_s: vec![ok_per_s], p99_ms: vec![1.0], success_rate: vec![1.0], run: None }
    }

    /// The p99 of a few answers is one of the slowest, and differs from run to run as these do.
    fn without_few_answers(self, run: &Run) -> Self {
        let figures = run.summary().total;
        let p99_ms = if figures.is_reliable(0.99) { self.p99_ms } else { Vec::new() };
        Self { p99_ms, run: Some(figures), ..self }
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

    /// The figure of the whole run; `None` where there is no run, or no success.
    pub fn of_run(&self, figure: Figure) -> Option<f64> {
        let run = self.run.as_ref()?;
        match figure {
            Figure::OkPerS => Some(run.ok_per_s),
            Figure::P99Ms => run.latency_ms.map(|latency| latency.p99),
            Figure::SuccessRate => Some(run.success_rate),
        }
    }

    /// One figure of all blocks. A block without a success has no latency.
    pub fn figure(&self, figure: Figure) -> &[f64] {
        match figure {
            Figure::OkPerS => &self.ok_per_s,
            Figure::P99Ms => &self.p99_ms,
            Figure::SuccessRate => &self.success_rate,
        }
    }
}
