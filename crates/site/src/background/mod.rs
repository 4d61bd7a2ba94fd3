//! What runs behind the page: commands that were started from it, and what it watches and reports.

pub mod jobs;
pub mod health_poll;
pub mod metrics;
pub mod target_discovery;
