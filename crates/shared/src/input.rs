//! What comes in: bodies, with a limit on their size and on their time; ids in the path; query strings. What cannot be
//! read is answered with a [`Problem`] that says why.

use std::{
    fmt::Display,
    future::{Future, Ready, ready},
    pin::Pin,
    str::FromStr,
    time::Duration,
};

use actix_web::{
    FromRequest, HttpMessage, HttpRequest,
    body::{BodyStream, to_bytes_limited},
    dev::Payload,
    error::QueryPayloadError,
    http::header::CONTENT_ENCODING,
    web::{Bytes, Query},
};
use percent_encoding::percent_decode_str;
use serde::de::DeserializeOwned;
use serde_json::error::Category;
use tokio::time::timeout;

use crate::{checks::number, problem::Problem};

/// Bytes a body may have.
pub const BODY_LIMIT: usize = 64 * 1024;

/// How long a whole body may take to come. A client that sends a byte per second would otherwise hold a request, and what
/// it holds, for as long as it likes.
pub const BODY_TIMEOUT: Duration = Duration::from_secs(4);

/// A `T` from a body that is a JSON object: `Body(new): Body<NewPost>`.
///
/// actix-web's `Json` has no limit on time, and takes an array for a struct.
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
    let kind = check_kind(req);
    let payload = BodyStream::new(payload.take());
    async move {
        kind?;
        timeout(BODY_TIMEOUT, to_bytes_limited(payload, BODY_LIMIT))
            .await
            .map_err(|_| Problem::too_slow(format!("the body took more than {} s", BODY_TIMEOUT.as_secs())))?
            .map_err(|_| Problem::too_large(format!("a body has {BODY_LIMIT} bytes at most")))?
            .map_err(|error| Problem::invalid_input(format!("the body cannot be read: {error}")))
    }
}

/// Whether the headers say that the body is JSON in UTF-8, as it is.
fn check_kind(req: &HttpRequest) -> Result<(), Problem> {
    if !req.content_type().eq_ignore_ascii_case("application/json") {
        return Err(Problem::unsupported_media_type("send Content-Type: application/json"));
    }
    if !req.encoding().is_ok_and(|charset| charset.name() == "UTF-8") {
        return Err(Problem::unsupported_media_type("send JSON in UTF-8, the only charset it has"));
    }
    let mut encodings = req.headers().get_all(CONTENT_ENCODING);
    if !encodings.all(|encoding| encoding.as_bytes().eq_ignore_ascii_case(b"identity")) {
        return Err(Problem::unsupported_encoding("send the body without a Content-Encoding")
            .in_field("Content-Encoding"));
    }
    Ok(())
}

/// Reads a `T` from an object. What is wrong with single fields, [`Checks`](crate::checks::Checks) say.
///
/// # Errors
/// 400 for what is no JSON object.
pub fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    if bytes.trim_ascii_start().first() != Some(&b'{') {
        return Err(Problem::invalid_input("the body must be a JSON object"));
    }
    serde_json::from_slice(bytes).map_err(|error| {
        let message = error.to_string();
        if error.classify() != Category::Data {
            return Problem::invalid_input(format!("the body is not valid JSON: {message}"));
        }
        // A field is there twice; serde quotes its name.
        let field = message.split('`').nth(1).map(str::to_owned);
        field.into_iter().fold(Problem::invalid_input(format!("in the body: {message}")), Problem::in_field)
    })
}

/// The `{id}` of a path, in the one way in which a number is written: `Id(id): Id<i64>`.
pub struct Id<T>(pub T);

impl<T: FromStr + Display> FromRequest for Id<T> {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        let text = req.match_info().query("id");
        let problem =
            || Problem::invalid_input(format!("in the path: {text:?} is not an id: expected a whole number"));
        ready(number(text).map(Id).ok_or_else(problem))
    }
}

/// A `T` from the query string: `Params(page): Params<PageInput>`.
///
/// actix-web's `Query` replaces bytes that are not UTF-8 by U+FFFD, so it would search for what the client did not send.
pub struct Params<T>(pub T);

impl<T: DeserializeOwned> FromRequest for Params<T> {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(params(req.query_string()).map(Params))
    }
}

/// Reads a `T` from the query string `text`.
///
/// # Errors
/// 400 for what is not UTF-8, and for what `T` has no place for.
pub fn params<T: DeserializeOwned>(text: &str) -> Result<T, Problem> {
    let problem = |why| Problem::invalid_input(format!("in the query string: {why}"));
    if percent_decode_str(text).decode_utf8().is_err() {
        return Err(problem("it is not UTF-8".to_owned()));
    }
    Query::from_query(text).map(Query::into_inner).map_err(|error| match error {
        QueryPayloadError::Deserialize(error) => problem(error.to_string()),
        error => problem(error.to_string()),
    })
}
