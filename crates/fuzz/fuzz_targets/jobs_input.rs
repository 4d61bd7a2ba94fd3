//! What the job queue is sent: bodies, with payloads of any JSON.
#![no_main]
#![allow(dead_code, reason = "only the inputs are used")]

#[path = "../../jobs/src/inputs.rs"]
mod inputs;
#[path = "../../jobs/src/payload.rs"]
mod payload;
#[path = "../../jobs/src/schema.rs"]
mod schema;

use inputs::{ClaimInput, JobInput, NewJob, Report, ReportInput};
use libfuzzer_sys::fuzz_target;
use shared::input;

fuzz_target!(|body: &[u8]| {
    _ = input::parse::<ClaimInput>(body).and_then(ClaimInput::checked);
    _ = input::parse::<ReportInput>(body).and_then(Report::try_from);
    if let Ok(job) = input::parse::<JobInput>(body).and_then(NewJob::try_from) {
        let json = serde_json::to_string(&job.payload).expect("it writes");
        assert!(body.windows(json.len()).any(|part| part == json.as_bytes()), "it goes through as it came");
    }
});
