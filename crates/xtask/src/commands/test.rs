//! `cargo xtask test` and `test-all`: which parts a tier has, and what they may take.

use std::fs;

use anyhow::{Context, ensure};

use crate::{
    git, lints,
    resume::Passed,
    sample::Sample,
    summary::{Budget, Summary},
    test_part::{Group, Part, Ran, SKIPPED, Verdict},
    test_parts,
};

/// Seconds for `make lint`, clippy's first build included.
pub const LINT_S: f64 = 4.0 * 60.0;

/// From a fresh clone, on two cores: 40 minutes.
const SAMPLED: [(Group, f64); 7] = [
    (Group::Build, 9.0 * 60.0),
    (Group::Lint, LINT_S),
    (Group::Tests, 8.0 * 60.0),
    (Group::Smoke, 8.0 * 60.0),
    (Group::Promises, 3.0 * 60.0),
    (Group::WrongFixes, 4.0 * 60.0),
    (Group::Containers, 7.0 * 60.0),
];

/// The same: 100 minutes.
const ALL: [(Group, f64); 7] = [
    (Group::Build, 9.0 * 60.0),
    (Group::Lint, LINT_S),
    (Group::Tests, 15.0 * 60.0),
    (Group::Smoke, 8.0 * 60.0),
    (Group::Promises, 3.0 * 60.0),
    (Group::WrongFixes, 30.0 * 60.0),
    (Group::Containers, 34.0 * 60.0),
];

/// What every commit runs.
///
/// # Errors
/// When a part cannot be started.
pub fn sampled(only: &str) -> anyhow::Result<bool> {
    let sample = Sample::choose()?;
    println!("sample {}; repeat it with: LAB_SAMPLE={} make test", sample.text(), sample.text());
    let groups = [
        test_parts::build(),
        test_parts::tools(),
        lints::all(false)?,
        test_parts::tests(),
        test_parts::some_real(sample),
        test_parts::smoke()?,
        test_parts::promises(),
        test_parts::some_wrong_fixes(sample)?,
        test_parts::some_containers(sample)?,
    ];
    run(named(groups, only)?, &SAMPLED, None)
}

/// Everything, once.
///
/// # Errors
/// When a part cannot be started.
pub fn all(only: &str, resume: bool) -> anyhow::Result<bool> {
    let tree = git::tree()?;
    let passed = if resume { Passed::read(tree) } else { Passed::none(tree) };
    let groups = [
        test_parts::build(),
        test_parts::tools(),
        lints::all(false)?,
        test_parts::tests(),
        test_parts::real(),
        test_parts::smoke()?,
        test_parts::promises(),
        test_parts::wrong_fixes()?,
        test_parts::containers()?,
    ];
    run(named(groups, only)?, &ALL, Some(passed))
}

/// The parts whose names start with `start`.
fn named<const N: usize>(groups: [Vec<Part>; N], start: &str) -> anyhow::Result<Vec<Part>> {
    let parts: Vec<_> = groups.into_iter().flatten().filter(|part| part.name.starts_with(start)).collect();
    ensure!(!parts.is_empty(), "no part's name starts with `{start}`");
    Ok(parts)
}

/// Runs `parts` but those that have `passed` before, and prints the summary; whether none failed.
///
/// # Errors
/// When one cannot be started.
pub fn run(parts: Vec<Part>, budget: &Budget, mut passed: Option<Passed>) -> anyhow::Result<bool> {
    fs::create_dir_all("target/xtask").context("cannot create target/xtask")?;
    // What the parts that have passed before could not test is still true.
    if passed.as_ref().is_none_or(Passed::is_empty) {
        fs::write(SKIPPED, "").with_context(|| format!("cannot write {SKIPPED}"))?;
    }
    let mut ran: Vec<Ran> = Vec::new();
    for part in parts {
        if let Some(measured) = passed.as_ref().and_then(|passed| passed.get(&part.name)) {
            ran.push(Ran { part, verdict: Verdict::Passed, measured });
            continue;
        }
        let failed = |ran: &Ran| ran.part.group == Group::Build && ran.verdict == Verdict::Failed;
        let next = match ran.iter().find(|ran| failed(ran)) {
            Some(broken) if ![Group::Build, Group::Lint].contains(&part.group) => {
                let why = format!("{} failed", broken.part.name);
                part.skipped(why)
            }
            _ => part.run()?,
        };
        if let (Verdict::Passed, Some(passed)) = (&next.verdict, &mut passed) {
            passed.add(&next.part.name, next.measured)?;
        }
        ran.push(next);
    }
    let skipped_tests = fs::read_to_string(SKIPPED).unwrap_or_default();
    let skipped_tests: Vec<_> = skipped_tests.lines().map(str::to_owned).collect();
    println!("{}", Summary { parts: &ran, budget, skipped_tests: &skipped_tests });
    Ok(ran.iter().all(|ran| ran.verdict != Verdict::Failed))
}
