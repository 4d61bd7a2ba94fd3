//! What is counted while a model plays.

/// What was counted since the numbers stand.
#[derive(Default)]
pub(super) struct Counted {
    pub since: f64,
    pub latencies: Vec<f64>,
    pub failed: usize,
    pub waited_s: f64,
    pub waits: usize,
    pub lent: usize,
    pub lent_s: f64,
    pub lent_at: f64,
    pub machine_s: f64,
}

impl Counted {
    /// Requests that ended.
    pub fn ended(&self) -> usize {
        self.latencies.len() + self.failed
    }

    /// Counts from `now` on; what is lent out stays so.
    pub fn anew(&self, now: f64, machine_s: f64) -> Self {
        Self { since: now, lent: self.lent, lent_at: now, machine_s, ..Self::default() }
    }

    /// A connection more, or one less.
    pub fn lend(&mut self, now: f64, change: isize) {
        self.lent_s += self.lent as f64 * (now - self.lent_at);
        self.lent_at = now;
        self.lent = self.lent.saturating_add_signed(change);
    }
}
