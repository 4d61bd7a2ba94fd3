//! Saved load tests: what was measured, and everything that it depends on.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    thread,
    time::{SystemTime, UNIX_EPOCH},
};

use anyhow::Context;
use loadgen::Run;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::measure::{Measurement, Seen};
use crate::{
    database::{self, in_full},
    files::Files,
    lesson::{Lesson, Variant},
    names,
    plan::{Desired, Program},
    project::{self, Scenario},
};

/// `.lab/scenario-N/runs/<id>.json`.
#[derive(Debug, Deserialize, Serialize)]
pub struct SavedRun {
    /// `001`, `002`, … within the scenario.
    pub run_id: String,
    /// When it started, in seconds of Unix time.
    pub started_unix_s: u64,
    /// What was loaded.
    pub subject: Subject,
    /// Where.
    pub machine: Machine,
    /// What was found.
    pub run: Run,
    /// Beside it.
    #[serde(default, flatten)]
    pub seen: Seen,
}

/// What was loaded: two runs of equal subjects measure the same thing.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub struct Subject {
    /// The lesson's file, hashed.
    pub lesson: String,
    /// Which program.
    pub variant: Variant,
    /// `dev` or `release`.
    pub profile: String,
    /// Its source, hashed.
    pub code: String,
    /// Files of it that differ from the last commit.
    pub edited: Vec<String>,
    /// The compose file and the configurations it mounts, hashed.
    #[serde(default)]
    pub wiring: String,
    /// How many servers share the work.
    #[serde(default = "one")]
    pub servers: usize,
    /// The last commit, where git is used.
    pub git_revision: Option<String>,
    /// The server's settings, as in the compose file.
    pub settings: Vec<String>,
    /// Its indexes other than primary keys and the like.
    pub indexes: Vec<String>,
}

/// The machine that a run was made on.
#[derive(Debug, Deserialize, Serialize)]
pub struct Machine {
    cpu: String,
    cores: usize,
    /// Load average over the minute before the run.
    load_before: f64,
}

impl Subject {
    /// Looks at what is running now.
    ///
    /// # Errors
    /// When the sources or the database cannot be read.
    pub async fn now(scenario: &Scenario, lesson: &Lesson, desired: &Desired) -> anyhow::Result<Self> {
        let program =
            desired.service(&lesson.load.service)?.program().context("the lesson loads no program")?;
        let (postgres, _) = desired.postgres(&lesson.database.service)?;
        let sources = sources(program);
        let stand_ins = lesson.stand_ins(&desired.variant);
        let compose = Files { root: &scenario.root, stand_ins }.find(&scenario.compose_file());
        let configs = desired.services.iter().filter_map(|service| Some(service.nginx()?.source.clone()));
        let rooms = lesson.rooms.iter().map(|room| room.starter.to_string_lossy().into_owned());
        let editable: Vec<_> = sources.iter().cloned().chain(rooms).collect();
        Ok(Self {
            lesson: hash(&[scenario.docs().join("lesson.toml")])?,
            variant: desired.variant.clone(),
            profile: if program.build.release { "release" } else { "dev" }.to_owned(),
            code: hash_folders(&scenario.root, &sources)?,
            edited: lines(git(&scenario.root, &["diff", "--name-only", "HEAD", "--"], &editable)),
            wiring: hash(&configs.chain([compose]).collect::<Vec<_>>())?,
            servers: desired.servers(&lesson.load.service).count(),
            git_revision: git(&scenario.root, &["rev-parse", "HEAD"], &[]).map(|text| text.trim().to_owned()),
            settings: postgres.settings.clone(),
            indexes: indexes(scenario, desired, lesson).await?,
        })
    }
}

/// Before servers were counted there was one.
fn one() -> usize {
    1
}

impl Machine {
    /// This one.
    pub fn this() -> Self {
        let read = |path| fs::read_to_string(path).unwrap_or_default();
        let cpu = read("/proc/cpuinfo");
        let model = cpu.lines().find_map(|line| line.strip_prefix("model name")).unwrap_or_default();
        Self {
            cpu: model.trim_start_matches([' ', '\t', ':']).to_owned(),
            cores: thread::available_parallelism().map_or(1, usize::from),
            load_before: read("/proc/loadavg")
                .split(' ')
                .next()
                .and_then(|n| n.parse().ok())
                .unwrap_or_default(),
        }
    }
}

