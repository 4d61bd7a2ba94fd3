//! Addresses: in the compose file services call each other `name:port`; natively all are on 127.0.0.1.

use std::{collections::BTreeMap, net::Ipv4Addr};

use anyhow::{Context, bail};
use regex_lite::{Captures, Regex};

use crate::{
    Compose,
    service_spec::{Port, Service},
};

/// What clients take where a URL names no port. Source: the manuals of PostgreSQL ("Connection Strings") and Redis, RFC 9110.
const DEFAULT_PORTS: [(&str, u16); 5] =
    [("postgres", 5432), ("postgresql", 5432), ("redis", 6379), ("http", 80), ("https", 443)];

/// The ports of the services that have one, and the address on which services listen.
pub struct Addresses {
    ports: BTreeMap<String, Port>,
    /// 127.0.0.1; in the lab's own container all addresses.
    pub listen: Ipv4Addr,
}

impl Addresses {
    /// Gives each service a port: the one that `allocate` finds for a published port, beside those in use already. A
    /// service that runs already (in `running`) keeps its own.
    ///
    /// # Errors
    /// Names the service whose `ports` cannot be used, or for which nothing is free.
    pub fn assign(
        compose: &Compose,
        running: &[Service],
        listen: Ipv4Addr,
        allocate: impl Fn(u16, &[u16]) -> anyhow::Result<u16>,
    ) -> anyhow::Result<Self> {
        let mut wanted = Vec::new();
        for (name, service) in &compose.services {
            let port = published(&service.ports).with_context(|| format!("service {name}: ports"))?;
            wanted.extend(port.map(|port| (name, port)));
        }
        let mut given: BTreeMap<String, Port> = BTreeMap::new();
        for &(name, (published, inside)) in &wanted {
            let kept = running
                .iter()
                .filter(|old| old.name == *name)
                .find_map(|old| old.port.filter(|port| port.published == published));
            // No service moves to a port that another service of ours uses or asks for.
            let others = wanted.iter().filter(|other| other.0 != name).map(|other| other.1.0);
            let reserved: Vec<u16> = others.chain(given.values().map(|port| port.native)).collect();
            let native = match kept {
                Some(port) => port.native,
                None => allocate(published, &reserved)?,
            };
            given.insert(name.clone(), Port { native, published, inside });
        }
        Ok(Self { ports: given, listen })
    }

    /// The port of the service `name`, if it has one. Upper and lower case are the same, as in DNS.
    pub fn port(&self, name: &str) -> Option<Port> {
        self.ports.iter().find(|(service, _)| service.eq_ignore_ascii_case(name)).map(|(_, port)| *port)
    }

