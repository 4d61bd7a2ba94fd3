//! The table of contents of the page.

use actix_web::{
    HttpResponse, Route,
    web::{self, Data, Html, Path, Query, ServiceConfig, get, post},
};

use crate::{
    Site,
    failure::Failure,
    http::{actions, pages, parts},
    query::Asked,
};

/// Everything that can be asked for. Nothing changes by GET.
fn table() -> [(&'static str, Route); 21] {
    [
        ("/style.css", get().to(style)),
        ("/live.js", get().to(script)),
        ("/icon.svg", get().to(icon)),
        // Browsers that do not read the page's head ask for it.
        ("/favicon.ico", get().to(HttpResponse::NoContent)),
        ("/livez", get().to(HttpResponse::Ok)),
        ("/metrics", get().to(metrics)),
        ("/", get().to(pages::lesson)),
        ("/report", get().to(pages::report)),
        ("/record", get().to(pages::record)),
        ("/lessons", get().to(pages::lessons)),
        ("/request", get().to(pages::request)),
        ("/glossary", get().to(pages::glossary)),
        ("/dashboard", get().to(pages::dashboard)),
        ("/goals", get().to(pages::goals)),
        ("/runs", get().to(pages::runs)),
        ("/system", get().to(pages::system)),
        ("/logs", get().to(pages::logs)),
        ("/file/{path:.*}", get().to(pages::source)),
        ("/picture/{path:.*}", get().to(pages::picture)),
        ("/part/{name:.*}", get().to(part)),
        ("/do/{action}", post().to(actions::act)),
    ]
}

/// The patterns of all routes, as `/do/{action}`.
pub fn patterns() -> impl Iterator<Item = &'static str> {
    table().into_iter().map(|(pattern, _)| pattern)
}

/// Adds them to the server.
pub fn routes(app: &mut ServiceConfig) {
    for (pattern, route) in table() {
        app.route(pattern, route);
    }
    app.default_service(web::to(nothing_there));
}

/// A part of a page, anew.
async fn part(site: Data<Site>, name: Path<String>, query: Query<Asked>) -> Result<Html, Failure> {
    Ok(Html::new(parts::part(&site, &name, &query).await?.into_string()))
}

async fn nothing_there() -> Result<HttpResponse, Failure> {
    Err(Failure::not_found("there is no such page"))
}

async fn metrics(site: Data<Site>) -> String {
    site.metrics.text().await
}

async fn style() -> HttpResponse {
    let css = [view::report::STYLE, view::LIVE_STYLE, include_str!("site.css")].concat();
    HttpResponse::Ok().content_type("text/css; charset=utf-8").body(css)
}

async fn icon() -> HttpResponse {
    HttpResponse::Ok().content_type("image/svg+xml").body(include_str!("icon.svg"))
}

async fn script() -> HttpResponse {
    HttpResponse::Ok().content_type("text/javascript; charset=utf-8").body(include_str!("live.js"))
}
