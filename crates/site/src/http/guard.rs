//! Access control: only the lab's own page in a browser of this machine may send requests, and no foreign page. Who uses
//! that browser is the question of `login.rs`.
//!
//! Every web page that the learner visits can send requests to 127.0.0.1, and a foreign name can be made to mean
//! 127.0.0.1 (DNS rebinding). So the name that was asked for is looked at, and, before anything changes, where the
//! request comes from.
//!
//! Source: Fetch standard, "Origin header"; W3C, "Fetch Metadata Request Headers".

use std::{env, sync::Arc};

use actix_web::{
    Error, HttpResponse,
    body::{EitherBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::{Method, header},
    middleware::Next,
};

/// The host names of this server.
#[derive(Debug, Default)]
pub struct Hosts {
    /// How a Codespace publishes the port; `None` elsewhere.
    codespace: Option<String>,
}

impl Hosts {
    /// 127.0.0.1 and localhost with any port (a tunnel may have another one), and the name that a Codespace gives to
    /// `port`.
    pub fn of_this_machine(port: u16) -> Self {
        let name = env::var("CODESPACE_NAME").ok();
        let domain = env::var("GITHUB_CODESPACES_PORT_FORWARDING_DOMAIN").ok();
        Self {
            codespace: name
                .zip(domain)
                .map(|(name, domain)| format!("{name}-{port}.{domain}").to_lowercase()),
        }
    }

    /// Whether `host`, as in the header of that name, is one of ours.
    fn knows(&self, host: &str) -> bool {
        let host = host.to_ascii_lowercase();
        let is_local = ["127.0.0.1", "localhost", "[::1]"].iter().any(|name| {
            host.strip_prefix(name).is_some_and(|rest| match rest.strip_prefix(':') {
                None => rest.is_empty(),
                Some(port) => !port.starts_with('+') && port.parse::<u16>().is_ok(),
            })
        });
        is_local || self.codespace.as_ref() == Some(&host)
    }

    /// Whether a page at `origin` is a page of the server that is asked as `host`.
    fn is_ours(&self, origin: &str, host: &str) -> bool {
        let origin = origin.to_ascii_lowercase();
        match (origin.strip_prefix("http://"), origin.strip_prefix("https://")) {
            // A tunnel may have given it an address that we do not know.
            (_, Some(name)) if self.codespace.is_some() => self.codespace.as_deref() == Some(name),
            (Some(name), _) => name == host.to_ascii_lowercase(),
            _ => false,
        }
    }

    /// Why a request is refused; `None` when it is not. A duplicate header counts as missing.
    fn refusal(&self, method: &Method, header: impl Fn(&str) -> Option<String>) -> Option<&'static str> {
        let Some(host) = header("host").filter(|host| self.knows(host)) else {
            return Some("this page answers to 127.0.0.1 and localhost only; open it under that name");
        };
        if [Method::GET, Method::HEAD].contains(method) {
            return None;
        }
        let comes_from_here = match (header("origin"), header("sec-fetch-site")) {
            (Some(origin), site) => {
                self.is_ours(&origin, &host) && site.is_none_or(|site| site == "same-origin")
            }
            (None, site) => site.as_deref() == Some("same-origin"),
        };
        (!comes_from_here).then_some("this request did not come from the lab's own page; nothing was changed")
    }
}

