//! What a learner does within the lesson's text: runs a command, writes an answer.

use maud::{Markup, html};

use super::{
    Site,
    answers::{self, Answer},
    commands::Typed,
    failure::Failure,
    file,
    jobs::Job,
    lesson,
    shell::part,
};

/// What the page offers besides the lesson's own commands.
pub const OFFERED: [&str; 4] = ["make status", "make explain-query", "make apply-fix", "make reset"];

/// The block of commands that is called `id`: one that the lesson has now, or that the page offers.
///
/// # Errors
/// When there is none. Nobody can have anything else run.
pub fn find(site: &Site, id: &str) -> Result<Typed, Failure> {
    let text = file::read(&site.lesson_file())?;
    let offered = OFFERED.iter().map(|text| Typed::new(&site.scenario, text));
    let found =
        lesson::commands(&site.scenario, &text).into_iter().chain(offered).find(|typed| typed.id == id);
    found
        .filter(Typed::can_run)
        .ok_or_else(|| Failure::not_found("the lesson has no such command any more; load the page again"))
}

/// A block of commands: a button that does what it says, and what came out.
pub fn command(site: &Site, typed: &Typed) -> Markup {
    html! {
        figure.command {
            pre tabindex="0" { code { (typed.text) } }
            div.buttons {
                @if typed.can_run() {
                    form method="post" action="/do/run" {
                        button name="id" value=(typed.id) aria-label={ "Run " (typed.text) } { "Run" }
                    }
                } @else {
                    span.soft { "in a terminal" }
                }
                button.copy type="button" aria-label={ "Copy " (typed.text) } { "Copy" }
            }
            @if typed.can_run() { (output(site, typed)) }
        }
    }
}

/// What came out of a block of commands so far.
pub fn output(site: &Site, typed: &Typed) -> Markup {
    let job = site.jobs.get(&typed.job());
    let running = job.as_ref().is_some_and(|job| job.runs());
    let name = format!("run/{}", typed.id);
    let say = job.as_ref().map(|job| if running { "It runs".to_owned() } else { ended(job) });
    part(
        &name,
        u32::from(running),
        say.as_deref(),
        html! {
            @if let Some(job) = &job {
                @let output = job.output();
                @if !output.trim().is_empty() {
                    pre.output tabindex="0" data-scroll="" id={ "output-" (typed.id) } { (output.trim_end()) }
                }
                div.inline {
                    @if running {
                        form method="post" action="/do/stop" {
                            button name="job" value=(typed.job()) id={ "stop-" (typed.id) } { "Stop" }
                        }
                        span.soft { (job.started.elapsed().as_secs()) " s" }
                    } @else {
                        span.soft { (ended(job)) }
                    }
                }
            }
        },
    )
}

fn ended(job: &Job) -> String {
    let Some((status, took)) = job.ended() else { return String::new() };
    let seconds = took.as_secs_f64();
    match status.code() {
        Some(0) => format!("Done in {seconds:.1} s"),
        Some(code) => format!("Ended with {code} after {seconds:.1} s"),
        None => format!("Stopped after {seconds:.1} s"),
    }
}

/// The answer `id` as it is in the file now.
///
/// # Errors
/// When the lesson does not ask that any more.
pub fn answer_part(site: &Site, id: &str) -> Result<Markup, Failure> {
    let answers = answers::find(&file::read(&site.lesson_file())?);
    let found = answers.iter().find(|answer| answer.id == id);
    found.map(answer).ok_or_else(|| Failure::not_found("the lesson was changed; load the page again"))
}

/// A question's block, to write in.
pub fn answer(answer: &Answer) -> Markup {
    let Answer { id, label, text, version, .. } = answer;
    let label = if label.is_empty() { "Your answer" } else { label };
    part(
        &format!("answer/{id}"),
        0,
        None,
        html! {
            form.answer method="post" action="/do/answer" {
                input type="hidden" name="id" value=(id);
                input type="hidden" name="was" value=(version);
                label for={ "answer-" (id) } { (label) }
                // The first line break after the tag is not part of the text.
                textarea id={ "answer-" (id) } name="text" rows=(text.lines().count().max(3) + 1) { "\n" (text) }
                div.inline { button { "Save" } span.state role="status" { @if !text.is_empty() { "Saved in the lesson's file" } } }
            }
        },
    )
}
