//! The bodies of requests, and the checks of what comes in.

use std::ops::RangeInclusive;

use diesel::Insertable;
use serde::Deserialize;
use serde_json::{Map, Value};
use shared::problem::Problem;

use crate::schema::jobs;

/// What kinds of work there are.
const TYPES: [&str; 5] =
    ["image_resize", "send_email", "generate_report", "process_payment", "sync_inventory"];

/// From the least urgent to the most.
const PRIORITIES: RangeInclusive<i64> = 0..=9;
const PRIORITY_DEFAULT: i64 = 5;

/// Characters an error may have.
const ERROR_MAX: usize = 1_000;

/// The body of `POST /jobs`, not checked yet.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JobInput {
    #[serde(rename = "type")]
    kind: String,
    payload: Map<String, Value>,
    priority: Option<i64>,
}

/// A job that may be stored. The database adds its id and its times.
#[derive(Insertable)]
#[diesel(table_name = jobs)]
pub struct NewJob {
    pub kind: String,
    pub payload: Value,
    pub priority: i16,
}

impl TryFrom<JobInput> for NewJob {
    type Error = Problem;

    fn try_from(JobInput { kind, payload, priority }: JobInput) -> Result<Self, Problem> {
        if !TYPES.contains(&kind.as_str()) {
            let detail = format!("type must be one of {}", TYPES.join(", "));
            return Err(Problem::invalid_input(detail).in_field("type"));
        }
        let priority = priority.unwrap_or(PRIORITY_DEFAULT);
        if !PRIORITIES.contains(&priority) {
            let detail = format!("priority must be {} to {}", PRIORITIES.start(), PRIORITIES.end());
            return Err(Problem::invalid_input(detail).in_field("priority"));
        }
        let payload = Value::Object(payload);
        if has_nul(&payload) {
            return Err(no_nul("payload"));
        }
        Ok(Self { kind, payload, priority: priority as i16 })
    }
}

/// JSON can say it (\u0000), and PostgreSQL cannot store it.
fn has_nul(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains('\0'),
        Value::Array(values) => values.iter().any(has_nul),
        Value::Object(fields) => fields.iter().any(|(name, value)| name.contains('\0') || has_nul(value)),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

fn no_nul(field: &str) -> Problem {
    Problem::invalid_input(format!("{field} must not contain the character NUL")).in_field(field)
}

/// The body of `POST /jobs/claim`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClaimInput {
    pub worker: String,
}

impl ClaimInput {
    /// The name of who asks.
    ///
    /// # Errors
    /// 400 for one that no worker can have.
    pub fn checked(self) -> Result<String, Problem> {
        if self.worker.contains('\0') { Err(no_nul("worker")) } else { Ok(self.worker) }
    }
}

/// The body of `PATCH /jobs/{id}`, not checked yet.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ReportInput {
    lease_token: String,
    action: Action,
    error: Option<String>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Action {
    Finish,
    Fail,
    Extend,
}

/// What a worker says of the job it holds.
pub struct Report {
    pub lease_token: String,
    pub news: News,
}

/// How it went.
pub enum News {
    Finished,
    /// And why, if the worker knows.
    Failed(Option<String>),
    /// It takes longer.
    Working,
}

impl TryFrom<ReportInput> for Report {
    type Error = Problem;

    fn try_from(ReportInput { lease_token, action, error }: ReportInput) -> Result<Self, Problem> {
        if lease_token.contains('\0') {
            return Err(no_nul("leaseToken"));
        }
        if let Some(error) = &error {
            let length = error.chars().count();
            if length > ERROR_MAX {
                let detail = format!("error must have {ERROR_MAX} characters at most, and has {length}");
                return Err(Problem::invalid_input(detail).in_field("error"));
            }
            if error.contains('\0') {
                return Err(no_nul("error"));
            }
        }
        let news = match (action, error) {
            (Action::Finish, None) => News::Finished,
            (Action::Extend, None) => News::Working,
            (Action::Fail, error) => News::Failed(error),
            (Action::Finish | Action::Extend, Some(_)) => {
                return Err(Problem::invalid_input("error is for the action fail").in_field("error"));
            }
        };
        Ok(Self { lease_token, news })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check(body: Value) -> Result<NewJob, Problem> {
        NewJob::try_from(serde_json::from_value::<JobInput>(body).unwrap())
    }

    #[test]
    fn a_priority_is_0_to_9_and_5_where_nothing_is_said() {
        let job = |priority| json!({ "type": "send_email", "payload": {}, "priority": priority });
        for priority in [-1, 10, i64::MAX] {
            assert!(check(job(priority)).is_err(), "{priority}");
        }
        assert_eq!(check(job(0)).unwrap().priority, 0);
        assert_eq!(check(job(9)).unwrap().priority, 9);
        assert_eq!(check(json!({ "type": "send_email", "payload": {} })).unwrap().priority, 5);
    }

    #[test]
    fn nul_is_found_wherever_it_hides() {
        for value in ["\0", "a\0b"] {
            for payload in [json!({ "a": value }), json!({ value: 1 }), json!({ "a": [{ "b": [value] }] })] {
                let problem = check(json!({ "type": "send_email", "payload": payload })).err().unwrap();
                assert_eq!(problem.to_string(), "invalid-input: payload must not contain the character NUL");
            }
        }
        assert!(check(json!({ "type": "send_email", "payload": { "a": "\\u0000" } })).is_ok());
    }
}
