//! What one generator thread notes down. Nothing here is shared with another thread.

use std::{
    collections::BTreeMap,
    mem,
    time::{Duration, Instant},
};

use crate::{EndpointRun, Latencies, Outcome, Plan, Unanswered, request::Failure};

/// When requests count, and in which block.
#[derive(Clone, Copy)]
pub(crate) struct Window {
    pub from: Instant,
    pub until: Instant,
    block: Duration,
    blocks: usize,
}

impl Window {
    /// Opens after the warm-up of `plan`, counted from `now`.
    pub fn of(plan: &Plan, now: Instant) -> Self {
        let from = now + plan.warm_up;
        Self {
            from,
            until: from + plan.duration,
            block: plan.duration / plan.blocks,
            blocks: plan.blocks as usize,
        }
    }

    fn block(&self, at: Instant) -> Option<usize> {
        let inside = at >= self.from && at < self.until;
        // The blocks were rounded down to a nanosecond: what that leaves belongs to the last.
        inside.then(|| {
            let blocks = (at - self.from).as_nanos() as u64 / self.block.as_nanos() as u64;
            (blocks as usize).min(self.blocks - 1)
        })
    }
}

/// The answers of some short time.
#[derive(Default)]
pub(crate) struct Answers {
    pub ok: Latencies,
    pub errors: BTreeMap<Outcome, u64>,
}

impl Answers {
    pub fn add(&mut self, other: &Self) {
        self.ok.add(&other.ok);
        for (&outcome, count) in &other.errors {
            *self.errors.entry(outcome).or_default() += count;
        }
    }
}

/// One thread's results so far.
pub(crate) struct Recorder {
    window: Window,
    endpoints: Vec<EndpointRun>,
    /// For each millisecond of the window, whether a good answer arrived in it.
    served: Vec<bool>,
    /// Per user, the endpoint asked and when.
    in_flight: Vec<Option<(usize, Instant)>>,
    recent: Answers,
}

impl Recorder {
    pub fn new(plan: &Plan, window: Window, users: usize) -> Self {
        let endpoint = |name: &String| EndpointRun {
            name: name.clone(),
            blocks: vec![BTreeMap::new(); window.blocks],
            ..EndpointRun::default()
        };
        Self {
            window,
            endpoints: plan.endpoints.iter().map(|e| endpoint(&e.name)).collect(),
            served: vec![false; plan.duration.as_millis() as usize],
            in_flight: vec![None; users],
            recent: Answers::default(),
        }
    }

    /// Notes that `user` asks; false when it is too late for that.
    pub fn start(&mut self, user: usize, endpoint: usize, now: Instant) -> bool {
        let open = now < self.window.until;
        self.in_flight[user] = open.then_some((endpoint, now));
        open
    }

    /// Notes how the request of `user` ended, and whether it was sent twice.
    pub fn end(&mut self, user: usize, now: Instant, result: Result<(), Failure>, repeated: bool) {
        let Some((endpoint, started)) = self.in_flight[user].take() else {
            return;
        };
        let latency = now - started;
        let outcome = result.as_ref().map_or_else(|failure| failure.outcome, |()| Outcome::Ok);
        if outcome == Outcome::Ok {
            self.recent.ok.record(latency);
            let since = now.checked_duration_since(self.window.from);
            if let Some(served) = since.and_then(|since| self.served.get_mut(since.as_millis() as usize)) {
                *served = true;
            }
        } else {
            *self.recent.errors.entry(outcome).or_default() += 1;
        }
        let Some(block) = self.window.block(started) else {
            return;
        };
        let endpoint = &mut self.endpoints[endpoint];
        endpoint.repeated += u64::from(repeated);
        endpoint.blocks[block].entry(outcome).or_default().record(latency);
        if let Err(failure) = result {
            endpoint.keep_sample(outcome, failure.sample);
        }
    }

    /// The answers since the last call, also those that do not count.
    pub fn take_recent(&mut self) -> Answers {
        mem::take(&mut self.recent)
    }

    /// Takes no more requests, and returns how long it took them while they counted.
    pub fn close(&mut self, now: Instant) -> Duration {
        self.window.until = self.window.until.min(now);
        let measured = self.window.until.saturating_duration_since(self.window.from);
        self.served.truncate(measured.as_millis() as usize);
        measured
    }

    /// Gives up on what is still in flight, and hands over the results per endpoint and `served`.
    pub fn finish(&mut self, now: Instant) -> (Vec<EndpointRun>, Vec<bool>) {
        for (endpoint, started) in self.in_flight.iter_mut().filter_map(Option::take) {
            if self.window.block(started).is_some() {
                self.endpoints[endpoint]
                    .unanswered
                    .add(Unanswered { count: 1, oldest_ms: (now - started).as_millis() as u64 });
            }
        }
        (mem::take(&mut self.endpoints), mem::take(&mut self.served))
    }
}
