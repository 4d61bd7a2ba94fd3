//! Health checks: finds services that do not answer though their process runs. The supervisor sees only processes
//! that end, and Prometheus cannot tell of itself.

use std::{
    collections::BTreeMap,
    io::{self, Read, Write},
    net::{Ipv4Addr, TcpStream},
    sync::{Mutex, PoisonError},
    time::Duration,
};

use anyhow::ensure;
use compose::service_spec::{Kind, Service};
use project::{Scenario, spec_file::Spec};
use tokio::{task::spawn_blocking, time::sleep};

/// Between two questions.
const INTERVAL: Duration = Duration::from_secs(1);

/// A server under load may take its time.
const PATIENCE: Duration = Duration::from_secs(1);

/// Failed health checks in a row before a service counts as silent: one may be lost in a restart.
const IN_VAIN: u32 = 2;

/// How many questions in a row each did not answer.
#[derive(Default)]
pub struct HealthPoll(Mutex<BTreeMap<String, u32>>);

impl HealthPoll {
    /// Whether the service `name` does not answer.
    pub fn is_silent(&self, name: &str) -> bool {
        self.in_vain(name) >= IN_VAIN
    }

    /// Fails at once if Prometheus is known to be silent.
    ///
    /// # Errors
    /// When it is.
    pub fn expect_prometheus(&self, spec: &Spec) -> anyhow::Result<()> {
        let is_silent = spec.prometheus().is_some_and(|service| self.is_silent(&service.name));
        ensure!(!is_silent, "Prometheus does not answer");
        Ok(())
    }

    /// Asks for ever.
    pub async fn poll_forever(&self, scenario: &Scenario) {
        loop {
            let spec = Spec::read(scenario);
            // Each check has its own thread, so that a hanging service delays no other.
            let questions: Vec<_> = spec
                .iter()
                .flat_map(questions)
                .map(|(name, port, words)| (name, spawn_blocking(move || answers(port, words))))
                .collect();
            let mut now = BTreeMap::new();
            for (name, answers) in questions {
                let before = self.in_vain(&name);
                let count = if answers.await.is_ok_and(|answered| answered.is_ok()) {
                    0
                } else {
                    before.saturating_add(1)
                };
                now.insert(name, count);
            }
            *self.0.lock().unwrap_or_else(PoisonError::into_inner) = now;
            sleep(INTERVAL).await;
        }
    }

    fn in_vain(&self, name: &str) -> u32 {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(name).copied().unwrap_or_default()
    }
}

/// Whom to ask, where, and what: each in its own language, and nothing that it would count as a client's work.
fn questions(spec: &Spec) -> Vec<(String, u16, &'static [u8])> {
    let question = |service: &Service| {
        let words: &[u8] = match service.kind {
            Kind::Program(_) => b"GET /livez HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
            Kind::Prometheus(_) => b"GET /-/healthy HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
            // SSLRequest: S or N comes back before the login. Source: PostgreSQL manual, "Message Formats".
            Kind::Postgres(_) => b"\x00\x00\x00\x08\x04\xd2\x16\x2f",
            Kind::Redis(_) => b"PING\r\n",
            // No request, so that it is not passed on to a server.
            Kind::Nginx(_) => b"?\r\n\r\n",
            Kind::Page(_) => return None,
        };
        Some((service.name.clone(), service.port?.native, words))
    };
    spec.services.iter().filter_map(question).collect()
}

/// Whether anything comes back: any reply counts as an answer.
fn answers(port: u16, words: &[u8]) -> io::Result<()> {
    let mut asked = TcpStream::connect_timeout(&(Ipv4Addr::LOCALHOST, port).into(), PATIENCE)?;
    asked.set_read_timeout(Some(PATIENCE))?;
    asked.write_all(words)?;
    asked.read_exact(&mut [0])
}
