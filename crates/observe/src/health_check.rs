//! Asks services whether they answer at all. The supervisor sees only processes that end.

use std::{
    collections::BTreeMap,
    io::{self, Read, Write},
    net::{Ipv4Addr, TcpStream},
    time::Duration,
};

use compose::service_spec::{Kind, Service};
use regex_lite::Regex;
use tokio::{net, spawn, task::spawn_blocking, time::timeout};

/// A server under load may take its time.
const PATIENCE: Duration = Duration::from_secs(1);

/// Asks each of `services` that has a health check, and returns whether it answers, by name. Takes a second at most.
pub async fn answers(services: &[Service]) -> BTreeMap<String, bool> {
    // Each check has its own thread, so that a hanging service delays no other.
    let checks =
        services.iter().filter_map(|service| Some((service.name.clone(), HealthCheck::of(service)?)));
    let asked = checks.map(|(name, check)| (name, spawn_blocking(move || check.is_answered())));
    let mut answers = BTreeMap::new();
    for (name, answer) in asked.collect::<Vec<_>>() {
        answers.insert(name, answer.await.unwrap_or(false));
    }
    answers
}

/// The addresses in the environment of each of `services` on which nothing accepts a connection, with the variable, by the
/// name of the service: `REDIS_URL: nothing listens on 127.0.0.1:6380`. In a container they are names that only containers
/// know, so none is tried. Takes a second at most.
pub async fn unreachable(services: &[Service]) -> BTreeMap<String, Vec<String>> {
    let url = Regex::new(r"://(?:[^@/\s]*@)?([A-Za-z0-9_.-]+:\d+)").expect("a regular expression");
    let mut asked = Vec::new();
    for service in services.iter().filter(|service| service.container.is_none()) {
        for (variable, value) in service.program().into_iter().flat_map(|program| &program.environment) {
            for found in url.captures_iter(value) {
                let address = found[1].to_owned();
                let connect = spawn(timeout(PATIENCE, net::TcpStream::connect(address.clone())));
                asked.push((&service.name, format!("{variable}: nothing listens on {address}"), connect));
            }
        }
    }
    let mut unreachable = BTreeMap::<_, Vec<_>>::new();
    for (service, sentence, connect) in asked {
        if !matches!(connect.await, Ok(Ok(Ok(_)))) {
            unreachable.entry(service.clone()).or_default().push(sentence);
        }
    }
    unreachable
}

/// What one service is asked: in its own language, and nothing that it would count as a client's work.
struct HealthCheck {
    port: u16,
    words: &'static [u8],
}

impl HealthCheck {
    /// The health check of `service`; `None` for the lab's own page and for a service without a port.
    fn of(service: &Service) -> Option<Self> {
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
        Some(Self { port: service.port?.native, words })
    }

    /// Whether anything comes back within a second: any reply counts as an answer. It blocks its thread.
    fn is_answered(&self) -> bool {
        self.ask().is_ok()
    }

    fn ask(&self) -> io::Result<()> {
        let mut asked = TcpStream::connect_timeout(&(Ipv4Addr::LOCALHOST, self.port).into(), PATIENCE)?;
        asked.set_read_timeout(Some(PATIENCE))?;
        asked.write_all(self.words)?;
        asked.read_exact(&mut [0])
    }
}
