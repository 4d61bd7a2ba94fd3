//! What measurements mean: verdicts on goals and claims, hints, and forecasts of load tests.

pub mod claims;
pub mod exit_status;
pub mod requests;
pub mod crash;
pub mod lost_answer;
pub mod promises;
pub mod reference;
pub mod judge;
pub mod check_report;
pub mod solution;
pub mod classroom;
pub mod progress;
pub mod hints;
pub mod forecast;
