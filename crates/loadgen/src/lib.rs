//! An HTTP load generator: N users who each wait for an answer before asking again (a closed loop), or requests
//! that begin at their times, whether or not answers come (an open loop).
//!
//! [`run`] drives a [`Plan`] and returns a [`Run`]; [`fetch`] makes one request. Three things set it apart:
//! an answered 503 is an error and its latency never flatters the percentiles; what is in flight at the end
//! is waited for, not forgotten; and a run whose generator was itself the bottleneck says that it is invalid.
//!
//! A closed loop measures a queue of its own making. With N users, latency is N / throughput whatever the
//! server does (Little's law), so read the throughput first. An open loop shows what people would feel who
//! know nothing of each other: latency runs from the time at which a request was meant to begin.

mod plan;
mod template;
mod request;
mod head;
mod answer;
mod fetch;
mod client;
mod sequence;
mod user;
mod alarm;
mod arrivals;
mod record;
mod clocks;
mod throttling;
mod meter;
mod heartbeat;
mod reports;
mod worker;
mod course;
mod validity;
mod run;
mod latencies;
mod report;
mod steady;
mod summary;
mod steps;

pub use course::{Phase, Progress};
pub use fetch::{Response, fetch, post};
pub use latencies::{Latencies, samples_needed};
pub use plan::{Endpoint, Plan, default_threads};
pub use report::{EndpointRun, Generator, Outcome, Row, Run, Unanswered};
pub use run::{rate, run};
pub use steps::{Climb, Limits, Step, climb};
pub use summary::{EndpointSummary, ErrorSummary, Figures, LatencyMs, Little, Summary};
