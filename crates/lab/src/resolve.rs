//! From the compose file to the plan: gives out ports, rewrites addresses, knows the images.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use anyhow::{Context, bail};
use regex_lite::{Captures, Regex};

use crate::{
    compose::{self, Compose},
    images,
    plan::{Kind, Program, Service},
    ports,
};

/// Gives each service of `compose` (a file in `compose_dir`) a port and resolves its configuration. A service that
/// runs already (in `running`) keeps its port.
///
/// # Errors
/// Names the service and the value that cannot be used.
pub fn services(
    compose: &Compose,
    compose_dir: &Path,
    release: bool,
    running: &[Service],
) -> anyhow::Result<Vec<Service>> {
    let wanted = compose
        .services
        .iter()
        .map(|(name, service)| {
            let (published, inside) =
                published_port(&service.ports).with_context(|| format!("service {name}: ports"))?;
            Ok((name.as_str(), published, inside))
        })
        .collect::<anyhow::Result<Vec<_>>>()?;
    let mut ports: BTreeMap<&str, Port> = BTreeMap::new();
    for &(name, published, inside) in &wanted {
        let kept = running.iter().find(|old| old.name == name && old.published == published);
        // Nobody evades to where another service of ours is, or belongs.
        let others = wanted.iter().filter(|other| other.0 != name).map(|other| other.1);
        let reserved: Vec<u16> = others.chain(ports.values().map(|port| port.native)).collect();
        let native = match kept {
            Some(old) => old.port,
            None => ports::allocate(published, &reserved)?,
        };
        ports.insert(name, Port { native, published, inside });
    }
    let mut services = Vec::new();
    for name in compose.start_order()? {
        let Port { native, published, .. } = ports[name];
        let kind = kind(name, &compose.services[name], &ports, compose_dir, release)
            .with_context(|| format!("service {name}"))?;
        services.push(Service { name: name.to_owned(), port: native, published, kind });
    }
    Ok(services)
}

struct Port {
    native: u16,
    published: u16,
    inside: u16,
}

/// `(3000, 80)` of `["127.0.0.1:3000:80"]`.
fn published_port(ports: &[String]) -> anyhow::Result<(u16, u16)> {
    let [port] = ports else { bail!("needs exactly one port, like \"127.0.0.1:3000:3000\"") };
    let (published, inside) = port
        .strip_prefix("127.0.0.1:")
        .and_then(|rest| rest.split_once(':'))
        .with_context(|| format!("\"{port}\" must read \"127.0.0.1:published:inside\""))?;
    let number = |text: &str| text.parse().with_context(|| format!("\"{text}\" is no port number"));
    Ok((number(published)?, number(inside)?))
}

fn kind(
    name: &str,
    service: &compose::Service,
    ports: &BTreeMap<&str, Port>,
    compose_dir: &Path,
    release: bool,
) -> anyhow::Result<Kind> {
    let mut environment = BTreeMap::new();
    for (variable, value) in &service.environment {
        let value = rewrite(value, name, ports).with_context(|| format!("environment: {variable}"))?;
        environment.insert(variable.clone(), value);
    }
    match (&service.image, &service.build) {
        (Some(image), None) if image.starts_with("postgres:") => {
            Ok(Kind::Postgres(images::postgres(service, &environment, compose_dir)?))
        }
        (None, Some(build)) => Ok(Kind::Program(Program {
            package: build.args.package.clone(),
            bin: build.args.bin.clone(),
            release,
            executable: PathBuf::new(),
            environment,
        })),
        (Some(image), None) => bail!("the native engine does not know the image {image}"),
        _ => bail!("needs either `image` or `build`"),
    }
}

/// Replaces each `service:port` in `value` by where that service listens here. `0.0.0.0` is the service itself: in a
/// container it means everybody, and here nothing may listen beyond loopback.
fn rewrite(value: &str, own_name: &str, ports: &BTreeMap<&str, Port>) -> anyhow::Result<String> {
    // A `user:password@` looks much the same, so what follows the number counts.
    let address = Regex::new(r"([A-Za-z0-9_.-]+):(\d+)($|[/,;?\s])")?;
    let mut wrong = None;
    let rewritten = address.replace_all(value, |found: &Captures| {
        let name = if &found[1] == "0.0.0.0" { own_name } else { &found[1] };
        match ports.get(name) {
            Some(port) if port.inside.to_string() == found[2] => {
                format!("127.0.0.1:{}{}", port.native, &found[3])
            }
            Some(port) => {
                wrong = Some(format!("{name} listens on {}, not on {}", port.inside, &found[2]));
                String::new()
            }
            None => found[0].to_owned(),
        }
    });
    match wrong {
        Some(wrong) => bail!(wrong),
        None => Ok(rewritten.into_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ports() -> BTreeMap<&'static str, Port> {
        BTreeMap::from([
            ("db", Port { native: 5441, published: 5441, inside: 5432 }),
            ("feed", Port { native: 3001, published: 3000, inside: 3000 }),
        ])
    }

    #[test]
    fn addresses_of_services_become_loopback_addresses() {
        let rewrite = |value| rewrite(value, "feed", &ports()).unwrap();
        assert_eq!(rewrite("0.0.0.0:3000"), "127.0.0.1:3001");
        assert_eq!(rewrite("postgres://feed:x@db:5432/feed"), "postgres://feed:x@127.0.0.1:5441/feed");
        assert_eq!(rewrite("http://db:5432,feed:3000"), "http://127.0.0.1:5441,127.0.0.1:3001");
        assert_eq!(rewrite("example:80"), "example:80");
    }

    #[test]
    fn a_password_of_digits_is_no_port() {
        let url = "postgres://feed:3000@db:5432/feed";
        assert_eq!(rewrite(url, "feed", &ports()).unwrap(), "postgres://feed:3000@127.0.0.1:5441/feed");
    }

    #[test]
    fn a_port_that_a_service_does_not_listen_on_is_an_error() {
        let error = rewrite("db:5433", "feed", &ports()).unwrap_err();
        assert_eq!(error.to_string(), "db listens on 5432, not on 5433");
    }

    #[test]
    fn only_loopback_ports_are_published() {
        assert_eq!(published_port(&["127.0.0.1:3000:80".to_owned()]).unwrap(), (3000, 80));
        for wrong in ["3000:80", "0.0.0.0:3000:80", "127.0.0.1:x:80", "127.0.0.1:3000"] {
            assert!(published_port(&[wrong.to_owned()]).is_err(), "{wrong}");
        }
    }
}
