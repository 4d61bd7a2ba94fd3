//! The payload of a job: any JSON object. It goes through as text, since a number need not fit a float:
//! `18446744073709551616` and `0.1000000000000000055` come back as they were sent.

use std::{collections::HashSet, fmt, io::Write};

use diesel::{
    deserialize::{self, FromSql, FromSqlRow},
    expression::AsExpression,
    pg::{Pg, PgValue},
    serialize::{self, IsNull, Output, ToSql},
    sql_types::Jsonb,
};
use serde::{
    Deserialize, Deserializer, Serialize,
    de::{Error, MapAccess, SeqAccess, Visitor},
};
use serde_json::value::RawValue;

/// The first byte of a `jsonb` on the wire: the version of the format.
///
/// Source: PostgreSQL, `src/backend/utils/adt/jsonb.c`, `jsonb_recv`.
const VERSION: u8 = 1;

/// JSON, as text.
#[derive(AsExpression, Debug, Deserialize, FromSqlRow, Serialize)]
#[diesel(sql_type = Jsonb)]
#[serde(transparent)]
pub struct Payload(Box<RawValue>);

/// A payload that PostgreSQL can store, and gives back whole.
pub fn storable(payload: &Payload) -> Result<(), String> {
    let json = payload.0.get();
    if !json.starts_with('{') {
        return Err("must be an object".to_owned());
    }
    serde_json::from_str(json).map(|Checked| ()).map_err(|error| {
        let message = error.to_string();
        message.split_once(" at line ").map_or(message.clone(), |(why, _)| why.to_owned())
    })
}

/// Any JSON, looked through to its last leaf.
struct Checked;

impl<'de> Deserialize<'de> for Checked {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Checker)
    }
}

struct Checker;

impl<'de> Visitor<'de> for Checker {
    type Value = Checked;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E: Error>(self) -> Result<Checked, E> {
        Ok(Checked)
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<Checked, E> {
        Ok(Checked)
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<Checked, E> {
        Ok(Checked)
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<Checked, E> {
        Ok(Checked)
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<Checked, E> {
        Ok(Checked)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Checked, E> {
        if text.contains('\0') { Err(E::custom("must not contain the character NUL")) } else { Ok(Checked) }
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut values: A) -> Result<Checked, A::Error> {
        while values.next_element::<Checked>()?.is_some() {}
        Ok(Checked)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Checked, A::Error> {
        let mut names = HashSet::new();
        while let Some(name) = fields.next_key::<String>()? {
            Self.visit_str::<A::Error>(&name)?;
            fields.next_value::<Checked>()?;
            // PostgreSQL would keep the last one and say nothing.
            if let Some(name) = names.replace(name) {
                return Err(A::Error::custom(format!("must not have the key {name:?} twice")));
            }
        }
        Ok(Checked)
    }
}

impl ToSql<Jsonb, Pg> for Payload {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        out.write_all(&[VERSION])?;
        out.write_all(self.0.get().as_bytes())?;
        Ok(IsNull::No)
    }
}

impl FromSql<Jsonb, Pg> for Payload {
    fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
        let json = value.as_bytes().strip_prefix(&[VERSION]).ok_or("another version of jsonb")?;
        Ok(Self(RawValue::from_string(String::from_utf8(json.to_vec())?)?))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use testkit::damaged::damaged;

    use super::*;

    fn check(json: &str) -> Result<(), String> {
        storable(&serde_json::from_str(json).unwrap())
    }

    #[test]
    fn nul_is_found_wherever_it_hides() {
        for json in [r#"{"a": "\u0000"}"#, r#"{"a\u0000b": 1}"#, r#"{"a": [{"b": ["a\u0000b"]}]}"#] {
            assert_eq!(check(json).unwrap_err(), "must not contain the character NUL");
        }
        assert_eq!(check(r#"{"a": "\\u0000"}"#), Ok(()));
    }

    #[test]
    fn a_key_is_there_once_at_every_depth() {
        for json in [r#"{"a": 1, "a": 2}"#, r#"{"b": [{"a": 1, "\u0061": 2}]}"#] {
            assert_eq!(check(json).unwrap_err(), r#"must not have the key "a" twice"#);
        }
        assert_eq!(check(r#"{"a": {"a": 1}, "b": {"a": 1}}"#), Ok(()));
    }

    proptest! {
        #[test]
        fn a_damaged_payload_is_refused_or_goes_through_as_it_is(
            text in damaged(vec![r#"{"a": [1e300, "\u00e9", {"b": 18446744073709551616}], "c": {"d": null}}"#.to_owned()]),
        ) {
            let Ok(payload) = serde_json::from_str::<Payload>(&text) else { return Ok(()) };
            prop_assert_eq!(serde_json::to_string(&payload).expect("it writes"), text.trim_matches(JSON_BLANKS));
            if storable(&payload).is_ok() {
                let object = serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(&text);
                prop_assert!(object.is_ok(), "PostgreSQL takes no other JSON");
            }
        }
    }

    const JSON_BLANKS: [char; 4] = [' ', '\t', '\r', '\n'];

    #[test]
    fn a_payload_is_an_object() {
        for json in ["[]", "1", r#""{}""#, "null"] {
            assert_eq!(check(json).unwrap_err(), "must be an object");
        }
    }
}
