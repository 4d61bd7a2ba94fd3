//! Scrapes servers on behalf of Prometheus at first. Prometheus discovers targets no sooner than 5 s after its start (a
//! constant of its own), and a rate takes two scrapes: panels would be empty for 7 s. Until Prometheus scrapes a server
//! itself, the page does, and pushes the metrics.

use std::time::Duration;

use loadgen::{Endpoint, fetch};
use observe::dashboard::Prometheus;
use project::{
    Scenario,
    scrape_targets::{self, Target},
    spec_file::Spec,
};
use tokio::{
    task::spawn_blocking,
    time::{MissedTickBehavior, interval},
};

/// As often as Prometheus asks.
const INTERVAL: Duration = Duration::from_secs(1);

/// Never ends; once Prometheus scrapes every target it rests until the spec changes.
pub async fn go_ahead_of_prometheus(scenario: &Scenario) {
    let mut turns = interval(INTERVAL);
    turns.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut done = None;
    loop {
        turns.tick().await;
        let spec = Spec::read(scenario);
        let Some(spec) = spec.filter(|spec| done != Some(spec.generation)) else { continue };
        let generation = spec.generation;
        // An unavailable or starting server is asked again.
        let scenario = scenario.clone();
        if let Ok(Ok(true)) = spawn_blocking(move || asks_everybody(&scenario, &spec)).await {
            done = Some(generation);
        }
    }
}

/// Whether Prometheus does; for those that it does not ask yet, this does so once.
fn asks_everybody(scenario: &Scenario, spec: &Spec) -> anyhow::Result<bool> {
    let Some(prometheus) = Prometheus::of(scenario, spec)? else { return Ok(true) };
    let asked = prometheus.asked()?;
    let waits = |target: &Target| !asked.contains(&(target.job.to_owned(), target.instance.to_owned()));
    let waiting: Vec<_> = scrape_targets::all(spec).filter(waits).collect();
    for &target in &waiting {
        // A starting server does not answer yet; the others do.
        if let Ok(answer) = fetch(&format!("127.0.0.1:{}", target.port), &Endpoint::get("/metrics"), INTERVAL)
            && answer.status == 200
        {
            prometheus.push(target, &String::from_utf8_lossy(&answer.body))?;
        }
    }
    Ok(waiting.is_empty())
}
