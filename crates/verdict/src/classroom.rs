//! An instructor's settings: `classroom.toml` in the top folder of the checkout.

use std::{fs, io, path::Path};

use anyhow::Context;
use serde::Deserialize;

/// What an instructor may set. A missing file sets nothing.
#[derive(Debug, Deserialize, PartialEq)]
#[serde(default, deny_unknown_fields)]
pub struct Classroom {
    /// Whether solutions are shown only to those whose own check passed.
    pub lock_solutions: bool,
    /// Whether the page has a field for SQL.
    pub sql_field: bool,
}

impl Default for Classroom {
    fn default() -> Self {
        Self { lock_solutions: false, sql_field: true }
    }
}

impl Classroom {
    /// The settings of the checkout at `root`.
    ///
    /// # Errors
    /// Names the file, the line and the key.
    pub fn read(root: &Path) -> anyhow::Result<Self> {
        let path = root.join("classroom.toml");
        match fs::read_to_string(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Self::default()),
            text => text
                .with_context(|| format!("cannot read {}", path.display()))
                .and_then(|text| Ok(toml::from_str(&text)?))
                .with_context(|| format!("{} cannot be used", path.display())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_setting_that_is_not_there_is_the_default_and_one_that_cannot_be_read_is_named() {
        let dir = tempfile::tempdir().expect("a folder");
        let read = |text: &str| {
            fs::write(dir.path().join("classroom.toml"), text).expect("a file");
            Classroom::read(dir.path()).map_err(|error| format!("{error:#}"))
        };
        assert_eq!(Classroom::read(dir.path()).expect("no file"), Classroom::default());
        assert_eq!(read("").expect("an empty file"), Classroom { lock_solutions: false, sql_field: true });
        assert!(!read("sql_field = false").expect("off").sql_field);
        assert!(read("lock_solutions = true").expect("locked").sql_field);
        for (text, word) in [
            ("sql_field = no", "sql_field"),
            ("sql_field = \"off\"", "boolean"),
            ("sql_input = false", "sql_input"),
        ] {
            let error = read(text).expect_err(text);
            assert!(error.contains("classroom.toml cannot be used") && error.contains(word), "{error}");
        }
    }
}