impl SavedRun {
    /// A run that has just ended, under the next free id.
    ///
    /// # Errors
    /// When the runs before it cannot be listed.
    pub fn new(
        scenario: &Scenario,
        subject: Subject,
        machine: Machine,
        Measurement { run, seen }: Measurement,
    ) -> anyhow::Result<Self> {
        let last = files(scenario)?.last().map_or(0, |(number, _)| *number);
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Ok(Self {
            run_id: format!("{:03}", last + 1),
            started_unix_s: (now.as_secs_f64() - run.measured_s) as u64,
            subject,
            machine,
            run,
            seen,
        })
    }

    /// Writes it to `.lab`.
    ///
    /// # Errors
    /// When the disk is full, for example.
    pub fn store(&self, scenario: &Scenario) -> anyhow::Result<()> {
        project::write_json(&scenario.runs().join(format!("{}.json", self.run_id)), self)
    }
}

/// All runs of `scenario`, oldest first. One that cannot be read (cut short, or from an older lab) is named on
/// standard error and left out.
///
/// # Errors
/// When they cannot be listed.
pub fn all(scenario: &Scenario) -> anyhow::Result<Vec<SavedRun>> {
    let mut runs = Vec::new();
    for (_, path) in files(scenario)? {
        match fs::read(&path).map_err(anyhow::Error::from).and_then(|text| Ok(serde_json::from_slice(&text)?))
        {
            Ok(run) => runs.push(run),
            Err(error) => eprintln!("lab: {} is left out: {error}", path.display()),
        }
    }
    Ok(runs)
}

/// The files of the runs, by number.
fn files(scenario: &Scenario) -> anyhow::Result<Vec<(u32, PathBuf)>> {
    let dir = scenario.runs();
    if !dir.exists() {
        return Ok(Vec::new());
    }
    let mut files = Vec::new();
    for entry in fs::read_dir(&dir).with_context(|| format!("cannot read {}", dir.display()))? {
        let path = entry?.path();
        let number = path.file_name().and_then(|name| name.to_str()?.strip_suffix(".json")?.parse().ok());
        files.extend(number.map(|number| (number, path)));
    }
    files.sort();
    Ok(files)
}

/// The folders that hold the program's source, from the checkout's top.
fn sources(program: &Program) -> Vec<String> {
    let folder = |name: &str| format!("crates/{}/{name}", program.build.package);
    if program.build.bin.ends_with("-solution") {
        vec![folder("src"), folder("solution")]
    } else {
        vec![folder("src")]
    }
}

fn hash_folders(root: &Path, folders: &[String]) -> anyhow::Result<String> {
    let mut files = Vec::new();
    for folder in folders {
        let folder = root.join(folder);
        for entry in fs::read_dir(&folder).with_context(|| format!("cannot read {}", folder.display()))? {
            files.push(entry?.path());
        }
    }
    files.sort();
    hash(&files)
}

/// Rooms are flat, so a folder holds files and nothing else.
fn hash(files: &[PathBuf]) -> anyhow::Result<String> {
    let mut content = Sha256::new();
    for file in files.iter().filter(|path| path.is_file()) {
        content.update(fs::read(file).with_context(|| format!("cannot read {}", file.display()))?);
    }
    Ok(names::hex(&content.finalize()[..6]))
}

/// What git says; `None` where there is no git, or this is no checkout of it.
fn git(root: &Path, arguments: &[&str], paths: &[String]) -> Option<String> {
    let output = Command::new("git").current_dir(root).args(arguments).args(paths).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

fn lines(text: Option<String>) -> Vec<String> {
    text.unwrap_or_default().lines().map(str::to_owned).collect()
}

/// Asked as the superuser: PostgreSQL keeps connections for that one when it has none left for others.
async fn indexes(scenario: &Scenario, desired: &Desired, lesson: &Lesson) -> anyhow::Result<Vec<String>> {
    let (postgres, port) = desired.postgres(&lesson.database.service)?;
    let password = scenario.password("superuser")?;
    let client = database::connect(port, "postgres", &password, &postgres.database).await?;
    let query = "SELECT indexname::text FROM pg_indexes JOIN pg_class ON relname = indexname
        JOIN pg_index ON indexrelid = pg_class.oid
        WHERE pg_indexes.schemaname = 'public' AND NOT indisunique ORDER BY 1";
    let rows = client.query(query, &[]).await.map_err(in_full)?;
    Ok(rows.iter().map(|row| row.get(0)).collect())
}
