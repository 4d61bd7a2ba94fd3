//! The `lab` command: starts, loads, measures and explains the scenarios of this checkout.

mod cli;
mod project;
mod names;
mod lesson;
mod measured;
mod claims;
mod goals;
mod progress;
mod compose;
mod plan;
mod files;
mod fingerprint;
mod git;
mod ports;
mod addresses;
mod resolve;
mod images;
mod nginx;
mod engine;
mod docker;
mod needs;
mod cargo;
mod process;
mod state;
mod data_dir;
mod board;
mod database;
mod supervisor;
mod dashboard;
mod page;
mod site;
mod spent;
mod forecast;
mod commands;

use std::{
    fmt::Display,
    io::{self, Write},
    process::ExitCode,
};

use clap::Parser;
use serde::Serialize;

use crate::{
    cli::{Cli, Command},
    commands::{
        ab, check, compare, doctor, down, explain, find_max, fix, hint, kill, load, logs, open, predict,
        report, reset, restart, results, settle::Life, smoke, solution, sql, status, tidy, top, up, validate,
        watch,
    },
    project::Project,
};

/// `lab` could not do its work; the message says why and what to do.
const COULD_NOT: u8 = 2;

fn main() -> ExitCode {
    let cli = Cli::parse();
    match run(&cli) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("lab: {error:#}");
            if cli.json {
                println!("{}", serde_json::json!({ "error": format!("{error:#}") }));
            }
            ExitCode::from(COULD_NOT)
        }
    }
}

/// Everything happens on this thread; children die with the thread that started them.
#[tokio::main(flavor = "current_thread")]
async fn run(cli: &Cli) -> anyhow::Result<ExitCode> {
    let project = Project::find()?;
    match &cli.command {
        Command::Up(options) => {
            cli.done(&up::run(&project.scenario(options.scenario)?, options, Life::Detached).await?)
        }
        Command::Down { all: true, .. } => cli.done(&down::all(&project).await?),
        Command::Down { scenario: Some(number), .. } => {
            cli.done(&down::run([project.scenario(*number)?]).await?)
        }
        Command::Down { .. } => cli.done(&down::run(project.last_started()?).await?),
        Command::Restart { rolling } => cli.done(&restart::run(&project.current()?, *rolling).await?),
        Command::Kill { service, signal } => cli.done(&kill::run(&project.current()?, service, signal)?),
        Command::Status => cli.done(&status::run(&project.current()?).await?),
        Command::Open => cli.done(&open::run(&project.current()?)?),
        Command::Top if !cli.json && top::is_live() => {
            top::live(&project.current()?).await?;
            Ok(ExitCode::SUCCESS)
        }
        Command::Top => cli.done(&top::look(&project.current()?).await?),
        Command::Logs { service, follow } => {
            logs::run(&project.current()?, service.as_deref(), *follow).await?;
            Ok(ExitCode::SUCCESS)
        }
        Command::Load(options) if options.find_max => {
            let report = find_max::run(&project.current()?, options).await?;
            cli.done(&report)?;
            Ok(report.exit_code())
        }
        Command::Load(options) => {
            let report = load::run(&project.current()?, options).await?;
            cli.done(&report)?;
            Ok(report.exit_code())
        }
        Command::Check => {
            let report = check::run(&project.current()?).await?;
            cli.done(&report)?;
            Ok(report.exit_code())
        }
        Command::Hint => cli.done(&hint::run(&project.current()?)?),
        Command::Watch => {
            watch::run(&project.current()?).await?;
            Ok(ExitCode::SUCCESS)
        }
        Command::Progress => cli.done(&commands::progress::run(&project)?),
        Command::Explain => cli.done(&explain::run(&project.current()?).await?),
        Command::ApplyFix => cli.done(&fix::run(&project.current()?).await?),
        Command::Results => cli.done(&results::run(&project.current()?)?),
        Command::Predict(options) => cli.done(&predict::run(&project.current()?, options, !cli.json)?),
        Command::Compare(options) => {
            let report = compare::run(&project.current()?, options)?;
            cli.done(&report)?;
            Ok(report.exit_code())
        }
        Command::Ab(options) => {
            let number = options.scenario.map_or_else(|| Ok(project.current()?.number), anyhow::Ok)?;
            let report = ab::run(&project, number, options).await?;
            cli.done(&report)?;
            Ok(report.exit_code())
        }
        Command::Report { runs } => cli.done(&report::run(&project.current()?, runs)?),
        Command::Sql { arguments } => sql::run(&project.current()?, arguments),
        Command::Reset { data, code } => cli.done(&reset::run(&project.current()?, *data, *code).await?),
        Command::Solution => cli.done(&solution::run(&project.current()?)?),
        Command::Doctor { install } => {
            let report = doctor::run(*install)?;
            cli.done(&report)?;
            Ok(report.exit_code())
        }
        Command::Tidy => {
            let report = tidy::run(&project)?;
            cli.done(&report)?;
            Ok(report.exit_code())
        }
        Command::Smoke { scenario, engine, duration } => {
            let report = smoke::run(&project, *scenario, engine, *duration).await?;
            cli.done(&report)?;
            Ok(report.exit_code())
        }
        Command::Validate { scenario, engine, runs, only } => {
            let scenarios = match scenario {
                Some(number) => vec![project.scenario(*number)?],
                None => project.scenarios().collect(),
            };
            let report = validate::run(&project, scenarios, engine.clone(), only.clone(), runs.get()).await?;
            cli.done(&report)?;
            Ok(report.exit_code())
        }
        Command::Page { scenario } => {
            site::run(project.scenario(*scenario)?).await?;
            Ok(ExitCode::SUCCESS)
        }
        Command::Supervise { scenario } => {
            supervisor::run(project.scenario(*scenario)?).await?;
            Ok(ExitCode::SUCCESS)
        }
    }
}

impl Cli {
    /// Prints what came out: text for people, or one JSON object.
    fn done(&self, report: &(impl Display + Serialize)) -> anyhow::Result<ExitCode> {
        let mut out = io::stdout().lock();
        let written = if self.json {
            serde_json::to_writer(&mut out, report).map_err(io::Error::from).and_then(|()| writeln!(out))
        } else {
            writeln!(out, "{report}")
        };
        match written {
            // `lab … | head` reads what it wants and goes.
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error.into()),
            _ => Ok(ExitCode::SUCCESS),
        }
    }
}
