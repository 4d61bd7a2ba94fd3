//! The pool and the answers to the database's errors, on a real PostgreSQL.

#![expect(clippy::unwrap_used, reason = "a test may fail anywhere")]

use std::{
    sync::LazyLock,
    time::{Duration, Instant},
};

use actix_web::ResponseError;
use diesel::{QueryableByName, sql_query, sql_types::Integer};
use diesel_async::{AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection};
use shared::{
    pool::{Connection, Pool},
    problem::Problem,
};
use testkit::{Postgres, TestDatabase};
use tokio::{
    join, spawn,
    task::{JoinHandle, yield_now},
    time::{sleep, timeout},
};

static POSTGRES: LazyLock<Postgres> = LazyLock::new(|| {
    let postgres = Postgres::start(&["deadlock_timeout=50ms"]);
    postgres.template(
        "things",
        &["CREATE TABLE things (id int PRIMARY KEY CHECK (id > 0), parent int REFERENCES things, name varchar(2));
           CREATE TABLE others ();
           INSERT INTO things VALUES (1, 1, 'a')"],
    );
    postgres
});

fn pool(database: &TestDatabase, max_size: u32) -> Pool {
    Pool::new(database.url().parse().unwrap(), max_size, Duration::from_millis(500))
}

/// Which of PostgreSQL's processes serves this connection.
async fn backend(conn: &mut AsyncPgConnection) -> i32 {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Integer)]
        pid: i32,
    }
    sql_query("SELECT pg_backend_pid() AS pid").get_result::<Row>(conn).await.unwrap().pid
}

async fn status_of(conn: &mut Connection, sql: &str) -> u16 {
    match conn.batch_execute(sql).await {
        Ok(()) => 200,
        Err(error) => Problem::from(error).status_code().as_u16(),
    }
}

#[tokio::test]
async fn a_connection_is_used_again() {
    let database = POSTGRES.database("things");
    let pool = pool(&database, 10);
    let first = backend(&mut pool.connection().await.unwrap()).await;
    assert_eq!(backend(&mut pool.connection().await.unwrap()).await, first);
}

#[tokio::test]
async fn a_connection_that_the_server_closed_is_not_lent() {
    let database = POSTGRES.database("things");
    let pool = pool(&database, 1);
    let first = backend(&mut pool.connection().await.unwrap()).await;
    POSTGRES.admin(&format!("SELECT pg_terminate_backend({first}, 1000)"));
    // The news is at this end of the socket, and the runtime looks at its sockets every 61 turns.
    for _ in 0..100 {
        yield_now().await;
    }
    assert_ne!(backend(&mut pool.connection().await.unwrap()).await, first);
}

#[tokio::test]
async fn a_connection_that_comes_back_in_the_middle_of_a_query_is_closed() {
    let database = POSTGRES.database("things");
    let pool = pool(&database, 1);
    let mut conn = pool.connection().await.unwrap();
    let first = backend(&mut conn).await;
    let query = conn.batch_execute("SELECT pg_sleep(3)");
    timeout(Duration::from_millis(50), query).await.unwrap_err();
    drop(conn);
    let asked = Instant::now();
    assert_ne!(backend(&mut pool.connection().await.unwrap()).await, first);
    assert!(asked.elapsed() < Duration::from_secs(1), "{:?}", asked.elapsed());
}

#[tokio::test]
async fn whoever_waits_in_vain_is_told_after_the_wait() {
    let database = POSTGRES.database("things");
    let pool = pool(&database, 1);
    let held = pool.connection().await.unwrap();
    let asked = Instant::now();
    let problem = pool.connection().await.err().unwrap();
    assert_eq!(problem.to_string(), "pool-timeout: no database connection came free within 500 ms");
    assert!(asked.elapsed() >= Duration::from_millis(500));
    drop(held);
    assert!(pool.connection().await.is_ok());
}

#[tokio::test]
async fn whoever_comes_when_256_wait_is_refused_at_once() {
    let database = POSTGRES.database("things");
    let pool = Pool::new(database.url().parse().unwrap(), 1, Duration::from_secs(10));
    let held = pool.connection().await.unwrap();
    let waiting = let_256_wait(&pool).await;
    let asked = Instant::now();
    let problem = pool.connection().await.err().unwrap();
    assert_eq!(problem.to_string(), "overloaded: 256 requests wait for a database connection");
    assert!(asked.elapsed() < Duration::from_secs(1), "{:?}", asked.elapsed());
    drop(held);
    for caller in waiting {
        assert!(caller.await.unwrap().is_ok());
    }
}

#[tokio::test]
async fn whoever_waits_while_others_are_refused_is_told_after_a_second() {
    let database = POSTGRES.database("things");
    let pool = Pool::new(database.url().parse().unwrap(), 1, Duration::from_secs(4));
    let _held = pool.connection().await.unwrap();
    let waiting = let_256_wait(&pool).await;
    assert!(pool.connection().await.is_err());
    for caller in waiting {
        let problem = caller.await.unwrap().err().unwrap();
        assert_eq!(problem.to_string(), "pool-timeout: no database connection came free within 1000 ms");
    }
}

