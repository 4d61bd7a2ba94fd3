//! What the learner expects of the next load test: `lab predict --guess`, in the page.

use actix_web::web::block;
use maud::{Markup, html};
use observe::own_prediction::OwnPrediction;

use crate::{Site, failure::Failure, lesson_text::commands};

/// A field for a number, and the one that is kept.
pub fn guess(site: &Site) -> Markup {
    let kept = OwnPrediction::kept(&site.scenario).and_then(|guess| guess.guessed.yours_per_s);
    html! {
        h2 { "Your guess" }
        form.inline.guess method="post" action="/do/guess" {
            label for="guess" { "Before you measure: successful requests per second?" }
            input #guess type="number" name="per_s" min="0" max="10000000" step="any" required value=[kept];
            button { "Keep" }
        }
        @if let Some(kept) = kept {
            p.soft { "Your guess of " (kept) " per second is kept. The next load test shows it beside what was measured." }
        }
    }
}

/// Keeps `per_s` for the next load test.
///
/// # Errors
/// When it is no such number; in the command's own words.
pub async fn keep(site: &Site, per_s: &str) -> Result<(), Failure> {
    // With a `=`, so that nothing that was typed can be another option.
    let mut command = commands::lab(&site.scenario, ["predict", &format!("--guess={per_s}")])?;
    let done =
        block(move || command.output()).await.map_err(anyhow::Error::from)?.map_err(anyhow::Error::from)?;
    if done.status.success() {
        return Ok(());
    }
    let words = String::from_utf8_lossy(&done.stderr);
    let first = words.lines().find(|line| !line.trim().is_empty()).unwrap_or("the guess was not kept");
    Err(Failure::conflict(first.to_owned()))
}
