//! Which compose files the reader accepts, and its messages for the others.

use std::time::Duration;

use super::*;
use crate::service_spec::CpuCap;

fn parse(text: &str) -> anyhow::Result<Compose> {
    Compose::parse(text, |name| (name == "POSTS").then(|| "1000000".to_owned()))
}

#[test]
fn an_unknown_key_is_an_error_that_names_line_and_key() {
    let error = parse("services:\n  db:\n    image: postgres:15\n    comand: [postgres]\n").unwrap_err();
    let message = format!("{error:#}");
    assert!(message.contains("comand") && message.contains("line 4"), "{message}");
}

#[test]
fn variables_are_filled_in_and_a_missing_one_needs_a_default() {
    let compose =
        parse("services:\n  db:\n    command: ['${POSTS:-10}', '${OTHER:-20}', '$${POSTS}']\n").unwrap();
    assert_eq!(compose.services["db"].command, ["1000000", "20", "${POSTS}"]);
    // Comments are ignored.
    let error = parse("# ${NOTHING}, $5\nservices:\n  db:\n    image: '${OTHER}'\n").unwrap_err();
    insta::assert_snapshot!(format!("{error:#}"), @"service db: `${OTHER}`: variable OTHER: it is not set, and `${NAME:-default}` gives it no default");
}

#[test]
fn a_cpu_cap_is_said_once() {
    let cap = |keys: &str| parse(&format!("services:\n  a: {{ {keys} }}\n")).unwrap().services["a"].cpu_cap();
    let fifth =
        |period| CpuCap { quota: Duration::from_millis(period / 5), period: Duration::from_millis(period) };
    assert_eq!(cap("cpu_quota: 4000, cpu_period: 20000").unwrap(), Some(fifth(20)));
    assert_eq!(cap("cpus: 0.2").unwrap(), Some(fifth(100)));
    assert_eq!(cap("image: redis").unwrap(), None);
    for wrong in ["cpus: 1, cpu_quota: 4000", "cpus: 0", "cpus: -1", "cpu_quota: 1000, cpu_period: 999"] {
        assert!(cap(wrong).is_err(), "{wrong}");
    }
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
    assert!(parse(&circle).unwrap().start_order().is_err());
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
