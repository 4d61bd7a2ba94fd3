//! Configuration from the environment: typed, and checked before the port opens.

use std::{fmt::Display, str::FromStr};

use anyhow::{Context, anyhow};

/// Reads a variable that must be there, through `get`.
///
/// # Errors
/// Names the variable, what it held and what was expected: `POOL_MAX_SIZE="ten": invalid digit …`.
pub fn required<T>(get: impl Fn(&str) -> Option<String>, name: &str) -> anyhow::Result<T>
where
    T: FromStr<Err: Display>,
{
    parse(name, &get(name).with_context(|| format!("{name} is not set"))?)
}

/// Reads a variable that may be absent: then `default` holds. An empty value is no absent one.
///
/// # Errors
/// As [`required`]: a value that does not parse is never quietly replaced.
pub fn optional<T>(get: impl Fn(&str) -> Option<String>, name: &str, default: T) -> anyhow::Result<T>
where
    T: FromStr<Err: Display>,
{
    get(name).map_or(Ok(default), |value| parse(name, &value))
}

/// Reads a variable that must be there and must not be shown, such as an address with a password in it.
///
/// # Errors
/// Names the variable and what was expected, and not what it held.
pub fn secret<T>(get: impl Fn(&str) -> Option<String>, name: &str) -> anyhow::Result<T>
where
    T: FromStr<Err: Display>,
{
    let value = get(name).with_context(|| format!("{name} is not set"))?;
    value.parse().map_err(|error| anyhow!("{name}: {error}"))
}

fn parse<T: FromStr<Err: Display>>(name: &str, value: &str) -> anyhow::Result<T> {
    value.parse().map_err(|error| anyhow!("{name}={value:?}: {error}"))
}
