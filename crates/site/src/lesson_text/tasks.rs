//! What a learner does within the lesson's text: runs a command, writes an answer.

use maud::{Markup, html};
use verdict::classroom::Classroom;

use crate::{
    Site,
    background::jobs::Job,
    failure::Failure,
    lesson_text::{
        addresses::Addresses,
        answers::{self, Answer},
        commands::Typed,
        file, lesson_page,
        user_input::Asks,
    },
    page_part::part,
};

/// What the page offers besides the lesson's own commands.
pub fn offered(site: &Site) -> Vec<Typed> {
    let start = format!("make scenario-{}", site.scenario.number);
    let has_fix = site.scenario.lesson().is_ok_and(|lesson| lesson.database.fix.is_some());
    let fix = has_fix.then_some("make apply-fix");
    let texts =
        [&*start, "make status", "make explain-query"].into_iter().chain(fix).chain([RESET, SOLUTION]);
    let addresses = Addresses::of(&site.scenario);
    texts.map(|text| Typed::new(&site.scenario, &addresses, text)).collect()
}

/// Actions that need a confirmation.
pub const RESET: &str = "make reset";
pub const SOLUTION: &str = "cargo lab solution";

/// The block of commands that is called `id`: one that the lesson has now, or that the page offers.
///
/// # Errors
/// When there is no such command. The page can run no other commands.
pub fn find(site: &Site, id: &str) -> Result<Typed, Failure> {
    let text = file::read(&site.lesson_file())?;
    let blocks = lesson_page::commands(&site.scenario, &Addresses::of(&site.scenario), &text);
    let found = blocks.into_iter().chain(offered(site)).find(|typed| typed.id == id);
    found
        .filter(Typed::can_run)
        .ok_or_else(|| Failure::not_found("the lesson has no such command any more; reload the page"))
}

/// Whether an instructor has switched off what runs `typed`: the field for SQL.
///
/// # Errors
/// When the instructor's settings cannot be read. Then it must not run either.
pub fn is_switched_off(site: &Site, typed: &Typed) -> anyhow::Result<bool> {
    Ok(typed.asks() == Some(Asks::Sql) && !Classroom::read(&site.scenario.root)?.sql_field)
}

/// A block of commands: a button that runs it, and its output so far.
pub fn command(site: &Site, typed: &Typed) -> Markup {
    let Typed { text, id, .. } = typed;
    let (job, asks) = (site.jobs.get(id), typed.asks());
    let running = job.as_ref().is_some_and(|job| job.runs());
    let say = job.as_ref().map(|job| if running { "Running".to_owned() } else { ended(job) });
    let is_off = is_switched_off(site, typed);
    let content = html! {
        figure.command {
            pre tabindex="0" { code { (text) } }
            div.buttons {
                @if asks.is_some() && matches!(is_off, Ok(false)) {
                } @else if asks.is_none() && typed.can_run() {
                    form method="post" action="/do/run" {
                        button #{ "run-" (id) } name="id" value=(id) aria-label={ "Run " (text) } { "Run" }
                    }
                } @else {
                    span.soft { "in a terminal" }
                }
                button.copy type="button" aria-label={ "Copy " (text) } { "Copy" }
            }
            @match &is_off {
                Err(error) => p.warning { (format!("{error:#}")) },
                Ok(is_off) => @if let Some(asks) = asks.as_ref().filter(|_| !is_off) { (asks.form(id, text)) }
            }
            @if let Some(job) = &job {
                div.result {
                    (printed(&job.output(), &format!("output-{id}")))
                    div.inline {
                        @if running {
                            form method="post" action="/do/stop" {
                                button #{ "stop-" (id) } name="job" value=(id) { "Stop" }
                            }
                            span.soft { (job.started.elapsed().as_secs()) " s" }
                        } @else {
                            span.soft { (ended(job)) }
                        }
                    }
                }
            }
        }
    };
    part(&format!("run/{id}"), u32::from(running), say.as_deref(), content)
}

/// What a command printed. Sentences are broken into lines; lines of tables, with their many gaps, are not.
pub fn printed(output: &str, id: &str) -> Markup {
    let cells = |line: &str| line.split("  ").filter(|cell| !cell.trim().is_empty()).count();
    let is_sentence = |line: &str| cells(line) <= 2 && !line.starts_with(['|', '+']);
    html! {
        @if !output.trim().is_empty() {
            pre.output tabindex="0" data-scroll="" #(id) {
                @for line in output.trim_end().lines() {
                    @if is_sentence(line) { span.sentence { (line) } } @else { span { (line) } }
                }
            }
        }
    }
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
    found.map(answer).ok_or_else(|| Failure::not_found("the lesson has changed; reload the page"))
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
