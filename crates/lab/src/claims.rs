//! Claims of a lesson, and what a measurement makes of them.

use std::collections::BTreeMap;

use anyhow::Context;
use loadgen::Figures;
use serde::Serialize;

use crate::{
    commands::{counters::uneven, freshness::Reads, measure::Seen, probe::Probes},
    lesson::{Claim, Measure},
};

/// What became of a claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Verdict {
    /// What was measured is within the limits.
    Pass,
    /// It is, but the measurement itself was not sound.
    Inconclusive,
    /// It is not.
    Fail,
}

/// A claim, held against what was measured.
#[derive(Debug, Serialize)]
pub struct Judged {
    /// The claim's name.
    pub id: String,
    /// Whether it holds.
    pub verdict: Verdict,
    /// In the unit of the limit.
    pub measured: f64,
    /// In words.
    pub limit: String,
    /// What else there is to say.
    pub why: Option<String>,
}

/// What a load test found in one stage.
pub struct Measured {
    /// Of all endpoints together.
    pub figures: Figures,
    /// Beside the load.
    pub seen: Seen,
    /// Why the numbers must not be believed.
    pub why_invalid: Option<String>,
}

/// Holds `claim` against what was measured, by stage. Nothing served is never a pass, whatever the claim.
///
/// # Errors
/// When the claim names a stage that there is not.
pub fn judge(claim: &Claim, measured: &BTreeMap<&str, Measured>) -> anyhow::Result<Judged> {
    let stage = |id: &str| measured.get(id).with_context(|| format!("claim {}: no stage `{id}`", claim.id));
    let value = |measured: &Measured| match claim.measure {
        Measure::SuccessRate => measured.figures.success_rate,
        Measure::OkPerS => measured.figures.ok_per_s,
        Measure::P99Ms => measured.figures.latency_ms.map_or(f64::NAN, |latency| latency.p99),
        Measure::ProbesRefused => measured.seen.probes.as_ref().map_or(f64::NAN, Probes::share_refused),
        Measure::StaleReads => measured.seen.freshness.as_ref().map_or(f64::NAN, Reads::share_stale),
        Measure::HitRate => measured.seen.hit_rate.unwrap_or(f64::NAN),
        Measure::Spread => uneven(&measured.seen.served),
    };
    let mut stages = vec![stage(&claim.stage)?];
    let mut number = value(stages[0]);
    if let Some(base) = &claim.relative_to {
        stages.push(stage(base)?);
        number /= value(stages[1]);
    }
    let at_least = claim.at_least.is_none_or(|limit| number >= limit);
    let at_most = claim.at_most.is_none_or(|limit| number <= limit);
    let nothing_served = stages.iter().any(|stage| stage.figures.ok == 0);
    let invalid = stages.iter().find_map(|stage| stage.why_invalid.clone());
    let (verdict, why) = match invalid {
        _ if nothing_served => (Verdict::Fail, Some("not one request was served".to_owned())),
        // Something against nothing is infinitely more, and proves nothing.
        _ if !number.is_finite() => (Verdict::Fail, Some("there is nothing to compare with".to_owned())),
        Some(why) => (Verdict::Inconclusive, Some(why)),
        None if at_least && at_most => (Verdict::Pass, None),
        None => (Verdict::Fail, None),
    };
    Ok(Judged { id: claim.id.clone(), verdict, measured: number, limit: limit(claim), why })
}

fn limit(claim: &Claim) -> String {
    let unit = match (claim.measure, &claim.relative_to) {
        (_, Some(stage)) => format!(" times {stage}"),
        (Measure::SuccessRate, None) => " of all requests".to_owned(),
        (Measure::OkPerS, None) => " per second".to_owned(),
        (Measure::P99Ms, None) => " ms".to_owned(),
        (Measure::ProbesRefused, None) => " of the probes".to_owned(),
        (Measure::StaleReads, None) => " of the reads after a write".to_owned(),
        (Measure::HitRate, None) => " of the answers".to_owned(),
        (Measure::Spread, None) => " above an even share".to_owned(),
    };
    match (claim.at_least, claim.at_most) {
        (Some(low), Some(high)) => format!("{low} to {high}{unit}"),
        (Some(low), None) => format!("at least {low}{unit}"),
        (None, Some(high)) => format!("at most {high}{unit}"),
        (None, None) => "anything".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn measured(ok: u64, of: u64, why_invalid: Option<&str>) -> Measured {
        let figures = json!({
            "requests": of, "ok": ok, "errors": {}, "unanswered": {"count": 0, "oldest_ms": 0},
            "success_rate": ok as f64 / of as f64, "ok_per_s": ok as f64, "latency_ms": null,
        });
        Measured {
            figures: serde_json::from_value(figures).unwrap(),
            seen: Seen::default(),
            why_invalid: why_invalid.map(str::to_owned),
        }
    }

    fn verdict(claim: &str, stages: [(&str, Measured); 2]) -> Verdict {
        judge(&toml::from_str(claim).unwrap(), &BTreeMap::from(stages)).unwrap().verdict
    }

    const FAILS_MOST: &str = "id = 'x'\nstage = 'a'\nmeasure = 'success_rate'\nat_most = 0.1";
    const FIVE_TIMES: &str = "id = 'x'\nstage = 'a'\nmeasure = 'ok_per_s'\nrelative_to = 'b'\nat_least = 5.0";

    #[test]
    fn a_claim_holds_at_its_limit_and_not_beyond() {
        let after = |ok| [("a", measured(ok, 100, None)), ("b", measured(1, 1, None))];
        assert_eq!(verdict(FAILS_MOST, after(10)), Verdict::Pass);
        assert_eq!(verdict(FAILS_MOST, after(11)), Verdict::Fail);
        assert_eq!(verdict(FIVE_TIMES, after(5)), Verdict::Pass);
        assert_eq!(verdict(FIVE_TIMES, after(4)), Verdict::Fail);
    }

    #[test]
    fn nothing_served_is_never_a_pass() {
        assert_eq!(
            verdict(FAILS_MOST, [("a", measured(0, 100, None)), ("b", measured(1, 1, None))]),
            Verdict::Fail
        );
        assert_eq!(
            verdict(FIVE_TIMES, [("a", measured(9, 9, None)), ("b", measured(0, 9, None))]),
            Verdict::Fail
        );
        assert_eq!(
            verdict(FIVE_TIMES, [("a", measured(0, 9, None)), ("b", measured(0, 9, None))]),
            Verdict::Fail
        );
    }

    #[test]
    fn a_measurement_that_is_not_sound_proves_nothing() {
        let unsound = [("a", measured(9, 9, None)), ("b", measured(1, 1, Some("the generator was busy")))];
        assert_eq!(verdict(FIVE_TIMES, unsound), Verdict::Inconclusive);
    }
}
