//! The simulator: its state, and the loop over events.

use std::{cmp::Reverse, collections::BinaryHeap};

use fastrand::Rng;

use super::{
    cpu::{Capped, Cpu, Shared},
    fifo::{FifoQueue, Timed},
    model::{Arrivals, Latency, Model, Outcome},
    statistics::Statistics,
};

/// How many requests to measure: at least this many in all, and this many per user.
const COUNTED: usize = 20_000;
const COUNTED_PER_USER: usize = 10;

/// The stage of a request.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Stage {
    /// Not begun: the user thinks, or the time of the request is in the future.
    Outside,
    /// With the load generator.
    Sending,
    /// With the server, before the database.
    Asking,
    /// Waiting for a connection. The number tells this wait from earlier ones of the request, which timed out.
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

/// A thread that works on one request at a time.
pub(super) struct Thread {
    pub queue: FifoQueue,
    /// `None` when the thread computes on the machine of the database.
    pub capped: Option<Capped>,
    pub used_s: f64,
}

/// Something that happens at a set time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Event {
    /// A request finishes a stage.
    Request(usize),
    /// The wait of a request for a connection times out, if it still waits.
    Patience(usize, u32),
    /// The next request of an open loop arrives.
    Arrival,
}

pub(super) struct Simulator<'a> {
    pub model: &'a Model,
    pub random: Rng,
    pub now: f64,
    events: BinaryHeap<Reverse<Timed<Event>>>,
    pub machine: Shared,
    pub generator: Thread,
    pub servers: Vec<Thread>,
    /// `None` for a server for which the database had no free connection.
    pub pools: Vec<Option<FifoQueue>>,
    pub requests: Vec<Request>,
    /// Requests of an open loop that have ended, to be reused.
    pub idle: Vec<usize>,
    /// The server that got the last request.
    pub turn: usize,
    pub statistics: Statistics,
}

impl<'a> Simulator<'a> {
    pub fn new(model: &'a Model, seed: u64) -> Self {
        let thread =
            || Thread { queue: FifoQueue::new(1), capped: model.server_cpu.map(Capped::new), used_s: 0.0 };
        let mut slots = model.slots;
        let mut pool = || {
            let size = model.pool.min(slots);
            slots -= size;
            (size > 0).then(|| FifoQueue::new(size))
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
            statistics: Statistics::default(),
        }
    }

    pub fn run(mut self) -> Outcome {
        let users = match self.model.arrivals {
            Arrivals::Users(users, _) => users,
            Arrivals::Even(_) | Arrivals::Random(_) => 0,
        };
        for _ in 0..users {
            let user = self.new_request();
            // The users do not all begin at the same moment.
            let pause_s = self.random.f64() * self.model.demand.server_s.max(1e-6);
            self.at(pause_s, Event::Request(user));
        }
        if users == 0 {
            self.at(0.0, Event::Arrival);
        }
        let requests = COUNTED.max(COUNTED_PER_USER * users);
        self.run_until(requests / 4);
        self.statistics = self.statistics.restart(self.now, self.machine.used_s());
        self.servers.iter_mut().for_each(|server| server.used_s = 0.0);
        self.run_until(requests);
        self.outcome()
    }

    fn run_until(&mut self, ended: usize) {
        while self.statistics.ended() < ended {
            let time = self.events.peek().map(|Reverse(at)| at.time);
            match (time, self.machine.next()) {
                (None, None) => return,
                (time, Some(computed)) if time.is_none_or(|time| computed <= time) => {
                    self.now = computed;
                    if let Some(request) = self.machine.finish(computed) {
                        self.advance(request);
                    }
                }
                _ => self.next_event(),
            }
        }
    }

    fn next_event(&mut self) {
        let Some(Reverse(Timed { time, what })) = self.events.pop() else { return };
        self.now = time;
        match what {
            Event::Request(request) => self.advance(request),
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
        self.advance(request);
    }

    fn new_request(&mut self) -> usize {
        self.requests.push(Request { stage: Stage::Outside, server: 0, began: 0.0, asked: 0.0, waits: 0 });
        self.requests.len() - 1
    }

    pub fn at(&mut self, time: f64, event: Event) {
        self.events.push(Reverse(Timed { time, what: event }));
    }

    /// A random number with an exponential distribution.
    pub fn exponential(&mut self, mean: f64) -> f64 {
        -mean * (1.0 - self.random.f64()).ln()
    }

    fn outcome(mut self) -> Outcome {
        self.statistics.change_lent(self.now, 0);
        let Self { model, statistics, .. } = self;
        let elapsed_s = (self.now - statistics.since).max(f64::MIN_POSITIVE);
        let busiest_s = self.servers.iter().map(|server| server.used_s).fold(0.0, f64::max);
        let server_cores = model.server_cpu.map_or(1.0, Cpu::cores);
        let ok = statistics.latencies.len() as f64;
        Outcome {
            ok_per_s: ok / elapsed_s,
            success_rate: ok / (statistics.ended() as f64).max(1.0),
            waiting_s: statistics.waited_s / statistics.waits.max(1) as f64,
            server_busy: (busiest_s / elapsed_s / server_cores).min(1.0),
            machine_busy: (self.machine.used_s() - statistics.machine_s) / elapsed_s / model.cores,
            connections: statistics.lent_s / elapsed_s,
            without_connection: self.pools.iter().filter(|pool| pool.is_none()).count(),
            latency: Latency::of(statistics.latencies),
        }
    }
}
