//! The shape that all answers have: what was asked for, in an envelope.

use actix_web::{HttpResponse, http::StatusCode};
use serde::Serialize;
use utoipa::ToSchema;

use crate::page::Page;

/// One thing, or what became of it.
#[derive(Serialize, ToSchema)]
pub struct One<T> {
    /// The status of the answer.
    #[schema(example = 200)]
    status: u16,
    /// What was done, where something was.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    message: Option<&'static str>,
    data: T,
}

impl<T: Serialize> One<T> {
    /// 200 with what was found.
    pub fn found(data: T) -> HttpResponse {
        Self::answer(StatusCode::OK, None, data)
    }

    /// 200 with what was changed, as it is now, or with what was deleted, as it was.
    pub fn done(message: &'static str, data: T) -> HttpResponse {
        Self::answer(StatusCode::OK, Some(message), data)
    }

    /// 201 with what is new.
    pub fn created(message: &'static str, data: T) -> HttpResponse {
        Self::answer(StatusCode::CREATED, Some(message), data)
    }

    fn answer(status: StatusCode, message: Option<&'static str>, data: T) -> HttpResponse {
        HttpResponse::build(status).json(Self { status: status.as_u16(), message, data })
    }
}

/// One page of what matches.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct List<T> {
    /// The status of the answer.
    #[schema(example = 200)]
    status: u16,
    /// How many match, on all pages together.
    total: i64,
    page: u32,
    limit: u32,
    total_pages: i64,
    data: Vec<T>,
}

impl<T> List<T> {
    /// `data` is the `page` of `total` matches.
    pub fn of(page: &Page, total: i64, data: Vec<T>) -> Self {
        let total_pages = total.unsigned_abs().div_ceil(page.limit.into()) as i64;
        Self { status: 200, total, page: page.number, limit: page.limit, total_pages, data }
    }
}