/// As many callers as may wait, and where their connections or problems arrive.
async fn let_256_wait(pool: &Pool) -> Vec<JoinHandle<Result<Connection, Problem>>> {
    let ask = |_| {
        let pool = pool.clone();
        spawn(async move { pool.connection().await })
    };
    let waiting: Vec<_> = (0..256).map(ask).collect();
    // They are on this thread, and some of them run in each turn.
    for _ in &waiting {
        yield_now().await;
    }
    waiting
}

#[tokio::test]
async fn nobody_waits_for_long_while_others_have_all_connections() {
    let database = POSTGRES.database("things");
    let name = database.sql("SELECT current_database()").remove(0).remove(0).unwrap();
    let limit =
        |connections: i32| POSTGRES.admin(&format!("ALTER DATABASE {name} CONNECTION LIMIT {connections}"));
    let pool = Pool::new(database.url().parse().unwrap(), 10, Duration::from_secs(5));
    limit(0);
    let asked = Instant::now();
    let (one, another) = join!(pool.connection(), pool.connection());
    assert!(asked.elapsed() < Duration::from_secs(3), "{:?}", asked.elapsed());
    for problem in [one, another].map(|result| result.err().unwrap()) {
        assert!(problem.to_string().starts_with("dependency-unavailable: "), "{problem}");
    }
    limit(-1);
    let well = timeout(Duration::from_secs(3), async { while pool.connection().await.is_err() {} });
    well.await.unwrap();
}

#[tokio::test]
async fn a_dropped_pool_closes_its_connections() {
    let database = POSTGRES.database("things");
    drop(pool(&database, 1).connection().await.unwrap());
    let connections = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()";
    timeout(Duration::from_secs(1), async {
        while database.sql(connections)[0][0].as_deref() != Some("1") {
            yield_now().await;
        }
    })
    .await
    .unwrap();
}

#[tokio::test]
async fn a_connection_that_nobody_borrows_is_closed_after_the_idle_timeout() {
    const IDLE: Duration = Duration::from_millis(300);
    let database = POSTGRES.database("things");
    let pool = Pool::with_idle_timeout(database.url().parse().unwrap(), 2, Duration::from_millis(500), IDLE);
    let held = backend(&mut pool.connection().await.unwrap()).await;
    let returned = Instant::now();
    let is_open = || {
        let sql = format!("SELECT FROM pg_stat_activity WHERE pid = {held}");
        !database.sql(&sql).is_empty()
    };
    while is_open() {
        // Lets the pool's task run, which is on this thread.
        sleep(Duration::from_millis(5)).await;
        assert!(returned.elapsed() < IDLE * 3, "it is still open");
    }
    assert!(returned.elapsed() >= IDLE, "{:?}", returned.elapsed());
    assert_ne!(backend(&mut pool.connection().await.unwrap()).await, held);
}

#[tokio::test]
async fn an_error_of_the_database_is_the_callers_or_load_or_a_bug() {
    let database = POSTGRES.database("things");
    let pool = pool(&database, 2);
    let mut holder = pool.connection().await.unwrap();
    holder.batch_execute("BEGIN; LOCK TABLE others").await.unwrap();
    let mut conn = pool.connection().await.unwrap();
    for (sql, status) in [
        ("SELECT 2147483647 + 1", 400),
        ("SELECT 'x'::int", 400),
        (r"SELECT convert_from('\xff', 'UTF8')", 400),
        ("INSERT INTO things VALUES (2, 1, 'abc')", 400),
        ("INSERT INTO things VALUES (1)", 409),
        ("INSERT INTO things VALUES (2, 3)", 409),
        ("INSERT INTO things VALUES (0)", 409),
        ("DO $$ BEGIN LOCK TABLE others NOWAIT; END $$", 409),
        ("SET lock_timeout = 50; SELECT * FROM others", 409),
        ("SET statement_timeout = 50; SELECT pg_sleep(3)", 503),
        ("SET LOCAL transaction_read_only = on; INSERT INTO things VALUES (2, 1)", 503),
        ("INSERT INTO things VALUES (NULL)", 500),
        ("SELECT 1 / 0", 500),
        ("SELECT nonsense", 500),
        ("SELECT pg_terminate_backend(pg_backend_pid())", 503),
        ("SELECT 1", 503),
    ] {
        assert_eq!(status_of(&mut conn, sql).await, status, "{sql}");
    }
}

#[tokio::test]
async fn a_deadlock_is_load() {
    let database = POSTGRES.database("things");
    let pool = pool(&database, 2);
    let (mut a, mut b) = (pool.connection().await.unwrap(), pool.connection().await.unwrap());
    a.batch_execute("BEGIN; LOCK TABLE things").await.unwrap();
    b.batch_execute("BEGIN; LOCK TABLE others").await.unwrap();
    let mut statuses = <[u16; 2]>::from(join!(
        status_of(&mut a, "LOCK TABLE others"),
        status_of(&mut b, "LOCK TABLE things; ROLLBACK"),
    ));
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 503]);
}
