//! A line of a log: its time, its level and what it says, in the forms that our programs, PostgreSQL, nginx, Redis and
//! Prometheus write.

use std::{borrow::Cow, sync::LazyLock};

use regex_lite::Regex;
use serde_json::{Map, Value};

/// Time and level at the beginning of a line: PostgreSQL says `LOG:`, nginx `[error]`, Prometheus `level=warn`, and tracing
/// the word alone.
static START: LazyLock<Regex> = LazyLock::new(|| {
    let start = Regex::new(
        r#"^[^A-Za-z]*[\dT:.Z+-]{8,}(?: UTC)?\s+(?:\[\d+\]\s+)?\[?(?:level=)?([A-Za-z]+)\]?:?\s+|^(?:ts|time)=\S+\s+(?:caller=\S+\s+)?level=(\w+)\s+"#,
    );
    start.expect("a regular expression")
});

/// The same of Redis, which has a sign for its level.
static REDIS: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"^\d+:[A-Z] \d+ \w+ \d+ [\d:.]+ ([.*#-]) ").expect("a regular expression"));

static FIELD: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r#"(\w+)="?([^"\s]+)"?"#).expect("a regular expression"));

static TIME: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"\d\d:\d\d:\d\d").expect("a regular expression"));

/// A line, taken apart as far as it can be.
#[derive(Debug, PartialEq)]
pub struct LogLine<'a> {
    /// `06:11:05`
    pub time: Option<String>,
    /// As the program wrote it; `None` for a line without.
    pub level: Option<Level>,
    /// Everything else.
    pub text: Cow<'a, str>,
}

impl<'a> LogLine<'a> {
    /// Takes `line` apart.
    pub fn read(line: &'a str) -> Self {
        match serde_json::from_str(line) {
            Ok(Value::Object(object)) => Self::of_json(object),
            _ => Self::of_text(line),
        }
    }

    /// The value of `name=value` or `name="value"`; `None` if the line has none of that name.
    pub fn field(&self, name: &str) -> Option<&str> {
        let mut fields = FIELD.captures_iter(&self.text);
        fields.find(|found| &found[1] == name).and_then(|found| Some(found.get(2)?.as_str()))
    }

    /// As tracing and others write them: an object with `timestamp`, `level`, `message` and more.
    fn of_json(mut object: Map<String, Value>) -> Self {
        let mut take = |names: [&str; 3]| names.iter().find_map(|name| object.remove(*name));
        let time = take(["timestamp", "time", "ts"]);
        let level = take(["level", "severity", "lvl"]);
        let message = take(["message", "msg", "event"]);
        let in_words = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let rest = object.iter().map(|(key, value)| format!("{key}={}", in_words(value)));
        let text: Vec<_> = message.iter().map(in_words).chain(rest).collect();
        Self {
            time: time.and_then(|time| clock(time.as_str()?)),
            level: level.and_then(|level| Level::of(level.as_str()?)),
            text: text.join(" ").into(),
        }
    }

    /// As our programs, PostgreSQL, nginx, Redis and Prometheus write them: time and level at the beginning, or nowhere.
    /// Redis has a sign for its level.
    fn of_text(line: &'a str) -> Self {
        let found = START.captures(line);
        let level = found.as_ref().and_then(|found| Level::of(found.get(1).or(found.get(2))?.as_str()));
        if let Some(found) = REDIS.captures(line) {
            let level = match &found[1] {
                "#" => Level::Warning,
                "*" => Level::Info,
                _ => Level::Debug,
            };
            return Self { time: clock(&found[0]), level: Some(level), text: line[found[0].len()..].into() };
        }
        let begins = found.filter(|_| level.is_some()).map_or(0, |found| found[0].len());
        Self { time: clock(&line[..begins]), level, text: line[begins..].into() }
    }
}

/// `06:11:05` of a time in any of the usual forms.
fn clock(text: &str) -> Option<String> {
    TIME.find(text).map(|found| found.as_str().to_owned())
}

/// How much a line of a log matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// An error.
    Error,
    /// A warning.
    Warning,
    /// As it should be.
    Info,
    /// For who looks for something.
    Debug,
}

impl Level {
    /// The level that PostgreSQL, nginx, Prometheus and our programs write as `word`; `None` if it is not a level.
    pub fn of(word: &str) -> Option<Self> {
        Some(match &*word.to_ascii_lowercase() {
            "error" | "fatal" | "panic" | "emerg" | "alert" | "crit" => Self::Error,
            "warn" | "warning" => Self::Warning,
            "info" | "log" | "notice" | "statement" | "detail" | "hint" => Self::Info,
            "debug" | "trace" => Self::Debug,
            _ => return None,
        })
    }

    /// For people.
    pub fn word(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Info => "info",
            Self::Debug => "debug",
        }
    }

    /// Its class in the page's style.
    pub fn class(self) -> &'static str {
        match self {
            Self::Error => "is-error",
            Self::Warning => "is-warning",
            Self::Info => "is-info",
            Self::Debug => "is-debug",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> String {
        let LogLine { time, level, text } = LogLine::read(line);
        format!("{} {} {text}", time.as_deref().unwrap_or("-"), level.map_or("-", Level::word))
    }

    #[test]
    fn lines_of_every_service_are_taken_apart() {
        for (line, expected) in [
            ("2026-11-24T06:11:05.123456Z  INFO request status=200", "06:11:05 info request status=200"),
            (
                r#"{"timestamp":"2026-11-24T06:11:05.1Z","level":"WARN","message":"slow","status":503}"#,
                "06:11:05 warning slow status=503",
            ),
            (
                "2026-11-24 06:11:05.123 UTC [77] FATAL:  sorry, too many clients already",
                "06:11:05 error sorry, too many clients already",
            ),
            (
                "2026/11/24 06:11:05 [error] 77#77: *1 connect() failed",
                "06:11:05 error 77#77: *1 connect() failed",
            ),
            (
                "time=2026-11-24T06:11:05.123Z level=WARN source=x.go:1 msg=\"late\"",
                "06:11:05 warning source=x.go:1 msg=\"late\"",
            ),
            ("77:M 24 Nov 2026 06:11:05.123 # Out of memory", "06:11:05 warning Out of memory"),
            ("thread 'main' panicked at src/main.rs:7", "- - thread 'main' panicked at src/main.rs:7"),
            ("", "- - "),
        ] {
            assert_eq!(read(line), expected, "{line}");
        }
    }
}
