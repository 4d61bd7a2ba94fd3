//! Prometheus's text format, as a learner's service may write it.
#![no_main]

use libfuzzer_sys::fuzz_target;
use observe::counters::Counters;

fuzz_target!(|text: &str| {
    let read = || {
        let mut counters = Counters::default();
        counters.add("app1", text)?;
        counters.add("app2", text)?;
        Ok::<_, Box<dyn std::error::Error + Send + Sync>>(counters)
    };
    if let (Ok(before), Ok(after)) = (read(), read()) {
        let counters = after.since(&before);
        _ = (counters.cpu_s(), counters.most_cpu_s(), counters.connections_per_request(), counters.hit_rate());
    }
});
