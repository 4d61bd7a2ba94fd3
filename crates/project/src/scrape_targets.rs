//! Which servers of a scenario Prometheus scrapes.

use compose::service_spec::{Kind, Service};

use crate::spec_file::Spec;

/// A server that answers at `/metrics`.
#[derive(Clone, Copy, Debug)]
pub struct Target<'a> {
    /// What kind of program it is.
    pub job: &'a str,
    /// Its own name.
    pub instance: &'a str,
    /// Where it listens, on 127.0.0.1.
    pub port: u16,
}

/// The programs that have a port, and the page, which reports on the database.
pub fn all(spec: &Spec) -> impl Iterator<Item = Target<'_>> {
    spec.services.iter().filter_map(|service: &Service| {
        let job = match &service.kind {
            Kind::Program(program) => program.build.package.as_str(),
            Kind::Page(_) => "lab",
            _ => return None,
        };
        Some(Target { job, instance: &service.name, port: service.port?.native })
    })
}
