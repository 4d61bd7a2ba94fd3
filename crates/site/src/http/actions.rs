//! What can be done from the page: each action is a command of the lab's.

use std::{collections::BTreeMap, sync::atomic::Ordering};

use actix_web::{
    HttpRequest, HttpResponse,
    http::header,
    web::{Data, Form, Path},
};
use observe::saved_runs;

use crate::{
    Site,
    failure::Failure,
    goals, hints,
    http::address,
    lesson_text::{
        answers::{self, NotSaved},
        file, table_cells, tables, tasks,
    },
    lessons, load, own_prediction, theme,
};

/// `POST /do/{action}`: 204 for the script; without it, back to where the form was.
pub async fn act(
    site: Data<Site>,
    request: HttpRequest,
    action: Path<String>,
    fields: Form<BTreeMap<String, String>>,
) -> Result<HttpResponse, Failure> {
    let field = |name: &str| fields.get(name).map(String::as_str).unwrap_or_default();
    let busy = |error: anyhow::Error| Failure::conflict(format!("{error:#}"));
    let mut version = None;
    match action.as_str() {
        "load" => load::start(&site).map_err(busy)?,
        "guess" => own_prediction::keep(&site, field("per_s")).await?,
        "check" => goals::start(&site).map_err(busy)?,
        "watch" => site.watches.store(field("on") == "true", Ordering::Relaxed),
        "hint" => hints::next(&site)?,
        "theme" => theme::keep(&site, field("to")).map_err(busy)?,
        "up" => lessons::up(&site, field("scenario")).map_err(busy)?,
        "down" => lessons::down(&site, field("scenario")).map_err(busy)?,
        "run" => {
            let typed = tasks::find(&site, field("id"))?;
            if tasks::is_switched_off(&site, &typed)? {
                return Err(Failure::forbidden(
                    "the SQL field is switched off in classroom.toml; run `make sql` in a terminal",
                ));
            }
            let command = typed.command(&site.scenario, field("given")).map_err(busy)?;
            site.jobs.start(&typed.id, &typed.text, typed.loads(), command).map_err(busy)?;
        }
        "stop" => drop(site.jobs.get(field("job")).map(|job| job.stop())),
        "answer" => {
            let saved = answers::save(&site.lesson_file(), field("id"), field("was"), field("text"));
            version = Some(saved.map_err(not_saved)?);
        }
        "fill" => {
            let run = saved_runs::find(&site.scenario, field("run"))?;
            let at = field("at").parse().unwrap_or(usize::MAX);
            let figures = site.figures()?;
            tables::fill(&site.lesson_file(), &figures, field("id"), field("was"), at, &run).map_err(busy)?;
        }
        "cells" => {
            let written =
                table_cells::write(&site.lesson_file(), &site.figures()?, field("id"), field("was"), &fields);
            version = Some(written.map_err(busy)?);
        }
        "tick" => file::tick(&site.lesson_file(), field("item")).map_err(busy)?,
        other => return Err(Failure::not_found(format!("there is no action `{other}`"))),
    }
    Ok(done(&request, version))
}

fn not_saved(error: NotSaved) -> Failure {
    match error {
        NotSaved::Failed(error) => error.into(),
        NotSaved::Changed(version, text) => Failure::changed(
            version,
            format!(
                "Your answer is not saved: the file was changed in an editor or another tab. It now says: \
                \u{201c}{text}\u{201d}. Merge both and save again; your answer then replaces it."
            ),
        ),
    }
}

fn done(request: &HttpRequest, version: Option<String>) -> HttpResponse {
    if request.headers().contains_key("x-live") {
        let mut answer = HttpResponse::NoContent();
        version.map(|version| answer.insert_header(("X-Version", version)));
        return answer.finish();
    }
    let referer = request.headers().get(header::REFERER).and_then(|value| value.to_str().ok());
    // Without the server's name.
    let path = referer.and_then(|address| address.splitn(4, '/').nth(3)).unwrap_or_default();
    HttpResponse::SeeOther().insert_header((header::LOCATION, address::own(path))).finish()
}
