//! What things are called where people read them.

use loadgen::Outcome;

/// How a request ended.
pub fn outcome(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Ok => "ok",
        Outcome::Status4xx => "answered 4xx",
        Outcome::Status5xx => "answered 5xx",
        Outcome::Check => "wrong body",
        Outcome::Connect => "no connection",
        Outcome::Timeout => "no answer in time",
        Outcome::Reset => "connection lost",
        Outcome::Parse => "no HTTP",
    }
}

/// How much a line of a log matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// Somebody should look.
    Error,
    /// Somebody might.
    Warning,
    /// As it should be.
    Info,
    /// For who looks for something.
    Debug,
}

impl Level {
    /// What PostgreSQL, nginx, Prometheus or one of our programs means by `word`; `None` when it is no level.
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
