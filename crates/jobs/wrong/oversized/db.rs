//! How the jobs come by a database connection.

use std::time::Duration;

use shared::{database::Database, pool::Pool};

/// Connections all requests share: more than there will ever be users.
const POOL_MAX_SIZE: u32 = 500;

/// How long a request waits for its turn.
const POOL_TIMEOUT: Duration = Duration::from_secs(5);

/// How long a connection may be idle before it is closed: longer than a pause between two bursts.
const POOL_IDLE_TIMEOUT: Duration = Duration::from_secs(30);

/// Makes the one pool there is. A request borrows a connection, which goes back when it is dropped.
pub fn pool(database: Database) -> Pool {
    Pool::with_idle_timeout(database, POOL_MAX_SIZE, POOL_TIMEOUT, POOL_IDLE_TIMEOUT)
}
