//! The table of contents of the page.

use actix_web::{
    HttpResponse,
    web::{self, Data, Html, Path, Query, ServiceConfig, get, post},
};

use crate::{
    Site,
    failure::Failure,
    http::{actions, pages, parts},
};

/// Everything that can be asked for. Nothing changes by GET.
pub fn routes(app: &mut ServiceConfig) {
    app.route("/style.css", get().to(style))
        .route("/live.js", get().to(script))
        // Browsers ask for it; the page has no icon.
        .route("/favicon.ico", get().to(HttpResponse::NoContent))
        .route("/livez", get().to(HttpResponse::Ok))
        .route("/metrics", get().to(metrics))
        .route("/", get().to(pages::lesson))
        .route("/dashboard", get().to(pages::dashboard))
        .route("/goals", get().to(pages::goals))
        .route("/runs", get().to(pages::runs))
        .route("/system", get().to(pages::system))
        .route("/logs", get().to(pages::logs))
        .route("/file/{path:.*}", get().to(pages::source))
        .route("/picture/{path:.*}", get().to(pages::picture))
        .route("/part/{name:.*}", get().to(part))
        .route("/do/{action}", post().to(actions::act))
        .default_service(web::to(nothing_there));
}

/// A part of a page, anew.
async fn part(site: Data<Site>, name: Path<String>, query: Query<parts::Asked>) -> Result<Html, Failure> {
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

async fn script() -> HttpResponse {
    HttpResponse::Ok().content_type("text/javascript; charset=utf-8").body(include_str!("live.js"))
}