/// Lets a request through, or answers 403.
pub async fn around<B: MessageBody>(
    hosts: Arc<Hosts>,
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B>>, Error> {
    let header = |name: &str| {
        let mut values = request.headers().get_all(name);
        match (values.next(), values.next()) {
            (Some(value), None) => value.to_str().ok().map(str::to_owned),
            _ => None,
        }
    };
    match hosts.refusal(request.method(), header) {
        None => Ok(next.call(request).await?.map_into_left_body()),
        Some(why) => {
            let answer = HttpResponse::Forbidden().insert_header(header::ContentType::plaintext()).body(why);
            Ok(request.into_response(answer).map_into_right_body())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(hosts: &Hosts, method: Method, headers: &[(&str, &str)]) -> bool {
        let find =
            |name: &str| headers.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned());
        hosts.refusal(&method, find).is_none()
    }

    #[test]
    fn only_names_of_this_machine_are_answered() {
        let hosts = Hosts { codespace: Some("quiet-owl-3010.app.github.dev".to_owned()) };
        for host in [
            "127.0.0.1",
            "127.0.0.1:3010",
            "localhost:9",
            "LOCALHOST:3010",
            "[::1]:3010",
            "quiet-owl-3010.app.github.dev",
        ] {
            assert!(asked(&hosts, Method::GET, &[("host", host)]), "{host}");
        }
        for host in [
            "",
            "evil.example",
            "127.0.0.1.evil.example",
            "localhost.evil.example:3010",
            "evil.example:3010",
            "127.0.0.2",
            "localhost:",
            "localhost:+80",
            "localhost:65536",
            "localhost:80:80",
            "localhost:80@evil.example",
            "localhost ",
            "user@localhost",
            "[::1",
            "0.0.0.0",
            "2130706433",
            "quiet-owl-3010.app.github.dev.evil.example",
            "other-3010.app.github.dev",
            "127.0.0.1\r\nX: y",
        ] {
            assert!(!asked(&hosts, Method::GET, &[("host", host)]), "{host:?}");
        }
        assert!(!asked(&hosts, Method::GET, &[]));
        assert!(!asked(&Hosts::default(), Method::GET, &[("host", "quiet-owl-3010.app.github.dev")]));
    }

    #[test]
    fn only_our_own_pages_change_anything() {
        let hosts = Hosts::default();
        let host = ("host", "127.0.0.1:3010");
        let own = ("origin", "http://127.0.0.1:3010");
        assert!(asked(&hosts, Method::POST, &[host, own]));
        assert!(asked(&hosts, Method::POST, &[host, own, ("sec-fetch-site", "same-origin")]));
        assert!(asked(&hosts, Method::POST, &[host, ("sec-fetch-site", "same-origin")]));
        for method in [Method::POST, Method::PUT, Method::DELETE, Method::PATCH, Method::OPTIONS] {
            assert!(!asked(&hosts, method, &[host]));
        }
        for origin in [
            "null",
            "",
            "http://evil.example",
            "https://127.0.0.1:3010",
            "http://127.0.0.1:3000",
            "http://localhost:3010",
            "http://127.0.0.1:3010.evil.example",
            "http://127.0.0.1",
            "http://127.0.0.1:3010/",
            "http://127.0.0.1:3010 x",
        ] {
            assert!(!asked(&hosts, Method::POST, &[host, ("origin", origin)]), "{origin:?}");
        }
        for site in ["cross-site", "same-site", "none", ""] {
            assert!(!asked(&hosts, Method::POST, &[host, ("sec-fetch-site", site)]), "{site}");
            assert!(!asked(&hosts, Method::POST, &[host, own, ("sec-fetch-site", site)]), "{site}");
        }
    }

    #[test]
    fn a_codespace_asks_by_its_own_name_or_through_its_tunnel() {
        let hosts = Hosts { codespace: Some("owl-3010.app.github.dev".to_owned()) };
        let origin = ("origin", "https://owl-3010.app.github.dev");
        for host in ["owl-3010.app.github.dev", "localhost:3010"] {
            assert!(asked(&hosts, Method::POST, &[("host", host), origin]), "{host}");
        }
        for origin in
            ["http://owl-3010.app.github.dev", "https://owl-3000.app.github.dev", "https://localhost:3010"]
        {
            assert!(
                !asked(&hosts, Method::POST, &[("host", "localhost:3010"), ("origin", origin)]),
                "{origin}"
            );
        }
    }
}
