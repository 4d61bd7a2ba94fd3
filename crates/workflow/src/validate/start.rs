//! What a lesson starts with, where the learner has changed it.

use project::Scenario;

use crate::sandbox::Files;

/// The files of `scenarios` that are edited, as they came.
///
/// # Errors
/// When neither the lab nor git has one of them as it came.
pub fn of(scenarios: &[Scenario]) -> anyhow::Result<Files> {
    let mut start = Files::new();
    for scenario in scenarios {
        let starter = scenario.starter()?;
        for file in starter.edited()? {
            if let Some(bytes) = starter.original(&file)? {
                eprintln!("your changes in {} are left out", file.display());
                start.insert(file, String::from_utf8(bytes)?);
            }
        }
    }
    Ok(start)
}
