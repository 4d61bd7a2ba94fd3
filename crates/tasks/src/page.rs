//! Pages: which one is asked for.

use std::collections::BTreeMap;

use serde::Deserialize;
use shared::{checks::Checks, problem::Problem};
use utoipa::IntoParams;

/// Things on a page.
const LIMIT_DEFAULT: u32 = 10;
const LIMIT_MAX: u32 = 100;

/// Pages that can be asked for: as many as fit the integers of the clients. One past the last is empty.
const PAGE_MAX: u32 = i32::MAX as u32;

/// What follows the question mark of a list, not checked yet.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PageInput {
    /// Which page, counted from 1.
    #[param(value_type = Option<i32>, minimum = 1, default = 1, nullable = false)]
    page: Option<String>,
    /// How many on a page.
    #[param(value_type = Option<i32>, minimum = 1, maximum = 100, default = 10, nullable = false)]
    limit: Option<String>,
    #[serde(flatten)]
    #[param(ignore)]
    unknown: BTreeMap<String, String>,
}

/// Page `number`, counted from 1, of those of `limit` things.
#[derive(Debug, PartialEq)]
pub struct Page {
    pub number: u32,
    pub limit: u32,
}

impl Page {
    /// Checks `number` and `limit` as they stand in the address.
    pub fn check(checks: &mut Checks, number: Option<&str>, limit: Option<&str>) -> Self {
        Self {
            number: checks.number("page", number, 1..=PAGE_MAX).unwrap_or(1),
            limit: checks.number("limit", limit, 1..=LIMIT_MAX).unwrap_or(LIMIT_DEFAULT),
        }
    }

    /// Things on the pages before this one.
    pub fn offset(&self) -> i64 {
        i64::from(self.number - 1) * self.limit()
    }

    /// Things on this page, at most.
    pub fn limit(&self) -> i64 {
        self.limit.into()
    }
}

impl TryFrom<PageInput> for Page {
    type Error = Problem;

    fn try_from(PageInput { page, limit, unknown }: PageInput) -> Result<Self, Problem> {
        let mut checks = Checks::new(unknown);
        let page = Self::check(&mut checks, page.as_deref(), limit.as_deref());
        checks.finish(page)
    }
}
