//! Rows and answers. What comes in is in `inputs`.

use chrono::{DateTime, Utc};
use diesel::{
    Queryable, QueryableByName, Selectable,
    sql_types::{BigInt, Double, Nullable, Text},
};
use serde::{Serialize, Serializer};
use shared::timestamp::rfc3339;

use crate::{payload::Payload, schema::jobs, status::JobStatus};

/// A job.
#[derive(Queryable, QueryableByName, Selectable, Serialize)]
#[diesel(table_name = jobs)]
#[serde(rename_all = "camelCase")]
pub struct Job {
    pub id: i64,
    #[serde(rename = "type")]
    pub kind: String,
    pub payload: Payload,
    pub priority: i16,
    pub status: JobStatus,
    pub attempt: i32,
    pub max_attempts: i32,
    #[serde(serialize_with = "rfc3339")]
    pub run_at: DateTime<Utc>,
    #[serde(serialize_with = "rfc3339_or_null")]
    pub lease_until: Option<DateTime<Utc>>,
    pub claimed_by: Option<String>,
    pub last_error: Option<String>,
    #[serde(serialize_with = "rfc3339")]
    pub created_at: DateTime<Utc>,
    #[serde(serialize_with = "rfc3339_or_null")]
    pub finished_at: Option<DateTime<Utc>>,
}

/// A job on lease: what its worker needs to know. Without a token it is no lease: the job had no attempts left, and is
/// dead now.
#[derive(QueryableByName, Serialize)]
#[diesel(table_name = jobs)]
#[serde(rename_all = "camelCase")]
pub struct Claim {
    pub id: i64,
    #[serde(rename = "type")]
    pub kind: String,
    pub payload: Payload,
    pub attempt: i32,
    pub max_attempts: i32,
    pub lease_token: Option<String>,
    #[serde(serialize_with = "rfc3339_or_null")]
    pub lease_until: Option<DateTime<Utc>>,
}

impl Job {
    /// Where to ask for it.
    pub fn location(&self) -> String {
        format!("/jobs/{}", self.id)
    }
}

impl Claim {
    /// Whether there is something to do.
    pub fn is_alive(&self) -> bool {
        self.lease_token.is_some()
    }
}

fn rfc3339_or_null<S: Serializer>(moment: &Option<DateTime<Utc>>, serializer: S) -> Result<S::Ok, S::Error> {
    match moment {
        Some(moment) => rfc3339(moment, serializer),
        None => serializer.serialize_none(),
    }
}

/// Jobs by status, and for how long the oldest pending one has waited, in seconds; null when none waits.
#[derive(QueryableByName, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Stats {
    #[diesel(sql_type = BigInt)]
    pub pending: i64,
    #[diesel(sql_type = BigInt)]
    pub running: i64,
    #[diesel(sql_type = BigInt)]
    pub done: i64,
    #[diesel(sql_type = BigInt)]
    pub dead: i64,
    #[diesel(sql_type = Nullable<Double>)]
    pub oldest_pending_s: Option<f64>,
}

/// A worker, the jobs it holds now and those it finished.
#[derive(QueryableByName, Serialize)]
pub struct Worker {
    #[diesel(sql_type = Text)]
    pub name: String,
    #[diesel(sql_type = BigInt)]
    pub running: i64,
    #[diesel(sql_type = BigInt)]
    pub done: i64,
}

/// All workers, by name.
#[derive(Serialize)]
pub struct Workers {
    pub workers: Vec<Worker>,
}
