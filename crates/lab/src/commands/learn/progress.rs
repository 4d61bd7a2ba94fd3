//! `lab progress`: who got where, and what comes next. Instructors collect it with `--json`.

use project::Project;
use site::overview::Overview;

/// Reads the saved progress, and compares it with what runs.
///
/// # Errors
/// When it, or a lesson, cannot be read.
pub async fn run(project: &Project) -> anyhow::Result<Overview> {
    Overview::read(project)?.mark_stale(project).await
}
