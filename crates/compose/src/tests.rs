//! Which compose files the reader accepts, and its messages for the others.

use std::{path::Path, time::Duration};

use super::*;
use crate::service_spec::CpuCap;

fn parse(text: &str) -> anyhow::Result<Compose> {
    Compose::parse(text, "compose.yml", |name| (name == "POSTS").then(|| "1000000".to_owned()))
}

#[test]
fn an_unknown_key_is_an_error_that_names_line_and_key() {
    let error = parse("services:\n  db:\n    image: postgres:15\n    comand: [postgres]\n").unwrap_err();
    let message = format!("{error:#}");
    assert!(message.contains("comand") && message.contains("line 4"), "{message}");
    let message = format!("{:#}", parse("services: {}\nservice: {}\n").unwrap_err());
    assert!(message.contains("`service`") && message.contains("line 2"), "{message}");
}

#[test]
fn variables_are_filled_in_and_a_missing_one_needs_a_default() {
    let compose =
        parse("services:\n  db:\n    command: ['${POSTS:-10}', '${OTHER:-20}', '$${POSTS}']\n").unwrap();
    assert_eq!(compose.services["db"].command, ["1000000", "20", "${POSTS}"]);
    // Comments are ignored.
    let error = parse("# ${NOTHING}, $5\nservices:\n  db:\n    image: '${OTHER}'\n").unwrap_err();
    insta::assert_snapshot!(format!("{error:#}"), @"service db: `${OTHER}`: variable OTHER: it is not set, and there is no default; write `${OTHER:-default}`, or set it in compose/.env");
}

#[test]
fn every_form_that_compose_has_for_a_key_means_the_same() {
    let short = parse(
        "services:
  a:
    command: [redis-server, --save, '', --maxmemory, '1']
    environment: { POOL: 7, NAME: 'a b', POSTS: }
    depends_on: { b: { condition: service_started } }
    ports: ['127.0.0.1:3000:80']
    cpus: 0.5
  b: {}
",
    );
    let long = parse(
        "version: '3'
x-app: &app
  container_name: app
  labels: { a: b }
  expose: [80]
  healthcheck: { test: 'curl -f localhost', timeout: 1s, start_period: 2s, retries: 3 }
services:
  a:
    <<: *app
    command: redis-server --save '' --maxmemory 1
    environment: [POOL=7, NAME=a b, POSTS]
    depends_on: [b]
    ports: [{ host_ip: 127.0.0.1, published: 3000, target: 80, protocol: tcp, mode: host }]
    cpus: '${CPUS:-0.5}'
  b: {}
",
    );
    let [short, long] = [short, long].map(|compose| compose.unwrap().services.remove("a").unwrap());
    assert_eq!(short.command, long.command);
    assert_eq!(short.environment, long.environment);
    assert_eq!(long.environment["POSTS"].as_deref(), Some("1000000"));
    assert_eq!(short.ports, long.ports);
    assert_eq!(long.depends_on.keys().collect::<Vec<_>>(), ["b"]);
    assert_eq!(short.cpu_cap().unwrap(), long.cpu_cap().unwrap());
}

#[test]
fn what_cannot_be_read_is_refused_in_words_of_compose() {
    let error = |service: &str| {
        let text = format!("services:\n  a:\n    {service}\n");
        match parse(&text).and_then(|compose| compose.services["a"].cpu_cap()) {
            Err(error) => format!("{error:#}"),
            Ok(_) => "accepted".to_owned(),
        }
    };
    let all = [
        "environment: 5",
        "command: { a: b }",
        "depends_on: b",
        "depends_on: { b: { condition: service_completed_successfully } }",
        "ports: [{ target: 80, publish: 3000 }]",
        "image: [redis]",
        "cpus: many",
        "cpu_quota: ${QUOTA:?set it}",
        "command: redis-server '",
        "image: redis\n    image: nginx",
        "\timage: redis",
        "build: .",
        "image: redis\n\tports: []",
        "environment:\n\t- POOL=7",
    ];
    let all: Vec<_> =
        all.into_iter().map(|service| format!("{service}\n    -> {}", error(service))).collect();
    insta::assert_snapshot!(all.join("\n"));
}

