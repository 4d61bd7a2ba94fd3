//! How many rows a seed script makes, where the compose file leaves it to a variable: `seed.jobs=${JOBS:-10000}`.

use std::fmt::{self, Display, Formatter};

use anyhow::{Context, ensure};
use regex_lite::Regex;

/// A number of rows that is not the compose file's own.
#[derive(Debug, PartialEq, Eq)]
pub struct SeedSize {
    /// The setting that the script reads.
    setting: String,
    /// The variable that chose it.
    variable: String,
    rows: i64,
    default: i64,
}

impl SeedSize {
    /// The size that `value`, of a command line, takes from a `variable`; `None` for any other value, and for the size that
    /// is the default.
    ///
    /// # Errors
    /// When the variable holds no number of rows.
    pub fn read(value: &str, variable: impl Fn(&str) -> Option<String>) -> anyhow::Result<Option<Self>> {
        let size = Regex::new(r"^(seed\.\w+)=\$\{(\w+):?-(\d+)\}$")?;
        let Some(found) = size.captures(value) else { return Ok(None) };
        let (name, default) = (&found[2], found[3].parse::<i64>().context("the default is too large")?);
        let Some(given) = variable(name).filter(|given| !given.is_empty()) else { return Ok(None) };
        let rows = given.parse::<i64>().ok().filter(|_| given.bytes().all(|byte| byte.is_ascii_digit()));
        let rows = rows.unwrap_or_default();
        ensure!(
            rows > 0,
            "{name}={given}: expected a whole number of rows above 0; write for example {name}={default}, \
            or take that size with: unset {name}"
        );
        let (setting, variable) = (found[1].to_owned(), name.to_owned());
        Ok((rows != default).then_some(Self { setting, variable, rows, default }))
    }
}

impl Display for SeedSize {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { setting, variable, rows, default } = self;
        write!(f, "{setting} is {rows} instead of {default}, because {variable}={rows} is set")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(value: &str, jobs: &str) -> String {
        let variable = |name: &str| (name == "JOBS").then(|| jobs.to_owned());
        match SeedSize::read(value, variable) {
            Ok(size) => size.map_or_else(String::new, |size| size.to_string()),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn a_size_that_is_no_number_of_rows_is_refused_by_the_name_of_its_variable() {
        let value = "seed.jobs=${JOBS:-10000}";
        for wrong in ["max", "-1", "+1", "0", "1e3", "1_000", "8.5", " 8", "99999999999999999999"] {
            let error = read(value, wrong);
            assert!(
                error.starts_with(&format!("JOBS={wrong}: expected")) && error.contains("JOBS=10000"),
                "{error}"
            );
        }
        assert_eq!(read(value, "8"), "seed.jobs is 8 instead of 10000, because JOBS=8 is set");
        for default in ["", "10000"] {
            assert_eq!(read(value, default), "");
        }
        for other in ["seed.jobs=10000", "max_connections=${JOBS:-40}", "seed.sleep_s=${JOBS:-0.0}"] {
            assert_eq!(read(other, "max"), "");
        }
    }
}
