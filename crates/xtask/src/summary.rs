//! What a run prints at its end: seconds per part against the budget, what failed and how to repeat it, what could not
//! run, and the numbers of tests.

use std::fmt::{self, Display, Formatter};

use crate::{
    counts::Counts,
    test_part::{Group, Ran, Verdict},
};

/// Seconds that the groups may take together.
pub type Budget = [(Group, f64)];

/// All parts of a run.
pub struct Summary<'a> {
    pub parts: &'a [Ran],
    pub budget: &'a Budget,
    /// A line per test that could not run here, as the tests wrote them.
    pub skipped_tests: &'a [String],
}

impl Summary<'_> {
    /// The sum over all parts. A test that could not run here says so and ends, which its runner takes for a pass.
    pub fn counts(&self) -> Counts {
        let mut sum: Counts = self.parts.iter().map(|ran| ran.measured.counts).sum();
        let skipped = u32::try_from(self.skipped_tests.len()).unwrap_or(u32::MAX).min(sum.passed);
        sum.passed -= skipped;
        sum.skipped += skipped;
        sum
    }

    fn seconds(&self, group: Group) -> f64 {
        self.of(group).map(|ran| ran.measured.seconds).sum()
    }

    fn of(&self, group: Group) -> impl Iterator<Item = &Ran> {
        self.parts.iter().filter(move |ran| ran.part.group == group)
    }
}

impl Display for Summary<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        writeln!(f, "\n{:<30} {:>7} {:>7}", "", "seconds", "budget")?;
        let groups = self.budget.iter().filter(|(group, _)| self.of(*group).next().is_some());
        for &(group, budget) in groups.clone() {
            let seconds = self.seconds(group);
            writeln!(f, "{:<30} {seconds:>7.0} {budget:>7.0}{}", group.name(), over(seconds, budget))?;
            for ran in self.of(group) {
                writeln!(f, "  {:<28} {:>7.0}  {}", ran.part.name, ran.measured.seconds, ran.verdict.word())?;
            }
        }
        let seconds: f64 = self.parts.iter().map(|ran| ran.measured.seconds).sum();
        let budget = groups.map(|(_, seconds)| seconds).sum();
        writeln!(f, "{:<30} {seconds:>7.0} {budget:>7.0}{}", "together", over(seconds, budget))?;
        for ran in self.parts {
            match &ran.verdict {
                Verdict::Passed => {}
                Verdict::Failed => {
                    writeln!(f, "\nfailed: {}; repeat it with:\n    {}", ran.part.name, ran.part.line)?;
                    if !ran.part.advice.is_empty() {
                        writeln!(f, "    {} The rules: docs/style.md#lints", ran.part.advice)?;
                    }
                }
                Verdict::Skipped(why) => writeln!(f, "\nskipped: {}: {why}", ran.part.name)?,
            }
        }
        for test in self.skipped_tests {
            writeln!(f, "\nskipped: {test}")?;
        }
        let Counts { passed, failed, skipped } = self.counts();
        write!(f, "\n{passed} passed, {failed} failed, {skipped} skipped")
    }
}

fn over(seconds: f64, budget: f64) -> String {
    if seconds > budget { format!("  over by {:.0}", seconds - budget) } else { String::new() }
}

impl Verdict {
    fn word(&self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Failed => "FAILED",
            Self::Skipped(_) => "skipped",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_part::{Measured, Part};

    fn ran(name: &str, group: Group, seconds: f64, verdict: Verdict, counts: Counts) -> Ran {
        let part = Part::new(group, name, format!("make {name}"));
        Ran { part, verdict, measured: Measured { seconds, counts } }
    }

    #[test]
    fn it_ends_with_the_numbers_of_all_tests() {
        let [passed, failed, skipped] = [(40, 0, 0), (0, 1, 0), (0, 0, 1)]
            .map(|(passed, failed, skipped)| Counts { passed, failed, skipped });
        let why = Verdict::Skipped("typos is missing; install it with: cargo xtask tools".to_owned());
        let parts = [
            ran("rust", Group::Tests, 400.4, Verdict::Passed, passed),
            ran("smoke-1", Group::Smoke, 61.0, Verdict::Failed, failed),
            ran("smoke-2", Group::Smoke, 62.0, Verdict::Passed, Counts { passed: 1, ..Counts::default() }),
            ran("spelling", Group::Lint, 0.0, why, skipped),
        ];
        let summary = Summary {
            parts: &parts,
            budget: &[
                (Group::Lint, 240.0),
                (Group::Tests, 480.0),
                (Group::Smoke, 120.0),
                (Group::Containers, 420.0),
            ],
            skipped_tests: &["engine: a_page_is_drawn: there is no Chromium here".to_owned()],
        };
        let expected = "
                               seconds  budget
lint                                 0     240
  spelling                           0  skipped
unit, API and engine tests         400     480
  rust                             400  passed
smoke tests                        123     120  over by 3
  smoke-1                           61  FAILED
  smoke-2                           62  passed
together                           523     840

failed: smoke-1; repeat it with:
    make smoke-1

skipped: spelling: typos is missing; install it with: cargo xtask tools

skipped: engine: a_page_is_drawn: there is no Chromium here

40 passed, 1 failed, 2 skipped";
        assert_eq!(summary.to_string(), expected);
    }
}
