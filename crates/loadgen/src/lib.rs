//! A closed-loop HTTP load generator: N users, each waiting for an answer before asking again.
//!
//! [`run`] drives a [`Plan`] and returns a [`Run`]; [`fetch`] makes one request. Three things set it apart:
//! an answered 503 is an error and its latency never flatters the percentiles; what is in flight at the end
//! is waited for, not forgotten; and a run whose generator was itself the bottleneck says that it is invalid.
//!
//! A closed loop measures a queue of its own making. With N users, latency is N / throughput whatever the
//! server does (Little's law), so read the throughput first.

mod plan;
mod request;
mod head;
mod answer;
mod fetch;
mod client;
mod user;
mod record;
mod clocks;
mod worker;
mod course;
mod run;
mod latencies;
mod report;
mod summary;

pub use course::{Phase, Progress};
pub use fetch::{Response, fetch};
pub use latencies::Latencies;
pub use plan::{Endpoint, Plan, default_threads};
pub use report::{EndpointRun, Generator, Outcome, Row, Run, Unanswered};
pub use run::{rate, run};
pub use summary::{EndpointSummary, ErrorSummary, Figures, LatencyMs, Little, Summary};
