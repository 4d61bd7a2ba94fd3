//! Who asks whom, read off the plan.

use compose::{
    service_spec::{Kind, Service},
    write_nginx_conf,
};

/// Who asks whom, by their places in `services`: what an nginx passes on to, and whose address a program is given.
pub fn calls(services: &[Service]) -> Vec<(usize, usize)> {
    let mut calls = Vec::new();
    for (from, service) in services.iter().enumerate() {
        let asks = |other: &Service| match &service.kind {
            Kind::Nginx(nginx) => {
                let upstream = other.upstream();
                upstream
                    .is_some_and(|address| write_nginx_conf::passes_on_to(&nginx.config).contains(&address))
            }
            Kind::Program(program) => program.environment.values().any(|value| names(value, other)),
            _ => false,
        };
        let others = services.iter().enumerate().filter(|(to, other)| *to != from && asks(other));
        calls.extend(others.map(|(to, _)| (from, to)));
    }
    calls
}

/// Whether `value`, of an environment, has the address of `service` in it. `127.0.0.1:30001` is not `127.0.0.1:3000`.
fn names(value: &str, service: &Service) -> bool {
    let Some(port) = service.port else { return false };
    let addresses = [format!("127.0.0.1:{}", port.native), format!("{}:{}", service.name, port.inside)];
    addresses.iter().any(|address| {
        value.match_indices(address).any(|(start, _)| {
            let goes_on = |c: char| c.is_ascii_alphanumeric() || c == '.' || c == '-' || c == '_';
            let before = value[..start].chars().next_back();
            let after = value[start + address.len()..].chars().next();
            !before.is_some_and(goes_on) && !after.is_some_and(|c| c.is_ascii_digit())
        })
    })
}
