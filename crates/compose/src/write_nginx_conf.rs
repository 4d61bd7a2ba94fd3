//! nginx without Docker: the learner's `nginx.conf` with the addresses and folders of this machine.
//!
//! Lines stay where they are, so that a line that nginx complains of is that line of the learner's file.

use anyhow::{Context, ensure};
use regex_lite::{Captures, Regex};

use crate::{addresses::Addresses, nginx_addresses, nginx_image, service_spec::Port};

/// What an official image has ready, and a directory of our own has not: where bodies and answers are put that are too
/// large for memory.
const HTTP: &str = "client_body_temp_path temp/body; proxy_temp_path temp/proxy; fastcgi_temp_path temp/fastcgi; \
    uwsgi_temp_path temp/uwsgi; scgi_temp_path temp/scgi;";

/// The configuration `text` of the service `name`, for this machine: every server is on 127.0.0.1, and every
/// relative path lies in the directory that nginx is started with.
///
/// # Errors
/// When it listens on a port that the compose file does not publish, or asks for something that only a container has.
pub fn localize(text: &str, addresses: &Addresses, name: &str, port: Port) -> anyhow::Result<String> {
    let text = without_comments(text)?;
    // The lab sets these: nginx must stay in the foreground of its supervisor, and only root may change the user.
    let ours = Regex::new(
        r"(^|[;{}\s])((?:(?:daemon|pid|user|worker_shutdown_timeout)\s+[^;{}\s]+(?:[ \t]+[^;{}\s]+)?\s*;)+)",
    )?;
    let without_ours = |found: &Captures| format!("{}{}", &found[1], line_breaks(&found[2]));
    let text = nginx_image::folders(&ours.replace_all(&text, without_ours))?;
    let text = listen(&text, port)?;
    let text = nginx_addresses::spell_out(&text, addresses)?;
    let here = |(index, line): (usize, &str)| {
        let line = addresses.rewrite(line, name).and_then(|line| nginx_image::include(&line));
        line.with_context(|| format!("line {}", index + 1))
    };
    let text = text.split('\n').enumerate().map(here).collect::<anyhow::Result<Vec<_>>>()?.join("\n");
    nginx_addresses::refuse_docker_dns(&text)?;
    let http = format!("${{0}} {HTTP}{}", nginx_image::access_log(&text)?);
    Ok(Regex::new(r"\bhttp\s*\{")?.replace(&text, http).into_owned())
}

/// The configuration `text` for a container, with each server in the spelling that [`passes_on_to`] reads.
///
/// # Errors
/// Never: the patterns are sound.
pub fn in_a_container(text: &str, addresses: &Addresses) -> anyhow::Result<String> {
    nginx_addresses::spell_out(&without_comments(text)?, addresses)
}

