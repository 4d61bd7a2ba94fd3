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
use serde::Serialize;

use crate::failure::Failure;

/// Seconds after which a 503 is worth another try.
const RETRY_AFTER_S: u32 = 1;

/// An answer other than the one asked for.
#[derive(Clone, Debug)]
pub struct Problem {
    kind: Kind,
    detail: String,
    errors: Vec<Failure>,
}

/// The kinds of problems there are: for each its status, its `type` and its `title`, and the function that makes one.
macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident $name:ident = $status:ident $type:literal $title:literal;)*) => {
        /// What kind of problem it is.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Kind {
            $($(#[$doc])* $kind,)*
        }

        impl Kind {
            /// The status code of the answer.
            pub fn status(self) -> StatusCode {
                match self { $(Self::$kind => StatusCode::$status,)* }
            }

            /// The `type` of the answer, for example `pool-timeout`.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$kind => $type,)* }
            }

            fn title(self) -> &'static str {
                match self { $(Self::$kind => $title,)* }
            }
        }

        impl Problem {
            $($(#[$doc])*
            pub fn $name(detail: impl Into<String>) -> Self {
                Self { kind: Kind::$kind, detail: detail.into(), errors: Vec::new() }
            })*
        }
    };
}

kinds! {
    /// 400: the input fails a check, or cannot be read.
    InvalidInput invalid_input = BAD_REQUEST "invalid-input" "the input is not valid";
    /// 404: the row is not there, or the route is not.
    NotFound not_found = NOT_FOUND "not-found" "not found";
    /// 405: the route is there, but not for this method.
    MethodNotAllowed method_not_allowed = METHOD_NOT_ALLOWED "method-not-allowed" "this method is not allowed here";
    /// 408: the body did not come in time.
    TooSlow too_slow = REQUEST_TIMEOUT "too-slow" "the request came too slowly";
    /// 409: a rule of the database refused it.
    Conflict conflict = CONFLICT "conflict" "a rule of the data forbids it";
    /// 413: more than the service takes.
    TooLarge too_large = PAYLOAD_TOO_LARGE "too-large" "the body is too large";
    /// 415: a body of another kind.
    UnsupportedMediaType unsupported_media_type = UNSUPPORTED_MEDIA_TYPE "unsupported-media-type" "the body must be JSON";
    /// 415: a body that is compressed.
    UnsupportedEncoding unsupported_encoding = UNSUPPORTED_MEDIA_TYPE "unsupported-encoding" "the body must not be encoded";
    /// 422: the key was used before, for something else.
    KeyReused key_reused = UNPROCESSABLE_ENTITY "key-reused" "same key, other body";
    /// 500: a bug. Its cause belongs in the log, not in here.
    Internal internal = INTERNAL_SERVER_ERROR "internal" "this is a bug in the service";
    /// 503: no connection came free in time.
    PoolTimeout no_connection = SERVICE_UNAVAILABLE "pool-timeout" "no database connection came free in time";
    /// 503: too many wait already.
    Overloaded overloaded = SERVICE_UNAVAILABLE "overloaded" "there are too many requests";
    /// 503: the database, or something else this service needs, cannot do its part now.
    DependencyUnavailable dependency_unavailable = SERVICE_UNAVAILABLE "dependency-unavailable" "a dependency is unavailable";
    /// 507: the disk is full.
    StorageFull storage_full = INSUFFICIENT_STORAGE "storage-full" "the disk is full";
}

impl Problem {
    /// 503: no connection came free within `wait`.
    pub fn pool_timeout(wait: Duration) -> Self {
        Self::no_connection(format!("no database connection came free within {} ms", wait.as_millis()))
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

    /// Names the field of the input, or the header, that is to blame.
    pub fn in_field(mut self, field: impl Into<String>) -> Self {
        self.errors.push(Failure::new(field, self.detail.clone()));
        self
    }

    /// What kind of problem it is.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The body of the answer. `with_message` repeats the detail as `message`, for clients older than RFC 9457.
    pub(crate) fn json(&self, with_message: bool) -> String {
        #[derive(Serialize)]
        struct Body<'a> {
            r#type: &'static str,
            title: &'static str,
            status: u16,
            detail: &'a str,
            #[serde(skip_serializing_if = "<[_]>::is_empty")]
            errors: &'a [Failure],
            #[serde(skip_serializing_if = "Option::is_none")]
            message: Option<&'a str>,
        }
        let Self { kind, detail, errors } = self;
        let body = Body {
            r#type: kind.as_str(),
            title: kind.title(),
            status: kind.status().as_u16(),
            detail,
            errors,
            message: with_message.then_some(detail),
        };
        serde_json::to_string(&body).expect("texts and numbers can be JSON")
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.kind.as_str(), self.detail)
    }
}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        self.kind.status()
    }

    fn error_response(&self) -> HttpResponse {
        let mut response = HttpResponse::build(self.status_code());
        if self.status_code() == StatusCode::SERVICE_UNAVAILABLE {
            response.insert_header((header::RETRY_AFTER, RETRY_AFTER_S));
        }
        if self.kind == Kind::UnsupportedEncoding {
            // RFC 9110, 15.5.16: what would have been taken.
            response.insert_header((header::ACCEPT_ENCODING, "identity"));
        }
        response.content_type("application/problem+json").body(self.json(false))
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
        match problem.status_code() {
            StatusCode::INTERNAL_SERVER_ERROR => tracing::error!("a query failed: {error:?}"),
            status if status.is_server_error() => tracing::warn!("a query failed: {error}"),
            _ => {}
        }
        problem
    }
}

/// The answer to an error of the database.
///
/// Diesel sorts a few of PostgreSQL's codes into kinds and keeps the others to itself, so those are recognised by their
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
            Problem::dependency_unavailable("another transaction changed the same rows; try again")
        }
        // A standby, or a stop that an administrator has ordered.
        Kind::ReadOnlyTransaction => Problem::dependency_unavailable("the database accepts no writes now"),
        Kind::UnableToSendCommand | Kind::ClosedConnection => Problem::database_unreachable(),
        _ => from_words(message),
    }
}

/// The answer to what PostgreSQL says, in the order of the codes that its words stand for.
fn from_words(message: &str) -> Problem {
    let says = |words: &[&str]| words.iter().any(|words| message.contains(words));
    if says(&["value too long", "out of range", "overflows", "invalid byte sequence", "invalid input syntax"])
    {
        // 22001, 22003 and 22008, 22021, 22P02
        Problem::invalid_input("a value is too long, out of range or cannot be read")
    } else if says(&["deadlock detected"]) {
        // 40P01
        Problem::dependency_unavailable("another transaction changed the same rows; try again")
    } else if says(&["No space left on device"]) {
        // 53100
        Problem::storage_full("the database cannot grow")
    } else if says(&["lock timeout", "could not obtain lock"]) {
        // 55P03
        Problem::conflict("another transaction holds the row")
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
