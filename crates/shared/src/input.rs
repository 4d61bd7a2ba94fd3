//! What comes in: bodies, with a limit on their size and on their time, and what is wrong with the rest.

use std::{future::Future, pin::Pin, time::Duration};

use actix_web::{
    Error, FromRequest, HttpMessage, HttpRequest,
    body::{BodyStream, to_bytes_limited},
    dev::Payload,
    error::{PathError, QueryPayloadError},
    web::{Bytes, PathConfig, QueryConfig, ServiceConfig},
};
use serde::de::DeserializeOwned;
use tokio::time::timeout;

use crate::problem::Problem;

/// Bytes a body may have.
pub const BODY_LIMIT: usize = 64 * 1024;

/// How long a whole body may take to come. Somebody who sends a byte per second would otherwise hold a request, and
/// what it holds, for as long as they like.
pub const BODY_TIMEOUT: Duration = Duration::from_secs(4);

/// A `T` from a JSON body: `Body(new): Body<NewPost>`.
///
/// actix-web's `Json` has no limit on time, and its errors do not name the field that is wrong.
pub struct Body<T>(pub T);

impl<T: DeserializeOwned> FromRequest for Body<T> {
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(req: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let bytes = json(req, payload);
        Box::pin(async move { parse(&bytes.await?).map(Body) })
    }
}

/// The bytes of a body that says it is JSON.
pub(crate) fn json(
    req: &HttpRequest,
    payload: &mut Payload,
) -> impl Future<Output = Result<Bytes, Problem>> + use<> {
    let is_json = req.content_type().eq_ignore_ascii_case("application/json");
    let payload = BodyStream::new(payload.take());
    async move {
        if !is_json {
            return Err(Problem::unsupported_media_type("send Content-Type: application/json"));
        }
        timeout(BODY_TIMEOUT, to_bytes_limited(payload, BODY_LIMIT))
            .await
            .map_err(|_| Problem::too_slow(format!("the body took more than {} s", BODY_TIMEOUT.as_secs())))?
            .map_err(|_| Problem::too_large(format!("a body has {BODY_LIMIT} bytes at most")))?
            .map_err(|error| Problem::invalid_input(format!("the body cannot be read: {error}")))
    }
}

/// Reads a `T`, or says where it is wrong: `userId: invalid type: string "1", expected i64`.
pub(crate) fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let message = error.to_string();
        let field = match error.path().to_string() {
            // The body as a whole. When a field is missing or there twice, serde quotes its name.
            path if path == "." => message.split('`').nth(1).map(str::to_owned),
            path => Some(path),
        };
        let problem = Problem::invalid_input(message);
        field.into_iter().fold(problem, Problem::in_field)
    })?;
    json.end().map_err(|error| Problem::invalid_input(error.to_string()))?;
    Ok(value)
}

/// Makes actix-web's `Path` and `Query` answer with a [`Problem`] that says what is wrong, and where.
pub(crate) fn explain_errors(app: &mut ServiceConfig) {
    app.app_data(PathConfig::default().error_handler(|error, _| in_the_path(error)))
        .app_data(QueryConfig::default().error_handler(|error, _| in_the_query(error)));
}

fn in_the_path(error: PathError) -> Error {
    let detail = match error {
        PathError::Deserialize(error) => error.to_string(),
        error => error.to_string(),
    };
    Problem::invalid_input(format!("in the path: {detail}")).into()
}

fn in_the_query(error: QueryPayloadError) -> Error {
    let detail = match error {
        QueryPayloadError::Deserialize(error) => error.to_string(),
        error => error.to_string(),
    };
    Problem::invalid_input(format!("after the question mark: {detail}")).into()
}
