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

/// Results of one thread, or of several together.
#[derive(Default)]
pub(crate) struct Notes {
    pub endpoints: Vec<EndpointRun>,
    /// For each millisecond of the window, whether a good answer arrived in it.
    pub served: Vec<bool>,
    /// How late requests of the open loop were seen to be due. What they then waited for is the server's.
    pub lag: Latencies,
}

impl Notes {
    /// Both together.
    pub fn add(mut self, other: Self) -> Self {
        self.endpoints.iter_mut().zip(other.endpoints).for_each(|(mine, others)| mine.add(others));
        self.served.resize(self.served.len().max(other.served.len()), false);
        self.served.iter_mut().zip(other.served).for_each(|(mine, others)| *mine |= others);
        self.lag.add(&other.lag);
        self
    }
}

/// Takes notes while a thread works.
pub(crate) struct Recorder {
    window: Window,
    notes: Notes,
    /// Per user, the endpoint asked and since when.
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
        let notes = Notes {
            endpoints: plan.endpoints.iter().map(|e| endpoint(&e.name)).collect(),
            served: vec![false; plan.duration.as_millis() as usize],
            lag: Latencies::default(),
        };
        Self { window, notes, in_flight: vec![None; users], recent: Answers::default() }
    }

    /// Whether a request may begin at this time: the run is not over by then.
    pub fn is_open(&self, at: Instant) -> bool {
        at < self.window.until
    }

    /// Notes that it is `now` when a request is seen to have been `due`.
    pub fn arrive(&mut self, due: Instant, now: Instant) {
        if due >= self.window.from {
            self.notes.lag.record(now - due);
        }
    }

    /// Notes what `user` waits for since `started`; false when it is too late to ask for it.
    pub fn start(&mut self, user: usize, endpoint: usize, started: Instant) -> bool {
        let open = self.is_open(started);
        self.in_flight[user] = open.then_some((endpoint, started));
        open
    }

    /// Notes how the request of `user` ended, and whether it was sent twice.
    pub fn end(&mut self, user: usize, now: Instant, result: Result<(), Failure>, repeated: bool) {
        if let Some((endpoint, started)) = self.in_flight[user].take() {
            self.record(endpoint, started, now, result, repeated);
        }
    }

    /// Notes how a request ended that was waited for since `started`.
    pub fn record(
        &mut self,
        endpoint: usize,
        started: Instant,
        now: Instant,
        result: Result<(), Failure>,
        repeated: bool,
    ) {
        let latency = now - started;
        let outcome = result.as_ref().map_or_else(|failure| failure.outcome, |()| Outcome::Ok);
        if outcome == Outcome::Ok {
            self.recent.ok.record(latency);
            let since = now.checked_duration_since(self.window.from);
            let served = since.and_then(|since| self.notes.served.get_mut(since.as_millis() as usize));
            if let Some(served) = served {
                *served = true;
            }
        } else {
            *self.recent.errors.entry(outcome).or_default() += 1;
        }
        let Some(block) = self.window.block(started) else {
            return;
        };
        let endpoint = &mut self.notes.endpoints[endpoint];
        endpoint.repeated += u64::from(repeated);
        endpoint.blocks[block].entry(outcome).or_default().record(latency);
        if let Err(failure) = result {
            endpoint.keep_sample(outcome, failure.sample);
        }
    }

    /// Notes that nobody waits any more for a request that was waited for since `started`.
    pub fn abandon(&mut self, endpoint: usize, started: Instant, now: Instant) {
        if self.window.block(started).is_some() {
            let oldest_ms = (now - started).as_millis() as u64;
            self.notes.endpoints[endpoint].unanswered.add(Unanswered { count: 1, oldest_ms });
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
        self.notes.served.truncate(measured.as_millis() as usize);
        measured
    }

    /// Gives up on what is still in flight, and hands over all notes.
    pub fn finish(&mut self, now: Instant) -> Notes {
        for (endpoint, started) in mem::take(&mut self.in_flight).into_iter().flatten() {
            self.abandon(endpoint, started, now);
        }
        mem::take(&mut self.notes)
    }
}
