//! What the simulation measures.

/// What was measured since the start, or since the warm-up ended.
#[derive(Default)]
pub(super) struct Statistics {
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

impl Statistics {
    /// Requests that ended.
    pub fn ended(&self) -> usize {
        self.latencies.len() + self.failed
    }

    /// Measures from `now` on. Connections that are lent out stay so.
    pub fn restart(&self, now: f64, machine_s: f64) -> Self {
        Self { since: now, lent: self.lent, lent_at: now, machine_s, ..Self::default() }
    }

    /// Lends out one connection more, or one less.
    pub fn change_lent(&mut self, now: f64, change: isize) {
        self.lent_s += self.lent as f64 * (now - self.lent_at);
        self.lent_at = now;
        self.lent = self.lent.saturating_add_signed(change);
    }
}
