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
        let mut options = RenderOptions::new(&ForComposeFiles);
        options.source_name = Some(file);
        anyhow!("{}", error.render_with_options(options))
    })
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
