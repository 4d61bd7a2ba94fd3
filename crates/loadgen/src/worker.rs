//! One generator thread: its share of the users, on a runtime of its own.

use std::{
    cell::RefCell,
    io,
    net::SocketAddr,
    pin::pin,
    rc::Rc,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc::Sender,
    },
    time::{Duration, Instant},
};

use tokio::{
    runtime::{Builder, LocalOptions},
    task::JoinSet,
    time::{Interval, MissedTickBehavior, interval_at, sleep_until, timeout},
};

use crate::{
    EndpointRun, Plan,
    client::Client,
    clocks::Meter,
    record::{Answers, Recorder, Window},
    request::Request,
    user::{Choice, Patience, User},
};

/// How often a thread reports, and notices that it should stop. Seconds are made of whole ticks.
pub(crate) const TICK: Duration = Duration::from_millis(200);

/// How long answers are waited for when the run was stopped. A run that ends by itself waits for all.
const STOP_WAIT: Duration = Duration::from_secs(1);

/// What a generator thread has to do.
pub(crate) struct Task<'a> {
    pub plan: &'a Plan,
    pub requests: Arc<[Request]>,
    pub server: SocketAddr,
    pub window: Window,
    /// Which of the threads this is, from 0.
    pub thread: usize,
    /// How many there are.
    pub threads: usize,
    pub stop: &'a AtomicBool,
    pub ticks: Sender<Tick>,
}

/// A thread's report of what arrived since the one before.
pub(crate) struct Tick {
    pub thread: usize,
    /// The second of measuring; `None` in the warm-up.
    pub second: Option<u64>,
    pub answers: Answers,
}

/// A thread's results.
pub(crate) struct Recorded {
    pub endpoints: Vec<EndpointRun>,
    /// For each millisecond of the window, whether a good answer arrived in it.
    pub served: Vec<bool>,
    pub measured: Duration,
    /// Used while measuring.
    pub cpu: Duration,
    /// `cpu` as a share (0 to 1) of the time.
    pub busy: f64,
}

impl Recorded {
    /// Both threads together.
    pub fn add(mut self, other: Self) -> Self {
        self.endpoints.iter_mut().zip(other.endpoints).for_each(|(mine, others)| mine.add(others));
        self.served.resize(self.served.len().max(other.served.len()), false);
        self.served.iter_mut().zip(other.served).for_each(|(mine, others)| *mine |= others);
        self.measured = self.measured.max(other.measured);
        self.cpu += other.cpu;
        self.busy = self.busy.max(other.busy);
        self
    }
}

impl Task<'_> {
    /// Runs this thread's users from warm-up to drain.
    ///
    /// # Errors
    /// The system refuses to make a runtime.
    pub fn run(self) -> io::Result<Recorded> {
        let runtime = Builder::new_current_thread().enable_all().build_local(LocalOptions::default())?;
        Ok(runtime.block_on(self.drive()))
    }

    async fn drive(self) -> Recorded {
        let Window { from, until, .. } = self.window;
        let mine = (self.thread..self.plan.users).step_by(self.threads);
        let recorder = Rc::new(RefCell::new(Recorder::new(self.plan, self.window, mine.len())));
        let mut drained = pin!(self.users(mine, &recorder).join_all());

        let mut reports = Reports::new(&self, &recorder);
        reports.send_until(from).await;
        let meter = Meter::start();
        reports.send_until(until).await;
        let (cpu, busy) = meter.stop();
        let measured = recorder.borrow_mut().close(Instant::now());
        tokio::select! {
            _ = &mut drained => (),
            () = reports.send_until(until + self.plan.timeout) => {
                // Stopped, or the last timeouts are due right now.
                _ = timeout(STOP_WAIT, drained).await;
            }
        }
        reports.send();

        let (endpoints, served) = recorder.borrow_mut().finish(Instant::now());
        Recorded { endpoints, served, measured, cpu, busy }
    }

    fn users(&self, mine: impl Iterator<Item = usize>, recorder: &Rc<RefCell<Recorder>>) -> JoinSet<()> {
        let weights = Choice::weights(&self.plan.endpoints);
        let mut users = JoinSet::new();
        for (index, user) in mine.enumerate() {
            users.spawn_local(
                User {
                    index,
                    requests: self.requests.clone(),
                    choice: Choice::new(self.plan.seed.wrapping_add(user as u64), weights.clone()),
                    numbers: fastrand::Rng::with_seed(self.plan.seed.wrapping_add(user as u64)),
                    bytes: Vec::new(),
                    client: Client::new(self.server),
                    patience: Patience::new(self.plan.timeout),
                    recorder: recorder.clone(),
                }
                .run(),
            );
        }
        users
    }
}

/// Sends a [`Tick`] again and again.
struct Reports<'a> {
    task: &'a Task<'a>,
    recorder: &'a RefCell<Recorder>,
    interval: Interval,
}

impl<'a> Reports<'a> {
    fn new(task: &'a Task<'a>, recorder: &'a RefCell<Recorder>) -> Self {
        // Measuring begins with a tick, so that seconds are made of whole ones.
        let beginning = task.window.from - task.plan.warm_up;
        let remainder = task.plan.warm_up.as_nanos() % TICK.as_nanos();
        let mut interval = interval_at((beginning + Duration::from_nanos(remainder as u64)).into(), TICK);
        interval.set_missed_tick_behavior(MissedTickBehavior::Skip);
        Self { task, recorder, interval }
    }

    /// Reports until it is `end`, or the run is stopped.
    async fn send_until(&mut self, end: Instant) {
        let mut ended = pin!(sleep_until(end.into()));
        while !self.task.stop.load(Ordering::Relaxed) {
            tokio::select! {
                biased;
                () = &mut ended => return,
                _ = self.interval.tick() => self.send(),
            }
        }
    }

    fn send(&self) {
        // Half a tick back is within what is reported, however late this runs.
        let middle = Instant::now() - TICK / 2;
        let second = middle.checked_duration_since(self.task.window.from).map(|since| since.as_secs());
        let answers = self.recorder.borrow_mut().take_recent();
        // Nobody listens any more only when the run has failed elsewhere.
        _ = self.task.ticks.send(Tick { thread: self.task.thread, second, answers });
    }
}
