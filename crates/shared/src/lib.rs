//! What every service needs and none owns. It knows no table and no route of a service.

pub mod config;
pub mod server;
pub mod edge;
mod clients;
pub mod body;
pub mod problem;
pub mod database;
pub mod pool;
pub mod metrics;
pub mod logging;
#[cfg(feature = "test-kit")]
pub mod testkit;
