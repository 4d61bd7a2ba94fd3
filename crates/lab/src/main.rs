//! The `lab` command: starts, loads, measures and explains the scenarios of this checkout.

mod cli;
mod commands;
mod output;

use std::{fmt::Display, process::ExitCode};

use clap::Parser;
use project::Project;
use rustix::{fs::Mode, process::umask};
use serde::Serialize;
use verdict::exit_status::ExitStatus;

use crate::{
    cli::{Cli, Command},
    commands::{
        learn::{apply_fix, hint, progress, redis, reset, solution, sql},
        maintain::{clean, completions, doctor, smoke, validate},
        measure::{ab, check, compare, explain, find_max, load, predict, report, results, watch},
        run::{down, kill, logs, open, restart, status, top, up},
    },
};

fn main() -> ExitCode {
    let cli = Cli::try_parse().unwrap_or_else(|error| output::explain_arguments(&error));
    // Servers run under accounts of their own and must reach their folders, whatever the user's umask. What is secret is
    // written with a mode of its own.
    umask(Mode::from_raw_mode(0o022));
    match run(&cli) {
        Ok(status) => status.into(),
        Err(error) => {
            output::complain(&format!("lab: {error:#}"));
            if cli.json {
                println!("{}", serde_json::json!({ "error": format!("{error:#}") }));
            }
            ExitStatus::Error.into()
        }
    }
}

/// Everything happens on this thread; children die with the thread that started them.
#[tokio::main(flavor = "current_thread")]
async fn run(cli: &Cli) -> anyhow::Result<ExitStatus> {
    // Also outside a checkout: a shell's start-up file calls it.
    if let Command::Completions { shell } = &cli.command {
        return success(completions::run(*shell));
    }
    let project = Project::find()?;
    let current = || project.current();
    match &cli.command {
        Command::Up(arguments) => {
            cli.done(&up::run(&project.scenario(arguments.scenario)?, arguments).await?)
        }
        Command::Down { all: true, .. } => cli.done(&down::all(&project).await?),
        Command::Down { scenario: Some(number), .. } => {
            cli.done(&down::run([project.scenario(*number)?]).await?)
        }
        Command::Down { .. } => cli.done(&down::run(project.last_started()?).await?),
        Command::Restart { rolling } => cli.done(&restart::run(&current()?, *rolling).await?),
        Command::Kill { service, signal } => cli.done(&kill::run(&current()?, service, *signal)?),
        Command::Status { scenario: Some(number) } => {
            cli.done(&status::run(&project.scenario(*number)?).await?)
        }
        Command::Status { scenario: None } => cli.done(&status::run(&current()?).await?),
        Command::Open => cli.done(&open::run(&current()?)?),
        Command::Top if !cli.json && top::is_live() => success(top::live(&current()?).await),
        Command::Top => cli.done(&top::look(&current()?).await?),
        Command::Logs { service, follow } => {
            success(logs::run(&current()?, service.as_deref(), *follow).await)
        }
        Command::Load(arguments) if arguments.find_max => {
            let output = find_max::run(&current()?, arguments).await?;
            cli.ends(&output, output.exit_status())
        }
        Command::Load(arguments) => {
            let output = load::run(&current()?, arguments).await?;
            cli.ends(&output, output.exit_status())
        }
        Command::Check => {
            let output = check::run(&current()?).await?;
            cli.ends(&output, output.report.verdict.into())
        }
        Command::Hint => cli.done(&hint::run(&current()?)?),
        Command::Watch => success(watch::run(&current()?).await),
        Command::Progress => cli.done(&progress::run(&project).await?),
        Command::Explain => {
            let explained = explain::run(&current()?).await?;
            cli.prints(&explained, &explained.plan, ExitStatus::Success)
        }
        Command::ApplyFix => cli.done(&apply_fix::run(&current()?).await?),
        Command::Results => cli.done(&results::run(&current()?)?),
        Command::Predict(arguments) => cli.done(&predict::run(&current()?, arguments, !cli.json)?),
        Command::Compare(arguments) => {
            let comparison = compare::run(&current()?, arguments)?;
            cli.ends(&comparison, compare::exit_status(&comparison))
        }
        Command::Ab(arguments) => {
            let output = ab::run(&project, arguments).await?;
            cli.ends(&output, output.exit_status())
        }
        Command::Report { lesson: true, .. } => cli.done(&report::of_lesson(&current()?)?),
        Command::Report { runs, .. } => cli.done(&report::run(&current()?, runs)?),
        // Only returns when psql cannot be started.
        Command::Sql { read_only, arguments } => Err(sql::run(&current()?, *read_only, arguments).await),
        // Only returns when redis-cli cannot be started.
        Command::Redis { arguments } => Err(redis::run(&current()?, arguments)),
        Command::Reset { data, code } => cli.done(&reset::run(&current()?, *data, *code).await?),
        Command::Solution => {
            let solution = solution::run(&current()?)?;
            cli.prints(&solution, &solution.diff, ExitStatus::Success)
        }
        Command::Clean { all, dry_run } => cli.done(&clean::run(&project, *all, *dry_run)?),
        Command::Completions { shell } => success(completions::run(*shell)),
        Command::Doctor { install } => {
            let report = doctor::run(&project, *install)?;
            cli.ends(&report, report.exit_status())
        }
        Command::Smoke { scenario, engine, duration } => {
            let report = smoke::run(&project, *scenario, (*engine).into(), *duration).await?;
            cli.ends(&report, report.verdict.into())
        }
        Command::Validate { scenario, engine, runs, only } => {
            let scenarios = match scenario {
                Some(number) => vec![project.scenario(*number)?],
                None => project.scenarios().collect(),
            };
            let report =
                validate::run(&project, scenarios, (*engine).into(), only.clone(), runs.get()).await?;
            cli.ends(&report, if report.all_proved() { ExitStatus::Success } else { ExitStatus::Fail })
        }
        Command::Page { scenario } => success(site::run(project.scenario(*scenario)?).await),
        Command::Supervise { scenario, in_terminal } => {
            success(engine::supervisor::run(project.scenario(*scenario)?, *in_terminal).await)
        }
    }
}

fn success(result: anyhow::Result<()>) -> anyhow::Result<ExitStatus> {
    result.map(|()| ExitStatus::Success)
}

impl Cli {
    /// Prints `report`; all went well.
    fn done(&self, report: &(impl Display + Serialize)) -> anyhow::Result<ExitStatus> {
        self.ends(report, ExitStatus::Success)
    }

    /// Prints `report`, as text or as one JSON object, and ends with `status`.
    fn ends(&self, report: &(impl Display + Serialize), status: ExitStatus) -> anyhow::Result<ExitStatus> {
        self.prints(report, "", status)
    }

    /// The same for a report that begins with `code`, whose lines stay as long as they are.
    fn prints(
        &self,
        report: &(impl Display + Serialize),
        code: &str,
        status: ExitStatus,
    ) -> anyhow::Result<ExitStatus> {
        if self.json {
            output::print(&serde_json::to_string(report)?, "")?;
        } else {
            output::print(report, code)?;
        }
        Ok(status)
    }
}
