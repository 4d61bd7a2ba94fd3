//! The parts of which the test tiers are made.

use crate::{
    git,
    sample::Sample,
    scenarios::{self, Scenario},
    test_part::{Group, Part, is_ci},
};

/// What all others need. The first build has the features of the tests, which are those of everything else too: what the
/// lab and the services depend on is compiled once.
pub fn build() -> Vec<Part> {
    let part = |name: &str, line: &str| Part::new(Group::Build, name, line);
    vec![
        part("build", "cargo test --workspace --all-features --locked --no-run"),
        part("servers", "cargo lab doctor --install"),
    ]
}

/// What `lint` needs beside cargo. CI installs it; people do when they want to.
pub fn tools() -> Vec<Part> {
    let tools = || Part::new(Group::Lint, "tools", "cargo xtask tools");
    is_ci().then(tools).into_iter().collect()
}

/// Unit, API and engine tests, and the examples in the docs. Property tests take the same inputs each time: whether a commit
/// passes is no matter of luck. A `cargo test` by hand and the night take others.
pub fn tests() -> Vec<Part> {
    let part = |name: &str, kinds: &str| {
        let seed = "env PROPTEST_RNG_SEED=${PROPTEST_RNG_SEED:-1}";
        let line = format!("{seed} cargo test --workspace --all-features --locked --no-fail-fast {kinds}");
        Part::new(Group::Tests, name, line)
    };
    vec![part("rust", "--lib --bins --tests"), part("docs", "--doc")]
}

/// Tests on the real scenarios, a part per file of `tests/real`: what the sentence on the bottleneck says, what the panels
/// show, what a kill costs.
pub fn real() -> Vec<Part> {
    let part = |file: &str| {
        let line = format!("cargo test --workspace --all-features --locked --test real {file}::");
        Part::new(Group::Tests, format!("real-{file}"), line)
    };
    ["evidence", "guess", "one_request", "rows", "shop", "terminal", "watching"].map(part).to_vec()
}

/// The one of them in the sample.
pub fn some_real(sample: Sample) -> Vec<Part> {
    let parts = real();
    sample.pick(parts.len()).into_iter().map(|index| parts[index].clone()).collect()
}

/// Each lesson's claims, in a short run.
///
/// # Errors
/// When the scenarios cannot be listed.
pub fn smoke() -> anyhow::Result<Vec<Part>> {
    let part = |Scenario(n)| Part::new(Group::Smoke, format!("smoke-{n}"), format!("cargo lab smoke {n}"));
    Ok(scenarios::all()?.into_iter().map(part).collect())
}

/// What must hold when things go wrong, with small figures.
pub fn promises() -> Vec<Part> {
    vec![Part::new(Group::Promises, "promises", "cargo xtask torture --short")]
}

/// Every state of every lesson, a part per lesson.
///
/// # Errors
/// When the scenarios cannot be listed.
pub fn wrong_fixes() -> anyhow::Result<Vec<Part>> {
    let part = |Scenario(n)| {
        Part::new(Group::WrongFixes, format!("validate-{n}"), format!("cargo lab validate {n}"))
    };
    Ok([scratch()].into_iter().chain(scenarios::all()?.into_iter().map(part)).collect())
}

fn scratch() -> Part {
    Part::new(Group::WrongFixes, "scratch", "crates/xtask/warm-scratch")
}

/// States that fit into some four minutes: most of one lesson.
const MOST_CHANGED_STATES: usize = 14;

