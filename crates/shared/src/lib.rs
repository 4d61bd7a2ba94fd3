//! What every service needs and none owns. It knows no table and no route of a service.

pub mod config;
pub mod server;
mod healthcheck;
mod edge;
mod clients;
mod probes;
pub mod input;
pub mod idempotency;
pub mod problem;
pub mod failure;
pub mod message;
pub mod timestamp;
pub mod database;
pub mod pool;
mod reach;
pub mod first_rows;
pub mod prepared;

mod metrics;
pub mod logging;
#[cfg(feature = "test-kit")]
pub mod testkit;

/// A feed of 20 posts takes some 120 small allocations: with glibc's allocator a request costs the service 44 us of
/// CPU, with this one 39 us, for 1 MB more memory.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;
