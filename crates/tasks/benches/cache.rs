//! What is the cache worth? `GET /tasks` of the solution from a copy, against a static body of the same size from the
//! same server, and against the same list without a cache. And does the search grow with the number of tasks?
//!
//! `cargo bench -p tasks --all-features` prints the ratios, and fails when one misses its goal. The runs alternate, so
//! that whatever else the machine does falls on all.

use std::{
    env,
    process::ExitCode,
    time::{Duration, Instant},
};

use actix_web::{
    HttpResponse,
    web::{self, Bytes, ServiceConfig},
};
use loadgen::Endpoint;
use shared::{
    config::required,
    problem::Problem,
    server::{self, Server, ServerConfig},
};
use testkit::{Postgres, Redis, Service, TestDatabase};

/// The server with the static body has the allocator of the services.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const SCHEMA: &str = include_str!("../../../db/tasks/schema.sql");
const SEED: &str = include_str!("../../../db/tasks/seed.sql");

const USERS: usize = 50;
const SECONDS: u64 = 3;

/// Rounds of one run each.
const ROUNDS: usize = 3;

/// Answers per second from a copy, beside those with a static body, and beside those without a cache.
const STATIC_GOAL: f64 = 0.3;
const BYPASS_GOAL: f64 = 5.0;

/// Time of a search over 1,000,000 tasks, beside 100,000.
const SEARCH_GOAL: f64 = 3.0;

/// This program is its own static server when it finds this in its environment: the bytes of the body.
const STATIC_BYTES: &str = "STATIC_BYTES";

fn main() -> ExitCode {
    if env::var(STATIC_BYTES).is_ok() {
        return server::run("static", serve_static);
    }
    compare().unwrap_or_else(|error| {
        eprintln!("tasks bench: {error:#}");
        ExitCode::FAILURE
    })
}

/// One body at every path.
async fn serve_static() -> anyhow::Result<()> {
    let get = |name: &str| env::var(name).ok();
    let body = Bytes::from(vec![b'x'; required(get, STATIC_BYTES)?]);
    let routes = move |app: &mut ServiceConfig| {
        let body = body.clone();
        let answer = move || {
            let body = body.clone();
            async { HttpResponse::Ok().content_type("application/json").body(body) }
        };
        app.default_service(web::to(answer));
    };
    let no_database = async |_: &()| Err(Problem::database_unreachable());
    Server::bind(ServerConfig::read(get, "static")?)?.serve((), no_database, routes).await
}

fn compare() -> anyhow::Result<ExitCode> {
    let postgres = Postgres::start(&[]);
    let few = seeded(&postgres, "few", 100_000);
    let redis = Redis::start();
    let cached = start(&few, &redis.url());
    // Nobody is there.
    let bypassing = start(&few, "redis://127.0.0.1:1");
    let bytes = cached.get("/tasks").body.len().to_string();
    let program = env::current_exe()?;
    let fixed = Service::start(&program.to_string_lossy(), &[(STATIC_BYTES, &bytes)]);
    let mut rates = [0.0; 3];
    for _ in 0..ROUNDS {
        for (rate, service) in rates.iter_mut().zip([&fixed, &cached, &bypassing]) {
            *rate += load(service)? / ROUNDS as f64;
        }
    }
    let [fixed_rate, cached_rate, bypass_rate] = rates;
    let (static_ratio, bypass_ratio) = (cached_rate / fixed_rate, cached_rate / bypass_rate);
    println!(
        "cached_vs_static: {static_ratio:.2} ({cached_rate:.0}/s against {fixed_rate:.0}/s, {bytes} bytes)"
    );
    println!("cached_vs_no_cache: {bypass_ratio:.1} ({cached_rate:.0}/s against {bypass_rate:.0}/s)");
    let many = seeded(&postgres, "many", 1_000_000);
    let [few_ms, many_ms] = search_ms([&few, &many]);
    let search_ratio = many_ms / few_ms;
    println!("search_1m_vs_100k: {search_ratio:.2} ({many_ms:.2} ms against {few_ms:.2} ms)");
    let reached = static_ratio >= STATIC_GOAL && bypass_ratio >= BYPASS_GOAL && search_ratio <= SEARCH_GOAL;
    if reached {
        return Ok(ExitCode::SUCCESS);
    }
    eprintln!(
        "tasks bench: the goals are at least {STATIC_GOAL}, at least {BYPASS_GOAL}, at most {SEARCH_GOAL}"
    );
    Ok(ExitCode::FAILURE)
}

fn seeded<'a>(postgres: &'a Postgres, name: &str, tasks: u32) -> TestDatabase<'a> {
    postgres.template(name, &[SCHEMA, &format!("SET seed.tasks = '{tasks}'; {SEED}")]);
    postgres.database(name)
}

fn start(database: &TestDatabase, redis: &str) -> Service {
    let program = env!("CARGO_BIN_EXE_tasks-solution");
    Service::start(program, &[("DATABASE_URL", &database.url()), ("REDIS_URL", redis)])
}

/// Answers per second.
fn load(service: &Service) -> anyhow::Result<f64> {
    let (duration, timeout) = (Duration::from_secs(SECONDS), Duration::from_secs(5));
    loadgen::rate(service.address, Endpoint::get("/tasks"), USERS, duration, timeout)
}

/// The median times of searches that find one task each, without a cache: the same ones in both databases, in turns. The
/// first round does not count, so that what is compared is the work, and not whether the tasks were in memory yet.
fn search_ms(databases: [&TestDatabase; 2]) -> [f64; 2] {
    let services = databases.map(|database| start(database, "redis://127.0.0.1:1"));
    let references =
        databases[0].sql("SELECT left(md5(n::text), 12) FROM generate_series(1, 300) AS n WHERE n % 10 <> 0");
    let references: Vec<_> = references.into_iter().flatten().flatten().collect();
    let mut times = [const { Vec::new() }; 2];
    for round in 0..=ROUNDS {
        for reference in &references {
            for (times, service) in times.iter_mut().zip(&services) {
                let asked = Instant::now();
                let list = service.get(&format!("/tasks?search={reference}")).json();
                assert_eq!(list["total"], 1, "{reference}");
                if round > 0 {
                    times.push(asked.elapsed().as_secs_f64() * 1000.0);
                }
            }
        }
    }
    times.map(|mut times| {
        times.sort_by(f64::total_cmp);
        times[times.len() / 2]
    })
}
