//! `lab up`: reads the compose file, builds, tells the supervisor, and waits until everything answers.

use std::{
    env,
    fs::File,
    os::unix::process::CommandExt,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context, bail};
use tokio::{signal::ctrl_c, time::sleep};

use super::{
    down,
    status::{self, Status},
};
use crate::{
    cargo,
    cli::Up,
    compose::Compose,
    lesson::{Lesson, Variant},
    needs,
    plan::{self, Desired, Kind},
    ports,
    project::{Scenario, read_json, write_json},
    resolve,
    state::{Phase, State},
    supervisor::CONVERGE,
};

/// Starts `scenario`, or brings what runs in line with its files, and returns when every service answers.
///
/// # Errors
/// When a file cannot be used, the program does not compile or a service does not start. What ran before runs on.
pub async fn run(scenario: &Scenario, options: &Up) -> anyhow::Result<Status> {
    let lesson = Lesson::read(scenario)?;
    scenario.prepare()?;
    let before: Option<Desired> = read_json(&scenario.dir().join("desired.json"))?;
    let desired = wish(scenario, options, before)?;
    announce_moved_ports(&desired);
    write_json(&scenario.dir().join("desired.json"), &desired)?;

    if scenario.is_up()? {
        let state = State::read(scenario)?.context("it only just starts; try again in a second")?;
        state.supervisor.signal(CONVERGE);
        settled(scenario, desired.generation, None).await?;
    } else {
        let mut supervisor = start_supervisor(scenario)?;
        tokio::select! {
            result = settled(scenario, desired.generation, Some(&mut supervisor)) => result?,
            _ = ctrl_c() => {
                down::stop(scenario).await?;
                bail!("stopped; nothing is left half made");
            }
        }
    }
    let mut status = status::run(scenario).await?;
    status.next = Some(format!(
        "read docs/scenario-{}/SCENARIO.md, then run: make loadtest",
        scenario.number
    ));
    status.title = Some(lesson.title);
    Ok(status)
}

/// What the compose file asks for, on ports of this machine, with programs that are built.
fn wish(scenario: &Scenario, options: &Up, before: Option<Desired>) -> anyhow::Result<Desired> {
    let db_password = scenario.password("db")?;
    let compose = Compose::read(&scenario.compose_file(), |name| match name {
        "DB_PASSWORD" => Some(db_password.clone()),
        "VARIANT" => (options.variant == Variant::Solution).then(|| "-solution".to_owned()),
        _ => env::var(name).ok(),
    })?;
    let (generation, running) = match before {
        Some(before) if scenario.is_up()? => (before.generation + 1, before.services),
        Some(before) => (before.generation + 1, Vec::new()),
        None => (1, Vec::new()),
    };
    let compose_dir = scenario.root.join("compose");
    let mut services = resolve::services(&compose, &compose_dir, options.release, &running)?;
    if services
        .iter()
        .any(|service| matches!(service.kind, Kind::Postgres(_)))
    {
        needs::postgres()?;
    }
    let programs: Vec<_> = services.iter().filter_map(plan::Service::program).collect();
    let mut executables = cargo::build(&scenario.root, &programs)?;
    for service in &mut services {
        if let Kind::Program(program) = &mut service.kind {
            program.executable = executables
                .remove(&program.bin)
                .with_context(|| format!("cargo built no program `{}`", program.bin))?;
        }
    }
    Ok(Desired {
        generation,
        variant: options.variant,
        watch: !options.no_watch,
        services,
    })
}

fn announce_moved_ports(desired: &Desired) {
    for service in desired
        .services
        .iter()
        .filter(|service| service.port != service.published)
    {
        let (name, port, published) = (&service.name, service.port, service.published);
        eprintln!(
            "port {published} is taken by {}; {name} is on {port} instead",
            ports::holder(published)
        );
    }
}

/// Starts `lab supervise` in the background, out of the reach of this terminal's Ctrl-C.
fn start_supervisor(scenario: &Scenario) -> anyhow::Result<Child> {
    let log = scenario.log("supervisor");
    let file = File::create(&log).with_context(|| format!("cannot write {}", log.display()))?;
    Command::new(env::current_exe().context("cannot find the lab's own program")?)
        .args(["supervise", &scenario.number.to_string()])
        .current_dir(&scenario.root)
        .env("LAB_DIR", &scenario.lab_dir)
        .process_group(0)
        .stdin(Stdio::null())
        .stdout(file.try_clone()?)
        .stderr(file)
        .spawn()
        .context("cannot start the supervisor")
}

/// Waits until the supervisor has answered wish `generation`, and tells on standard error what it is doing.
async fn settled(
    scenario: &Scenario,
    generation: u64,
    mut supervisor: Option<&mut Child>,
) -> anyhow::Result<()> {
    let started = Instant::now();
    let mut told = Vec::new();
    loop {
        let ended = match &mut supervisor {
            Some(child) => child.try_wait()?.is_some(),
            None => !scenario.is_up()?,
        };
        if ended {
            let said = std::fs::read_to_string(scenario.log("supervisor")).unwrap_or_default();
            bail!("the supervisor ended by itself: {}", said.trim());
        }
        if let Some(state) = State::read(scenario)?.filter(|state| is_fresh(state, supervisor.as_deref())) {
            for service in &state.services {
                let line = format!("{}: {}", service.name, service.detail);
                if service.phase != Phase::Ready && !told.contains(&line) {
                    eprintln!("{line}");
                    told.push(line);
                }
            }
            if state.settled == generation {
                return failure(&state);
            }
        }
        if started.elapsed() > Duration::from_secs(300) {
            bail!("nothing moves; see: make logs");
        }
        sleep(Duration::from_millis(20)).await;
    }
}

/// A state that an earlier supervisor left says nothing about ours.
fn is_fresh(state: &State, supervisor: Option<&Child>) -> bool {
    supervisor.is_none_or(|child| state.supervisor.pid == child.id())
}

fn failure(state: &State) -> anyhow::Result<()> {
    match state
        .services
        .iter()
        .find(|service| service.phase != Phase::Ready)
    {
        Some(service) => bail!("{} did not start: {}", service.name, service.detail),
        None => Ok(()),
    }
}
