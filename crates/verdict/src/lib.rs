//! What measurements mean: whether goals are reached and claims hold, what to hint at, and what a load test will find.

pub mod claims;
pub mod exit_status;
pub mod requests;
pub mod crash;
pub mod promises;
pub mod reference;
pub mod judge;
pub mod check_report;
pub mod solution;
pub mod progress;
pub mod hints;
pub mod forecast;
