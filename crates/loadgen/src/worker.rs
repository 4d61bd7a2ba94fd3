//! One generator thread: a share of the users, on its own runtime.

use std::{
    cell::RefCell,
    io,
    net::SocketAddr,
    pin::pin,
    rc::Rc,
    sync::{Arc, atomic::AtomicBool, mpsc::Sender},
    time::{Duration, Instant},
};

use tokio::{
    runtime::{Builder, LocalOptions},
    task::JoinSet,
    time::timeout,
};

use crate::{
    Generator, Plan,
    arrivals::{Arrivals, Queue, Schedule},
    generator::{heartbeat::Heartbeat, meter::Meter},
    http::{client::Client, request::Request},
    recorder::{Recorder, Recording, Window},
    sequence::Sequence,
    ticks::{Tick, Ticker},
    user::{RequestTimeout, User},
};

/// How long a stopped run waits for answers. A run that was not stopped waits until the timeout of the last request.
const STOP_WAIT: Duration = Duration::from_secs(1);

/// The work of one generator thread.
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

/// The results of one thread, or of several together.
pub(crate) struct ThreadResults {
    pub recording: Recording,
    pub measured: Duration,
    /// All but the lag, which the recording has.
    pub generator: Generator,
}

impl ThreadResults {
    /// The results of two threads together.
    pub fn add(self, other: Self) -> Self {
        Self {
            recording: self.recording.add(other.recording),
            measured: self.measured.max(other.measured),
            generator: self.generator.add(other.generator),
        }
    }
}

impl Task<'_> {
    /// Runs this thread's users from warm-up to drain.
    ///
    /// # Errors
    /// The system refuses to make a runtime or a timer.
    pub fn run(self) -> io::Result<ThreadResults> {
        let runtime = Builder::new_current_thread().enable_all().build_local(LocalOptions::default())?;
        runtime.block_on(self.drive())
    }

    async fn drive(self) -> io::Result<ThreadResults> {
        let Window { from, until, .. } = self.window;
        let heartbeat = Heartbeat::start();
        let mine: Vec<_> = (self.thread..self.plan.users).step_by(self.threads).collect();
        let recorder = Rc::new(RefCell::new(Recorder::new(self.plan, self.window, mine.len())));
        let users = (0..mine.len()).map(|index| self.user(index, &recorder));
        let mut working = JoinSet::new();
        let mut arrivals = None;
        if let Some(rate_per_s) = self.plan.rate_per_s {
            let open = arrivals.insert(self.arrivals(rate_per_s, users, &recorder));
            working.spawn_local(open.clone().run());
        } else {
            for (user, nth) in users.zip(mine) {
                working.spawn_local(user.run(self.sequence(nth)));
            }
        }
        let mut drained = pin!(working.join_all());

        let timing = (self.plan.warm_up, from);
        let mut ticker = Ticker::new(self.thread, timing, &recorder, self.stop, self.ticks.clone());
        ticker.send_until(from).await;
        let meter = Meter::start();
        ticker.send_until(until).await;
        let generator = meter.stop();
        let measured = recorder.borrow_mut().close(Instant::now());
        let ended = tokio::select! {
            ended = &mut drained => ended,
            // The run was stopped, or the last timeouts are due now.
            () = ticker.send_until(until + self.plan.timeout) => {
                timeout(STOP_WAIT, drained).await.unwrap_or_default()
            }
        };
        ended.into_iter().collect::<io::Result<()>>()?;
        ticker.send();
        if let Some(arrivals) = arrivals {
            arrivals.abandon();
        }
        let recording = recorder.borrow_mut().finish(Instant::now());
        let stood_still_s = heartbeat.stop().as_secs_f64();
        Ok(ThreadResults { recording, measured, generator: Generator { stood_still_s, ..generator } })
    }

    fn user(&self, index: usize, recorder: &Rc<RefCell<Recorder>>) -> User {
        User {
            index,
            requests: self.requests.clone(),
            bytes: Vec::new(),
            client: Client::new(self.server),
            request_timeout: RequestTimeout::new(self.plan.timeout),
            recorder: recorder.clone(),
        }
    }

    /// Sequence `nth` of this run.
    fn sequence(&self, nth: usize) -> Sequence {
        Sequence::new(self.plan.seed.wrapping_add(nth as u64), &self.plan.endpoints)
    }

    fn arrivals(
        &self,
        rate_per_s: f64,
        users: impl Iterator<Item = User>,
        recorder: &Rc<RefCell<Recorder>>,
    ) -> Rc<Arrivals> {
        let origin = self.window.from - self.plan.warm_up;
        Rc::new(Arrivals {
            schedule: Schedule {
                origin,
                rate_per_s,
                thread: self.thread as u64,
                threads: self.threads as u64,
            },
            requests: self.requests.clone(),
            timeout: self.plan.timeout,
            recorder: recorder.clone(),
            queue: Queue::new(self.sequence(self.thread), users),
        })
    }
}
