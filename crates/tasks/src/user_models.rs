//! Users: their rows and answers, and the checks of what comes in.

use std::collections::BTreeMap;

use diesel::{AsChangeset, Insertable, Queryable, Selectable};
use email_address::{EmailAddress, Options};
use serde::{Deserialize, Serialize, de::IgnoredAny};
use shared::{
    checks::{Checks, Field, Rule, nfc, text},
    problem::Problem,
};
use utoipa::ToSchema;

use crate::schema::users;

/// Somebody who does tasks. The password is not among what can be selected.
#[derive(Queryable, Selectable, Serialize, ToSchema)]
pub struct User {
    pub id: i32,
    #[schema(example = "Ada Allen")]
    pub name: String,
    #[schema(format = Email, example = "ada.allen@example.org")]
    pub email: String,
}

/// The body of `POST /users`, not checked yet.
#[derive(Deserialize, ToSchema)]
pub struct UserInput {
    #[serde(default)]
    #[schema(value_type = String, required, min_length = 1, max_length = 200, pattern = "^[^\\u0000]*$", example = "Ada Allen")]
    name: Field<String>,
    /// The domain is the same in capitals or not; what is before the `@` is not.
    #[serde(default)]
    #[schema(value_type = String, required, format = Email, example = "ada@example.org")]
    email: Field<String>,
    #[serde(default)]
    #[schema(value_type = String, required, format = Password, min_length = 6, max_length = 128, pattern = "^[^\\u0000]*$", example = "correct horse battery")]
    password: Field<String>,
    #[serde(flatten)]
    #[schema(ignore)]
    unknown: BTreeMap<String, IgnoredAny>,
}

/// The body of `PUT /users/{id}`, not checked yet: what is not there stays as it is.
#[derive(Deserialize, ToSchema)]
#[schema(min_properties = 1)]
pub struct UserChangeInput {
    #[serde(default)]
    #[schema(value_type = Option<String>, nullable = false, min_length = 1, max_length = 200, pattern = "^[^\\u0000]*$", example = "Ada Byron")]
    name: Field<String>,
    /// As in a new user.
    #[serde(default)]
    #[schema(value_type = Option<String>, nullable = false, format = Email, example = "ada.byron@example.org")]
    email: Field<String>,
    #[serde(default)]
    #[schema(value_type = Option<String>, nullable = false, format = Password, min_length = 6, max_length = 128, pattern = "^[^\\u0000]*$", example = "correct horse staple")]
    password: Field<String>,
    #[serde(flatten)]
    #[schema(ignore)]
    unknown: BTreeMap<String, IgnoredAny>,
}

/// A user that may be stored, once the password is a hash.
#[derive(Insertable)]
#[diesel(table_name = users)]
pub struct NewUser {
    pub name: String,
    pub email: String,
    pub password: String,
}

/// What is to change of a user; the password is to become a hash first.
#[derive(AsChangeset)]
#[diesel(table_name = users)]
pub struct UserChange {
    pub name: Option<String>,
    pub email: Option<String>,
    pub password: Option<String>,
}

impl TryFrom<UserInput> for NewUser {
    type Error = Problem;

    fn try_from(UserInput { name, email, password, unknown }: UserInput) -> Result<Self, Problem> {
        let mut checks = Checks::new(unknown);
        let new = Self {
            name: checks.required("name", name.map(nfc), text(1..=200)).unwrap_or_default(),
            email: checks.required("email", email, self::email()).map(with_lower_domain).unwrap_or_default(),
            password: checks.required("password", password, text(6..=128)).unwrap_or_default(),
        };
        checks.finish(new)
    }
}

impl TryFrom<UserChangeInput> for UserChange {
    type Error = Problem;

    fn try_from(
        UserChangeInput { name, email, password, unknown }: UserChangeInput,
    ) -> Result<Self, Problem> {
        let mut checks = Checks::new(unknown);
        let change = Self {
            name: checks.optional("name", name.map(nfc), text(1..=200)),
            email: checks.optional("email", email, self::email()).map(with_lower_domain),
            password: checks.optional("password", password, text(6..=128)),
        };
        let changes_nothing = change.name.is_none() && change.email.is_none() && change.password.is_none();
        checks.at_least_one(!changes_nothing);
        checks.finish(change)
    }
}

/// An address, and nothing around it.
///
/// Source: RFC 5321, sections 4.1.2 and 4.5.3.
fn email() -> impl Rule<String> {
    |text: &String| {
        let options = Options::default().without_display_text().without_domain_literal();
        match EmailAddress::parse_with_options(text, options) {
            Ok(_) => Ok(()),
            Err(_) => Err("must be an email address".to_owned()),
        }
    }
}

/// Domains are the same in capitals or not. What is before the `@` is for that domain to read, so `Ada@example.org` and
/// `ada@example.org` are two addresses here.
///
/// Source: RFC 5321, section 2.4, "General Syntax Principles and Transaction Model".
fn with_lower_domain(email: String) -> String {
    match email.rsplit_once('@') {
        Some((local, domain)) => format!("{local}@{}", domain.to_lowercase()),
        None => email,
    }
}
