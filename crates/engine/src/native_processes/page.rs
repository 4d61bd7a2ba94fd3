//! `image: grafana/grafana:…` is the lab's own page, a process of ours.

use std::{
    process::{Child, Command},
    time::Duration,
};

use anyhow::Context;
use compose::service_spec::Page;
use project::Scenario;

use crate::native_processes::{get, until_it_answers};

/// The command that serves the page of `scenario`.
pub fn command(scenario: &Scenario, page: &Page) -> Command {
    let mut command = pgcluster::dies_with_parent(&page.executable, "TERM", None);
    command.args(["page", &scenario.number.to_string()]);
    command.current_dir(&scenario.root).env("LAB_DIR", &scenario.lab_dir);
    command
}

/// Waits until it answers.
///
/// # Errors
/// When it ends before, or is silent for 5 s.
pub async fn ready(child: &mut Child, port: u16) -> anyhow::Result<String> {
    let ask = async || {
        let answer = get(port, "/livez").await;
        answer.context("the page does not answer")
    };
    until_it_answers(child, Duration::from_secs(5), ask).await?;
    Ok("answers".to_owned())
}
