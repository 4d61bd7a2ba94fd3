//! What a load test measured, and where: two runs compare only if they agree in what was not meant to change.

use std::{
    fmt::{self, Display, Formatter},
    fs, thread,
};

use anyhow::Context;
use compose::service_spec::{Engine, Program};
use format::counted;
use lesson::Variant;
use process::Identity;
use project::{Session, database::in_full, fingerprint, git, starter::sum};
use serde::{Deserialize, Serialize};

/// What was loaded: two runs of equal subjects measure the same thing.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub struct Subject {
    /// The lesson's file, hashed.
    pub lesson: String,
    /// Which program.
    pub variant: Variant,
    /// How it ran.
    #[serde(default)]
    pub engine: Engine,
    /// `dev` or `release`.
    pub profile: String,
    /// Its source, hashed.
    pub code: String,
    /// The files that differ from the lesson's start, and new ones beside them.
    pub edited: Vec<String>,
    /// The compose file and the configurations it mounts, hashed.
    #[serde(default)]
    pub wiring: String,
    /// How many servers share the work.
    #[serde(default = "one")]
    pub servers: usize,
    /// The last commit, where git knows the files.
    pub git_revision: Option<String>,
    /// What made the data: the scripts and settings of the seed, hashed.
    #[serde(default)]
    pub seed: String,
    /// The server's settings, as in the compose file.
    pub settings: Vec<String>,
    /// Its indexes other than primary keys and the like.
    pub indexes: Vec<String>,
}

/// What a check is about.
#[derive(Clone, Debug, PartialEq)]
pub struct CheckedState {
    /// See [`system_hash`].
    pub system: String,
    processes: Vec<Identity>,
}

/// The machine that a run was made on.
#[derive(Clone, Debug, Deserialize, Serialize)]
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
    pub async fn now(session: &Session) -> anyhow::Result<Self> {
        let scenario = &session.scenario;
        let starter = scenario.starter()?;
        let revision = git::expect_known(&scenario.root, &starter.files().collect::<Vec<_>>())
            .and_then(|()| git::text(&scenario.root, &["rev-parse", "HEAD"], git::NONE));
        let git_revision = revision.ok().map(|text| text.trim().to_owned());
        Ok(Self { git_revision, ..Self::without_revision(session).await? })
    }

    async fn without_revision(session: &Session) -> anyhow::Result<Self> {
        let Session { scenario, lesson, spec, .. } = session;
        let program = spec.service(&lesson.load.service)?.program().context("the lesson loads no program")?;
        let (postgres, _) = session.postgres()?;
        let sources = sources(program);
        let edited = scenario.starter()?.edited()?;
        Ok(Self {
            lesson: fingerprint::hash(&[scenario.docs().join("lesson.toml")])?,
            variant: spec.variant.clone(),
            engine: spec.engine,
            profile: if program.build.release { "release" } else { "dev" }.to_owned(),
            code: fingerprint::hash_folders(&scenario.root, &sources)?,
            edited: edited.iter().map(|file| file.to_string_lossy().into_owned()).collect(),
            wiring: spec.read_files.values().cloned().collect::<Vec<_>>().join("-"),
            servers: spec.servers(session.target()?).count(),
            git_revision: None,
            seed: postgres.template.clone(),
            settings: postgres.settings.clone(),
            indexes: indexes(session).await?,
        })
    }
}

/// The files and data of what runs, as one hash: it changes when a verdict may change, and not with a commit.
///
/// # Errors
/// When the sources or the database cannot be read.
pub async fn system_hash(session: &Session) -> anyhow::Result<String> {
    Ok(sum(&serde_json::to_vec(&Subject::without_revision(session).await?)?))
}

impl Subject {
    /// Whose program it is, for people.
    pub fn program(&self) -> String {
        let edited: Vec<_> =
            self.edited.iter().map(|path| path.rsplit('/').next().unwrap_or_default()).collect();
        match edited.as_slice() {
            _ if !self.variant.is_starter() => self.variant.in_words().to_owned(),
            [] => "starter".to_owned(),
            edited => format!("yours: {}", edited.join(", ")),
        }
    }
}

/// Before servers were counted there was one.
fn one() -> usize {
    1
}

/// What a check is about: the files and data, and the processes of the programs. A file that was saved a moment ago is not
/// in the program yet, and a check made then would be of the old one.
///
/// # Errors
/// When the sources or the database cannot be read.
pub async fn checked_state(session: &Session) -> anyhow::Result<CheckedState> {
    let programs = session.spec.services.iter().filter(|service| service.program().is_some());
    let process = |name: &str| session.status.service(name)?.process.clone();
    let processes = programs.filter_map(|program| process(&program.name)).collect();
    Ok(CheckedState { system: system_hash(session).await?, processes })
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

impl Display for Machine {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{} with {}", self.cpu, counted(self.cores as f64, "core"))
    }
}

/// The folders that hold the program's source, from the checkout's top.
pub fn sources(program: &Program) -> Vec<String> {
    let folder = |name: &str| format!("crates/{}/{name}", program.build.package);
    if program.build.bin.ends_with("-solution") {
        vec![folder("src"), folder("solution")]
    } else {
        vec![folder("src")]
    }
}

/// Asked as the superuser: PostgreSQL reserves connections for it.
async fn indexes(session: &Session) -> anyhow::Result<Vec<String>> {
    let client = session.connect_as_superuser().await?;
    let query = "SELECT indexname::text || CASE WHEN indisvalid THEN '' ELSE ' (INVALID)' END
        FROM pg_indexes JOIN pg_class ON relname = indexname
        JOIN pg_index ON indexrelid = pg_class.oid
        WHERE pg_indexes.schemaname = 'public' AND NOT indisunique ORDER BY 1";
    let rows = client.query(query, &[]).await.map_err(in_full)?;
    Ok(rows.iter().map(|row| row.get(0)).collect())
}
