//! What one generator thread records. Threads share nothing of it, so that they never wait for each other.

use std::{
    collections::BTreeMap,
    mem,
    time::{Duration, Instant},
};

use crate::{
    EndpointRun, Latencies, Outcome, Plan, Trace, Unanswered, http::request::Failure, request_names::Names,
};

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
        // The length of a block is rounded down to a nanosecond; the last block takes the rest.
        inside.then(|| {
            let blocks = (at - self.from).as_nanos() as u64 / self.block.as_nanos() as u64;
            (blocks as usize).min(self.blocks - 1)
        })
    }
}

/// The answers between two ticks.
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

/// Results of one thread, or of several together.
#[derive(Default)]
pub(crate) struct Recording {
    pub endpoints: Vec<EndpointRun>,
    /// For each millisecond of the window, whether a good answer arrived in it.
    pub served: Vec<bool>,
    /// How late the generator noticed that requests of the open loop were due. The wait after that belongs to the server.
    pub lag: Latencies,
}

impl Recording {
    /// What two threads recorded together.
    pub fn add(mut self, other: Self) -> Self {
        self.endpoints.iter_mut().zip(other.endpoints).for_each(|(mine, others)| mine.add(others));
        self.served.resize(self.served.len().max(other.served.len()), false);
        self.served.iter_mut().zip(other.served).for_each(|(mine, others)| *mine |= others);
        self.lag.add(&other.lag);
        self
    }
}

/// A request without an answer yet.
struct InFlight {
    endpoint: usize,
    started: Instant,
    /// What it is called, if it has a name.
    name: Option<String>,
}

/// Records what happens to the requests of one thread.
pub(crate) struct Recorder {
    window: Window,
    recording: Recording,
    names: Names,
    /// Per user, the request under way.
    in_flight: Vec<Option<InFlight>>,
    recent: Answers,
}

impl Recorder {
    pub fn new(plan: &Plan, window: Window, users: usize) -> Self {
        let endpoint = |name: &String| EndpointRun {
            name: name.clone(),
            blocks: vec![BTreeMap::new(); window.blocks],
            ..EndpointRun::default()
        };
        let recording = Recording {
            endpoints: plan.endpoints.iter().map(|e| endpoint(&e.name)).collect(),
            served: vec![false; plan.duration.as_millis() as usize],
            lag: Latencies::default(),
        };
        let in_flight = (0..users).map(|_| None).collect();
        Self { window, recording, names: Names::new(), in_flight, recent: Answers::default() }
    }

    /// Whether a request may begin at this time.
    pub fn is_open(&self, at: Instant) -> bool {
        at < self.window.until
    }

    /// Records that the thread noticed `now` that a request was `due`.
    pub fn arrive(&mut self, due: Instant, now: Instant) {
        if due >= self.window.from {
            self.recording.lag.record(now - due);
        }
    }

    /// Records that `user` waits for `endpoint` since `started`; false when the run is over by then.
    pub fn start(&mut self, user: usize, endpoint: usize, started: Instant) -> bool {
        let open = self.is_open(started);
        self.in_flight[user] = open.then_some(InFlight { endpoint, started, name: None });
        open
    }

    /// A name for the request of `user`, which has just started; few have one, and none that does not count.
    pub fn name(&mut self, user: usize) -> Option<&str> {
        let request = self.in_flight[user].as_mut()?;
        self.window.block(request.started)?;
        request.name = self.names.next(request.started);
        request.name.as_deref()
    }

    /// Records how the request of `user` ended, and whether it was retried.
    pub fn end(&mut self, user: usize, now: Instant, result: Result<(), Failure>, retried: bool) {
        let Some(InFlight { endpoint, started, name }) = self.in_flight[user].take() else { return };
        if let Some(request_id) = name {
            let outcome = outcome(&result);
            let took_ms = (now - started).as_micros() as f64 / 1_000.0;
            self.recording.endpoints[endpoint].keep_trace(Trace { request_id, outcome, took_ms });
        }
        self.record(endpoint, started, now, result, retried);
    }

    /// Records how a request ended that a user waited for since `started`.
    pub fn record(
        &mut self,
        endpoint: usize,
        started: Instant,
        now: Instant,
        result: Result<(), Failure>,
        retried: bool,
    ) {
        let latency = now - started;
        let outcome = outcome(&result);
        if outcome == Outcome::Ok {
            self.recent.ok.record(latency);
            let since = now.checked_duration_since(self.window.from);
            let served = since.and_then(|since| self.recording.served.get_mut(since.as_millis() as usize));
            if let Some(served) = served {
                *served = true;
            }
        } else {
            *self.recent.errors.entry(outcome).or_default() += 1;
        }
        let Some(block) = self.window.block(started) else {
            return;
        };
        let endpoint = &mut self.recording.endpoints[endpoint];
        endpoint.retried += u64::from(retried);
        endpoint.blocks[block].entry(outcome).or_default().record(latency);
        if let Err(failure) = result {
            endpoint.keep_sample(outcome, failure.sample);
        }
    }

    /// Records a request that had no answer when the run was stopped; a user waited for it since `started`.
    pub fn abandon(&mut self, endpoint: usize, started: Instant, now: Instant) {
        if self.window.block(started).is_some() {
            let oldest_ms = (now - started).as_millis() as u64;
            self.recording.endpoints[endpoint].unanswered.add(Unanswered { count: 1, oldest_ms });
        }
    }

    /// The answers since the last call, also those that do not count.
    pub fn take_recent(&mut self) -> Answers {
        mem::take(&mut self.recent)
    }

    /// Accepts no more requests, and returns how long requests were measured.
    pub fn close(&mut self, now: Instant) -> Duration {
        self.window.until = self.window.until.min(now);
        let measured = self.window.until.saturating_duration_since(self.window.from);
        self.recording.served.truncate(measured.as_millis() as usize);
        measured
    }

    /// Counts the requests in flight as unanswered, and returns everything recorded.
    pub fn finish(&mut self, now: Instant) -> Recording {
        for InFlight { endpoint, started, .. } in mem::take(&mut self.in_flight).into_iter().flatten() {
            self.abandon(endpoint, started, now);
        }
        mem::take(&mut self.recording)
    }
}

/// How a request ended.
pub(crate) fn outcome(result: &Result<(), Failure>) -> Outcome {
    result.as_ref().map_or_else(|failure| failure.outcome, |()| Outcome::Ok)
}
