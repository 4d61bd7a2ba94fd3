//! What can be seen of a scenario that runs: load tests, and what the services, PostgreSQL and this machine report meanwhile.
//! Nothing in here starts or stops anything.

pub mod live_figures;
pub mod load_progress;
pub mod connection_probe;
pub mod freshness;
pub mod health_check;
pub mod cache_hits;
pub mod counters;
pub mod sessions;
pub mod invalid_index;
pub mod query_plan;
pub mod resource_usage;
pub mod own_prediction;
pub mod measurement;
pub mod measured;
pub mod run_identity;
pub mod source_code;
pub mod saved_runs;
pub mod period;
pub mod blocks;
pub mod noise;
pub mod changes;
pub mod dashboard;
