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
