//! The text of each box and each arrow.

use compose::service_spec::{CpuCap, Kind, Postgres, Service};
use format::number;
use project::status::{Phase, ServiceStatus};

use crate::topology::{Column, Flow, Health, Node, Rates, ServerRates, Weight};

/// Of its cap, from where on a server's CPU counts as the limit.
const CPU_LIMIT: f64 = 0.9;

/// `service` in its column.
pub fn of_service(service: &Service, column: Column, told: Option<&ServiceStatus>, all: &Rates) -> Node {
    let rates = all.servers.get(&service.name).copied().unwrap_or_default();
    let (health, state) = health(told, &rates);
    let cpu = cpu(service.cpu_cap, told, rates.cpu_cores);
    let notes = match &service.kind {
        Kind::Program(_) => [cpu, rates.found.map(|share| format!("{:.0} % from its cache", 100.0 * share))],
        Kind::Postgres(postgres) => [cpu, Some(connections(postgres, all.connections))],
        _ => [cpu, None],
    };
    let is_there = health.is_there();
    let trouble = told.and_then(|told| trouble(told, health));
    Node {
        name: service.name.clone(),
        port: told.and_then(|told| told.port).or(service.port.map(|port| port.native)),
        column,
        health,
        state,
        notes: notes.into_iter().flatten().filter(|_| is_there).collect(),
        trouble: trouble.map(|trouble| format!("{} {trouble}.", service.name)),
        input: None,
    }
}

fn health(told: Option<&ServiceStatus>, rates: &ServerRates) -> (Health, String) {
    let Some(told) = told else { return (Health::Off, "not running".to_owned()) };
    let recently = told.ended.as_ref().filter(|end| end.is_recent());
    match (told.phase, recently) {
        (Phase::Failed, _) => (Health::Bad, "given up".to_owned()),
        (Phase::Crashed | Phase::Starting, Some(end)) => (Health::Bad, end.word().to_owned()),
        (Phase::Crashed, None) => (Health::Bad, "crashed".to_owned()),
        (Phase::Starting, None) => (Health::Waiting, "starting".to_owned()),
        (Phase::Ready, Some(end)) => (Health::Back, format!("{} {} s ago", end.word(), end.seconds_ago())),
        (Phase::Ready, None) if rates.answers == Some(false) => (Health::Bad, "does not answer".to_owned()),
        (Phase::Ready, None) => (Health::Good, "ready".to_owned()),
    }
}

/// What follows its name.
fn trouble(told: &ServiceStatus, health: Health) -> Option<String> {
    let first = told.in_short();
    match (health, told.phase, &told.ended) {
        (Health::Back, _, Some(end)) => {
            Some(format!("was down {} s ago: {}. It runs again", end.seconds_ago(), end.exit))
        }
        (Health::Bad, Phase::Ready, _) => Some("runs but does not answer".to_owned()),
        (Health::Bad, ..) => Some(format!("is down: {first}")),
        _ => None,
    }
}

fn cpu(cap: Option<CpuCap>, told: Option<&ServiceStatus>, used: Option<f64>) -> Option<String> {
    let is_capped = told.is_none_or(|told| told.uncapped.is_none());
    Some(match (cap, used) {
        (Some(_), _) if !is_capped => "without its CPU cap".to_owned(),
        (Some(cap), Some(used)) => format!("CPU {:.0} % of {cap}", 100.0 * used / cap.cores()),
        (Some(cap), None) => format!("at most {cap}"),
        (None, Some(used)) => format!("CPU {used:.2} cores"),
        (None, None) => return None,
    })
}

/// `9 of 20 connections`
fn connections(postgres: &Postgres, open: Option<f64>) -> String {
    let setting = postgres.settings.iter().find_map(|setting| setting.strip_prefix("max_connections="));
    // PostgreSQL's default.
    let at_most = setting.unwrap_or("100");
    match open {
        Some(open) => format!("{open:.0} of {at_most} connections"),
        None => format!("{at_most} connections at most"),
    }
}

/// All that a server answers.
pub fn into_server(service: &Service, rates: &ServerRates) -> Flow {
    let is_at_its_cap =
        service.cpu_cap.zip(rates.cpu_cores).is_some_and(|(cap, used)| used >= CPU_LIMIT * cap.cores());
    Flow::of("", rates.requests_per_s, errors(rates.errors_per_s), is_at_its_cap || fails(rates.errors_per_s))
}

/// All that the servers behind an nginx answer.
pub fn into_nginx<'a>(servers: impl Iterator<Item = &'a ServerRates> + Clone) -> Flow {
    let sum = |figure: fn(&ServerRates) -> Option<f64>| {
        servers.clone().filter_map(figure).reduce(|sum, each| sum + each)
    };
    let errors_per_s = sum(|rates| rates.errors_per_s);
    Flow::of("", sum(|rates| rates.requests_per_s), errors(errors_per_s), fails(errors_per_s))
}

/// What a program asks PostgreSQL for.
pub fn to_database(rates: &ServerRates) -> Flow {
    let pool = rates.in_use.zip(rates.at_most);
    let is_full = pool.is_some_and(|(in_use, at_most)| in_use >= at_most && at_most > 0.0);
    let pool = pool.map(|(in_use, at_most)| format!("{in_use:.0} of {at_most:.0} in use"));
    Flow::of("queries", rates.queries_per_s, pool.unwrap_or_default(), is_full || fails(rates.gave_up_per_s))
}

/// What a program asks Redis for.
pub fn to_redis(rates: &ServerRates) -> Flow {
    let failures = rates.redis_failures_per_s;
    let failed = failures.filter(|_| fails(failures)).map(|per_s| format!("{} failed/s", rounded(per_s)));
    Flow::of("calls", rates.redis_calls_per_s, failed.unwrap_or_default(), fails(failures))
}

impl Flow {
    fn of(what: &str, per_s: Option<f64>, well: String, is_overloaded: bool) -> Self {
        let weight = match per_s {
            _ if is_overloaded => Weight::Overloaded,
            Some(per_s) if passes(per_s) => Weight::Busy,
            _ => Weight::Idle,
        };
        let much = per_s.map(|per_s| format!("{} {what}/s", rounded(per_s)).replace(" /", "/"));
        Self { much: much.unwrap_or_default(), well, weight }
    }
}

fn errors(per_s: Option<f64>) -> String {
    per_s
        .filter(|per_s| passes(*per_s))
        .map_or_else(String::new, |per_s| format!("{} errors/s", rounded(per_s)))
}

fn fails(per_s: Option<f64>) -> bool {
    per_s.is_some_and(passes)
}

/// Less would be shown as 0.
fn passes(per_s: f64) -> bool {
    per_s >= 0.05
}

fn rounded(per_s: f64) -> String {
    number(per_s, if passes(per_s) && per_s < 9.95 { 1 } else { 0 })
}
