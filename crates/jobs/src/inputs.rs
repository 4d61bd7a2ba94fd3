//! The bodies of requests, and the checks of what comes in.

use std::{collections::BTreeMap, ops::RangeInclusive};

use diesel::Insertable;
use serde::{Deserialize, de::IgnoredAny};
use shared::{
    checks::{Checks, Field, Rule, any, nullable, text, within, without_nul},
    problem::Problem,
};

use crate::{
    payload::{Payload, storable},
    schema::jobs,
};

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
pub struct JobInput {
    #[serde(default, rename = "type")]
    kind: Field<String>,
    payload: Option<Payload>,
    #[serde(default)]
    priority: Field<Option<i64>>,
    #[serde(flatten)]
    unknown: BTreeMap<String, IgnoredAny>,
}

/// A job that may be stored. The database adds its id and its times.
#[derive(Insertable)]
#[diesel(table_name = jobs)]
pub struct NewJob {
    pub kind: String,
    pub payload: Payload,
    pub priority: i16,
}

impl TryFrom<JobInput> for NewJob {
    type Error = Problem;

    fn try_from(JobInput { kind, payload, priority, unknown }: JobInput) -> Result<Self, Problem> {
        let mut checks = Checks::new(unknown);
        let kind = checks.required("type", kind, one_of_the_types());
        let payload = checks.required("payload", payload.map_or(Field::Absent, Field::Is), storable);
        let priority = checks.optional("priority", priority, nullable(within(PRIORITIES))).flatten();
        match (kind, payload) {
            (Some(kind), Some(payload)) => {
                checks.finish(Self { kind, payload, priority: priority.unwrap_or(PRIORITY_DEFAULT) as i16 })
            }
            _ => Err(checks.problem()),
        }
    }
}

fn one_of_the_types() -> impl Rule<String> {
    |kind: &String| {
        if TYPES.contains(&kind.as_str()) {
            Ok(())
        } else {
            Err(format!("must be one of {}", TYPES.join(", ")))
        }
    }
}

/// The body of `POST /jobs/claim`.
#[derive(Deserialize)]
pub struct ClaimInput {
    #[serde(default)]
    worker: Field<String>,
    #[serde(flatten)]
    unknown: BTreeMap<String, IgnoredAny>,
}

impl ClaimInput {
    /// The name of the worker that asks.
    ///
    /// # Errors
    /// 400 for one that no worker can have.
    pub fn checked(self) -> Result<String, Problem> {
        let mut checks = Checks::new(self.unknown);
        let worker = checks.required("worker", self.worker, without_nul()).unwrap_or_default();
        checks.finish(worker)
    }
}

/// The body of `PATCH /jobs/{id}`, not checked yet.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ReportInput {
    #[serde(default)]
    lease_token: Field<String>,
    #[serde(default)]
    action: Field<Action>,
    #[serde(default)]
    error: Field<Option<String>>,
    #[serde(flatten)]
    unknown: BTreeMap<String, IgnoredAny>,
}

/// Read from a string by hand: serde's own reader of an enum accepts the object `{"finish": null}` as well.
#[derive(Clone, Copy, Deserialize)]
#[serde(try_from = "String")]
enum Action {
    Finish,
    Fail,
    Extend,
}

impl TryFrom<String> for Action {
    type Error = &'static str;

    fn try_from(name: String) -> Result<Self, &'static str> {
        match name.as_str() {
            "finish" => Ok(Self::Finish),
            "fail" => Ok(Self::Fail),
            "extend" => Ok(Self::Extend),
            _ => Err("expected finish, fail or extend"),
        }
    }
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

    fn try_from(input: ReportInput) -> Result<Self, Problem> {
        let mut checks = Checks::new(input.unknown);
        let lease_token = checks.required("leaseToken", input.lease_token, without_nul()).unwrap_or_default();
        let action = checks.required("action", input.action, any());
        let error = checks.optional("error", input.error, nullable(text(0..=ERROR_MAX))).flatten();
        if let (Some(Action::Finish | Action::Extend), Some(_)) = (action, &error) {
            checks.fail("error", "is for the action `fail`");
        }
        let news = match action {
            Some(Action::Finish) => News::Finished,
            Some(Action::Fail) => News::Failed(error),
            Some(Action::Extend) => News::Working,
            None => return Err(checks.problem()),
        };
        checks.finish(Self { lease_token, news })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(body: &str) -> Result<NewJob, Problem> {
        NewJob::try_from(serde_json::from_str::<JobInput>(body).unwrap())
    }

    #[test]
    fn a_priority_is_0_to_9_and_5_where_nothing_is_said() {
        let job = |priority: &str| check(&format!(r#"{{"type": "send_email", "payload": {{}}{priority}}}"#));
        for priority in [r#", "priority": -1"#, r#", "priority": 10"#, r#", "priority": 9223372036854775807"#]
        {
            assert!(job(priority).is_err(), "{priority}");
        }
        for (priority, expected) in
            [(r#", "priority": 0"#, 0), (r#", "priority": 9.0"#, 9), (r#", "priority": null"#, 5), ("", 5)]
        {
            assert_eq!(job(priority).unwrap().priority, expected);
        }
    }

    #[test]
    fn all_that_is_wrong_is_said_at_once() {
        let problem =
            check(r#"{"type": "walk_the_dog", "payload": [], "priority": "high", "when": 1}"#).err().unwrap();
        assert_eq!(
            problem.to_string(),
            "invalid-input: when: is unknown; type: must be one of image_resize, send_email, generate_report, \
             process_payment, sync_inventory; payload: must be an object; priority: must be a whole number of 64 bits"
        );
    }
}
