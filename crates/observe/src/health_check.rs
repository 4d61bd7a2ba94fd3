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
/// name of the service: `REDIS_URL: nothing listens on 127.0.0.1:6380`. Takes a second at most.
pub async fn unreachable(services: &[Service]) -> BTreeMap<String, Vec<String>> {
    let mut asked = Vec::new();
    for (service, variable, address) in named(services) {
        let connect = spawn(timeout(PATIENCE, net::TcpStream::connect(address.clone())));
        asked.push((service, format!("{variable}: nothing listens on {address}"), connect));
    }
    let mut unreachable = BTreeMap::<_, Vec<_>>::new();
    for (service, sentence, connect) in asked {
        if !matches!(connect.await, Ok(Ok(Ok(_)))) {
            unreachable.entry(service.to_owned()).or_default().push(sentence);
        }
    }
    unreachable
}

/// The addresses that the environments of `services` name, as service, variable and address, without those that only
/// containers know: services that publish no port, and Docker's own names.
fn named(services: &[Service]) -> Vec<(&str, &str, String)> {
    let url = Regex::new(r"://(?:[^@/\s]*@)?(([A-Za-z0-9_.-]+):\d+)").expect("a regular expression");
    let is_inside = |host: &str| {
        host.ends_with(".internal") || services.iter().any(|other| other.name.eq_ignore_ascii_case(host))
    };
    let mut named = Vec::new();
    for service in services {
        for (variable, value) in service.program().into_iter().flat_map(|program| &program.environment) {
            let found = url.captures_iter(value);
            let found = found.filter(|found| service.container.is_none() || !is_inside(&found[2]));
            named.extend(found.map(|found| (&*service.name, &**variable, found[1].to_owned())));
        }
    }
    named
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
            // -NOAUTH comes back before the login.
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

#[cfg(test)]
mod tests {
    use compose::{
        docker_service::{Container, Docker},
        service_spec::{Build, Program},
    };

    use super::*;

    fn service(name: &str, container: bool, environment: &[(&str, &str)]) -> Service {
        let docker = Docker { program: "docker".into(), caps: true, file: "compose.json".into() };
        let build = Build { package: name.to_owned(), bin: name.to_owned(), release: false };
        let environment = environment.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Service {
            name: name.to_owned(),
            port: None,
            cpu_cap: None,
            restarts: 0,
            after: Vec::new(),
            kind: Kind::Program(Program {
                build,
                executable: name.into(),
                environment: environment.collect(),
            }),
            container: container.then(|| Container { docker, image: None, definition: String::new() }),
        }
    }

    #[test]
    fn in_a_container_only_names_of_containers_are_not_tried() {
        let environment = [
            ("A_URL", "postgres://app:p%40ss@127.0.0.1:5443/app"),
            ("B_URL", "redis://nowhere:6379"),
            ("C_URL", "redis://:secret@redis:6379/0 redis://Redis:6379"),
            ("D_URL", "http://host.docker.internal:8080/"),
            ("E", "0.0.0.0:3000"),
        ];
        let addresses = |container| {
            let services = [service("app", container, &environment), service("redis", container, &[])];
            named(&services)
                .into_iter()
                .map(|(_, name, address)| format!("{name} {address}"))
                .collect::<Vec<_>>()
        };
        assert_eq!(addresses(true), ["A_URL 127.0.0.1:5443", "B_URL nowhere:6379"]);
        assert_eq!(addresses(false).len(), 5);
    }
}
