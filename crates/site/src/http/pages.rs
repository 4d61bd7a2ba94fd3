//! The pages: which parts each is made of.

use std::path::Path;

use actix_web::{
    HttpResponse,
    web::{self, Data, Html, Query},
};
use format::counted;
use maud::{Markup, html};
use view::runs_table::Chosen;

use crate::{
    Site, completion_record,
    failure::Failure,
    history,
    http::{parts, shell},
    lesson_text::{
        answer_tables, file,
        glossary::Glossary,
        lesson_page::{Draw, render},
        sections, source, tasks,
    },
    logs as log_lines,
    query::Asked,
    request as one_request,
};

type Page = Result<Html, Failure>;

/// `GET /`: the lesson, with the learner's system next to it.
pub async fn lesson(site: Data<Site>) -> Page {
    let path = site.lesson_file();
    let text = file::read(&path)?;
    let dir = path.strip_prefix(&site.scenario.root).ok().and_then(Path::parent).unwrap_or(Path::new(""));
    let (runs, figures) = (site.last_runs()?, site.figures()?);
    let draw = Draw {
        command: &|typed| tasks::command(&site, typed),
        answer: &tasks::answer,
        table: &|table| answer_tables::table(table, &runs),
        figures: &figures,
        glossary: &Glossary::read(&site.scenario.root),
        has_steps: true,
    };
    let text = render(&site.scenario, &text, dir, &draw);
    let beside = parts::all(&site, &["load", "guess", "goals", "end", "hint"]).await?;
    let content = html! {
        (sections::contents(&text.sections))
        article.text { (text.body) form #tick method="post" action="/do/tick" hidden {} }
        aside aria-label="Your system" { (beside) }
        nav.quick aria-label="To your system" {
            a href="#part-load" { "Load test" }
            a href="#part-goals" { "Goals" }
            a href="#part-hint" { "Hints" }
            a href="#main" { "Lesson" }
        }
    };
    answer(&site, "/", content).await
}

/// `GET /file/{path}`: a file of the checkout.
pub async fn source(site: Data<Site>, path: web::Path<String>) -> Page {
    answer(&site, "/file", source::file(&site.scenario, &path)?).await
}

/// `GET /request?id=…`: where one request spent its time.
pub async fn request(site: Data<Site>, asked: Query<Asked>) -> Page {
    let id = asked.get("id").map(|id| id.trim()).unwrap_or_default();
    answer(&site, "/request", one_request::request(&site, id)).await
}

/// `GET /glossary`: the terms of all lessons.
pub async fn glossary(site: Data<Site>) -> Page {
    answer(&site, "/glossary", source::file(&site.scenario, Glossary::FILE)?).await
}

/// `GET /picture/{path}`: a diagram of a lesson. It brings its own style, and no script.
pub async fn picture(site: Data<Site>, path: web::Path<String>) -> Result<HttpResponse, Failure> {
    if !path.ends_with(".svg") {
        return Err(Failure::not_found("only diagrams are shown"));
    }
    let policy = ("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'");
    let bytes = source::read(&site.scenario, &path)?;
    Ok(HttpResponse::Ok().insert_header(policy).content_type("image/svg+xml").body(bytes))
}

/// `GET /lessons`: all lessons of the checkout.
pub async fn lessons(site: Data<Site>) -> Page {
    answer(&site, "/lessons", parts::all(&site, &["lessons"]).await?).await
}

/// `GET /record`: the record of the finished lesson, to save.
pub async fn record(site: Data<Site>) -> Result<HttpResponse, Failure> {
    let record = completion_record::record(&site.scenario);
    let record = record.map_err(|error| Failure::conflict(format!("{error:#}")))?;
    Ok(saved_as(&format!("scenario-{}-completed", site.scenario.number), record))
}

/// A page that the browser saves.
fn saved_as(name: &str, page: String) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header(("Content-Disposition", format!("attachment; filename=\"{name}.html\"")))
        .content_type("text/html; charset=utf-8")
        .body(page)
}

/// `GET /report?run=003` or `?before=001&after=003`: the report as one HTML file, to save or to share.
pub async fn report(site: Data<Site>, asked: Query<Asked>) -> Result<HttpResponse, Failure> {
    let (name, page) = history::whole_report(&site, &Chosen::of(|key| asked.get(key)))?;
    Ok(saved_as(&name, page.into_string()))
}

/// `GET /dashboard`: every panel; `?minutes=15` for another time than the last five minutes.
pub async fn dashboard(site: Data<Site>, asked: Query<Asked>) -> Page {
    let shown = parts::minutes(&asked);
    let content = html! {
        nav.choice aria-label="Time range" {
            @for minutes in parts::MINUTES {
                a href={ "/dashboard?minutes=" (minutes) } aria-current=[(minutes == shown).then_some("true")] {
                    "Last " (counted(minutes as f64, "minute"))
                }
            }
        }
        p.soft { "A grey band is a load test; a violet line is the start or the unexpected end of a service." }
        (parts::part(&site, "panels", &asked).await?)
    };
    answer(&site, "/dashboard", content).await
}

/// `GET /goals`: the verdict per goal, and hints.
pub async fn goals(site: Data<Site>) -> Page {
    answer(&site, "/goals", parts::all(&site, &["goals", "end", "hint"]).await?).await
}

/// `GET /runs`: the load tests so far; `?run=003` one of them, `?before=001&after=003` how two of them compare.
pub async fn runs(site: Data<Site>, asked: Query<Asked>) -> Page {
    let chosen = Chosen::of(|key| asked.get(key));
    let asked = if chosen == Chosen::None { Asked::new() } else { asked.into_inner() };
    let content = html! {
        @if chosen == Chosen::None { (parts::all(&site, &["load"]).await?) }
        (parts::part(&site, "runs", &asked).await?)
        (history::report(&site, &chosen)?)
    };
    answer(&site, "/runs", content).await
}

/// `GET /system`: what runs, and how the database finds its rows.
pub async fn system(site: Data<Site>) -> Page {
    answer(&site, "/system", html! {
        (parts::all(&site, &["topology"]).await?)
        h2 #do { "What you can do" }
        @for typed in tasks::offered(&site) {
            @if typed.text == tasks::SOLUTION {
                details #solution {
                    summary { "The answer" }
                    p { "The difference between your files and the reference solution. " a href="/goals#part-hint" { "Hints" } " reveal less." }
                    (tasks::command(&site, &typed))
                }
            } @else if typed.text == tasks::RESET {
                details #reset {
                    summary { "Back to the start" }
                    p { "Resets the database to its seed and the lesson's files to the last commit. Your changes to these files are \
                        saved as a patch; the output says where. Your answers stay." }
                    (tasks::command(&site, &typed))
                }
            } @else {
                (tasks::command(&site, &typed))
            }
        }
        (parts::all(&site, &["plan"]).await?)
    }).await
}

/// `GET /logs`: the services' logs; `?of=app1` for one of them, `?find=503&level=warning` for some of their lines.
pub async fn logs(site: Data<Site>, asked: Query<Asked>) -> Page {
    let lines = parts::part(&site, "logs", &asked).await?;
    answer(&site, "/logs", html! { (log_lines::choice(&site, &asked)) (lines) }).await
}

async fn answer(site: &Site, path: &str, content: Markup) -> Page {
    Ok(Html::new(shell::page(site, path, content).await.into_string()))
}
