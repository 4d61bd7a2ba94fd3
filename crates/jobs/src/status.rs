//! How far a job has come.

use diesel::{
    deserialize::{self, FromSql, FromSqlRow},
    expression::AsExpression,
    pg::{Pg, PgValue},
    serialize::{self, Output, ToSql},
    sql_types::Text,
};
use serde::Serialize;

/// The status of a job, in JSON and in the database by the same names.
#[derive(AsExpression, Clone, Copy, Debug, FromSqlRow, PartialEq, Serialize)]
#[diesel(sql_type = Text)]
#[serde(rename_all = "lowercase")]
pub enum JobStatus {
    /// It waits for a worker.
    Pending,
    /// A worker holds it.
    Running,
    Done,
    /// Its attempts are used up.
    Dead,
}

impl JobStatus {
    const ALL: [Self; 4] = [Self::Pending, Self::Running, Self::Done, Self::Dead];

    fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Running => "running",
            Self::Done => "done",
            Self::Dead => "dead",
        }
    }
}

impl ToSql<Text, Pg> for JobStatus {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        <str as ToSql<Text, Pg>>::to_sql(self.as_str(), out)
    }
}

impl FromSql<Text, Pg> for JobStatus {
    fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
        let name = std::str::from_utf8(value.as_bytes())?;
        let status = Self::ALL.into_iter().find(|status| status.as_str() == name);
        status.ok_or_else(|| format!("no status is called {name:?}").into())
    }
}
