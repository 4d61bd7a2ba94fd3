//! How an `nginx.conf` names the servers that it passes requests on to. All spellings that work in a container become one,
//! and what only Docker's DNS server could resolve is refused.

use std::net::{IpAddr, SocketAddr};

use anyhow::{Context, ensure};
use regex_lite::{Captures, Regex};

use crate::addresses::Addresses;

/// The address of Docker's DNS server, in each container.
const DOCKER_DNS: &str = r"\bresolver\s[^;]*\b127\.0\.0\.11\b";

/// Variables that hold a path, so that the address ends before them.
const PATH: &str = r"[/?]|\$\{?(?:request_uri|document_uri|uri|is_args|args)\b";

/// `text` with each server as `name:port`, without quotes: nginx takes port 80 where none is named.
///
/// # Errors
/// Never: the patterns are sound.
pub fn spell_out(text: &str, addresses: &Addresses) -> anyhow::Result<String> {
    let quoted = Regex::new(
        r#"\b((?:server|proxy_pass|set\s+\$\w+)\s+)(?:"([A-Za-z0-9_.:/$-]+)"|'([A-Za-z0-9_.:/$-]+)')"#,
    )?;
    let text = quoted.replace_all(text, "${1}${2}${3}");
    let upstreams = upstreams(&text)?;
    let portless =
        Regex::new(r"\b(server\s+|(?:proxy_pass|set\s+\$\w+)\s+http://)([A-Za-z0-9_.-]+)([/;\s$])")?;
    let named = portless.replace_all(&text, |found: &Captures| {
        let (before, name, after) = (&found[1], &found[2], &found[3]);
        let is_upstream = before.ends_with("://") && is_among(&upstreams, name);
        let port = if addresses.port(name).is_some() && !is_upstream { ":80" } else { "" };
        format!("{before}{name}{port}{after}")
    });
    Ok(named.into_owned())
}

/// Refuses a `proxy_pass` with a variable that may hold a name, where only Docker's DNS server would resolve it: natively
/// each request would wait for that server. `text` has the addresses of this machine.
///
/// # Errors
/// Names the line, and what to write.
pub fn refuse_docker_dns(text: &str) -> anyhow::Result<()> {
    if !Regex::new(DOCKER_DNS)?.is_match(text) {
        return Ok(());
    }
    for found in Regex::new(r"\bproxy_pass\s+([^;]+);")?.captures_iter(text) {
        let (Some(whole), url) = (found.get(0), found[1].trim()) else { continue };
        ensure!(
            !url.contains('$') || leads_to_known_servers(url, text, 4, &mut 1_000)?,
            "line {}: `proxy_pass {url}` needs Docker's DNS server, 127.0.0.11, which is in containers only; \
            write the address itself, like `proxy_pass http://app1:3000;`, or the name of an `upstream`",
            text[..whole.start()].matches('\n').count() + 1,
        );
    }
    Ok(())
}

/// Whether `url` leads to an address or an upstream, whichever values `config` gives its variables; `depth` of them may
/// stand for each other, and no more than `tries` values are looked at.
fn leads_to_known_servers(url: &str, config: &str, depth: usize, tries: &mut u32) -> anyhow::Result<bool> {
    *tries = tries.saturating_sub(1);
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let server = Regex::new(PATH)?.find(rest).map_or(rest, |path| &rest[..path.start()]);
    let Some(variable) = Regex::new(r"\$\{?(\w+)\}?")?.captures(server) else {
        let is_address = server.parse::<SocketAddr>().is_ok() || server.parse::<IpAddr>().is_ok();
        return Ok(is_address || is_among(&upstreams(config)?, server));
    };
    let values = values(&variable[1], config)?;
    for value in &values {
        let url = url.replacen(&variable[0], value, 1);
        if depth == 0 || *tries == 0 || !leads_to_known_servers(&url, config, depth - 1, tries)? {
            return Ok(false);
        }
    }
    Ok(!values.is_empty())
}

