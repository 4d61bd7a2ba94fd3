//! An HTTP load generator. In a closed loop, each of N users waits for an answer before the next request. In an open
//! loop, requests begin at set times, whether or not earlier ones were answered.
//!
//! [`run`] runs a [`Plan`] and returns a [`Run`]; [`fetch`] sends one request. Three things set this generator apart:
//! an answered 503 is an error, and its latency does not count in the percentiles; the run waits for the requests that
//! are in flight at its end; and a run is invalid, and says why, when the generator itself was the bottleneck or was
//! stopped.
//!
//! In a closed loop the users make the queue that they wait in: latency is N / throughput, whatever the server does
//! (Little's law). Read the throughput first. An open loop shows the latency of users who do not wait for each other: it
//! runs from the time at which a request was meant to begin.

mod plan;
mod outcome;
mod http;
mod generator;
mod sequence;
mod user;
mod precise_timer;
mod arrivals;
mod request_names;
mod recorder;
mod ticks;
mod worker;
mod progress;
mod validity;
mod run;
mod latencies;
mod results;
mod drift;
mod summary;
mod rate_search;
mod ledger;

pub use crate::http::fetch::{Response, fetch, post, read_response};
pub use crate::latencies::{Latencies, samples_needed};
pub use crate::ledger::{Balance, Ledger};
pub use crate::outcome::Outcome;
pub use crate::plan::{Endpoint, Plan, default_threads};
pub use crate::progress::{Phase, Progress};
pub use crate::rate_search::{Limits, RateSearch, Step, search_rate};
pub use crate::results::{EndpointRun, Generator, Row, Run, Trace, Unanswered};
pub use crate::run::{rate, run};
pub use crate::summary::{EndpointSummary, ErrorSummary, Figures, LatencyMs, Little, Summary, mark_if_few};
