//! M/M/c: requests arrive independently, at random; `servers` of them are served at the same time; the others wait in one
//! queue.
//!
//! Source: A. K. Erlang, "Solution of some Problems in the Theory of Probabilities of Significance in Automatic
//! Telephone Exchanges" (1917); L. Kleinrock, "Queueing Systems" (1975), chapter 3.

/// One queue in front of several servers (or connections), with an open loop.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Queue {
    /// Servers, or connections.
    pub servers: usize,
    /// Requests that arrive per second.
    pub arrivals_per_s: f64,
    /// How long the service of one request takes, on average.
    pub service_s: f64,
}

impl Queue {
    /// Share of the time for which each server is busy. At 1 and above, the queue grows without end.
    pub fn utilization(&self) -> f64 {
        self.arrivals_per_s * self.service_s / self.servers as f64
    }

    /// Probability (0 to 1) that a request has to wait: Erlang's C. 1 where the queue grows without end.
    pub fn waits(&self) -> f64 {
        let utilization = self.utilization();
        if utilization >= 1.0 {
            return 1.0;
        }
        let offered = self.arrivals_per_s * self.service_s;
        // Erlang's B, from one server to the next: no factorial that could overflow.
        let blocked = (1..=self.servers).fold(1.0, |b, server| offered * b / (server as f64 + offered * b));
        blocked / (1.0 - utilization * (1.0 - blocked))
    }

    /// How long a request waits on average; `None` where the queue grows without end.
    pub fn mean_wait_s(&self) -> Option<f64> {
        let spare_per_s = self.servers as f64 / self.service_s - self.arrivals_per_s;
        (self.utilization() < 1.0).then(|| self.waits() / spare_per_s)
    }

    /// How long a request takes on average, its wait included; `None` where the queue grows without end.
    pub fn mean_response_s(&self) -> Option<f64> {
        Some(self.mean_wait_s()? + self.service_s)
    }

    /// The wait that a share `quantile` (0 to 1) of the requests does not exceed; `None` where the queue grows without
    /// end.
    pub fn wait_s(&self, quantile: f64) -> Option<f64> {
        let spare_per_s = self.servers as f64 / self.service_s - self.arrivals_per_s;
        let waits = self.waits();
        (self.utilization() < 1.0).then(|| ((waits / (1.0 - quantile)).ln() / spare_per_s).max(0.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn queue(servers: usize, arrivals_per_s: f64) -> Queue {
        Queue { servers, arrivals_per_s, service_s: 1.0 }
    }

    fn close(one: f64, other: f64) -> bool {
        (one - other).abs() < 1e-4
    }

    #[test]
    fn with_one_server_a_request_waits_as_often_as_the_server_works() {
        assert!(close(queue(1, 0.8).waits(), 0.8));
        assert!(close(queue(1, 0.8).mean_response_s().unwrap_or_default(), 5.0));
    }

    /// From printed tables of Erlang's C.
    #[test]
    fn tables_agree() {
        assert!(close(queue(2, 1.0).waits(), 0.3333));
        assert!(close(queue(3, 2.0).waits(), 0.4444));
        assert!(close(queue(10, 8.0).waits(), 0.4092));
    }

    #[test]
    fn a_queue_that_gets_more_than_it_can_serve_has_no_end() {
        assert_eq!(queue(2, 2.0).mean_wait_s(), None);
        assert!(queue(2, 1.99).mean_wait_s().is_some_and(|wait_s| wait_s > 90.0));
        assert_eq!(queue(2, 2.0).waits(), 1.0);
    }

    #[test]
    fn who_need_not_wait_waits_no_time() {
        let queue = queue(10, 1.0);
        assert_eq!(queue.wait_s(0.99), Some(0.0));
    }

    #[test]
    fn a_thousand_servers_overflow_nothing() {
        let wait_s = queue(1_000, 990.0).mean_wait_s();
        assert!(wait_s.is_some_and(|wait_s| wait_s.is_finite() && wait_s > 0.0));
    }
}
