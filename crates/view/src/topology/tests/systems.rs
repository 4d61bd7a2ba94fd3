//! Systems to draw.

use std::time::Duration;

use compose::service_spec::{Build, CpuCap, Nginx, Port, Postgres, Program, Prometheus, Redis};
use process::Identity;
use project::status::{Phase, ServiceStatus};

use crate::topology::*;

fn service(name: &str, port: u16, kind: Kind) -> Service {
    let port = Some(Port { native: port, published: port, inside: port }).filter(|port| port.native > 0);
    Service {
        name: name.to_owned(),
        port,
        cpu_cap: None,
        restarts: 0,
        after: Vec::new(),
        kind,
        container: None,
    }
}

pub fn program(name: &str, port: u16, environment: &[(&str, &str)]) -> Service {
    let build = Build { package: "app".to_owned(), bin: "app".to_owned(), release: true };
    let environment =
        environment.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let kind = Kind::Program(Program { build, executable: "app".into(), environment });
    let period = Duration::from_millis(20);
    let cpu_cap = Some(CpuCap { quota: Duration::from_millis(2), period });
    Service { cpu_cap, ..service(name, port, kind) }
}

pub fn postgres() -> Service {
    let words = || "app".to_owned();
    service(
        "db",
        5444,
        Kind::Postgres(Postgres {
            settings: vec!["max_connections=20".to_owned()],
            user: words(),
            password: words(),
            database: words(),
            scripts: Vec::new(),
            template: words(),
        }),
    )
}

pub const STORES: [(&str, &str); 2] = [
    ("DATABASE_URL", "postgres://app:3000@127.0.0.1:5444/app"),
    ("REDIS_URL", "redis://:app@127.0.0.1:6382"),
];

/// So many servers behind an nginx, and a database and a cache behind them.
pub fn scaled(servers: u16) -> Spec {
    let ports = || 3000..3000 + servers;
    let upstream: String = ports().map(|port| format!("server 127.0.0.1:{port};")).collect();
    let nginx = Kind::Nginx(Nginx {
        source: "nginx.conf".into(),
        config: format!("http {{ upstream app {{ {upstream} }} }}"),
    });
    let programs = ports().map(|port| program(&format!("app{}", port - 2999), port, &STORES));
    let redis =
        service("redis", 6382, Kind::Redis(Redis { arguments: Vec::new(), password: "app".to_owned() }));
    let first = [postgres(), redis];
    let prometheus = Kind::Prometheus(Prometheus { arguments: Vec::new(), config: String::new() });
    let last = [service("nginx", 8080, nginx), service("prometheus", 9090, prometheus)];
    plan(first.into_iter().chain(programs).chain(last).collect())
}

pub fn plan(services: Vec<Service>) -> Spec {
    Spec {
        version: project::spec_file::VERSION,
        generation: 1,
        variant: Default::default(),
        engine: compose::service_spec::Engine::Native,
        watch: false,
        rolling: false,
        read_files: Default::default(),
        services,
    }
}

/// All of `spec` runs.
pub fn running(spec: &Spec) -> Status {
    let service = |service: &Service| ServiceStatus {
        name: service.name.clone(),
        phase: Phase::Ready,
        detail: "answers".to_owned(),
        port: service.port.map(|port| port.native),
        uncapped: None,
        ready_after_ms: None,
        looks_on: service.looks_on(),
        process: None,
        ended: None,
    };
    let supervisor = Identity::of(std::process::id()).unwrap();
    let mut status = Status::new(supervisor, Default::default());
    status.services = spec.services.iter().map(service).collect();
    status
}

/// Each server answers 402 requests per second, and has all of its 3 connections in use.
pub fn busy(spec: &Spec) -> Rates {
    let rates = ServerRates {
        answers: Some(true),
        requests_per_s: Some(402.3),
        errors_per_s: Some(0.0),
        queries_per_s: Some(640.0),
        in_use: Some(3.0),
        at_most: Some(3.0),
        gave_up_per_s: Some(0.0),
        found: Some(0.25),
        redis_calls_per_s: Some(512.0),
        redis_failures_per_s: Some(0.0),
        cpu_cores: Some(0.098),
    };
    let servers = spec.services.iter().filter(|service| service.program().is_some());
    Rates {
        servers: servers.map(|service| (service.name.clone(), rates)).collect(),
        connections: Some(9.0),
        load: Some("measuring".to_owned()),
    }
}

pub fn topology(spec: &Spec, state: Option<&Status>, rates: &Rates) -> Topology {
    let entry = spec.service("nginx").or(spec.service("app1")).unwrap();
    Topology::of(spec, state, entry, rates)
}
