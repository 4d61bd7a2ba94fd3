//! Input, field by field: each is checked for itself, so that an answer names all that are wrong.
//!
//! A body is a struct of [`Field`]s, and what comes from the query string one of `Option<String>`s, each with the unknown
//! fields in `#[serde(flatten)] unknown: BTreeMap<String, _>`. [`Checks`] takes it apart.

use std::{collections::BTreeMap, fmt::Display, ops::RangeInclusive, str::FromStr};

use serde::{Deserialize, Deserializer, de::DeserializeOwned};
use serde_json::{Number, Value};
use unicode_normalization::UnicodeNormalization;

use crate::{failure::Failure, problem::Problem};

/// A field of a JSON body.
#[derive(Debug, Default)]
pub enum Field<T> {
    /// It is not there.
    #[default]
    Absent,
    /// It is there, and of the right type.
    Is(T),
    /// It is of another type. Says what it must be.
    Wrong(String),
}

impl<T> Field<T> {
    /// With `change` made to a value that is there.
    pub fn map(self, change: impl FnOnce(T) -> T) -> Self {
        match self {
            Self::Is(value) => Self::Is(change(value)),
            other => other,
        }
    }
}

impl<'de, T: DeserializeOwned> Deserialize<'de> for Field<T> {
    /// Fails only when the whole body is no JSON.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        Ok(match T::deserialize(&value) {
            Ok(value) => Self::Is(value),
            Err(error) => match whole(&value).and_then(|whole| T::deserialize(whole).ok()) {
                Some(value) => Self::Is(value),
                None => Self::Wrong(expected(&error.to_string())),
            },
        })
    }
}

/// `7.0` and `7e0` are the number 7 in JSON, and integers in an OpenAPI document; for serde they are floats.
fn whole(value: &Value) -> Option<Value> {
    /// Beyond it floats leave whole numbers out.
    const LARGEST: f64 = (1_i64 << f64::MANTISSA_DIGITS) as f64;
    let number = value.as_f64().filter(|number| number.fract() == 0.0 && number.abs() < LARGEST)?;
    Some(Value::Number(Number::from(number as i64)))
}

/// What serde says, in words for people who do not know Rust, and without the value that it found: that could be a
/// password.
fn expected(message: &str) -> String {
    match message.rsplit_once("expected ") {
        Some((_, "i32")) => "must be a whole number of 32 bits".to_owned(),
        Some((_, "i64")) => "must be a whole number of 64 bits".to_owned(),
        Some((_, "a map")) => "must be an object".to_owned(),
        Some((_, what)) => format!("must be {what}"),
        None => "is of the wrong type".to_owned(),
    }
}

/// All that is wrong with an input.
#[derive(Default)]
pub struct Checks(Vec<Failure>);

impl Checks {
    /// Begins with a failure for each of the `unknown` fields.
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

    /// The value of a parameter: `None` when it is absent, or no number in `range`, which is noted.
    pub fn number<T: FromStr + PartialOrd + Display>(
        &mut self,
        path: &str,
        text: Option<&str>,
        range: RangeInclusive<T>,
    ) -> Option<T> {
        let number = number(text?).filter(|number| range.contains(number));
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

/// A whole number, in the one way there is to write it in an address: without `+`, leading zeros or blanks. Caches,
/// logs and people then have one address for one thing.
pub fn number<T: FromStr + Display>(text: &str) -> Option<T> {
    text.parse().ok().filter(|number: &T| number.to_string() == text)
}

/// Says what is wrong with a value, if anything is.
pub trait Rule<T>: Fn(&T) -> Result<(), String> {}

impl<T, F: Fn(&T) -> Result<(), String>> Rule<T> for F {}

/// Nothing can be wrong with a value of this type.
pub fn any<T>() -> impl Rule<T> {
    |_: &T| Ok(())
}

/// `rule`, unless the value is null.
pub fn nullable<T>(rule: impl Rule<T>) -> impl Rule<Option<T>> {
    move |value: &Option<T>| value.as_ref().map_or(Ok(()), &rule)
}

/// A number within `range`.
pub fn within<T: PartialOrd + Display>(range: RangeInclusive<T>) -> impl Rule<T> {
    move |number: &T| {
        if range.contains(number) {
            Ok(())
        } else {
            Err(format!("must be from {} to {}, and is {number}", range.start(), range.end()))
        }
    }
}

/// So many Unicode code points, which is how PostgreSQL counts: 200 emoji fit into 200.
pub fn text(length: RangeInclusive<usize>) -> impl Rule<String> {
    move |text: &String| {
        let found = text.chars().count();
        let (least, most) = (length.start(), length.end());
        if !length.contains(&found) {
            return Err(format!("must have {least} to {most} characters, and has {found}"));
        }
        without_nul()(text)
    }
}

/// A text that PostgreSQL can store: JSON can say NUL (`\u0000`), and so can a URL (`%00`).
pub fn without_nul() -> impl Rule<String> {
    |text: &String| {
        if text.contains('\0') { Err("must not contain the character NUL".to_owned()) } else { Ok(()) }
    }
}

/// The text in Unicode's normal form C. "é" can be one code point or two; PostgreSQL compares bytes, so what is stored and
/// what is searched for must be written in one way. It can be longer than `text`: only then may its length be checked.
///
/// Source: Unicode Standard Annex 15, "Unicode Normalization Forms".
pub fn nfc(text: String) -> String {
    text.nfc().collect()
}

#[cfg(test)]
mod tests {
    use serde_json::{from_value, json};

    use super::*;

    #[test]
    fn a_whole_number_may_be_written_as_a_float() {
        for value in [json!(7), json!(7.0), json!(7e0)] {
            assert!(matches!(from_value(value).unwrap(), Field::Is(7_i64)));
        }
        for value in [json!(7.5), json!(1e300), json!("7"), json!([7])] {
            let Field::Wrong(message) = from_value::<Field<i64>>(value).unwrap() else {
                panic!("it is taken")
            };
            assert_eq!(message, "must be a whole number of 64 bits");
        }
        assert!(matches!(from_value(json!(2_147_483_648.0)).unwrap(), Field::<i32>::Wrong(_)));
    }

    #[test]
    fn a_number_in_an_address_is_written_in_one_way() {
        assert_eq!((number("0"), number("-7"), number("10")), (Some(0), Some(-7), Some(10)));
        for text in ["", "+1", "01", "-0", " 1", "1 ", "1.0", "1e1", "0x1", "9223372036854775808"] {
            assert_eq!(number::<i64>(text), None, "{text}");
        }
    }

    #[test]
    fn a_letter_and_its_accent_become_one_character() {
        assert_eq!(nfc("Cafe\u{301}".to_owned()), "Café");
        assert_eq!(nfc("Café \u{202e}🦀".to_owned()), "Café \u{202e}🦀");
    }
}
