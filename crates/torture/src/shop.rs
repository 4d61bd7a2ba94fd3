//! Scenario 4 with three servers behind nginx, and clients that order and read while something is done to them.

use std::{
    net::SocketAddr,
    sync::{
        Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use loadgen::{Balance, Endpoint, Figures, Ledger, Plan};
use testkit::exchange;

use crate::{
    clients::while_clients_run,
    lab::Lab,
    program::{Program, post},
    promise::Trial,
};

pub const SERVERS: [&str; 3] = ["app1", "app2", "app3"];

/// Clients that place an order with a key, each on a new connection.
const BUYERS: usize = 8;

/// Clients that read a product, on connections that they keep.
const READERS: usize = 8;

pub struct Shop {
    pub lab: Lab,
    nginx: SocketAddr,
}

impl Shop {
    /// The lesson's solution has two servers; the third is a copy of the second.
    pub fn open() -> Self {
        let lab = Lab::new();
        let compose = lab.read("docs/scenario-4/solution/scenario-4.yml");
        let (before, rest) = compose.split_once("  app2:\n    <<").expect("the solution has a second server");
        let (second, after) = rest.split_once("\n  nginx:").expect("nginx follows");
        let third = second.replace("app2", "app3").replace("3001", "3002");
        let compose = format!("{before}  app2:\n    <<{second}\n  app3:\n    <<{third}\n  nginx:{after}")
            // 15 of the 17 connections that PostgreSQL has.
            .replace("POOL_MAX_SIZE: 7", "POOL_MAX_SIZE: 5")
            .replace("max_connections=20]", "max_connections=20, -c, seed.orders=1000]")
            .replace("app2: { condition", "app3: { condition: service_started }\n      app2: { condition");
        lab.write("compose/scenario-4.yml", &compose);
        let server = "server app2:3000 max_fails=3 fail_timeout=2s;";
        let nginx = lab.read("docs/scenario-4/solution/scenario-4.conf");
        assert!(nginx.contains(server), "the solution's nginx has another line for its second server");
        let three = format!("{server} {}", server.replace("app2", "app3"));
        lab.write("compose/nginx/scenario-4.conf", &nginx.replace(server, &three));
        lab.up("4");
        let nginx = lab.address("nginx");
        Self { lab, nginx }
    }

    /// Repeats `fault` under load, at least `faults` times and until so many `requests` have been answered.
    pub fn under_load(
        &self,
        trial: &mut Trial,
        faults: usize,
        requests: u64,
        mut fault: impl FnMut(&mut Trial),
    ) -> Load {
        let (orders, read) = (Orders::default(), AtomicU64::new(0));
        let buy = |buyer, is_over: &AtomicBool| {
            for number in (0..).take_while(|_| !is_over.load(Ordering::Relaxed)) {
                self.order(&orders, &format!("orders-{buyer}-{number}"), number);
            }
        };
        let answered = || orders.sent.load(Ordering::Relaxed) + read.load(Ordering::Relaxed);
        let repeat_fault = || {
            let mut done = 0;
            while done < faults || answered() < requests {
                fault(trial);
                done += 1;
            }
            done
        };
        // One load generator is all readers.
        let (mut reads, (_, done)) = while_clients_run(
            1,
            |_, is_over| self.read(is_over, &read),
            || while_clients_run(BUYERS, buy, repeat_fault),
        );
        let reads = reads.remove(0);
        let stored = self.lab.sql(Program::Orders.stored());
        let balance = orders.ledger.balance(stored.lines().map(str::to_owned));
        let failures = orders.failures.into_inner().expect("nobody panics while holding this");
        Load { orders: orders.sent.into_inner(), failures, reads, balance, faults: done }
    }

    /// Places one order of one piece. All but a 201 is a failure.
    fn order(&self, orders: &Orders, key: &str, number: usize) {
        let body = format!(r#"{{"productId": {}, "quantity": 1}}"#, 1 + number % 5_000);
        let request = post("/orders", &format!("Idempotency-Key: {key}\r\n"), &body);
        orders.ledger.invoked(key);
        let failure = match exchange(self.nginx, request.as_bytes()) {
            Ok(answer) if answer.status == 201 => {
                orders.ledger.ok(key);
                None
            }
            Ok(answer) => Some(format!("{key}: {answer}")),
            Err(error) => Some(format!("{key}: {error}")),
        };
        orders.sent.fetch_add(1, Ordering::Relaxed);
        if let Some(failure) = failure {
            orders.failures.lock().expect("nobody panics while holding this").push(failure);
        }
    }

    fn read(&self, is_over: &AtomicBool, read: &AtomicU64) -> Figures {
        let plan = Plan {
            target: self.nginx.to_string(),
            endpoints: vec![Endpoint::get("/products/{1..5000}")],
            users: READERS,
            rate_per_s: None,
            warm_up: Duration::ZERO,
            duration: Duration::from_secs(3_600),
            timeout: Duration::from_secs(10),
            blocks: 1,
            threads: 1,
            seed: 1,
        };
        let run = loadgen::run(&plan, is_over, |progress| read.store(progress.ok, Ordering::Relaxed));
        run.expect("the plan is sound").summary().total
    }
}

/// What the buyers sent and got.
#[derive(Default)]
struct Orders {
    ledger: Ledger,
    sent: AtomicU64,
    failures: Mutex<Vec<String>>,
}

/// What the clients sent and got.
pub struct Load {
    orders: u64,
    /// Of the orders.
    failures: Vec<String>,
    reads: Figures,
    balance: Balance,
    /// How often something was done to the servers meanwhile.
    pub faults: usize,
}

impl Load {
    /// In the words of the target, with the first failures.
    pub fn measured(&self) -> String {
        let some: String = self.failures.iter().take(3).map(|failure| format!("; {failure}")).collect();
        format!(
            "{} failed of {} ({} reads were sent again on a new connection); orders: {}{some}",
            self.failed(),
            self.orders + self.answered_reads(),
            self.reads.retried,
            self.balance,
        )
    }

    pub fn holds(&self) -> bool {
        self.failed() == 0 && self.balance.holds() && self.balance.ok > 0
    }

    fn failed(&self) -> u64 {
        self.failures.len() as u64 + self.answered_reads() - self.reads.ok
    }

    /// Without those that still waited when the load ended.
    fn answered_reads(&self) -> u64 {
        self.reads.requests - self.reads.unanswered.count
    }
}
