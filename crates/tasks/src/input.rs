//! What comes in, field by field: each is taken for itself, so that an answer can name all that are wrong.

use std::{collections::BTreeMap, fmt::Display, ops::RangeInclusive, str::FromStr};

use serde::{Deserialize, Deserializer, de::DeserializeOwned};
use serde_json::Value;
use shared::{failure::Failure, problem::Problem};

/// A field of a JSON body.
#[derive(Debug, Default)]
pub enum Field<T> {
    /// It is not there.
    #[default]
    Absent,
    /// It is there, and of the right type.
    Is(T),
    /// It is of another type. Says what was expected.
    Wrong(String),
}

impl<'de, T: DeserializeOwned> Deserialize<'de> for Field<T> {
    /// Fails only when the whole body is no JSON.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        Ok(match T::deserialize(value) {
            Ok(value) => Self::Is(value),
            Err(error) => Self::Wrong(expected(&error.to_string())),
        })
    }
}

/// What serde says, without the value that it found: that could be a password.
fn expected(message: &str) -> String {
    match message.rsplit_once("expected ") {
        Some((_, "i32")) => "must be a whole number of 32 bits".to_owned(),
        Some((_, what)) => format!("must be {what}"),
        None => "is of the wrong type".to_owned(),
    }
}

/// All that is wrong with an input.
#[derive(Default)]
pub struct Checks(Vec<Failure>);

impl Checks {
    /// Begins by refusing `unknown`, which are the fields nobody asked for.
    pub fn new<V>(unknown: BTreeMap<String, V>) -> Self {
        Self(unknown.into_keys().map(|name| Failure::new(name, "is unknown")).collect())
    }

    /// Notes that `path` is wrong.
    pub fn fail(&mut self, path: &str, message: impl Into<String>) {
        self.0.push(Failure::new(path, message));
    }

    /// The value of a field that may be absent: `None` when it is, or when it is wrong, which is noted.
    pub fn optional<T>(&mut self, path: &str, field: Field<T>, rule: impl Rule<T>) -> Option<T> {
        let result = match field {
            Field::Absent => return None,
            Field::Is(value) => rule(&value).map(|()| value),
            Field::Wrong(message) => Err(message),
        };
        result.map_err(|message| self.fail(path, message)).ok()
    }

    /// The value of a field that must be there: `None` when it is not, or when it is wrong, which is noted.
    pub fn required<T>(&mut self, path: &str, field: Field<T>, rule: impl Rule<T>) -> Option<T> {
        if let Field::Absent = field {
            self.fail(path, "is required");
        }
        self.optional(path, field, rule)
    }

    /// The value of a parameter: `None` when it is absent, or no `T` in `range`, which is noted.
    pub fn number<T: FromStr + PartialOrd + Display>(
        &mut self,
        path: &str,
        text: Option<&str>,
        range: RangeInclusive<T>,
    ) -> Option<T> {
        let number = text?.parse().ok().filter(|number| range.contains(number));
        if number.is_none() {
            self.fail(path, format!("must be a whole number from {} to {}", range.start(), range.end()));
        }
        number
    }

    /// Notes when an input that is right so far has nothing in it.
    pub fn at_least_one(&mut self, is_there: bool) {
        if self.passed() && !is_there {
            self.fail("", "at least one field is required");
        }
    }

    /// Whether nothing is wrong so far.
    pub fn passed(&self) -> bool {
        self.0.is_empty()
    }

    /// `value`, unless something is wrong.
    ///
    /// # Errors
    /// 400 with all that is wrong.
    pub fn finish<T>(self, value: T) -> Result<T, Problem> {
        if self.passed() { Ok(value) } else { Err(self.problem()) }
    }

    /// 400 with all that is wrong.
    pub fn problem(self) -> Problem {
        Problem::failed_checks(self.0)
    }
}

/// Says what is wrong with a value, if anything is.
pub trait Rule<T>: Fn(&T) -> Result<(), String> {}

impl<T, F: Fn(&T) -> Result<(), String>> Rule<T> for F {}

/// Nothing can be wrong with a value of this type.
pub fn any<T>(_: &T) -> Result<(), String> {
    Ok(())
}

/// `rule`, unless the value is null.
pub fn nullable<T>(rule: impl Rule<T>) -> impl Rule<Option<T>> {
    move |value: &Option<T>| value.as_ref().map_or(Ok(()), &rule)
}

/// So many Unicode code points, which is how PostgreSQL counts: 200 emoji fit into 200.
pub fn text(length: RangeInclusive<usize>) -> impl Rule<String> {
    move |text: &String| {
        let found = text.chars().count();
        let (least, most) = (length.start(), length.end());
        if !length.contains(&found) {
            Err(format!("must have {least} to {most} characters, and has {found}"))
        } else if text.contains('\0') {
            // JSON can say it (\u0000), and PostgreSQL cannot store it.
            Err("must not contain the character NUL".to_owned())
        } else {
            Ok(())
        }
    }
}