/// `text` without its comments; a `#` within quotes is not a comment.
///
/// # Errors
/// Never: the pattern is sound.
fn without_comments(text: &str) -> anyhow::Result<String> {
    let quoted_or_comment = Regex::new(r#"(?m)"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|(^|[\s;{}])#.*$"#)?;
    let keep = |found: &Captures| match found.get(1) {
        Some(before_it) => before_it.as_str().to_owned(),
        None => found[0].to_owned(),
    };
    Ok(quoted_or_comment.replace_all(text, keep).into_owned())
}

/// `listen 8080;` becomes `listen 0.0.0.0:8080;`, which [`Addresses::rewrite`] replaces by the address and port of this
/// machine, and `listen [::]:8080;` beside it goes.
fn listen(text: &str, port: Port) -> anyhow::Result<String> {
    let directive = Regex::new(r"\b(listen\s+)([^;\s]+)([^;]*);")?;
    for found in directive.captures_iter(text) {
        let number = found[2].rsplit(':').next().unwrap_or_default();
        ensure!(
            number == port.inside.to_string(),
            "`listen {}`: the compose file publishes only port {} of it",
            &found[2],
            port.inside
        );
    }
    let here = |found: &Captures| match &found[2] {
        ipv6 if ipv6.starts_with('[') => line_breaks(&found[0]),
        _ => format!("{}0.0.0.0:{}{};", &found[1], port.inside, &found[3]),
    };
    Ok(directive.replace_all(text, here).into_owned())
}

/// What is left of `text` when it goes, so that the lines after it keep their numbers.
fn line_breaks(text: &str) -> String {
    "\n".repeat(text.matches('\n').count())
}

/// The addresses that `config` passes requests on to: those of its upstreams, but for servers marked as down, and those
/// that it names itself.
pub fn passes_on_to(config: &str) -> Vec<String> {
    let address = r"\b(?:server\s+|(?:proxy_pass|set\s+\$\w+)\s+http://)([^;{\s/:]+:\d+)([^;{]*);";
    let address = Regex::new(address).expect("a regular expression");
    let is_up = |found: &Captures| !is_down(&found[2]);
    address.captures_iter(config).filter(is_up).map(|found| found[1].to_owned()).collect()
}

/// Whether a server with these `parameters` gets nothing.
fn is_down(parameters: &str) -> bool {
    parameters.split_whitespace().any(|word| word == "down")
}

/// `config` with the server on `address` (`app1:3000`) marked as down, so that nginx sends it nothing more.
///
/// # Errors
/// When no upstream of `config` names that server, or it is the only server of an upstream.
pub fn without(config: &str, address: &str) -> anyhow::Result<String> {
    let upstream = Regex::new(r"\bupstream\s+\S+\s*\{[^}]*\}")?;
    let server = Regex::new(r"\b(server\s+)([^;{\s]+)([^;{]*);")?;
    let mut found_it = false;
    for upstream in upstream.find_iter(config) {
        let up = server.captures_iter(upstream.as_str()).filter(|server| !is_down(&server[3]));
        let (us, others): (Vec<_>, Vec<_>) = up.partition(|server| &server[2] == address);
        ensure!(us.is_empty() || !others.is_empty(), "it is the only server of an upstream of nginx");
        found_it |= !us.is_empty();
    }
    ensure!(found_it, "nginx has no upstream server {address}");
    let mark = |found: &Captures| {
        let down = if &found[2] == address { " down" } else { "" };
        format!("{}{}{}{down};", &found[1], &found[2], &found[3])
    };
    Ok(server.replace_all(config, mark).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "user nginx;
pid /run/nginx.pid; # where it is
events {}
http {
    # listen 80; server other:1;
    access_log /var/log/nginx/access.log;
    upstream app {
        server app1:3000 max_fails=3;
        server app2:3000;
        keepalive 16;
    }
    server { listen 8080 default_server; location / { proxy_pass http://app; } }
}
";

    fn port(native: u16, inside: u16) -> Port {
        Port { native, published: inside, inside }
    }

    fn localized(text: &str) -> anyhow::Result<String> {
        let ports = [("app1", port(3000, 3000)), ("app2", port(3007, 3000)), ("nginx", port(8081, 8080))];
        localize(text, &Addresses::from(&ports[..]), "nginx", port(8081, 8080))
    }

    #[test]
    fn a_configuration_of_a_container_becomes_one_of_this_machine() {
        let config = localized(TEXT).unwrap();
        let lines: Vec<_> = config.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
        insta::assert_snapshot!(lines.join("\n"), @"
        events {}
        http { client_body_temp_path temp/body; proxy_temp_path temp/proxy; fastcgi_temp_path temp/fastcgi; uwsgi_temp_path temp/uwsgi; scgi_temp_path temp/scgi;
        access_log /dev/stdout;
        upstream app {
        server 127.0.0.1:3000 max_fails=3;
        server 127.0.0.1:3007;
        keepalive 16;
        }
        server { listen 127.0.0.1:8081 default_server; location / { proxy_pass http://app; } }
        }
        ");
        assert_eq!(config.lines().count(), TEXT.lines().count());
    }

    #[test]
    fn in_the_labs_container_nginx_listens_on_all_addresses() {
        let mut addresses = Addresses::from(&[("app", port(3000, 3000)), ("nginx", port(8081, 8080))][..]);
        addresses.listen = std::net::Ipv4Addr::UNSPECIFIED;
        let text = "http { upstream app { server app:3000; } server { listen 8080; } }";
        let config = localize(text, &addresses, "nginx", port(8081, 8080)).unwrap();
        assert!(
            config.contains("listen 0.0.0.0:8081;") && config.contains("server 127.0.0.1:3000;"),
            "{config}"
        );
    }

    #[test]
    fn a_port_that_nobody_published_is_an_error() {
        let error = localized(&TEXT.replace("listen 8080", "listen 80")).unwrap_err();
        assert_eq!(error.to_string(), "`listen 80`: the compose file publishes only port 8080 of it");
    }

    #[test]
    fn what_works_in_a_container_works_here() {
        let both = localized("events{} http{ server{ listen 8080; listen [::]:8080; } }").unwrap();
        assert_eq!(both.matches("listen").count(), 1, "{both}");
        let one_line = localized("worker_processes 1; pid /run/nginx.pid; events{}").unwrap();
        assert!(one_line.contains("worker_processes 1;") && !one_line.contains("pid"), "{one_line}");
        let cached =
            localized("http { proxy_cache_path /var/cache/nginx/pages keys_zone=pages:1m; }").unwrap();
        assert!(cached.contains("proxy_cache_path pages keys_zone"), "{cached}");
        let quoted = localized("http { log_format x 'a # b'; } # c").unwrap();
        assert!(quoted.contains("'a # b'") && !quoted.contains("# c"), "{quoted}");
    }

    #[test]
    fn requests_are_passed_on_to_every_server_that_is_named_and_not_down() {
        let config = localized(TEXT).unwrap();
        assert_eq!(passes_on_to(&config), ["127.0.0.1:3000", "127.0.0.1:3007"]);
        assert_eq!(passes_on_to(&without(&config, "127.0.0.1:3000").unwrap()), ["127.0.0.1:3007"]);
        assert_eq!(passes_on_to(&without_comments(TEXT).unwrap()), ["app1:3000", "app2:3000"]);
        let directly =
            localized("http{ server{ listen 8080; location / { proxy_pass http://app2:3000/; } } }");
        assert_eq!(passes_on_to(&directly.unwrap()), ["127.0.0.1:3007"]);
    }

    #[test]
    fn a_server_is_marked_as_down_where_another_can_serve() {
        let config = localized(TEXT).unwrap();
        let marked = without(&config, "127.0.0.1:3000").unwrap();
        assert!(marked.contains("server 127.0.0.1:3000 max_fails=3 down;"), "{marked}");
        assert!(marked.contains("server 127.0.0.1:3007;"), "{marked}");
        assert!(without(&config, "127.0.0.1:3001").is_err());
        for others in ["", "server 127.0.0.1:3007 down;"] {
            let alone = config.replace("server 127.0.0.1:3007;", others);
            assert!(
                without(&alone, "127.0.0.1:3000").unwrap_err().to_string().contains("only server"),
                "{others}"
            );
        }
        let elsewhere = config.clone() + "upstream reports { server 127.0.0.1:3000; }";
        assert!(without(&elsewhere, "127.0.0.1:3000").is_err());
    }
}
