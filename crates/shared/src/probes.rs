//! What those who run a service ask it: is it alive, is it ready, how is it doing.

use std::{future::Future, time::Duration};

use actix_web::{
    HttpResponse,
    web::{Data, ServiceConfig},
};
use diesel_async::SimpleAsyncConnection;
use metrics_exporter_prometheus::PrometheusHandle;
use serde_json::json;
use tokio::time::timeout;

use crate::{metrics, pool::Connection, problem::Problem, server::get};

/// How long `/readyz` waits for the database.
const READY_TIMEOUT: Duration = Duration::from_millis(300);

/// `/livez` touches nothing; `/readyz`, and `/health` for those who expect that name, ask the database and say which
/// `instance` they speak for.
pub(crate) fn routes<D, C>(app: &mut ServiceConfig, instance: String, metrics: PrometheusHandle, connect: C)
where
    D: 'static,
    C: AsyncFn(&D) -> Result<Connection, Problem> + Clone + 'static,
{
    let ready = move |db: Data<D>| {
        let (connect, instance) = (connect.clone(), instance.clone());
        async move {
            is_ready(connect(&db)).await?;
            let health = json!({ "instance": instance, "database": "ready" });
            Ok::<_, Problem>(HttpResponse::Ok().json(health))
        }
    };
    let metrics = move || {
        let text = metrics::render(&metrics);
        async { HttpResponse::Ok().content_type("text/plain; version=0.0.4").body(text) }
    };
    app.route("/livez", get().to(HttpResponse::Ok))
        .route("/readyz", get().to(ready.clone()))
        .route("/health", get().to(ready))
        .route("/metrics", get().to(metrics));
}

/// Whether the database answers in time; 503 otherwise.
async fn is_ready(connecting: impl Future<Output = Result<Connection, Problem>>) -> Result<(), Problem> {
    let asking = async { Ok(connecting.await?.batch_execute("SELECT 1").await?) };
    let late =
        || Problem::dependency_unavailable(format!("the database did not answer within {READY_TIMEOUT:?}"));
    timeout(READY_TIMEOUT, asking).await.unwrap_or_else(|_| Err(late()))
}
