//! What a service waits for while the scenario starts, in words.

use compose::service_spec::{Kind, Service};

/// Before its process is started: the services that it depends on.
pub fn before_start(service: &Service) -> String {
    match &service.after[..] {
        [] => after_start(service).to_owned(),
        [name] => format!("waiting until {name} is ready"),
        [others @ .., last] => format!("waiting until {} and {last} are ready", others.join(", ")),
    }
}

/// Once its process is started: that it does its work.
pub fn after_start(service: &Service) -> &'static str {
    match &service.kind {
        Kind::Postgres(_) => "waiting until PostgreSQL accepts connections",
        Kind::Redis(_) => "waiting until Redis answers",
        Kind::Nginx(_) => "waiting until nginx answers",
        Kind::Program(_) if service.port.is_some() => "waiting until the program answers GET /readyz",
        Kind::Program(_) => "waiting half a second to see whether the program exits",
        Kind::Prometheus(_) => "waiting until Prometheus accepts connections",
        Kind::Page(_) => "waiting until the page answers",
    }
}
