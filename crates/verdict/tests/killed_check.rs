//! What a check that is killed leaves in PostgreSQL.

use std::time::Duration;

use project::database::connect;
use testkit::{PASSWORD, Postgres};
use tokio::{
    spawn,
    time::{sleep, timeout},
};
use verdict::lost_answer::release_what_is_left;

const HELD: &str = "SELECT FROM pg_stat_activity WHERE wait_event = 'SyncRep'";

#[tokio::test]
async fn the_next_check_lets_go_of_a_commit_that_is_held_back() {
    let postgres = Postgres::start(&[]);
    let database = postgres.database("template1");
    let url: tokio_postgres::Config = database.url().parse().unwrap();
    let (port, name) = (url.get_ports()[0], url.get_dbname().unwrap());
    let superuser = async || connect(port, "postgres", PASSWORD, name).await.unwrap();
    let (check, writer) = (superuser().await, superuser().await);
    // It is killed before it has taken this back.
    check.batch_execute("ALTER SYSTEM SET synchronous_standby_names = 'a_second_machine'").await.unwrap();
    check.batch_execute("SELECT pg_reload_conf()").await.unwrap();
    // All of PostgreSQL's processes have to hear of it.
    sleep(Duration::from_secs(1)).await;
    let write = spawn(async move { writer.batch_execute("CREATE TABLE orders ()").await });
    let is_held = async {
        while check.query(HELD, &[]).await.unwrap().is_empty() {
            sleep(Duration::from_millis(10)).await;
        }
    };
    timeout(Duration::from_secs(10), is_held).await.unwrap();
    release_what_is_left(&check).await.unwrap();
    timeout(Duration::from_secs(10), write).await.unwrap().unwrap().unwrap();
    let setting = check.query_one("SHOW synchronous_standby_names", &[]).await.unwrap();
    assert_eq!(setting.get::<_, &str>(0), "");
}
