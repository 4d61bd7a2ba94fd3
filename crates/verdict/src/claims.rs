//! Claims of a lesson, and what a measurement makes of them.

use std::{
    collections::BTreeMap,
    fmt::{self, Display, Formatter},
};

use anyhow::Context;
use lesson::{Claim, Limits, Measure};
use observe::measured::Measured;
use serde::{Deserialize, Serialize};

/// The verdict on a claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Verdict {
    /// The measurement is within the limits.
    Pass,
    /// The measurement is invalid.
    Inconclusive,
    /// The measurement is outside the limits.
    Fail,
}

impl Display for Verdict {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Pass => "PASS",
            Self::Inconclusive => "INCONCLUSIVE",
            Self::Fail => "FAIL",
        })
    }
}

/// A claim and its verdict.
#[derive(Debug, Serialize)]
pub struct ClaimResult {
    /// The claim's name.
    pub id: String,
    /// Whether it holds.
    pub verdict: Verdict,
    /// In `unit`.
    pub measured: f64,
    /// Of `measured`.
    pub unit: String,
    /// In words.
    pub limit: String,
    /// A remark.
    pub why: Option<String>,
}

/// Compares `claim` with the measurements, by stage.
///
/// # Errors
/// When the claim names an unknown stage.
pub fn judge(claim: &Claim, measured: &BTreeMap<&str, Measured>) -> anyhow::Result<ClaimResult> {
    let stage = |id: &str| measured.get(id).with_context(|| format!("claim {}: no stage `{id}`", claim.id));
    let mut stages = vec![stage(&claim.stage)?];
    let mut number = stages[0].value(claim.measure);
    if let Some(base) = &claim.relative_to {
        stages.push(stage(base)?);
        number /= stages[1].value(claim.measure);
    }
    let limits = Limits { at_least: claim.at_least, at_most: claim.at_most };
    // That most are refused is shown best where all are, as long as it is the service that refuses.
    let is_of_refusals =
        claim.measure == Measure::SuccessRate && claim.relative_to.is_none() && claim.at_least.is_none();
    let (verdict, why) = if is_of_refusals && stages[0].has_refused() {
        hold(limits, number, &stages)
    } else {
        weigh(limits, number, &stages)
    };
    let unit = claim
        .relative_to
        .as_ref()
        .map_or_else(|| claim.measure.unit().to_owned(), |stage| format!("times {stage}"));
    let limit = limits.in_words(&unit);
    Ok(ClaimResult { id: claim.id.clone(), verdict, measured: number, unit, limit, why })
}

/// The verdict on `number`, with the reason if that is not the number itself. A run without a served request never
/// passes.
pub fn weigh(limits: Limits, number: f64, from: &[&Measured]) -> (Verdict, Option<String>) {
    if from.iter().any(|measured| measured.is_idle()) {
        return (Verdict::Fail, Some("no request was served".to_owned()));
    }
    hold(limits, number, from)
}

fn hold(limits: Limits, number: f64, from: &[&Measured]) -> (Verdict, Option<String>) {
    let invalid = from.iter().find_map(|measured| measured.why_invalid.clone());
    match invalid {
        _ if number.is_nan() => (Verdict::Fail, Some("it could not be measured".to_owned())),
        // A ratio to zero proves nothing.
        _ if !number.is_finite() => (Verdict::Fail, Some("the number to compare with is zero".to_owned())),
        Some(why) => (Verdict::Inconclusive, Some(why)),
        None if limits.include(number) => (Verdict::Pass, None),
        None => (Verdict::Fail, None),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use observe::measurement::Observations;

    fn measured(ok: u64, of: u64, why_invalid: Option<&str>) -> Measured {
        let figures = json!({
            "requests": of, "ok": ok, "errors": {}, "unanswered": {"count": 0, "oldest_ms": 0},
            "success_rate": ok as f64 / of as f64, "ok_per_s": ok as f64, "latency_ms": null,
        });
        Measured {
            figures: serde_json::from_value(figures).unwrap(),
            seen: Observations::default(),
            rows_read: None,
            invalid_indexes: Vec::new(),
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
    fn a_service_that_refuses_everybody_refuses_most() {
        let mut refused = measured(0, 100, None);
        refused.figures.errors =
            serde_json::from_value(json!({"status_5xx": {"count": 100, "samples": []}})).unwrap();
        assert_eq!(verdict(FAILS_MOST, [("a", refused), ("b", measured(1, 1, None))]), Verdict::Pass);
        // A stopped server does not.
        let mut silent = measured(0, 100, None);
        silent.figures.errors =
            serde_json::from_value(json!({"connect": {"count": 100, "samples": []}})).unwrap();
        assert_eq!(verdict(FAILS_MOST, [("a", silent), ("b", measured(1, 1, None))]), Verdict::Fail);
    }

    #[test]
    fn a_measurement_that_is_not_sound_proves_nothing() {
        let unsound = [("a", measured(9, 9, None)), ("b", measured(1, 1, Some("the generator was busy")))];
        assert_eq!(verdict(FIVE_TIMES, unsound), Verdict::Inconclusive);
    }
}
