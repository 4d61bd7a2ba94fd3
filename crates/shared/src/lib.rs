//! What every service needs and none owns. It knows no table and no route of a service.

#![warn(missing_docs)]

pub mod config;
pub mod pool;
pub mod problem;