/// What `config` sets the variable `name` to, by `set`, `map` and the like.
fn values(name: &str, config: &str) -> anyhow::Result<Vec<String>> {
    let set = Regex::new(&format!(r"\bset\s+\${name}\s+([^;]+);"))?;
    let table = Regex::new(&format!(r"\b(?:map|geo|split_clients)\s[^{{]*\${name}\s*\{{([^}}]*)\}}"))?;
    let mut values: Vec<_> = set.captures_iter(config).map(|found| found[1].to_owned()).collect();
    for found in table.captures_iter(config) {
        let lines = found[1].split(';').filter_map(|line| line.split_whitespace().last().map(str::to_owned));
        values.extend(lines);
    }
    let quotes = ['"', '\'', ' '];
    Ok(values.into_iter().map(|value| value.trim_matches(quotes).to_owned()).collect())
}

/// The names of the upstreams of `config`.
fn upstreams(config: &str) -> anyhow::Result<Vec<String>> {
    let upstream = Regex::new(r"\bupstream\s+([^\s{]+)").context("a sound pattern")?;
    Ok(upstream.captures_iter(config).map(|found| found[1].to_owned()).collect())
}

fn is_among(upstreams: &[String], name: &str) -> bool {
    upstreams.iter().any(|upstream| upstream.eq_ignore_ascii_case(name))
}

#[cfg(test)]
mod tests {
    use crate::{
        addresses::Addresses,
        service_spec::Port,
        write_nginx_conf::{localize, passes_on_to},
    };

    fn localized(server: &str) -> anyhow::Result<String> {
        let port = |native, inside| Port { native, published: inside, inside };
        let ports = [("app1", port(3001, 3000)), ("web", port(3002, 80)), ("nginx", port(8081, 8080))];
        let text = format!("events {{}}\nhttp {{ resolver 127.0.0.11;\n{server} }}");
        localize(&text, &Addresses::from(&ports[..]), "nginx", port(8081, 8080))
    }

    #[test]
    fn each_spelling_that_docker_resolves_becomes_an_address_of_this_machine() {
        for (server, address) in [
            ("upstream app { server \"app1:3000\"; }", "127.0.0.1:3001"),
            ("upstream app { server 'app1:3000' weight=2; }", "127.0.0.1:3001"),
            ("upstream app { server App1:3000; }", "127.0.0.1:3001"),
            ("upstream app { server web; }", "127.0.0.1:3002"),
            ("server { location / { proxy_pass http://WEB/path; } }", "127.0.0.1:3002"),
            ("server { location / { proxy_pass http://app1:3000$request_uri; } }", "127.0.0.1:3001"),
            ("server { set $up \"http://app1:3000\"; location / { proxy_pass $up; } }", "127.0.0.1:3001"),
            ("server { set $up http://web; location / { proxy_pass $up$request_uri; } }", "127.0.0.1:3002"),
            (
                "upstream web { server app1:3000; } server { location / { proxy_pass http://web; } }",
                "127.0.0.1:3001",
            ),
        ] {
            assert_eq!(passes_on_to(&localized(server).unwrap()), [address], "{server}");
        }
    }

    #[test]
    fn an_upstream_may_be_chosen_by_a_variable() {
        let upstreams = "upstream blue { server app1:3000; } upstream green { server web; }\n";
        for server in [
            "server { set $pool blue; location / { proxy_pass http://$pool; } }",
            "map $arg_pool $pool { default blue; g \"green\"; } server { location / { proxy_pass http://${pool}/x; } }",
        ] {
            localized(&format!("{upstreams}{server}")).unwrap();
        }
    }

    #[test]
    fn what_needs_dockers_dns_server_is_refused() {
        for server in [
            "server { set $name app1; location / { proxy_pass http://$name:3000; } }",
            "server { set $a $b; set $b $a; location / { proxy_pass http://$a; } }",
            "server { location / { proxy_pass http://$host; } }",
            "map $arg_x $up { default http://web; } server { location / { proxy_pass $up; } }",
        ] {
            let error = localized(server).unwrap_err().to_string();
            assert!(
                error.starts_with("line 3: `proxy_pass ") && error.contains("`proxy_pass http://app1:3000;`")
            );
        }
        let error = format!("{:#}", localized("upstream app {\nserver app1;\n}").unwrap_err());
        assert_eq!(error, "line 4: app1 listens on 3000, not on 80: write app1:3000");
    }
}
