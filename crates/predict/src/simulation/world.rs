//! The world in which requests run their course.

use std::{cmp::Reverse, collections::BinaryHeap};

use fastrand::Rng;

use super::{
    counted::Counted,
    cpu::{Capped, Cpu, Shared},
    line::{At, Line},
    model::{Arrivals, Latency, Model, Outcome},
};

/// Requests that are counted: at least so many, and so many per user.
const COUNTED: usize = 20_000;
const COUNTED_PER_USER: usize = 10;

/// Where a request stands.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Stage {
    /// Not begun: a user who thinks, or a time that has not come.
    Outside,
    /// With the load generator.
    Sending,
    /// With the server, before the database.
    Asking,
    /// Waiting for a connection, with the number of its wait: one that it gave up means nothing any more.
    Waiting(u32),
    /// Holding a connection, computing in the database.
    Querying,
    /// Holding a connection, waiting.
    Holding,
    /// With the server, after the database.
    Answering,
}

pub(super) struct Request {
    pub stage: Stage,
    pub server: usize,
    pub began: f64,
    pub asked: f64,
    pub waits: u32,
}

/// A thread that works on one request after the other.
pub(super) struct Thread {
    pub line: Line,
    /// `None` when it computes on the machine of the database.
    pub capped: Option<Capped>,
    pub used_s: f64,
}

/// Something that happens at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Event {
    /// A request goes on.
    Request(usize),
    /// A request may have waited long enough for its connection.
    Patience(usize, u32),
    /// The next one of an open load comes.
    Arrival,
}

pub(super) struct World<'a> {
    pub model: &'a Model,
    pub random: Rng,
    pub now: f64,
    events: BinaryHeap<Reverse<At<Event>>>,
    pub machine: Shared,
    pub generator: Thread,
    pub servers: Vec<Thread>,
    /// `None` for a server for which the database has no connection left.
    pub pools: Vec<Option<Line>>,
    pub requests: Vec<Request>,
    /// Requests of an open load that have ended, to be used again.
    pub idle: Vec<usize>,
    /// Whose turn it was last.
    pub turn: usize,
    pub counted: Counted,
}

impl<'a> World<'a> {
    pub fn new(model: &'a Model, seed: u64) -> Self {
        let thread = || Thread { line: Line::new(1), capped: model.server_cpu.map(Capped::new), used_s: 0.0 };
        let mut slots = model.slots;
        let mut pool = || {
            let size = model.pool.min(slots);
            slots -= size;
            (size > 0).then(|| Line::new(size))
        };
        Self {
            model,
            random: Rng::with_seed(seed),
            now: 0.0,
            events: BinaryHeap::new(),
            machine: Shared::new(model.cores),
            generator: Thread { capped: None, ..thread() },
            pools: (0..model.servers).map(|_| pool()).collect(),
            servers: (0..model.servers).map(|_| thread()).collect(),
            requests: Vec::new(),
            idle: Vec::new(),
            turn: 0,
            counted: Counted::default(),
        }
    }

    pub fn play(mut self) -> Outcome {
        let users = match self.model.arrivals {
            Arrivals::Users(users, _) => users,
            Arrivals::Even(_) | Arrivals::Random(_) => 0,
        };
        for _ in 0..users {
            let user = self.new_request();
            // Not all at the same moment.
            let pause_s = self.random.f64() * self.model.demand.server_s.max(1e-6);
            self.at(pause_s, Event::Request(user));
        }
        if users == 0 {
            self.at(0.0, Event::Arrival);
        }
        let counted = COUNTED.max(COUNTED_PER_USER * users);
        self.play_until(counted / 4);
        self.counted = self.counted.anew(self.now, self.machine.used_s());
        self.servers.iter_mut().for_each(|server| server.used_s = 0.0);
        self.play_until(counted);
        self.outcome()
    }

    fn play_until(&mut self, ended: usize) {
        while self.counted.ended() < ended {
            let time = self.events.peek().map(|Reverse(at)| at.time);
            match (time, self.machine.next()) {
                (None, None) => return,
                (time, Some(computed)) if time.is_none_or(|time| computed <= time) => {
                    self.now = computed;
                    if let Some(request) = self.machine.finish(computed) {
                        self.go_on(request);
                    }
                }
                _ => self.next_event(),
            }
        }
    }

    fn next_event(&mut self) {
        let Some(Reverse(At { time, what })) = self.events.pop() else { return };
        self.now = time;
        match what {
            Event::Request(request) => self.go_on(request),
            Event::Patience(request, wait) => {
                if self.requests[request].stage == Stage::Waiting(wait) {
                    self.note_wait(request);
                    self.fail(request);
                }
            }
            Event::Arrival => self.arrive(),
        }
    }

    fn arrive(&mut self) {
        let pause_s = match self.model.arrivals {
            Arrivals::Even(per_s) => 1.0 / per_s,
            Arrivals::Random(per_s) => self.exponential(1.0 / per_s),
            Arrivals::Users(..) => return,
        };
        self.at(self.now + pause_s, Event::Arrival);
        let request = self.idle.pop().unwrap_or_else(|| self.new_request());
        self.go_on(request);
    }

    fn new_request(&mut self) -> usize {
        self.requests.push(Request { stage: Stage::Outside, server: 0, began: 0.0, asked: 0.0, waits: 0 });
        self.requests.len() - 1
    }

    pub fn at(&mut self, time: f64, event: Event) {
        self.events.push(Reverse(At { time, what: event }));
    }

    /// With this mean, as times of work are that know nothing of how long they took already.
    pub fn exponential(&mut self, mean: f64) -> f64 {
        -mean * (1.0 - self.random.f64()).ln()
    }

    fn outcome(mut self) -> Outcome {
        self.counted.lend(self.now, 0);
        let Self { model, counted, .. } = self;
        let elapsed_s = (self.now - counted.since).max(f64::MIN_POSITIVE);
        let busiest_s = self.servers.iter().map(|server| server.used_s).fold(0.0, f64::max);
        let server_cores = model.server_cpu.map_or(1.0, Cpu::cores);
        let ok = counted.latencies.len() as f64;
        Outcome {
            ok_per_s: ok / elapsed_s,
            success_rate: ok / (counted.ended() as f64).max(1.0),
            waiting_s: counted.waited_s / counted.waits.max(1) as f64,
            server_busy: (busiest_s / elapsed_s / server_cores).min(1.0),
            machine_busy: (self.machine.used_s() - counted.machine_s) / elapsed_s / model.cores,
            connections: counted.lent_s / elapsed_s,
            without_connection: self.pools.iter().filter(|pool| pool.is_none()).count(),
            latency: Latency::of(counted.latencies),
        }
    }
}
