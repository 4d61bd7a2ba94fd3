//! A promise, and what became of it.

use std::{any::Any, panic, time::Instant};

/// Something that holds when things go wrong.
pub struct Promise {
    /// Its row in the table.
    pub number: u32,
    /// What holds, in a sentence.
    pub text: &'static str,
    /// The figure that is to be reached.
    pub target: &'static str,
    /// The test. It panics when it cannot run.
    pub test: fn(&mut Trial) -> Outcome,
}

/// What is given to one test: how much to do, and the source of all that happens at random.
pub struct Trial {
    /// Small figures in place of the full ones.
    pub is_short: bool,
    pub random: fastrand::Rng,
}

impl Trial {
    pub fn new(seed: u64, is_short: bool) -> Self {
        Self { is_short, random: fastrand::Rng::with_seed(seed) }
    }

    /// How often to do something.
    pub fn times(&self, full: usize, short: usize) -> usize {
        if self.is_short { short } else { full }
    }
}

/// What a test did and saw.
pub struct Outcome {
    /// What was done, with its figures.
    pub done: String,
    /// What was measured, in the words of the target.
    pub measured: String,
    /// Whether the promise held.
    pub held: bool,
}

/// A row of the table.
pub struct Row {
    pub promise: &'static Promise,
    /// An error is the reason why it could not be tried.
    pub outcome: Result<Outcome, String>,
    pub seconds: u64,
}

impl Row {
    pub fn holds(&self) -> bool {
        self.outcome.as_ref().is_ok_and(|outcome| outcome.held)
    }
}

impl Promise {
    /// Tries it. A test that panics has not tried it, and the promise does not hold.
    pub fn try_it(&'static self, mut trial: Trial) -> Row {
        let started = Instant::now();
        let outcome = panic::catch_unwind(panic::AssertUnwindSafe(|| (self.test)(&mut trial)));
        let seconds = started.elapsed().as_secs();
        Row { promise: self, outcome: outcome.map_err(|panic| reason(panic.as_ref())), seconds }
    }
}

/// What a panic says.
fn reason(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str).or(panic.downcast_ref::<&str>().copied());
    text.unwrap_or("the test panicked").to_owned()
}