/// The states in the sample, and those that have changed. When a commit changes more of them than fit, as many as do,
/// chosen as the sample is.
///
/// # Errors
/// When a lesson cannot be read, or git fails.
pub fn some_wrong_fixes(sample: Sample) -> anyhow::Result<Vec<Part>> {
    let base = git::base()?;
    let files = git::changed_since(&base)?;
    let (mut states, mut changed) = (Vec::new(), Vec::new());
    for scenario in scenarios::all()? {
        let of = |ids: Vec<String>| ids.into_iter().map(move |id| (scenario, id));
        states.extend(of(scenario.states()?));
        let before = scenario.wrong_fixes_at(&base);
        changed.extend(of(scenario.changed_states(&files, before.as_deref())?));
    }
    if changed.len() > MOST_CHANGED_STATES {
        let count = changed.len();
        println!(
            "{MOST_CHANGED_STATES} of the {count} states that have changed are validated; all: make test-all"
        );
    }
    let sampled = sample.pick(states.len()).into_iter().map(|index| &states[index]);
    let newly =
        sample.pick_at_most(MOST_CHANGED_STATES, changed.len()).into_iter().map(|index| &changed[index]);
    let picked: Vec<_> = sampled.chain(newly).collect();
    let mut parts = vec![scratch()];
    for scenario in scenarios::all()? {
        let of_this = states.iter().filter(|state| state.0 == scenario && picked.contains(state));
        let ids: Vec<_> = of_this.map(|(_, id)| id.as_str()).collect();
        if !ids.is_empty() {
            let Scenario(n) = scenario;
            let line = format!("cargo lab validate {n} --only {}", ids.join(","));
            parts.push(Part::new(Group::WrongFixes, format!("validate-{n}"), line));
        }
    }
    Ok(parts)
}

/// Every scenario in containers: by plain `docker compose`, and by the lab with every state of its lesson; the lab's own
/// way with containers; whether Prometheus finds what the panels ask for; and the native engine in the lab's own container.
///
/// # Errors
/// When the scenarios cannot be listed.
pub fn containers() -> anyhow::Result<Vec<Part>> {
    let scenarios = scenarios::all()?;
    let mut parts = Vec::new();
    for &scenario in &scenarios {
        let Scenario(n) = scenario;
        let try_it = format!("compose/images/try {n}");
        parts.push(container(scenario, &format!("compose-{n}"), &try_it)?);
    }
    let all = |name: &str, command: &str| in_docker(name, "", command);
    parts.push(all("compose-lab", "compose/images/try-lab"));
    let panels = "env LAB_ENGINE=compose cargo test --locked --workspace --all-features --test real watching";
    parts.push(all("compose-panels", panels));
    let further = "env LAB_ENGINE=compose cargo test --locked --workspace --all-features --test engine further_scenario";
    parts.push(all("compose-further", further));
    if let Some(Scenario(first)) = scenarios.first() {
        let line = format!("compose/images/with-docker devcontainers/try-in-container {first}");
        parts.push(Part::new(Group::Containers, "in-container", format!("IMAGES=native {line}")));
    }
    for scenario in scenarios {
        parts.push(validate_in_containers(scenario, "")?);
    }
    Ok(parts)
}

/// The container test in the sample; of a lesson no more than the starter and the solution.
///
/// # Errors
/// When the scenarios cannot be listed.
pub fn some_containers(sample: Sample) -> anyhow::Result<Vec<Part>> {
    let mut parts = containers()?;
    for scenario in scenarios::all()? {
        let short = validate_in_containers(scenario, " --only starter,solution")?;
        if let Some(part) = parts.iter_mut().find(|part| part.name == short.name) {
            *part = short;
        }
    }
    Ok(sample.pick(parts.len()).into_iter().map(|index| parts[index].clone()).collect())
}

fn validate_in_containers(scenario: Scenario, only: &str) -> anyhow::Result<Part> {
    let Scenario(n) = scenario;
    let line = format!("cargo lab validate {n} --engine compose{only}");
    container(scenario, &format!("compose-validate-{n}"), &line)
}

/// A test that needs the images of one scenario only.
fn container(scenario: Scenario, name: &str, command: &str) -> anyhow::Result<Part> {
    let images: Vec<_> = scenario.images()?.iter().map(|image| image.to_string()).collect();
    Ok(in_docker(name, &format!("IMAGES='{}' ", images.join(" ")), command))
}

/// With the Docker of this machine or one that is started for it. An image is compiled there a second time, in the profile
/// that compiles faster.
fn in_docker(name: &str, images: &str, command: &str) -> Part {
    let line = format!("{images}PROFILE=dev compose/images/with-docker {command}");
    Part::new(Group::Containers, name, line)
}
