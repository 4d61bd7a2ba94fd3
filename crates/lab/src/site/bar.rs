//! What every page shows at its top: whether all runs, what loads it, and how far the learner is.

use maud::{Markup, html};

use super::{Site, goals::Checked, shell::part};
use crate::state::{Build, Phase, State};

/// In one line while all is well.
pub fn bar(site: &Site) -> Markup {
    let state = State::read(&site.scenario);
    let troubles = state.as_ref().map(troubles).unwrap_or_default();
    let loading = site.jobs.loading();
    let build = state.as_ref().map(|state| &state.build);
    let say = if troubles.is_empty() { "Everything runs".to_owned() } else { troubles.join("; ") };
    let every_s = if loading.is_some() { 1 } else { 2 };
    part(
        "bar",
        every_s,
        Some(&say),
        html! {
            div.health {
                @match &*troubles {
                    [] => p.ok { "Everything runs" },
                    troubles => @for trouble in troubles { p.bad { (trouble) } },
                }
                @match build {
                    Some(Build::Running) => p { "Your last change is being compiled" },
                    Some(Build::Failed { message }) => details.bad #build {
                        summary { "Your last change does not compile; the program before it runs on" }
                        pre tabindex="0" { (message) }
                    },
                    _ => {}
                }
                @if let Some(job) = &loading {
                    p.loads { code { (job.command) } ", " (job.started.elapsed().as_secs()) " s" }
                }
                @if let Some((checked, _)) = Checked::last(&site.scenario) {
                    @let (reached, all) = checked.reached();
                    p.reached { a href="/goals" { (reached) " of " (all) " goals reached" } }
                }
            }
        },
    )
}

/// Who does not run, and why.
fn troubles(state: &State) -> Vec<String> {
    let mut troubles: Vec<_> = state.trouble.iter().cloned().collect();
    for service in &state.services {
        let is_gone = service.process.as_ref().is_some_and(|process| !process.is_alive());
        match service.phase {
            Phase::Ready if is_gone => troubles.push(format!("{} has just ended", service.name)),
            Phase::Ready => {}
            Phase::Starting => troubles.push(format!("{} is starting: {}", service.name, service.detail)),
            Phase::Crashed => {
                troubles.push(format!("{} crashed and is started again: {}", service.name, service.detail))
            }
            Phase::Failed => troubles.push(format!("{} is down: {}", service.name, service.detail)),
        }
    }
    troubles
}
