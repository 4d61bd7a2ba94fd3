//! Error responses.

use std::fmt::{self, Display, Formatter};

use actix_web::{
    HttpResponse, ResponseError,
    http::{StatusCode, header::ContentType},
};
use maud::{DOCTYPE, html};

/// Why not, for the person at the browser.
#[derive(Debug)]
pub struct Failure {
    status: StatusCode,
    message: String,
    /// The version that is in the file instead, after an edit elsewhere.
    version: Option<String>,
}

impl Failure {
    /// There is no such page, part or file.
    pub fn not_found(message: impl Into<String>) -> Self {
        Self { status: StatusCode::NOT_FOUND, message: message.into(), version: None }
    }

    /// An instructor does not allow it.
    pub fn forbidden(message: impl Into<String>) -> Self {
        Self { status: StatusCode::FORBIDDEN, message: message.into(), version: None }
    }

    /// It would undo another change, or run twice.
    pub fn conflict(message: impl Into<String>) -> Self {
        Self { status: StatusCode::CONFLICT, message: message.into(), version: None }
    }

    /// The file was changed elsewhere in the meantime, to `version`.
    pub fn changed(version: String, message: impl Into<String>) -> Self {
        Self { version: Some(version), ..Self::conflict(message) }
    }
}

impl From<anyhow::Error> for Failure {
    fn from(error: anyhow::Error) -> Self {
        Self { status: StatusCode::INTERNAL_SERVER_ERROR, message: format!("{error:#}"), version: None }
    }
}

impl Display for Failure {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl ResponseError for Failure {
    fn status_code(&self) -> StatusCode {
        self.status
    }

    /// The script shows what is in `main`.
    fn error_response(&self) -> HttpResponse {
        let page = html! {
            (DOCTYPE)
            html lang="en" {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    title { "That did not work" }
                    link rel="stylesheet" href="/style.css";
                }
                body.alone {
                    h1 { "That did not work" }
                    main { p { (self.message) } }
                    p { a href="/" { "Back to the lesson" } }
                }
            }
        };
        let mut answer = HttpResponse::build(self.status);
        if let Some(version) = &self.version {
            answer.insert_header(("X-Version", version.as_str()));
        }
        answer.insert_header(ContentType::html()).body(page.into_string())
    }
}
