//! One function per route: take, check, one query, answer.

use actix_web::{
    HttpResponse,
    web::{Data, Json},
};
use diesel::OptionalExtension;
use shared::{
    idempotency::{self, Keyed},
    input::{Body, Id},
    pool::Pool,
    problem::Problem,
};

use crate::{
    config::Lease,
    inputs::{ClaimInput, JobInput, NewJob, News, Report, ReportInput},
    leases, metrics,
    models::{Job, Stats, Workers},
    queries,
    status::JobStatus,
};

/// Jobs that one claim may find dead (their attempts are used up) before it gives up for now.
const BURIED_PER_CLAIM: usize = 10;

/// `POST /jobs`: 201 with the [`Job`], or 400 naming the field. With an `Idempotency-Key` it happens once: sent again, it
/// is answered as it was then, and 422 with another body.
pub async fn submit(db: Data<Pool>, Keyed { body, key }: Keyed<JobInput>) -> Result<HttpResponse, Problem> {
    let new = NewJob::try_from(body)?;
    let mut conn = db.connection().await?;
    idempotency::create(&mut conn, key, Job::location, async |conn| Ok(queries::insert(conn, &new).await?))
        .await
}

/// `POST /jobs/claim`: 200 with a [`Claim`](crate::models::Claim), 204 when nothing waits, or 409 for an unknown worker.
pub async fn claim(
    db: Data<Pool>,
    lease: Data<Lease>,
    Body(input): Body<ClaimInput>,
) -> Result<HttpResponse, Problem> {
    let worker = input.checked()?;
    let mut conn = db.connection().await?;
    // Each round is a commit. After so many dead ones this worker asks again, and meanwhile others have their turn.
    for _ in 0..BURIED_PER_CLAIM {
        let Some(claim) = leases::claim(&mut conn, &worker, **lease).await? else { break };
        if claim.is_alive() {
            metrics::CLAIMED.increment(1);
            return Ok(HttpResponse::Ok().json(claim));
        }
        metrics::DEAD.increment(1);
    }
    if !queries::exists_worker(&mut conn, &worker).await? {
        return Err(Problem::conflict("no worker has this name").in_field("worker"));
    }
    Ok(HttpResponse::NoContent().finish())
}

/// `GET /jobs/{id}`: 200 with a [`Job`], or 404.
pub async fn show(db: Data<Pool>, Id(id): Id<i64>) -> Result<Json<Job>, Problem> {
    let mut conn = db.connection().await?;
    let job = queries::find(&mut conn, id).await.optional()?;
    job.map(Json).ok_or_else(|| no_job(id))
}

/// `PATCH /jobs/{id}`: 200 with the [`Job`] as it is now, 404, or 409 when the lease is not the caller's any more.
pub async fn report(
    db: Data<Pool>,
    lease: Data<Lease>,
    Id(id): Id<i64>,
    Body(input): Body<ReportInput>,
) -> Result<Json<Job>, Problem> {
    let Report { lease_token, news } = input.try_into()?;
    let mut conn = db.connection().await?;
    let job = match news {
        News::Finished => leases::finish(&mut conn, id, &lease_token).await?,
        News::Failed(error) => leases::fail(&mut conn, id, &lease_token, error.as_deref()).await?,
        News::Working => leases::extend(&mut conn, id, &lease_token, **lease).await?,
    };
    match job {
        Some(job) => {
            metrics::DEAD.increment(u64::from(job.status == JobStatus::Dead));
            Ok(Json(job))
        }
        None if queries::exists_job(&mut conn, id).await? => {
            let detail = format!("the lease of job {id} has ended, or was never yours");
            Err(Problem::conflict(detail).in_field("leaseToken"))
        }
        None => Err(no_job(id)),
    }
}

fn no_job(id: i64) -> Problem {
    Problem::not_found(format!("no job has id {id}"))
}

/// `GET /jobs/stats`: 200 with [`Stats`].
pub async fn stats(db: Data<Pool>) -> Result<Json<Stats>, Problem> {
    let mut conn = db.connection().await?;
    Ok(Json(queries::stats(&mut conn).await?))
}

/// `GET /workers`: 200 with all [`Workers`].
pub async fn workers(db: Data<Pool>) -> Result<Json<Workers>, Problem> {
    let mut conn = db.connection().await?;
    Ok(Json(Workers { workers: queries::workers(&mut conn).await? }))
}
