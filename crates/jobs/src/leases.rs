//! Diesel and nothing else: the life of a lease, from the claim to its end. All times are the database's, so that the
//! clocks of workers and services need not agree.

use diesel::{
    prelude::*,
    sql_query,
    sql_types::{BigInt, Nullable, Text},
};
use diesel_async::AsyncPgConnection;
use shared::{prepared::Prepare, written::GetWritten};

use crate::{
    config::Lease,
    models::{Claim, Job},
};

/// Takes the most urgent job that may be claimed, and of those of one priority the one that could be longest. A job
/// whose worker fell silent is as good as a new one, until its attempts are used up: then it is dead. `last_error` tells
/// a worker that fell silent from one that never reported with its token: that one may not even have got the answer.
///
/// An expired lease has no rest as [`fail`] has: a crashed worker's job is back within 1 s after the lease. The service
/// cannot tell a worker that crashed from an answer that got lost, so the lease itself is the pause between two claims.
///
/// - SKIP LOCKED: who finds a row locked by another claim takes the next one. Without it they would wait for each other,
///   and then find the job taken.
/// - The priorities are tried one by one, each with a look at the index, and the LIMIT ends it at the first job. To sort
///   by priority instead would read, each time, past all urgent jobs that others are working on.
/// - A CTE with FOR UPDATE runs once. As a subquery in a WHERE it could run again for each row.
const CLAIM: &str = "
WITH next AS MATERIALIZED (
    SELECT job.id
    FROM workers
    CROSS JOIN generate_series(9, 0, -1) AS level
    CROSS JOIN LATERAL (
        SELECT id
        FROM jobs
        WHERE status IN ('pending', 'running') AND priority = level AND coalesce(lease_until, run_at) <= now()
        ORDER BY coalesce(lease_until, run_at)
        LIMIT 1
        FOR UPDATE SKIP LOCKED
    ) AS job
    WHERE workers.name = $1
    LIMIT 1
)
UPDATE jobs
SET status      = CASE WHEN attempt < max_attempts THEN 'running' ELSE 'dead' END,
    attempt     = least(attempt + 1, max_attempts),
    lease_until = CASE WHEN attempt < max_attempts THEN now() + $2 * interval '1 millisecond' END,
    lease_token = CASE WHEN attempt < max_attempts THEN gen_random_uuid()::text END,
    claimed_by  = CASE WHEN attempt < max_attempts THEN $1 ELSE claimed_by END,
    last_error  = CASE WHEN status = 'pending' THEN last_error
                       WHEN reported_at IS NULL THEN 'its worker never reported after the claim'
                       ELSE 'its worker fell silent' END,
    reported_at = NULL,
    finished_at = CASE WHEN attempt < max_attempts THEN NULL ELSE now() END
FROM next
WHERE jobs.id = next.id
RETURNING jobs.id, type AS kind, payload, attempt, max_attempts, lease_token, lease_until";

/// Claims the next job for a worker; `None` when nothing waits, or when there is no such worker.
///
/// One round trip. Locks that job, and no other.
///
/// # Errors
/// Whatever Diesel reports.
///
/// Source: PostgreSQL manual, SELECT, "The Locking Clause".
pub async fn claim(conn: &mut AsyncPgConnection, worker: &str, lease: Lease) -> QueryResult<Option<Claim>> {
    let lease_ms = lease.0.as_millis() as i64;
    let claim = sql_query(CLAIM).bind::<Text, _>(worker).bind::<BigInt, _>(lease_ms);
    claim.prepared().get_written(conn).await.optional()
}

const FINISH: &str = "
UPDATE jobs
SET status = 'done', finished_at = now(), lease_until = NULL, lease_token = NULL
WHERE id = $1 AND lease_token = $2 AND lease_until > now()
RETURNING *, type AS kind";

/// Ends a job well; `None` when the token is not, or not any more, that of its lease.
///
/// # Errors
/// Whatever Diesel reports.
pub async fn finish(conn: &mut AsyncPgConnection, id: i64, token: &str) -> QueryResult<Option<Job>> {
    let finish = sql_query(FINISH).bind::<BigInt, _>(id).bind::<Text, _>(token);
    finish.prepared().get_written(conn).await.optional()
}

/// A job that failed rests for 2, 4, 8, 16 s (300 s at most), so that what broke it has time to mend. A fifth more or
/// less, or all that failed together would come back together.
const FAIL: &str = "
UPDATE jobs
SET status      = CASE WHEN attempt < max_attempts THEN 'pending' ELSE 'dead' END,
    run_at      = now() + least(300, 2 ^ attempt) * (0.8 + 0.4 * random()) * interval '1 second',
    finished_at = CASE WHEN attempt < max_attempts THEN NULL ELSE now() END,
    last_error  = $3, lease_until = NULL, lease_token = NULL
WHERE id = $1 AND lease_token = $2 AND lease_until > now()
RETURNING *, type AS kind";

/// Gives a job back, to be tried again later, or as dead when that was its last attempt; `None` as in [`finish`].
///
/// # Errors
/// Whatever Diesel reports.
pub async fn fail(
    conn: &mut AsyncPgConnection,
    id: i64,
    token: &str,
    error: Option<&str>,
) -> QueryResult<Option<Job>> {
    let fail = sql_query(FAIL).bind::<BigInt, _>(id).bind::<Text, _>(token).bind::<Nullable<Text>, _>(error);
    fail.prepared().get_written(conn).await.optional()
}

const EXTEND: &str = "
UPDATE jobs
SET lease_until = now() + $3 * interval '1 millisecond', reported_at = now()
WHERE id = $1 AND lease_token = $2 AND lease_until > now()
RETURNING *, type AS kind";

/// Lets a lease end later: a whole one from now; `None` as in [`finish`].
///
/// # Errors
/// Whatever Diesel reports.
pub async fn extend(
    conn: &mut AsyncPgConnection,
    id: i64,
    token: &str,
    lease: Lease,
) -> QueryResult<Option<Job>> {
    let lease_ms = lease.0.as_millis() as i64;
    let extend = sql_query(EXTEND).bind::<BigInt, _>(id).bind::<Text, _>(token).bind::<BigInt, _>(lease_ms);
    extend.prepared().get_written(conn).await.optional()
}