    /// Writes the port after each service in the URLs of `text` that name none: `redis://redis` becomes
    /// `redis://redis:6379`.
    ///
    /// # Errors
    /// When the lab does not know the default port of the URL's scheme.
    pub fn name_ports(&self, text: &str) -> anyhow::Result<String> {
        let url =
            Regex::new(r#"([A-Za-z][A-Za-z0-9+.-]*)(://(?:[^@/\s"']*@)?)([A-Za-z0-9_.-]+)($|[/,;?\s"'$])"#)?;
        let mut unknown = None;
        let named = url.replace_all(text, |found: &Captures| {
            let (scheme, name) = (&found[1], &found[3]);
            let Some(port) = self.port(name) else { return found[0].to_owned() };
            let default = DEFAULT_PORTS.iter().find(|(known, _)| scheme.eq_ignore_ascii_case(known));
            if default.is_none() {
                unknown = Some(format!("`{scheme}://{name}` needs a port: write {name}:{}", port.inside));
            }
            let number = default.map_or(port.inside, |(_, number)| *number);
            format!("{scheme}{}{name}:{number}{}", &found[2], &found[4])
        });
        match unknown {
            Some(unknown) => bail!(unknown),
            None => Ok(named.into_owned()),
        }
    }

    /// Replaces each `service:port` in `text` by where that service listens here. `0.0.0.0` is the service itself
    /// (`own_name`), which listens where `listen` says.
    ///
    /// # Errors
    /// When a service is asked for on a port that it does not listen on.
    pub fn rewrite(&self, text: &str, own_name: &str) -> anyhow::Result<String> {
        // A `user:password@` looks much the same, so what follows the number counts.
        let address = Regex::new(r#"([A-Za-z0-9_.-]+):(\d+)($|[/,;?\s"'$])"#)?;
        let mut wrong = None;
        let rewritten = address.replace_all(text, |found: &Captures| {
            let (name, address) = match &found[1] {
                "0.0.0.0" => (own_name, self.listen),
                other => (other, Ipv4Addr::LOCALHOST),
            };
            match self.port(name) {
                Some(port) if port.inside.to_string() == found[2] => {
                    format!("{address}:{}{}", port.native, &found[3])
                }
                Some(port) => {
                    let (right, asked) = (port.inside, &found[2]);
                    wrong = Some(format!("{name} listens on {right}, not on {asked}: write {name}:{right}"));
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
}

/// `(3000, 80)` of `["127.0.0.1:3000:80"]`.
///
/// # Errors
/// When there is more than one, or it is not published on loopback.
pub fn published(ports: &[String]) -> anyhow::Result<Option<(u16, u16)>> {
    let port = match ports {
        [] => return Ok(None),
        [port] => port,
        _ => bail!("needs one port at most, like \"127.0.0.1:3000:3000\""),
    };
    let (published, inside) = port
        .strip_prefix("127.0.0.1:")
        .and_then(|rest| rest.split_once(':'))
        .with_context(|| format!("\"{port}\" must read \"127.0.0.1:published:inside\""))?;
    let number = |text: &str| text.parse().with_context(|| format!("\"{text}\" is no port number"));
    Ok(Some((number(published)?, number(inside)?)))
}

#[cfg(test)]
impl From<&[(&str, Port)]> for Addresses {
    fn from(ports: &[(&str, Port)]) -> Self {
        let ports = ports.iter().map(|(name, port)| ((*name).to_owned(), *port)).collect();
        Self { ports, listen: Ipv4Addr::LOCALHOST }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rewrite(text: &str) -> anyhow::Result<String> {
        let ports = [
            ("db", Port { native: 5441, published: 5441, inside: 5432 }),
            ("feed", Port { native: 3001, published: 3000, inside: 3000 }),
        ];
        Addresses::from(&ports[..]).rewrite(text, "feed")
    }

    #[test]
    fn addresses_of_services_become_loopback_addresses() {
        assert_eq!(rewrite("0.0.0.0:3000").unwrap(), "127.0.0.1:3001");
        assert_eq!(
            rewrite("postgres://feed:x@db:5432/feed").unwrap(),
            "postgres://feed:x@127.0.0.1:5441/feed"
        );
        assert_eq!(rewrite("http://db:5432,feed:3000").unwrap(), "http://127.0.0.1:5441,127.0.0.1:3001");
        assert_eq!(rewrite("example:80").unwrap(), "example:80");
    }

    #[test]
    fn in_the_labs_container_only_the_service_itself_listens_on_all_addresses() {
        let port = |native, inside| Port { native, published: native, inside };
        let ports = [("db", port(5441, 5432)), ("feed", port(3001, 3000))];
        let addresses = Addresses { listen: Ipv4Addr::UNSPECIFIED, ..Addresses::from(&ports[..]) };
        let rewrite = |text| addresses.rewrite(text, "feed").unwrap();
        assert_eq!(rewrite("0.0.0.0:3000"), "0.0.0.0:3001");
        assert_eq!(rewrite("feed:3000,db:5432"), "127.0.0.1:3001,127.0.0.1:5441");
    }

    #[test]
    fn a_password_of_digits_is_no_port() {
        let url = "postgres://feed:3000@db:5432/feed";
        assert_eq!(rewrite(url).unwrap(), "postgres://feed:3000@127.0.0.1:5441/feed");
    }

    #[test]
    fn a_port_that_a_service_does_not_listen_on_is_an_error() {
        let error = rewrite("db:5433").unwrap_err();
        assert_eq!(error.to_string(), "db listens on 5432, not on 5433: write db:5432");
    }

    #[test]
    fn a_url_without_a_port_means_the_default_port_of_its_scheme() {
        let named = |text: &str| {
            let ports = [("db", 5432), ("redis", 6379), ("app", 3000)];
            let port = |inside| Port { native: inside, published: inside, inside };
            let ports = ports.map(|(name, inside)| (name, port(inside)));
            let addresses = Addresses::from(&ports[..]);
            addresses.name_ports(text).and_then(|text| addresses.rewrite(&text, "app"))
        };
        for (text, expected) in [
            ("postgres://feed:x@db/feed", "postgres://feed:x@127.0.0.1:5432/feed"),
            ("postgresql://db?user=feed", "postgresql://127.0.0.1:5432?user=feed"),
            ("redis://redis", "redis://127.0.0.1:6379"),
            ("redis://:x@Redis/0,redis://redis:6379", "redis://:x@127.0.0.1:6379/0,redis://127.0.0.1:6379"),
            ("https://example.org/redis", "https://example.org/redis"),
            ("postgres://db:x@elsewhere/feed", "postgres://db:x@elsewhere/feed"),
        ] {
            assert_eq!(named(text).unwrap(), expected);
        }
        let error = |text| named(text).unwrap_err().to_string();
        assert_eq!(error("http://app/path"), "app listens on 3000, not on 80: write app:3000");
        assert_eq!(error("ws://app"), "`ws://app` needs a port: write app:3000");
    }

    #[test]
    fn only_loopback_ports_are_published() {
        assert_eq!(published(&["127.0.0.1:3000:80".to_owned()]).unwrap(), Some((3000, 80)));
        assert_eq!(published(&[]).unwrap(), None);
        for wrong in ["3000:80", "0.0.0.0:3000:80", "127.0.0.1:x:80", "127.0.0.1:3000"] {
            assert!(published(&[wrong.to_owned()]).is_err(), "{wrong}");
        }
    }
}
