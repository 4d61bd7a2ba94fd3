//! Categories: their rows and answers, and the checks of what comes in.

use std::collections::BTreeMap;

use diesel::{AsChangeset, Insertable, Queryable, Selectable};
use serde::{Deserialize, Serialize, de::IgnoredAny};
use shared::{
    checks::{Checks, Field, nfc, text},
    problem::Problem,
};
use utoipa::ToSchema;

use crate::schema::categories;

/// What tasks are sorted into.
#[derive(Queryable, Selectable, Serialize, ToSchema)]
#[diesel(table_name = categories)]
pub struct Category {
    pub id: i32,
    #[schema(example = "Backend")]
    pub name: String,
}

/// The body of `POST /categories` and of `PUT /categories/{id}`, not checked yet.
#[derive(Deserialize, ToSchema)]
pub struct CategoryInput {
    #[serde(default)]
    #[schema(value_type = String, required, min_length = 1, max_length = 200, pattern = "^[^\\u0000]*$", example = "Backend")]
    name: Field<String>,
    #[serde(flatten)]
    #[schema(ignore)]
    unknown: BTreeMap<String, IgnoredAny>,
}

/// A category that may be stored. It has one field, so that a change is as whole as a new one.
#[derive(AsChangeset, Insertable)]
#[diesel(table_name = categories)]
pub struct NewCategory {
    pub name: String,
}

impl TryFrom<CategoryInput> for NewCategory {
    type Error = Problem;

    fn try_from(CategoryInput { name, unknown }: CategoryInput) -> Result<Self, Problem> {
        let mut checks = Checks::new(unknown);
        let name = checks.required("name", name.map(nfc), text(1..=200)).unwrap_or_default();
        checks.finish(Self { name })
    }
}
