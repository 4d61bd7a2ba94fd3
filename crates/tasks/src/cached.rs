//! Answers that come from a copy where there is one, and writes that make copies out of date.

use std::sync::Arc;

use actix_web::{
    HttpRequest, HttpResponse, ResponseError,
    http::header::{HeaderName, HeaderValue},
    rt::spawn,
};
use metrics::{counter, describe_counter};
use shared::problem::Problem;

use crate::{cache::Cache, filter::Filter, list_body::ListBody, single_flight::SingleFlight};

const X_CACHE: HeaderName = HeaderName::from_static("x-cache");

/// The lists of tasks, with a cache in front of the database.
pub struct Cached {
    cache: Arc<Cache>,
    flights: SingleFlight<Result<ListBody, Problem>>,
}

impl Cached {
    /// Puts `cache` in front.
    pub fn new(cache: Cache) -> Self {
        describe_counter!(
            "cache_requests_total",
            "Lists of tasks, by where they came from: hit, miss, bypass."
        );
        // So that they are there, and 0, before the first request.
        for result in ["hit", "miss", "bypass"] {
            counter!("cache_requests_total", "result" => result).absolute(0);
        }
        Self { cache: Arc::new(cache), flights: SingleFlight::new() }
    }

    /// Answers with a copy of the list that `filter` asks for (`X-Cache: hit`), or with what `fetch` gets from the
    /// database, which is kept (`miss`) or, without a cache, is not (`bypass`). Of several who miss the same copy at
    /// the same time, one fetches it.
    ///
    /// # Errors
    /// Those of `fetch`; they are not kept.
    pub async fn list(
        &self,
        req: &HttpRequest,
        filter: &Filter,
        fetch: impl Future<Output = Result<ListBody, Problem>>,
    ) -> Result<HttpResponse, Problem> {
        // Before the database is asked. A write that comes between ends the generation, and with it this copy.
        let Some(generation) = self.cache.generation().await else {
            return Ok(signed(fetch.await?.answer(req), "bypass"));
        };
        let key = format!("tasks:{generation}:{filter}");
        let mut result = "hit";
        let find_or_fetch = async {
            if let Some(copy) = self.cache.find(&key).await {
                return Ok(copy);
            }
            result = "miss";
            let copy = fetch.await?;
            self.cache.keep(&key, &copy).await;
            Ok(copy)
        };
        let copy = self.flights.share(&key, find_or_fetch).await?;
        Ok(signed(copy.answer(req), result))
    }

    /// Makes a change, and what was copied before is out of date. Both happen also when the client leaves meanwhile:
    /// what it asked for may be in the database already.
    ///
    /// # Errors
    /// Those of `change`.
    pub async fn write<T: 'static>(
        &self,
        change: impl Future<Output = Result<T, Problem>> + 'static,
    ) -> Result<T, Problem> {
        let cache = self.cache.clone();
        let writing = spawn(async move {
            let result = change.await;
            // A change that was refused is none; one that failed may have happened.
            if !result.as_ref().is_err_and(|problem| problem.status_code().is_client_error()) {
                cache.invalidate().await;
            }
            result
        });
        writing.await.unwrap_or_else(|error| {
            tracing::error!("a change ended early: {error}");
            Err(Problem::internal("its cause is in the log"))
        })
    }
}

/// Says in the answer, and counts, where it came from.
fn signed(mut response: HttpResponse, result: &'static str) -> HttpResponse {
    counter!("cache_requests_total", "result" => result).increment(1);
    response.headers_mut().insert(X_CACHE, HeaderValue::from_static(result));
    response
}
