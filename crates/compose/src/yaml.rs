//! Reads YAML, and words its errors for people who write compose files.

use std::borrow::Cow;

use anyhow::anyhow;
use serde::de::DeserializeOwned;
use serde_saphyr::{Error, MessageFormatter, RenderOptions, UserMessageFormatter};

/// Reads `text`.
///
/// # Errors
/// Quotes the line, which is one of `file`.
pub fn read<T: DeserializeOwned>(text: &str, file: &str) -> anyhow::Result<T> {
    serde_saphyr::from_str(text).map_err(|error| {
        // The library names the line where the value began that the tab has ended.
        if let Some(line) = indented_with_a_tab(text)
            && error.to_string().contains("tab")
        {
            return anyhow!("{file}:{line}: this line begins with a tab; YAML takes spaces only");
        }
        let mut options = RenderOptions::new(&ForComposeFiles);
        options.source_name = Some(file);
        anyhow!("{}", error.render_with_options(options))
    })
}

/// The number of the first line with a tab before its text.
fn indented_with_a_tab(text: &str) -> Option<usize> {
    let begins_with_a_tab = |line: &str| line.trim_start_matches(' ').starts_with('\t');
    text.lines().position(begins_with_a_tab).map(|index| index + 1)
}

/// Those of the library speak of its types and options.
struct ForComposeFiles;

impl MessageFormatter for ForComposeFiles {
    fn format_message<'a>(&self, error: &'a Error) -> Cow<'a, str> {
        match error {
            Error::WithSnippet { error, .. } => self.format_message(error),
            Error::DuplicateMappingKey { key: Some(key), .. } => {
                format!("the key `{key}` stands here twice; keep one of them").into()
            }
            Error::Unexpected { expected, .. } if expected.contains("mapping") => {
                "expected keys with values, like `name: value`".into()
            }
            Error::Unexpected { expected, .. } if expected.contains("sequence") => {
                "expected a list, like `[a, b]`".into()
            }
            Error::Unexpected { expected, .. } if expected.contains("string") => "expected a text".into(),
            other => UserMessageFormatter.format_message(other),
        }
    }
}
