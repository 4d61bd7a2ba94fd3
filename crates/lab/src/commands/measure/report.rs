//! `lab report`: a run, or two beside each other, as one HTML file.

use std::{
    fmt::{self, Display, Formatter},
    path::PathBuf,
};

use observe::saved_runs;
use project::{Scenario, folders, store};
use serde::Serialize;
use site::completion_record;
use view::{
    comparison::{compare, pair},
    report,
};

/// Where it is.
#[derive(Debug, Serialize)]
pub struct Report {
    /// The file.
    pub path: PathBuf,
}

/// Writes the report of one run (the last, where none is named) or of two.
///
/// # Errors
/// When there are no such runs, or the file cannot be written.
pub fn run(scenario: &Scenario, ids: &[String]) -> anyhow::Result<Report> {
    let title = scenario.lesson()?.title;
    let (name, page) = match ids {
        [_, _] => {
            let (before, after) = pair(scenario, ids)?;
            let comparison = compare(scenario, &before, &after);
            let page = report::of_comparison(&title, &before, &after, &comparison);
            (format!("{}-{}", before.run_id, after.run_id), page)
        }
        _ => {
            let run = match ids.first() {
                Some(id) => saved_runs::find(scenario, id)?,
                None => saved_runs::last(scenario)?,
            };
            (run.run_id.clone(), report::of_run(&title, &run))
        }
    };
    write(scenario, &name, &page.into_string())
}

/// Writes the record of the finished lesson.
///
/// # Errors
/// When its last check did not pass, or the file cannot be written.
pub fn of_lesson(scenario: &Scenario) -> anyhow::Result<Report> {
    write(scenario, "completed", &completion_record::record(scenario)?)
}

fn write(scenario: &Scenario, name: &str, page: &str) -> anyhow::Result<Report> {
    let dir = scenario.dir().join("reports");
    let path = dir.join(format!("{name}.html"));
    folders::private(&dir)?;
    store::write(&path, page.as_bytes())?;
    Ok(Report { path })
}

impl Display for Report {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{}\nNext: open it in a browser; it needs no other files", self.path.display())
    }
}
