//! A password that can be recognised is given to real scenarios, and looked for wherever it must not be.

use std::{
    fs,
    process::Command,
    sync::{
        Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};

use rustix::process::Signal;
use testkit::{exchange, hostile};

use crate::{
    canary::{Place, Search},
    clients::while_clients_run,
    lab::{Lab, said},
    process::Process,
    program::{built, post},
    promise::{Outcome, Promise, Trial},
};

pub const NO_SECRET_LEAVES: Promise = Promise {
    number: 16,
    text: "No password leaves: not in an answer, a log, Redis, an argument, a message, a core file or a file of others",
    target: "0 hits",
    test,
};

/// Each scenario with the service that clients talk to, and its variant.
const SCENARIOS: [(&str, &str); 4] = [("2", "api"), ("4", "app1"), ("1", "feed"), ("3", "jobs")];

const PATHS: [&str; 14] = [
    "/users",
    "/tasks",
    "/categories",
    "/products",
    "/orders",
    "/report",
    "/feed",
    "/posts",
    "/jobs",
    "/jobs/claim",
    "/workers",
    "/metrics",
    "/readyz",
    "/none",
];

fn test(trial: &mut Trial) -> Outcome {
    let canary = format!("canary{:016x}", trial.random.u64(..));
    let search = Search { canary, looked: Mutex::default(), hits: Mutex::default() };
    let scenarios = &SCENARIOS[..trial.times(4, 1)];
    let watch_arguments = |_, is_over: &AtomicBool| {
        // An argument may be there for a moment only.
        while !is_over.load(Ordering::Relaxed) {
            for process in Process::all() {
                search.look(Place::Argument, "an argument", process.command().as_bytes());
            }
            thread::sleep(Duration::from_millis(20));
        }
    };
    while_clients_run(1, watch_arguments, || {
        for (scenario, service) in scenarios {
            in_scenario(&search, scenario, service, trial);
        }
        refused_configurations(&search, trial);
    });
    let looked = search.looked.into_inner().expect("nobody panics while holding this");
    let hits = search.hits.into_inner().expect("nobody panics while holding this");
    let [answers, texts, arguments, keys, files] = looked;
    Outcome {
        done: format!(
            "a password that is known looked for in {answers} answers, {texts} logs and messages, {arguments} command \
             lines, {keys} dumps of Redis and {files} files that others can read, in {} scenarios",
            scenarios.len(),
        ),
        measured: format!(
            "{} hits{}",
            hits.len(),
            hits.iter().map(|hit| format!("; {hit}")).collect::<String>()
        ),
        held: hits.is_empty() && looked.iter().all(|looked| *looked > 0),
    }
}

fn in_scenario(search: &Search, scenario: &str, service: &str, trial: &mut Trial) {
    let lab = Lab::new();
    // The lab takes a password that is there.
    for of in ["db", "superuser", "redis", "prometheus"] {
        lab.write(&format!(".lab/scenario-{scenario}/{of}.password"), &search.canary);
    }
    let mut up = Command::new("sh");
    // A service that crashes leaves its memory in a file.
    up.args(["-c", r#"ulimit -c unlimited; exec "$0" "$@""#, &built("lab"), "up", scenario, "--no-watch"]);
    lab.in_copy(&mut up);
    let up = up.output().expect("there is a shell");
    assert!(up.status.success(), "{}", said(&up));
    let address = lab.address(service);
    let ask = |request: &str| {
        // Some of the requests are none, and get no answer.
        if let Ok(answer) = exchange(address, request.as_bytes()) {
            let name =
                format!("{service}: {}: {}", request.lines().next().unwrap_or_default(), answer.status);
            search.look(Place::Answer, &name, format!("{answer}{:?}", answer.headers).as_bytes());
        }
    };
    let get = |path: &str| ask(&format!("GET {path} HTTP/1.1\r\nHost: torture\r\n\r\n"));
    let (texts, values): (Vec<_>, _) = (hostile::texts().collect(), hostile::values(280));
    for path in PATHS {
        get(path);
        for _ in 0..trial.times(texts.len(), 2) {
            let text = texts[trial.random.usize(..texts.len())];
            get(&format!("{path}/{text}"));
            get(&format!("{path}?limit={text}"));
            let value = &values[trial.random.usize(..values.len())];
            ask(&post(path, &format!("Idempotency-Key: {text}\r\n"), value));
        }
    }
    // Now without a database: refused, frozen, killed.
    lab.sql(
        "DO $$ BEGIN EXECUTE format('ALTER ROLE %I PASSWORD ''other''', current_user); END $$;
         SELECT pg_terminate_backend(pid) FROM pg_stat_activity
         WHERE usename = current_user AND pid <> pg_backend_pid()",
    );
    PATHS.iter().for_each(|path| get(path));
    lab.run(&["kill", "db", "--signal", "STOP"]);
    PATHS[..trial.times(PATHS.len(), 1)].iter().for_each(|path| get(path));
    lab.run(&["kill", "db", "--signal", "CONT"]);
    lab.run(&["kill", "db"]);
    PATHS.iter().for_each(|path| get(path));
    messages_and_files(search, &lab, scenario, &up);
}

fn messages_and_files(search: &Search, lab: &Lab, scenario: &str, up: &std::process::Output) {
    let outputs =
        [&["status"][..], &["status", "--json"], &["logs"], &["explain"], &["sql", "-c", "SELECT x"]];
    let outputs = outputs.map(|arguments| lab.try_run(arguments));
    for output in outputs.iter().chain([up]) {
        search.look(Place::Text, "what the lab prints", &output.stdout);
        search.look(Place::Text, "what the lab prints", &output.stderr);
    }
    let services = lab.services();
    if services.iter().any(|service| service["name"] == "redis") {
        // With -e redis-cli fails when Redis refuses the command.
        let dump = lab.run(&["redis", "-e", "EVAL", ALL_OF_REDIS, "0"]);
        search.look(Place::Key, "Redis", dump.as_bytes());
    }
    let supervisor = lab.process(scenario, "supervisor");
    let children: Vec<_> = supervisor.family().into_iter().filter(|each| *each != supervisor).collect();
    children.iter().for_each(|child| child.signal(Signal::ABORT));
    testkit::eventually(Duration::from_secs(20), "all have crashed", || {
        !children.iter().any(|child| child.is_alive())
    });
    lab.run(&["down"]);
    for log in
        fs::read_dir(lab.path(&format!(".lab/scenario-{scenario}/log"))).expect("there are logs").flatten()
    {
        let name = log.path().display().to_string();
        search.look(Place::Text, &name, &fs::read(log.path()).expect("root reads all"));
    }
    let is_kept = search.look_in_files(&lab.path(""), true);
    assert!(is_kept, "the search does not find the file that the password is in");
}

/// All keys with their values.
const ALL_OF_REDIS: &str = "local all = {} for _, key in ipairs(redis.call('KEYS', '*')) do
    local reads = { string = {'GET', key}, hash = {'HGETALL', key}, list = {'LRANGE', key, 0, -1},
        set = {'SMEMBERS', key}, zset = {'ZRANGE', key, 0, -1} }
    all[#all + 1] = key
    all[#all + 1] = redis.call(unpack(reads[redis.call('TYPE', key).ok])) end return all";

/// A service that does not like its configuration says so without the password in it.
fn refused_configurations(search: &Search, trial: &Trial) {
    let canary = &search.canary;
    let addresses = [
        format!("postgres://x:{canary}@127.0.0.1:99999/x"),
        format!("postgres://x:{canary}@127.0.0.1:1/x"),
        format!("postgres://x:{canary}@[::1/x"),
        format!("postgres://x:y@127.0.0.1:1/x?{canary}={canary}"),
        format!("host=127.0.0.1 port=x password={canary}"),
        format!("redis://:{canary}@127.0.0.1:99999"),
        canary.clone(),
    ];
    for program in ["tasks-solution", "orders", "feed", "jobs"].into_iter().take(trial.times(4, 1)) {
        for (database, redis) in addresses.iter().zip(addresses.iter().rev()) {
            // One that starts all the same is ended.
            let mut run = Command::new("timeout");
            run.args(["--signal=KILL", "1", &built(program)]).env_clear();
            run.envs([("LISTEN_ADDRESS", "127.0.0.1:0"), ("POOL_MAX_SIZE", "1")]);
            let output =
                run.env("DATABASE_URL", database).env("REDIS_URL", redis).output().expect("it starts");
            search.look(Place::Text, &format!("what {program} prints"), &output.stdout);
            search.look(Place::Text, &format!("what {program} prints"), &output.stderr);
        }
    }
}
