//! The pages: which parts each is made of.

use actix_web::web::{Data, Html};
use maud::{Markup, html};

use super::{Site, failure::Failure, parts, shell};

type Page = Result<Html, Failure>;

/// `GET /`: the lesson, and beside it what it talks about.
pub async fn lesson(site: Data<Site>) -> Page {
    let content = html! { p { "The lesson" } };
    answer(&site, "/", content).await
}

/// `GET /dashboard`: every panel.
pub async fn dashboard(site: Data<Site>) -> Page {
    answer(&site, "/dashboard", parts::all(&site, &["panels"]).await?).await
}

/// `GET /goals`: the verdict per goal, and hints.
pub async fn goals(site: Data<Site>) -> Page {
    answer(&site, "/goals", parts::all(&site, &["goals", "hint"]).await?).await
}

/// `GET /runs`: the load tests so far, and how two of them compare.
pub async fn runs(site: Data<Site>) -> Page {
    answer(&site, "/runs", parts::all(&site, &["load", "runs"]).await?).await
}

/// `GET /system`: what runs, and how the database finds its rows.
pub async fn system(site: Data<Site>) -> Page {
    answer(&site, "/system", parts::all(&site, &["topology", "plan"]).await?).await
}

/// `GET /logs`: what the servers say.
pub async fn logs(site: Data<Site>) -> Page {
    answer(&site, "/logs", parts::all(&site, &["logs"]).await?).await
}

async fn answer(site: &Site, path: &str, content: Markup) -> Page {
    Ok(Html::new(shell::page(site, path, content).await.into_string()))
}
