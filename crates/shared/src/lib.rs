//! What every service needs and none owns. It knows no table and no route of a service.

pub mod config;
pub mod server;
mod healthcheck;
pub mod request_parts;
mod edge;
mod clients;
mod probes;
pub mod input;
pub mod checks;
pub mod paging;
pub mod idempotency;
pub mod problem;
pub mod failure;
pub mod timestamp;
pub mod database;
pub mod pool;
mod queue;
mod connect_failures;
pub mod first_rows;
pub mod prepared;
pub mod written;

mod metrics;
pub mod logging;
