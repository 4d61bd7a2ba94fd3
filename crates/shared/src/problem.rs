//! The one type that knows a status code: what went wrong, as `application/problem+json`.
//!
//! Source: RFC 9457.

use std::{fmt, time::Duration};

use actix_web::{
    HttpResponse, ResponseError,
    http::{StatusCode, header},
};
use serde::Serialize;

/// An answer that is not what was asked for.
#[derive(Debug, Serialize)]
pub struct Problem {
    #[serde(rename = "type")]
    kind: &'static str,
    title: &'static str,
    #[serde(serialize_with = "as_number")]
    status: StatusCode,
    detail: String,
}

fn as_number<S: serde::Serializer>(status: &StatusCode, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u16(status.as_u16())
}

impl Problem {
    /// 503: no connection came free within `wait`.
    pub fn pool_timeout(wait: Duration) -> Self {
        Self {
            kind: "pool-timeout",
            title: "no connection came free in time",
            status: StatusCode::SERVICE_UNAVAILABLE,
            detail: format!("no database connection came free within {} ms", wait.as_millis()),
        }
    }

    /// 400: the input fails a check, or cannot be read.
    pub fn invalid_input(detail: impl Into<String>) -> Self {
        Self {
            kind: "invalid-input",
            title: "the input is not valid",
            status: StatusCode::BAD_REQUEST,
            detail: detail.into(),
        }
    }

    /// 500: a bug.
    pub fn internal() -> Self {
        Self {
            kind: "internal",
            title: "a bug",
            status: StatusCode::INTERNAL_SERVER_ERROR,
            detail: "a bug".into(),
        }
    }
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
            response.insert_header((header::RETRY_AFTER, 1));
        }
        response
            .content_type("application/problem+json")
            .body(serde_json::to_string(self).unwrap_or_default())
    }
}

impl From<diesel::result::Error> for Problem {
    fn from(error: diesel::result::Error) -> Self {
        tracing::error!("{error:#}");
        Self::internal()
    }
}
