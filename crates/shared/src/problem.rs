//! What went wrong, as `application/problem+json`: the only type that knows a status code.
//!
//! 4xx is the caller's to fix, 503 is load or a dependency, 500 is a bug.
//!
//! Source: RFC 9457, "Problem Details for HTTP APIs".

use std::{fmt, time::Duration};

use actix_web::{
    HttpResponse, ResponseError,
    http::{StatusCode, header},
};
use diesel::result::{DatabaseErrorKind, Error as DieselError};
use serde::{Serialize, Serializer};

use crate::{failure::Failure, message};

/// Seconds after which a 503 is worth another try.
const RETRY_AFTER_S: u32 = 1;

/// An answer other than the one asked for.
#[derive(Clone, Debug, Serialize)]
pub struct Problem {
    #[serde(rename = "type")]
    kind: &'static str,
    title: &'static str,
    #[serde(serialize_with = "status_as_number")]
    status: StatusCode,
    detail: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<Failure>,
}

/// `type`, `title` and status of each problem there is.
macro_rules! problems {
    ($($(#[$doc:meta])* $name:ident = $status:ident $kind:literal $title:literal;)*) => {
        impl Problem {
            $($(#[$doc])*
            pub fn $name(detail: impl Into<String>) -> Self {
                Self {
                    kind: $kind,
                    title: $title,
                    status: StatusCode::$status,
                    detail: detail.into(),
                    field: None,
                    errors: Vec::new(),
                }
            })*
        }
    };
}

problems! {
    /// 400: the input fails a check, or cannot be read.
    invalid_input = BAD_REQUEST "invalid-input" "the input is not valid";
    /// 404: the row is not there, or the route is not.
    not_found = NOT_FOUND "not-found" "not found";
    /// 405: the route is there, but not for this method.
    method_not_allowed = METHOD_NOT_ALLOWED "method-not-allowed" "this method is not allowed here";
    /// 408: the body did not come in time.
    too_slow = REQUEST_TIMEOUT "too-slow" "the request came too slowly";
    /// 409: a rule of the database refused it.
    conflict = CONFLICT "conflict" "a rule of the data forbids it";
    /// 413: more than the service takes.
    too_large = PAYLOAD_TOO_LARGE "too-large" "the body is too large";
    /// 415: a body of another kind.
    unsupported_media_type = UNSUPPORTED_MEDIA_TYPE "unsupported-media-type" "the body must be JSON";
    /// 422: the key was used before, for something else.
    key_reused = UNPROCESSABLE_ENTITY "key-reused" "same key, other body";
    /// 500: a bug. Its cause belongs in the log, not in here.
    internal = INTERNAL_SERVER_ERROR "internal" "this is a bug in the service";
    /// 503: the database, or something else this service needs, cannot do its part now.
    dependency_unavailable = SERVICE_UNAVAILABLE "dependency-unavailable" "something this service needs is away";
    /// 507: the disk is full.
    storage_full = INSUFFICIENT_STORAGE "storage-full" "the disk is full";
}

impl Problem {
    /// 503: no connection came free within `wait`.
    pub fn pool_timeout(wait: Duration) -> Self {
        Self {
            kind: "pool-timeout",
            title: "no database connection came free in time",
            ..Self::dependency_unavailable(format!(
                "no database connection came free within {} ms",
                wait.as_millis()
            ))
        }
    }

    /// 503: there is no database at the other end.
    pub fn database_unreachable() -> Self {
        Self::dependency_unavailable("the database cannot be reached")
    }

    /// 400: each of `errors` is wrong with the input.
    pub fn failed_checks(errors: Vec<Failure>) -> Self {
        let sentences: Vec<_> = errors.iter().map(Failure::to_string).collect();
        Self { errors, ..Self::invalid_input(sentences.join("; ")) }
    }

    /// Names the field of the input that is to blame.
    pub fn in_field(self, field: impl Into<String>) -> Self {
        Self { field: Some(field.into()), ..self }
    }

    /// The `type`, for example `pool-timeout`.
    pub fn kind(&self) -> &'static str {
        self.kind
    }
}

fn status_as_number<S: Serializer>(status: &StatusCode, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u16(status.as_u16())
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.kind, self.detail)
    }
}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        self.status
    }

    fn error_response(&self) -> HttpResponse {
        let mut response = HttpResponse::build(self.status);
        if self.status == StatusCode::SERVICE_UNAVAILABLE {
            response.insert_header((header::RETRY_AFTER, RETRY_AFTER_S));
        }
        response.content_type("application/problem+json");
        match message::repeated(self, &self.detail) {
            Some(repeated) => response.json(repeated),
            None => response.json(self),
        }
    }
}

impl From<DieselError> for Problem {
    /// The cause of a 500 or 503 is logged here, and nowhere else.
    fn from(error: DieselError) -> Self {
        let problem = match &error {
            DieselError::NotFound => Self::not_found("no such row"),
            DieselError::DatabaseError(kind, info) => {
                from_database(kind, info.message(), info.constraint_name().unwrap_or("a rule without a name"))
            }
            _ => Self::internal("its cause is in the log"),
        };
        match problem.status {
            StatusCode::INTERNAL_SERVER_ERROR => tracing::error!("a query failed: {error:?}"),
            status if status.is_server_error() => tracing::warn!("a query failed: {error}"),
            _ => {}
        }
        problem
    }
}

/// The answer to an error of the database.
///
/// Diesel sorts a few of PostgreSQL's codes into kinds and keeps the others to itself, so those are told by their
/// words (English: the lab's clusters have the locale C).
///
/// Source: PostgreSQL manual, appendix A, "PostgreSQL Error Codes".
fn from_database(kind: &DatabaseErrorKind, message: &str, constraint: &str) -> Problem {
    use DatabaseErrorKind as Kind;
    match kind {
        Kind::UniqueViolation
        | Kind::ForeignKeyViolation
        | Kind::CheckViolation
        | Kind::ExclusionViolation
        | Kind::RestrictViolation => Problem::conflict(format!("refused by {constraint}")),
        Kind::SerializationFailure => {
            Problem::dependency_unavailable("others changed the same rows, try again")
        }
        Kind::UnableToSendCommand | Kind::ClosedConnection => Problem::database_unreachable(),
        _ => from_words(message),
    }
}

/// The answer to what PostgreSQL says, in the order of the codes that its words stand for.
fn from_words(message: &str) -> Problem {
    let says = |words: &[&str]| words.iter().any(|words| message.contains(words));
    if says(&["value too long", "out of range", "invalid byte sequence", "invalid input syntax"]) {
        // 22001, 22003 and 22008, 22021, 22P02
        Problem::invalid_input("a value is too long, out of range or cannot be read")
    } else if says(&["deadlock detected"]) {
        // 40P01
        Problem::dependency_unavailable("others changed the same rows, try again")
    } else if says(&["No space left on device"]) {
        // 53100
        Problem::storage_full("the database cannot grow")
    } else if says(&["lock timeout", "could not obtain lock"]) {
        // 55P03
        Problem::conflict("somebody else holds the row")
    } else if says(&["canceling statement"]) {
        // 57014
        Problem::dependency_unavailable("the query took too long")
    } else if says(&["terminating connection", "the database system is"]) {
        // 57P01 and 57P02, 57P03
        Problem::database_unreachable()
    } else {
        Problem::internal("its cause is in the log")
    }
}
