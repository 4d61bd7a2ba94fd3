//! `cargo xtask pictures`: measures each lesson before and after its fix, and draws both with the reason between them.

use std::{
    fs,
    process::{Command, Stdio},
};

use anyhow::{Context, ensure};
use format::{number, percent};
use lesson::Picture;
use maud::{Markup, html};
use project::{Project, Scenario};
use serde::Deserialize;

/// As `lab smoke --json` prints it.
#[derive(Deserialize)]
struct Smoke {
    stages: Vec<Stage>,
}

#[derive(Clone, Deserialize)]
struct Stage {
    id: String,
    success_rate: f64,
    ok_per_s: f64,
    latency_ms: Option<Latency>,
    stale_reads: Option<f64>,
    probes_refused: Option<f64>,
}

#[derive(Clone, Deserialize)]
struct Latency {
    p99: f64,
}

/// A figure of a card.
struct Row {
    /// Large.
    figure: String,
    /// What it is.
    words: &'static str,
    /// `bad` before and `good` after, where it has become better: a fix may cost something, too.
    class: &'static str,
}

/// Rows that a card has room for.
const ROWS: usize = 3;

/// The width of a card, and of the space with an arrow.
const CARD: u32 = 290;
const SPACE: u32 = 44;
const HEIGHT: u32 = 330;

/// Letters of a line of text in a card.
const LINE: usize = 32;

/// Draws the picture of each lesson that describes one.
///
/// # Errors
/// When a lesson cannot be measured, or a picture cannot be written.
pub fn run() -> anyhow::Result<bool> {
    for scenario in Project::find()?.scenarios() {
        let lesson = scenario.lesson()?;
        if let Some(picture) = &lesson.picture {
            let stages = measure(&scenario)?;
            let find = |id: &str| {
                let stage = stages.iter().find(|stage| stage.id == id);
                stage.cloned().with_context(|| format!("lesson {} has no stage {id}", scenario.number))
            };
            let drawn = draw(&lesson.title, picture, &find(&picture.before)?, &find(&picture.after)?);
            let path = scenario.docs().join("assets/before-after.svg");
            fs::write(&path, drawn.into_string() + "\n").with_context(|| path.display().to_string())?;
            println!("{}", path.display());
        }
    }
    Ok(true)
}

fn measure(scenario: &Scenario) -> anyhow::Result<Vec<Stage>> {
    let number = scenario.number.to_string();
    let smoke = ["run", "--quiet", "--package", "lab", "--", "smoke", &number, "--json", "--duration", "10s"];
    let output = Command::new("cargo").args(smoke).stderr(Stdio::inherit()).output()?;
    ensure!(output.status.success(), "lesson {number} is not as it claims; see above");
    let smoke: Smoke = serde_json::from_slice(&output.stdout)?;
    Ok(smoke.stages)
}

fn draw(title: &str, picture: &Picture, before: &Stage, after: &Stage) -> Markup {
    let (broken, mended) = rows(before, after);
    let in_words = format!(
        "{title}, in three steps. 1, before: {}. 2, the reason: {} 3, after: {}.",
        sentence(&broken),
        picture.why,
        sentence(&mended)
    );
    let width = 3 * CARD + 2 * SPACE;
    html! {
        svg xmlns="http://www.w3.org/2000/svg" viewBox={ "0 0 " (width) " " (HEIGHT) } width=(width) height=(HEIGHT)
            role="img" font-family="system-ui, sans-serif" {
            title { (in_words) }
            style { (STYLE) }
            (card(0, "1. Break it", figures(&broken)))
            (arrow(0))
            (card(1, "2. Find out why", html! {
                @for (line, words) in (0..).zip(lines(&picture.why)) { text x="20" y=(78 + 24 * line) { (words) } }
            }))
            (arrow(1))
            (card(2, "3. Fix it, measure again", html! {
                (figures(&mended))
                @for (line, words) in (0..).zip(lines(&picture.fix)) { text.soft x="20" y=(286 + 20 * line) { (words) } }
            }))
        }
    }
}

