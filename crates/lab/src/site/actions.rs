//! What can be done from the page: each action is a command of the lab's.

use std::collections::BTreeMap;

use actix_web::{
    HttpRequest, HttpResponse,
    http::header,
    web::{Data, Form, Path},
};

use super::{Site, failure::Failure, goals, load};

/// `POST /do/{action}`: 204 for the script; without it, back to where the form was.
pub async fn act(
    site: Data<Site>,
    request: HttpRequest,
    action: Path<String>,
    fields: Form<BTreeMap<String, String>>,
) -> Result<HttpResponse, Failure> {
    let busy = |error: anyhow::Error| Failure::conflict(format!("{error:#}"));
    match action.as_str() {
        "load" => load::start(&site).map_err(busy)?,
        "check" => goals::start(&site).map_err(busy)?,
        "stop" => {
            let name = fields.get("job").map(String::as_str).unwrap_or_default();
            if let Some(job) = site.jobs.get(name) {
                job.stop();
            }
        }
        other => return Err(Failure::not_found(format!("there is no action `{other}`"))),
    }
    Ok(done(&request))
}

fn done(request: &HttpRequest) -> HttpResponse {
    if request.headers().contains_key("x-live") {
        return HttpResponse::NoContent().finish();
    }
    let referer = request.headers().get(header::REFERER).and_then(|value| value.to_str().ok());
    // Without the server's name: it leads nowhere else.
    let path = referer.and_then(|address| address.splitn(4, '/').nth(3)).unwrap_or_default();
    HttpResponse::SeeOther().insert_header((header::LOCATION, format!("/{path}"))).finish()
}
