//! Many workers at once: each job goes to one of them. Beside it, on the same data, what happens without locks.

use std::{
    collections::HashSet,
    io::Write,
    net::TcpStream,
    sync::atomic::{AtomicUsize, Ordering},
    thread,
};

use diesel::{
    OptionalExtension, QueryableByName, sql_query,
    sql_types::{BigInt, Text},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use shared::database::Database;
use testkit::{Service, read_answer};

use crate::{POSTGRES, VARIANTS, with_body};

const WORKERS: usize = 16;
const JOBS: usize = 10_000;
const NAMES: [&str; 5] = ["ada", "edsger", "grace", "leslie", "radia"];

/// All 10,000 wait.
const FRESH: &str = "UPDATE jobs SET status = 'pending', attempt = 0, finished_at = NULL, claimed_by = NULL";

#[test]
fn of_16_workers_on_3_instances_no_two_get_the_same_of_10_000_jobs() {
    let database = POSTGRES.database("seeded");
    database.sql(FRESH);
    let program = VARIANTS.last().unwrap();
    let instances = [0; 3].map(|_| Service::start(program, &[("DATABASE_URL", &database.url())]));
    let claims: Vec<i64> = thread::scope(|scope| {
        let workers: Vec<_> = (0..WORKERS)
            .map(|worker| {
                let instance = &instances[worker % 3];
                scope.spawn(move || claim_all(instance, NAMES[worker % 5]))
            })
            .collect();
        workers.into_iter().flat_map(|worker| worker.join().unwrap()).collect()
    });
    assert_eq!((claims.len(), claims.iter().collect::<HashSet<_>>().len()), (JOBS, JOBS));
    let left = database.sql("SELECT count(*) FROM jobs WHERE status <> 'running' OR attempt <> 1");
    assert_eq!(left[0][0].as_deref(), Some("0"));
}

/// Claims, on one connection, until nothing waits; returns the ids.
fn claim_all(instance: &Service, worker: &str) -> Vec<i64> {
    let request = with_body("POST", "/jobs/claim", "", &format!(r#"{{"worker": "{worker}"}}"#));
    let mut stream = TcpStream::connect(instance.address).unwrap();
    let mut ids = Vec::new();
    loop {
        stream.write_all(request.as_bytes()).unwrap();
        let answer = read_answer(&mut stream, true).unwrap();
        match answer.status {
            200 => ids.push(answer.json()["id"].as_i64().unwrap()),
            204 => return ids,
            // The starter's pool is small.
            503 => {}
            _ => panic!("{answer}"),
        }
    }
}

#[derive(QueryableByName)]
struct Found {
    #[diesel(sql_type = BigInt)]
    id: i64,
}

/// Looks for the next job, and then takes it: between the two, others look as well.
async fn claim_naively(conn: &mut AsyncPgConnection, worker: &str) -> Option<i64> {
    let next =
        sql_query("SELECT id FROM jobs WHERE status = 'pending' ORDER BY priority DESC, run_at LIMIT 1");
    let Found { id } = next.get_result(conn).await.optional().unwrap()?;
    sql_query("UPDATE jobs SET status = 'running', attempt = least(attempt + 1, 5), claimed_by = $1,
                   lease_until = now() + interval '30 s', lease_token = gen_random_uuid()::text WHERE id = $2")
        .bind::<Text, _>(worker)
        .bind::<BigInt, _>(id)
        .execute(conn)
        .await
        .unwrap();
    Some(id)
}

#[tokio::test]
async fn the_naive_claim_gives_many_jobs_to_several_workers() {
    const CLAIMS: usize = 1_000;
    let test_database = POSTGRES.database("seeded");
    let database: Database = test_database.url().parse().unwrap();
    let left = AtomicUsize::new(CLAIMS);
    let worker = async |name: &str| {
        let mut conn = database.connect().await.unwrap();
        let mut ids = Vec::new();
        while left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)).is_ok() {
            ids.extend(claim_naively(&mut conn, name).await);
        }
        ids
    };
    let (a, b, c, d) = tokio::join!(worker("ada"), worker("edsger"), worker("grace"), worker("leslie"));
    let claims = [a, b, c, d].concat();
    let duplicates = claims.len() - claims.iter().collect::<HashSet<_>>().len();
    assert_eq!(claims.len(), CLAIMS);
    assert!(duplicates > CLAIMS / 100, "{duplicates} of {CLAIMS}");
}