/// The figures that differ most in kind, in the same order for both.
fn rows(before: &Stage, after: &Stage) -> (Vec<Row>, Vec<Row>) {
    let pair = |value: fn(&Stage) -> Option<f64>, less_is_better: bool, shown: fn(f64) -> String, words| {
        let (before, after) = value(before).zip(value(after))?;
        let is_better = if less_is_better { after < before } else { after > before };
        let row =
            |value, class| Row { figure: shown(value), words, class: if is_better { class } else { "" } };
        Some((row(before, "bad"), row(after, "good")))
    };
    let ms = |ms: f64| format!("{ms:.0} ms");
    let per_s = |per_s: f64| number(per_s, if per_s < 100.0 { 1 } else { 0 });
    let success = pair(|stage| Some(stage.success_rate), false, percent, "of all requests succeed");
    let refused = pair(|stage| stage.probes_refused, true, percent, "of other clients are refused");
    let pairs = [
        success.filter(|_| before.success_rate < 0.999),
        pair(|stage| stage.stale_reads, true, percent, "of the reads are stale"),
        pair(|stage| Some(stage.ok_per_s), false, per_s, "good answers per second"),
        refused.filter(|(before, _)| !before.class.is_empty()),
        pair(|stage| Some(stage.latency_ms.as_ref()?.p99), true, ms, "99 of 100 take no longer"),
    ];
    pairs.into_iter().flatten().take(ROWS).unzip()
}

fn sentence(rows: &[Row]) -> String {
    rows.iter().map(|Row { figure, words, .. }| format!("{figure} {words}")).collect::<Vec<_>>().join(", ")
}

fn figures(rows: &[Row]) -> Markup {
    html! {
        @for (row, Row { figure, words, class }) in (0..).zip(rows) {
            text.large.(class) x="20" y=(84 + 68 * row) { (figure) }
            text x="20" y=(107 + 68 * row) { (words) }
        }
    }
}

fn card(place: u32, heading: &str, content: Markup) -> Markup {
    html! {
        g transform={ "translate(" (place * (CARD + SPACE)) " 0)" } {
            rect.card x="1" y="1" width=(CARD - 2) height=(HEIGHT - 2) rx="10" {}
            text.step x="20" y="36" { (heading) }
            (content)
        }
    }
}

/// From the card at `place` to the next.
fn arrow(place: u32) -> Markup {
    let (from, y) = (place * (CARD + SPACE) + CARD + 6, HEIGHT / 2);
    let to = from + SPACE - 12;
    html! { path.arrow d={ "M" (from) " " (y) "H" (to) "m-8-8 8 8-8 8" } {} }
}

/// `text` in lines that a card has room for.
fn lines(text: &str) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        if let Some(line) = lines.last_mut().filter(|line| line.len() + word.len() < LINE) {
            let space = if line.is_empty() { "" } else { " " };
            *line += &format!("{space}{word}");
        } else {
            lines.push(word.to_owned());
        }
    }
    lines
}

/// Text of 14 pixels and more, in both themes.
const STYLE: &str = "
    .card { fill: #fff; stroke: #8c959f; }
    text { fill: #1c2128; font-size: 15px; }
    .soft { fill: #59636e; font-size: 14px; }
    .step { font-weight: 600; font-size: 18px; }
    .large { font-size: 32px; font-weight: 600; }
    .bad { fill: #cf222e; }
    .good { fill: #1a7f37; }
    .arrow { fill: none; stroke: #59636e; stroke-width: 2; }
    @media (prefers-color-scheme: dark) {
      .card { fill: #161b22; stroke: #6e7781; }
      text { fill: #e6edf3; }
      .soft { fill: #9198a1; }
      .bad { fill: #ff7b72; }
      .good { fill: #56d364; }
      .arrow { stroke: #9198a1; }
    }
";