#[test]
fn a_cpu_cap_is_said_once() {
    let cap = |keys: &str| parse(&format!("services:\n  a: {{ {keys} }}\n")).unwrap().services["a"].cpu_cap();
    let fifth =
        |period| CpuCap { quota: Duration::from_millis(period / 5), period: Duration::from_millis(period) };
    assert_eq!(cap("cpu_quota: 4000, cpu_period: 20000").unwrap(), Some(fifth(20)));
    assert_eq!(cap("cpu_quota: '${QUOTA:-4000}', cpu_period: '${PERIOD:-20000}'").unwrap(), Some(fifth(20)));
    assert_eq!(cap("cpus: 0.2").unwrap(), Some(fifth(100)));
    assert_eq!(cap("image: redis").unwrap(), None);
    assert_eq!(cap("cpus: .2").unwrap(), Some(fifth(100)));
    for wrong in [
        "cpus: 1, cpu_quota: 4000",
        "cpus: 0",
        "cpus: -1",
        "cpu_quota: 1000, cpu_period: 999",
        "cpus: inf",
        "cpus: nan",
        "cpus: 1e400",
        "cpus: '0,2'",
        "cpu_quota: 4000.5",
    ] {
        assert!(cap(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn two_services_that_publish_one_port_are_refused() {
    let text = "services:\n  app:\n    ports: ['127.0.0.1:3000:3000']\n  app2:\n    ports: ['127.0.0.1:3000:4000']\n";
    let error = parse(text).unwrap_err().to_string();
    assert_eq!(
        error,
        "compose.yml, line 4: services app and app2 both publish port 3000; give one of them another port"
    );
    assert!(parse(&text.replacen("3000:3000", "3001:3000", 1)).is_ok());
    for same in ["'127.0.0.1:${PORT:-3000}:80'", "{ host_ip: 127.0.0.1, published: '3000', target: 80 }"] {
        let error = parse(&text.replace("'127.0.0.1:3000:4000'", same)).unwrap_err().to_string();
        assert!(error.contains("services app and app2 both publish port 3000"), "{same}: {error}");
    }
    let other = |port| parse(&format!("services:\n  page:\n    ports: ['127.0.0.1:{port}:3000']\n")).unwrap();
    let error = other(3000).join(other(3000)).unwrap_err().to_string();
    assert_eq!(error, "two files have a service page; rename one of them");
    let app = || parse("services:\n  app:\n    ports: ['127.0.0.1:3000:3000']\n").unwrap();
    let error = app().join(other(3000)).unwrap_err().to_string();
    assert_eq!(error, "services app and page both publish port 3000; give one of them another port");
    assert!(app().join(other(3001)).is_ok());
}

#[test]
fn services_start_after_what_they_depend_on() {
    let text = "services:
  a: { depends_on: { b: { condition: service_healthy } } }
  b: { depends_on: { c: { condition: service_healthy } } }
  c: { image: redis }
";
    assert_eq!(parse(text).unwrap().start_order().unwrap(), ["c", "b", "a"]);
    let circle = text.replace("image: redis", "depends_on: { a: { condition: service_started } }");
    let error = parse(&circle).unwrap().start_order().unwrap_err().to_string();
    assert!(error.starts_with("services a, b, c never start"), "{error}");
    let missing = text.replace("  c:", "  d:");
    assert!(parse(&missing).unwrap_err().to_string().contains("depends on c"));
}

#[test]
fn what_only_a_container_needs_is_known_and_changes_nothing() {
    let text = "name: x
x-locked: &locked { read_only: true, cap_drop: [ALL], security_opt: ['no-new-privileges:true'], restart: on-failure }
services:
  a: &a
    <<: *locked
    build: { context: .., args: { PACKAGE: a, BIN: a, PROFILE: '${PROFILE:-release}' } }
    user: nobody
    tmpfs: [/run]
    healthcheck: { disable: true }
  b: { <<: *a, command: [b] }
volumes:
  data:
";
    let compose = parse(text).unwrap();
    assert_eq!(compose.services["b"].command, ["b"]);
    let [build] = &compose.builds()[..] else { panic!("one binary, one build") };
    assert!(build.release);
    assert!(parse(&text.replace("cap_drop", "cap_dorp")).is_err());
}

/// A Redis and a service that uses it, resolved as `lab up` does.
fn resolved(text: &str) -> anyhow::Result<Vec<service_spec::Service>> {
    let files = stand_ins::Files { root: Path::new("/checkout"), stand_ins: BTreeMap::new() };
    let executable = |_: &str, _: &service_spec::Build| Ok("/app".into());
    let (native, listen) = (service_spec::Engine::Native, std::net::Ipv4Addr::LOCALHOST);
    resolve::services(
        &parse(text)?,
        &files,
        native,
        executable,
        &[],
        listen,
        |preferred, _| Ok(preferred + 1),
    )
}

const CACHED: &str = "services:
  redis:
    image: redis:7
    environment: { REDISCLI_AUTH: '${REDIS_PASSWORD:-redis}' }
    volumes: ['./redis/start.sh:/start.sh:ro']
    command: [/start.sh, --save, '']
    ports: ['127.0.0.1:6382:6379']
  app:
    build: { context: .., args: { PACKAGE: app, BIN: app } }
    environment: { REDIS_URL: 'redis://:${REDIS_PASSWORD:-redis}@redis:6379' }
";

#[test]
fn redis_has_a_password_which_its_clients_send() {
    let services = resolved(CACHED).unwrap();
    let service_spec::Kind::Redis(redis) = &services[1].kind else { panic!("{services:?}") };
    assert_eq!(
        (&*redis.password, &redis.arguments[..]),
        ("redis", &["--save".to_owned(), String::new()][..])
    );
    let url = &services[0].program().unwrap().environment["REDIS_URL"];
    assert_eq!(url, "redis://:redis@127.0.0.1:6383");
    for fixed in ["redis://default:redis@redis/0", "redis://elsewhere:6379", "redis://127.0.0.1:9"] {
        let text = CACHED.replace("redis://:${REDIS_PASSWORD:-redis}@redis:6379", fixed);
        assert!(resolved(&text).is_ok(), "{fixed}");
    }
}

#[test]
fn a_redis_without_a_password_is_refused_and_so_is_a_client_without_it() {
    let login = ":${REDIS_PASSWORD:-redis}@";
    let edits = [
        ("    environment: { REDISCLI_AUTH: '${REDIS_PASSWORD:-redis}' }\n", ""),
        ("    volumes: ['./redis/start.sh:/start.sh:ro']\n", ""),
        ("/start.sh, --save", "redis-server, --save"),
        ("REDISCLI_AUTH: '${REDIS_PASSWORD:-redis}'", "REDISCLI_AUTH: ''"),
        ("REDISCLI_AUTH: '${REDIS_PASSWORD:-redis}'", "REDISCLI_AUTH: 'a b'"),
        ("--save, ''", "--requirepass, mine"),
        (login, ""),
        (login, ":wrong@"),
        (login, "bob:redis@"),
    ];
    let refused = edits.map(|(from, to)| {
        let error = resolved(&CACHED.replace(from, to)).unwrap_err();
        format!("{from} -> {to}\n{error:#}")
    });
    insta::assert_snapshot!(refused.join("\n"));
}
