//! Saved load tests: what was measured, and everything that it depends on.

use std::{
    fs,
    ops::Range,
    path::PathBuf,
    time::{SystemTime, UNIX_EPOCH},
};

use anyhow::{Context, bail};
use format::short;
use loadgen::Run;
use project::{self, Scenario};
use serde::{Deserialize, Serialize};

use crate::{
    measurement::{Measurement, Observations, in_words},
    run_identity::{Machine, Subject},
    source_code::Code,
};

/// `.lab/scenario-N/runs/<id>.json`.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct SavedRun {
    /// `001`, `002`, … within the scenario.
    pub run_id: String,
    /// When it started, in seconds of Unix time.
    pub started_unix_s: u64,
    /// What was loaded.
    pub subject: Subject,
    /// Its text.
    #[serde(default)]
    pub code: Code,
    /// Where.
    pub machine: Machine,
    /// What was found.
    pub run: Run,
    /// Beside it.
    #[serde(default, flatten)]
    pub seen: Observations,
}

impl SavedRun {
    /// A run that has just ended, under the next free id.
    ///
    /// # Errors
    /// When the runs before it cannot be listed.
    pub fn new(
        scenario: &Scenario,
        (subject, code): (Subject, Code),
        machine: Machine,
        Measurement { run, seen }: Measurement,
    ) -> anyhow::Result<Self> {
        let last = files(scenario)?.last().map_or(0, |(number, _)| *number);
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Ok(Self {
            run_id: format!("{:03}", last + 1),
            started_unix_s: (now.as_secs_f64() - run.measured_s) as u64,
            subject,
            code,
            machine,
            run,
            seen,
        })
    }

    /// Writes it to `.lab`.
    ///
    /// # Errors
    /// When the disk is full, for example.
    pub fn store(&self, scenario: &Scenario) -> anyhow::Result<()> {
        // The folder may have been deleted together with old runs.
        scenario.prepare()?;
        project::write_json(&scenario.runs().join(format!("{}.json", self.run_id)), self)
    }
}

impl SavedRun {
    /// A sentence that other programs kept the machine busy; `None` if they did not, or it was not measured.
    pub fn crowded(&self) -> Option<String> {
        self.seen.spent.as_ref()?.evidence.crowded()
    }

    /// How long it measured, and whether that was its end: `30 s`, or `stopped after 3 s of 30 s`.
    pub fn length(&self) -> String {
        let planned = short(self.run.plan.duration.as_secs_f64());
        if self.run.was_stopped() {
            format!("stopped after {} s of {planned} s", short(self.run.measured_s))
        } else {
            format!("{planned} s")
        }
    }

    /// Those of `runs` that loaded the same system at the same time, by their ids.
    pub fn overlapping(&self, runs: &[Self]) -> Vec<String> {
        let others = runs.iter().filter(|other| other.run_id != self.run_id);
        let overlaps = |other: &&Self| {
            let [mine, others] = [self, *other].map(Self::window_s);
            // Starts are kept in whole seconds.
            mine.end.min(others.end) - mine.start.max(others.start) > 1.0
        };
        others.filter(overlaps).map(|other| other.run_id.clone()).collect()
    }

    /// From its warm-up to its end, in seconds of Unix time.
    fn window_s(&self) -> Range<f64> {
        let started_s = self.started_unix_s as f64;
        started_s - self.run.plan.warm_up.as_secs_f64()..started_s + self.run.measured_s
    }

    /// Why its figures must not be believed, where that is so; `runs` are all of its scenario.
    pub fn doubt(&self, runs: &[Self]) -> Option<String> {
        let others = self.overlapping(runs);
        let overlap = || format!("run {} loaded the same system at the same time", others.join(" and run "));
        self.run.why_invalid.clone().or_else(|| (!others.is_empty()).then(overlap))
    }

    /// Whether it measured as long as was planned, and its figures may be believed.
    pub fn is_sound(&self, runs: &[Self]) -> bool {
        !self.run.was_stopped() && self.doubt(runs).is_none()
    }

