//! How the jobs come by a database connection.

use std::time::Duration;

use shared::{database::Database, pool::Pool};

/// Connections all requests share. Each is held for as long as a commit waits for the disk, not for the millisecond of
/// its query; and the lab's PostgreSQL has 40 for everybody.
const POOL_MAX_SIZE: u32 = 10;

/// How long a request waits for its turn. 50 users on 10 connections wait for four others each.
const POOL_TIMEOUT: Duration = Duration::from_secs(5);

/// How long a connection may be idle before it is closed: longer than a pause between two bursts.
const POOL_IDLE_TIMEOUT: Duration = Duration::from_secs(30);

/// Makes the one pool there is. A request borrows a connection, which goes back when it is dropped.
pub fn pool(database: Database) -> Pool {
    Pool::with_idle_timeout(database, POOL_MAX_SIZE, POOL_TIMEOUT, POOL_IDLE_TIMEOUT)
}
