//! What every page shows at its top: whether all runs, what loads it, and how far the learner is.

use format::counted;
use maud::{Markup, html};
use project::{
    status::{Build, Phase, ServiceStatus, Status},
    warnings,
};
use verdict::check_report::{CheckReport, STALE};

use crate::{Site, page_part::part};

/// Something that is not as it should be.
struct Trouble {
    /// What is shown.
    text: String,
    /// The same for a screen reader, without a number that changes every second.
    spoken: String,
    /// Whether it is over.
    is_over: bool,
}

/// In one line while all is well.
pub fn bar(site: &Site) -> Markup {
    let state = Status::read(&site.scenario);
    let troubles = state.as_ref().map(|state| troubles(site, state)).unwrap_or_default();
    let warnings = warnings::read(&site.scenario);
    let loading = site.jobs.loading();
    let build = state.as_ref().map(|state| &state.build);
    let spoken: Vec<_> = troubles.iter().map(|trouble| &*trouble.spoken).collect();
    let say = if spoken.is_empty() { "Everything runs".to_owned() } else { spoken.join("; ") };
    part(
        "bar",
        1,
        Some(&say),
        html! {
            div.health {
                @match &*troubles {
                    [] => p.ok { "Everything runs" },
                    troubles => @for trouble in troubles { p.bad[!trouble.is_over] { (trouble.text) } },
                }
                @match build {
                    Some(Build::Running) => p { "Your last change is being compiled" },
                    Some(Build::Failed { message }) => details.bad #build {
                        summary { "Your last change does not compile; the previous program keeps running" }
                        pre tabindex="0" { (message) }
                    },
                    _ => {}
                }
                @match &*warnings {
                    [] => {}
                    all => details #warnings {
                        summary { (counted(all.len() as f64, "compiler warning")) " in your program" }
                        @for warning in all { pre tabindex="0" { (warning.rendered) } }
                    },
                }
                @if let Some(job) = &loading {
                    p.loads { code { (job.command) } ", " (job.started.elapsed().as_secs()) " s" }
                }
                @if let Some((checked, _)) = CheckReport::last(&site.scenario) {
                    @let (reached, all) = (checked.reached(), checked.goals.len());
                    p.reached {
                        a href="/goals" { (reached) " of " (all) " goals reached" }
                        @if site.current_system.makes_stale(&checked) { span.stale { " " (STALE) } }
                    }
                }
            }
        },
    )
}

/// Who does not run, and why.
fn troubles(site: &Site, state: &Status) -> Vec<Trouble> {
    let general = state.trouble.iter().map(|trouble| Trouble::of(trouble.clone()));
    let silent = |service: &ServiceStatus| site.health.is_silent(&service.name);
    general.chain(state.services.iter().filter_map(|service| of_service(service, silent(service)))).collect()
}

fn of_service(service: &ServiceStatus, is_silent: bool) -> Option<Trouble> {
    let ServiceStatus { name, detail, .. } = service;
    let is_gone = service.process.as_ref().is_some_and(|process| !process.is_alive());
    let recently = service.ended.as_ref().filter(|end| end.is_recent());
    Some(match (service.phase, recently) {
        (Phase::Ready, _) if is_gone => Trouble::of(format!("{name} has just exited")),
        (Phase::Ready, Some(end)) => Trouble {
            text: format!("{name} was {} {} s ago; it runs again", end.word(), end.seconds_ago()),
            spoken: format!("{name} was {}; it runs again", end.word()),
            is_over: true,
        },
        (Phase::Ready, None) if is_silent => Trouble::of(format!("{name} runs but does not answer")),
        (Phase::Ready, None) => return None,
        (Phase::Starting, Some(end)) => {
            Trouble::of(format!("{name} was {} and is being restarted", end.word()))
        }
        (Phase::Starting, None) => Trouble::of(format!("{name} is starting: {detail}")),
        (Phase::Crashed, _) => Trouble::of(format!("{name} is down: {}", service.in_short())),
        (Phase::Failed, _) => Trouble::of(format!("{name} is down: {detail}")),
    })
}

impl Trouble {
    fn of(text: String) -> Self {
        Self { spoken: text.clone(), text, is_over: false }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use process::child::Exit;
    use project::status::Ended;

    fn service(phase: Phase, ended: Option<Ended>) -> ServiceStatus {
        ServiceStatus {
            name: "app1".to_owned(),
            looks_on: false,
            phase,
            detail: "it was killed (signal: 9 (SIGKILL)); restarting it. Its last lines:\nbye".to_owned(),
            port: Some(3000),
            uncapped: None,
            ready_after_ms: None,
            process: None,
            ended,
        }
    }

    #[test]
    fn what_was_killed_is_told_until_it_has_run_again_for_a_while() {
        let killed = || Ended::now(Exit::Killed { signal: 9 });
        let told = |phase, ended| of_service(&service(phase, ended), false).map(|trouble| trouble.text);
        assert_eq!(
            told(Phase::Crashed, Some(killed())).as_deref(),
            Some("app1 is down: it was killed (signal: 9 (SIGKILL)); restarting it")
        );
        assert_eq!(
            told(Phase::Starting, Some(killed())).as_deref(),
            Some("app1 was killed and is being restarted")
        );
        let back = of_service(&service(Phase::Ready, Some(killed())), false).unwrap();
        assert_eq!((&*back.spoken, back.is_over), ("app1 was killed; it runs again", true));
        let long_ago = Ended { unix_s: killed().unix_s - 11, ..killed() };
        assert_eq!(told(Phase::Ready, Some(long_ago)), None);
    }

    #[test]
    fn what_hangs_is_told_though_its_process_runs() {
        let trouble = of_service(&service(Phase::Ready, None), true).unwrap();
        assert_eq!((&*trouble.text, trouble.is_over), ("app1 runs but does not answer", false));
    }
}