    /// Whether it measured the same as `earlier`, so that only chance is between them.
    pub fn repeats(&self, earlier: &Self) -> bool {
        self.subject == earlier.subject && self.run.plan == earlier.run.plan
    }

    /// What else differs, besides program, settings and indexes: what a comparison with `other` would measure as well.
    pub fn unlike(&self, other: &Self) -> Vec<String> {
        let load = |run: &Self| {
            let plan = &run.run.plan;
            let asked: Vec<_> = plan.endpoints.iter().map(|endpoint| &*endpoint.name).collect();
            format!("{} asking for {}", in_words(plan), asked.join(", "))
        };
        let told_apart = [
            ("load", load(self), load(other)),
            ("length", self.length(), other.length()),
            ("engine", self.subject.engine.to_string(), other.subject.engine.to_string()),
            ("seed", self.subject.seed.clone(), other.subject.seed.clone()),
            ("profile", self.subject.profile.clone(), other.subject.profile.clone()),
            ("machine", self.machine.to_string(), other.machine.to_string()),
        ];
        let differs = told_apart.into_iter().filter(|(_, before, after)| before != after);
        let rows = self.seen.rows.iter().filter_map(|(table, &rows)| {
            let others = other.seen.rows.get(table).copied().unwrap_or_default();
            // A load that writes leaves a little behind.
            let differ = rows.abs_diff(others) > rows.max(others).unsigned_abs() / 100;
            differ.then(|| format!("rows of {table} {rows} / {others}"))
        });
        differs.map(|(what, before, after)| format!("{what} {before} / {after}")).chain(rows).collect()
    }
}

/// The run `id` of `scenario`; `7` finds `007`.
///
/// # Errors
/// When it does not exist; the message lists those that do.
pub fn find(scenario: &Scenario, id: &str) -> anyhow::Result<SavedRun> {
    let files = files(scenario)?;
    let number = id.parse().ok();
    let Some((_, path)) = files.iter().find(|(each, _)| Some(*each) == number) else {
        let ids: Vec<_> = files.iter().map(|(number, _)| format!("{number:03}")).collect();
        bail!("there is no run {id}; there is {}", ids.join(", "));
    };
    let text = fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    serde_json::from_slice(&text).with_context(|| format!("{} cannot be used", path.display()))
}

/// The last run of `scenario`.
///
/// # Errors
/// When there is none.
pub fn last(scenario: &Scenario) -> anyhow::Result<SavedRun> {
    let files = files(scenario)?;
    let (number, _) = files.last().context("there are no runs yet; make one with: make loadtest")?;
    find(scenario, &number.to_string())
}

/// All runs of `scenario`, oldest first. One that cannot be read (cut short, or from an older lab) is named on
/// standard error and left out.
///
/// # Errors
/// When they cannot be listed.
pub fn all(scenario: &Scenario) -> anyhow::Result<Vec<SavedRun>> {
    let mut runs = Vec::new();
    for (_, path) in files(scenario)? {
        match fs::read(&path).map_err(anyhow::Error::from).and_then(|text| Ok(serde_json::from_slice(&text)?))
        {
            Ok(run) => runs.push(run),
            Err(error) => eprintln!("lab: skipped {}: {error}", path.display()),
        }
    }
    Ok(runs)
}

/// The files of the runs, by number.
fn files(scenario: &Scenario) -> anyhow::Result<Vec<(u32, PathBuf)>> {
    let dir = scenario.runs();
    if !dir.exists() {
        return Ok(Vec::new());
    }
    let mut files = Vec::new();
    for entry in fs::read_dir(&dir).with_context(|| format!("cannot read {}", dir.display()))? {
        let path = entry?.path();
        let number = path.file_name().and_then(|name| name.to_str()?.strip_suffix(".json")?.parse().ok());
        files.extend(number.map(|number| (number, path)));
    }
    files.sort();
    Ok(files)
}
