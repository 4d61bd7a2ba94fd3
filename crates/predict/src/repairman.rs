//! The machine-repairman model (M/M/c with a finite number of customers): each user thinks, sends a request, and waits for
//! the answer before thinking again. The queue is never longer than the number of users. A load test with N users fits
//! this model, not M/M/c.
//!
//! Source: L. Kleinrock, "Queueing Systems" (1975), section 3.8; R. Jain, "The Art of Computer Systems Performance
//! Analysis" (1991), chapter 32.

/// Users around one queue.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Repairman {
    /// Users.
    pub users: usize,
    /// How long each user thinks before the next request, on average; 0 for the users of a load test.
    pub think_s: f64,
    /// Servers, or connections.
    pub servers: usize,
    /// How long the service of one request takes, on average.
    pub service_s: f64,
}

impl Repairman {
    /// Answers per second.
    pub fn per_s(&self) -> f64 {
        let most = |inside: usize| inside.min(self.servers) as f64 / self.service_s;
        if self.think_s <= 0.0 {
            return most(self.users);
        }
        // The probability of each number of users inside, relative to the one before it. Only their sums matter, and they
        // are scaled down together before they grow too large.
        let (mut relative, mut all, mut answered) = (1.0_f64, 1.0_f64, 0.0_f64);
        for inside in 1..=self.users {
            let outside = (self.users - inside + 1) as f64;
            relative *= outside / self.think_s / most(inside);
            all += relative;
            answered += relative * most(inside);
            if all > 1e200 {
                (relative, all, answered) = (relative / all, 1.0, answered / all);
            }
        }
        answered / all
    }

    /// How long a request takes on average, including its wait, by Little's law.
    pub fn mean_response_s(&self) -> f64 {
        self.users as f64 / self.per_s() - self.think_s
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fifty_users_on_three_connections_wait_for_each_other() {
        let jobs = Repairman { users: 50, think_s: 0.0, servers: 3, service_s: 0.05 };
        assert!((jobs.per_s() - 60.0).abs() < 1e-9);
        assert!((jobs.mean_response_s() - 50.0 / 60.0).abs() < 1e-9);
    }

    #[test]
    fn a_user_who_is_alone_waits_for_nobody() {
        let alone = Repairman { users: 1, think_s: 1.0, servers: 1, service_s: 0.5 };
        assert!((alone.mean_response_s() - 0.5).abs() < 1e-9);
    }

    /// Two users, one server, thinking as long as serving: the three states have the weights 1, 2, 2.
    #[test]
    fn two_users_of_one_server_by_hand() {
        let two = Repairman { users: 2, think_s: 1.0, servers: 1, service_s: 1.0 };
        assert!((two.per_s() - 0.8).abs() < 1e-9);
    }

    #[test]
    fn a_million_users_overflow_nothing() {
        let many = Repairman { users: 1_000_000, think_s: 1.0, servers: 10, service_s: 0.001 };
        assert!((many.per_s() - 10_000.0).abs() < 1.0);
    }
}
