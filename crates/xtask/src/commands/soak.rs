//! `cargo xtask soak`: asks `lab check` about each state of the lessons many times. A verdict that is right by luck shows.
//! Then it breaks every promise at its full figure, and fuzzes every reader of foreign text.

use std::{
    fmt::{self, Display, Formatter},
    process::{Command, Stdio},
};

use anyhow::Context;
use clap::Args;
use serde::Deserialize;

use crate::{
    commands::{
        fuzz::{self, Fuzz},
        torture,
    },
    scenarios::{self, Scenario},
};

/// How long and how often.
#[derive(Debug, Args)]
pub struct Soak {
    /// Only this scenario.
    scenario: Option<u8>,
    /// How often each state is checked.
    #[arg(long, default_value_t = 20)]
    runs: usize,
    /// How the scenarios run: native or compose.
    #[arg(long, default_value = "auto")]
    engine: String,
    /// Only these states; default: all.
    #[arg(long)]
    only: Option<String>,
}

/// What `lab validate --json` prints.
#[derive(Deserialize)]
struct Report {
    states: Vec<State>,
}

#[derive(Deserialize)]
struct State {
    scenario: u8,
    id: String,
    announced: String,
    runs: Vec<Run>,
}

#[derive(Deserialize)]
struct Run {
    verdict: String,
    took_s: f64,
    /// In what the verdict differs from what the lesson announces.
    surprise: Option<String>,
}

/// Checks, and prints one table for all scenarios; whether every lesson was proved.
///
/// # Errors
/// When the lab cannot be run or prints something else.
pub fn run(options: &Soak) -> anyhow::Result<bool> {
    let mut states = Vec::new();
    let mut is_proved = true;
    for Scenario(n) in scenarios::all()? {
        if options.scenario.is_some_and(|only| only != n) {
            continue;
        }
        let mut lab = Command::new("cargo");
        lab.args(["lab", "--json", "validate", &n.to_string(), "--engine", &options.engine]);
        lab.args(["--runs", &options.runs.to_string()]);
        if let Some(only) = &options.only {
            lab.args(["--only", only]);
        }
        let output = lab.stderr(Stdio::inherit()).output().context("cannot run cargo")?;
        is_proved &= output.status.success();
        match serde_json::from_slice::<Report>(&output.stdout) {
            Ok(report) => states.extend(report.states),
            Err(_) => eprintln!("scenario {n}: the lab could not validate it (see above)"),
        }
    }
    println!("{}", Table(&states));
    if options.scenario.is_some() || options.only.is_some() {
        return Ok(is_proved);
    }
    let all_held = torture::run(&[])?;
    let is_sound = fuzz::run(&Fuzz::ALL)?;
    Ok(is_proved && all_held && is_sound)
}

struct Table<'a>(&'a [State]);

impl Display for Table<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{:<10} {:<32} {:>5} {:>12} {:>9} {:>10}",
            "scenario", "state", "runs", "as announced", "fooled", "longest, s"
        )?;
        for State { scenario, id, announced, runs } in self.0 {
            let right = runs.iter().filter(|run| run.surprise.is_none()).count();
            let fooled = runs.iter().filter(|run| run.verdict == "PASS" && announced != "PASS").count();
            let longest = runs.iter().map(|run| run.took_s).fold(0.0, f64::max);
            writeln!(f, "{scenario:<10} {id:<32} {:>5} {right:>12} {fooled:>9} {longest:>10.0}", runs.len())?;
            if let Some(surprise) = runs.iter().find_map(|run| run.surprise.as_ref()) {
                writeln!(f, "{:<10} {surprise}", "")?;
            }
        }
        let runs = self.0.iter().flat_map(|state| &state.runs);
        let wrong = runs.clone().filter(|run| run.surprise.is_some()).count();
        write!(f, "{} states, {} checks, {wrong} not as announced", self.0.len(), runs.count())
    }
}
