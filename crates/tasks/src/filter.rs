//! Which tasks are asked for: what follows the question mark of `GET /tasks`.

use std::{collections::BTreeMap, fmt};

use serde::Deserialize;
use shared::{
    checks::{Checks, nfc, text},
    problem::Problem,
};
use utoipa::IntoParams;

use crate::{page::Page, status::Status};

/// What follows the question mark, not checked yet.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(rename_all = "camelCase")]
pub struct FilterInput {
    /// Which page, counted from 1.
    #[param(value_type = Option<i32>, minimum = 1, default = 1, nullable = false)]
    page: Option<String>,
    /// How many on a page.
    #[param(value_type = Option<i32>, minimum = 1, maximum = 100, default = 10, nullable = false)]
    limit: Option<String>,
    /// Only those with this status.
    #[param(value_type = Option<Status>, nullable = false)]
    status: Option<String>,
    /// Only those of this user.
    #[param(value_type = Option<i32>, nullable = false)]
    user_id: Option<String>,
    /// Only those of this category.
    #[param(value_type = Option<i32>, nullable = false)]
    category_id: Option<String>,
    /// Only those with this text in their title, their description, or the name of their user or category, in capitals
    /// or not.
    #[param(min_length = 1, max_length = 200, pattern = "^[^\\u0000]*$", nullable = false)]
    search: Option<String>,
    /// By their creation: `desc`, the newest first, or `asc`; in capitals or not.
    #[param(pattern = "^([aA][sS]|[dD][eE][sS])[cC]$", default = "desc", nullable = false)]
    sort: Option<String>,
    #[serde(flatten)]
    #[param(ignore)]
    unknown: BTreeMap<String, String>,
}

/// Which tasks, in which order, and which page of them.
#[derive(Debug)]
pub struct Filter {
    pub page: Page,
    pub status: Option<Status>,
    pub user_id: Option<i32>,
    pub category_id: Option<i32>,
    pub search: Option<String>,
    pub sort: Sort,
}

/// In which order of their creation.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Sort {
    /// The oldest first.
    Ascending,
    /// The newest first.
    Descending,
}

impl TryFrom<FilterInput> for Filter {
    type Error = Problem;

    fn try_from(input: FilterInput) -> Result<Self, Problem> {
        let mut checks = Checks::new(input.unknown);
        let page = Page::check(&mut checks, input.page.as_deref(), input.limit.as_deref());
        let ids = i32::MIN..=i32::MAX;
        let user_id = checks.number("userId", input.user_id.as_deref(), ids.clone());
        let category_id = checks.number("categoryId", input.category_id.as_deref(), ids);
        let status = input.status.as_deref().and_then(|name| {
            let status = Status::named(name);
            if status.is_none() {
                checks.fail("status", "must be pending, in-progress or completed");
            }
            status
        });
        let sort = match input.sort {
            None => Sort::Descending,
            Some(sort) if sort.eq_ignore_ascii_case("desc") => Sort::Descending,
            Some(sort) if sort.eq_ignore_ascii_case("asc") => Sort::Ascending,
            Some(_) => {
                checks.fail("sort", "must be asc or desc");
                Sort::Descending
            }
        };
        let search = input.search.map(nfc);
        if let Some(Err(message)) = search.as_ref().map(text(1..=200)) {
            checks.fail("search", message);
        }
        checks.finish(Self { page, status, user_id, category_id, search, sort })
    }
}

/// The filter in full and in one way only, so that equal requests get the same copy. The text that is
/// searched for comes last: whatever is in it, it cannot be taken for something else.
impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { page, status, user_id, category_id, search, sort } = self;
        let sort = if *sort == Sort::Ascending { "asc" } else { "desc" };
        write!(f, "page={}&limit={}&sort={sort}", page.number, page.limit)?;
        if let Some(status) = status {
            write!(f, "&status={}", status.as_str())?;
        }
        if let Some(id) = user_id {
            write!(f, "&userId={id}")?;
        }
        if let Some(id) = category_id {
            write!(f, "&categoryId={id}")?;
        }
        if let Some(text) = search {
            write!(f, "&search={text}")?;
        }
        Ok(())
    }
}
