//! A PostgreSQL of one's own.

use std::{
    env,
    fs::{self, File},
    net::TcpListener,
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{self, Child, ChildStdin, Command, Stdio},
    sync::{
        Mutex,
        atomic::{AtomicU32, Ordering},
    },
    thread,
    time::Duration,
};

use anyhow::{Context, ensure};
use pgcluster::{Cluster, Installation};
use rustix::process::{Pid, Signal, kill_process};
use tokio::runtime;
use tokio_postgres::{NoTls, SimpleQueryMessage};

use crate::{eventually, spawn_for_good};

mod database;
mod faults;

pub use self::database::{Held, TestDatabase};

/// The password of both roles. Wherever this word turns up, a secret has leaked.
pub const PASSWORD: &str = "canary-that-must-not-leak";

/// The role that owns the tests' databases, as a service's role does; it is no superuser.
const OWNER: &str = "owner";

/// A running PostgreSQL in a directory of its own.
pub struct Postgres {
    cluster: Cluster,
    installation: Installation,
    settings: Vec<String>,
    port: u16,
    dir: PathBuf,
    server: Mutex<Child>,
    // Its shell removes the directory when this end closes.
    _janitor: ChildStdin,
}

static NEXT: AtomicU32 = AtomicU32::new(0);

impl Postgres {
    /// Creates a cluster and serves it with `settings` (`name=value`). Takes 1 to 2 s, so one per test binary.
    ///
    /// # Panics
    /// When that fails; the message says why.
    pub fn start(settings: &[&str]) -> Self {
        Self::try_start(settings, |_| Ok(()))
            .unwrap_or_else(|error| panic!("no PostgreSQL for the tests: {error:#}"))
    }

    /// As [`Postgres::start`], with its data on a disk of its own, of `megabytes` in memory, which
    /// [`Postgres::fill_disk`] can fill.
    ///
    /// # Errors
    /// Only root can make such a disk, and not in every container.
    pub fn start_on_small_disk(megabytes: u32, settings: &[&str]) -> anyhow::Result<Self> {
        Self::try_start(settings, |dir| {
            let mut mount = Command::new("mount");
            mount.args(["-t", "tmpfs", "-o", &format!("size={megabytes}m,mode=755"), "tmpfs"]).arg(dir);
            let output = mount.output().context("cannot run mount")?;
            ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr).trim());
            Ok(())
        })
    }

    fn try_start(
        settings: &[&str],
        make_disk: impl FnOnce(&Path) -> anyhow::Result<()>,
    ) -> anyhow::Result<Self> {
        let installation = Installation::find()?;
        let name = format!("lab-test-{}-{}", process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let dir = env::temp_dir().join(name);
        fs::create_dir(&dir)?;
        let janitor = janitor(&dir).context("cannot start a shell")?;
        make_disk(&dir)?;
        let cluster = Cluster::open_or_create(installation.clone(), &dir.join("data"), PASSWORD)?;
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let settings: Vec<_> = settings.iter().map(|setting| (*setting).to_owned()).collect();
        let server = serve(&cluster, port, &settings, &dir)?;
        let postgres = Self {
            cluster,
            installation,
            settings,
            port,
            dir,
            server: Mutex::new(server),
            _janitor: janitor,
        };
        postgres.wait_until_it_answers();
        postgres.admin(&format!("CREATE ROLE {OWNER} LOGIN PASSWORD '{PASSWORD}'"));
        Ok(postgres)
    }

    /// Creates a database from SQL files, to be cloned by [`Postgres::database`].
    pub fn template(&self, name: &str, files: &[&str]) {
        self.admin(&format!("CREATE DATABASE {name} OWNER {OWNER}"));
        let database = TestDatabase { postgres: self, name: name.to_owned(), is_template: true };
        for file in files {
            database.sql(file);
        }
        // PostgreSQL logs 32 numbers of a sequence ahead, and a clone gets none of that log: after a crash it would give the
        // same numbers again. This starts the count anew.
        database.sql("SELECT setval(format('%I.%I', schemaname, sequencename)::regclass, last_value) FROM pg_sequences WHERE last_value > 0");
    }

    /// A clone of `template` for one test, which is dropped with the handle.
    pub fn database(&self, template: &str) -> TestDatabase<'_> {
        let name = format!("test_{}", NEXT.fetch_add(1, Ordering::Relaxed));
        self.admin(&format!("CREATE DATABASE {name} TEMPLATE {template} OWNER {OWNER}"));
        TestDatabase { postgres: self, name, is_template: false }
    }

    /// Starts it again, on the same port, and waits until it answers.
    ///
    /// # Panics
    /// When that takes more than 20 s.
    pub fn restart(&self) {
        let url = self.url("postgres", "postgres");
        let mut server = self.server.lock().expect("no test panics while it holds this");
        eventually(Duration::from_secs(20), "PostgreSQL is back", || {
            // It does not start while processes of the one before still use its memory.
            if !matches!(server.try_wait(), Ok(None)) {
                *server =
                    serve(&self.cluster, self.port, &self.settings, &self.dir).expect("it started before");
            }
            run_sql(&url, "SELECT 1").is_ok()
        });
    }

    /// Waits until it answers.
    ///
    /// # Panics
    /// When that takes more than 20 s.
    pub fn wait_until_it_answers(&self) {
        let url = self.url("postgres", "postgres");
        eventually(Duration::from_secs(20), "PostgreSQL answers", || run_sql(&url, "SELECT 1").is_ok());
    }

    /// The path of one of PostgreSQL's programs, for example `pgbench`.
    pub fn program(&self, name: &str) -> PathBuf {
        self.installation.bin(name)
    }

    /// Runs a statement as the superuser.
    pub fn admin(&self, sql: &str) {
        run_sql(&self.url("postgres", "postgres"), sql).unwrap_or_else(|error| panic!("{sql}: {error}"));
    }

    fn url(&self, role: &str, database: &str) -> String {
        format!("postgres://{role}:{PASSWORD}@127.0.0.1:{}/{database}", self.port)
    }
}

/// Drops the server of a test that had its own.
impl Drop for Postgres {
    fn drop(&mut self) {
        if let Ok(server) = self.server.get_mut() {
            // It may have ended already.
            let _ = kill_process(Pid::from_child(server), Signal::QUIT);
            let _ = server.wait();
        }
    }
}

fn serve(cluster: &Cluster, port: u16, settings: &[String], dir: &Path) -> anyhow::Result<Child> {
    let log = File::options().create(true).append(true).open(dir.join("log"))?;
    let mut command = cluster.server(port, settings);
    command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
    Ok(spawn_for_good(command)?)
}

/// A shell that waits for the end of its input and then removes `dir`.
fn janitor(dir: &Path) -> std::io::Result<ChildStdin> {
    let mut shell = Command::new("sh")
        // Again and again: a server that is just ending may still write. Few directories are disks.
        .args(["-c", r#"read _; while [ -e "$0" ]; do umount --lazy "$0"; rm -rf "$0" || sleep 0.1; done"#])
        .arg(dir)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        // Ctrl-C goes to the whole group of the test.
        .process_group(0)
        .spawn()?;
    Ok(shell.stdin.take().expect("its input is a pipe"))
}

fn run_sql(url: &str, sql: &str) -> Result<Vec<Vec<Option<String>>>, String> {
    let runtime = runtime::Builder::new_current_thread().enable_all().build();
    let asking = async {
        let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
        tokio::spawn(connection);
        let messages = client.simple_query(sql).await?;
        let rows = messages.iter().filter_map(|message| match message {
            SimpleQueryMessage::Row(row) => {
                Some((0..row.len()).map(|column| row.get(column).map(str::to_owned)).collect())
            }
            _ => None,
        });
        Ok(rows.collect())
    };
    // On a thread of its own, since a test may run in a runtime already.
    let result = thread::scope(|scope| {
        let run = scope.spawn(|| runtime.expect("a runtime needs nothing special").block_on(asking));
        run.join().expect("nothing in there panics")
    });
    result.map_err(|error: tokio_postgres::Error| match error.as_db_error() {
        Some(error) => error.to_string(),
        None => error.to_string(),
    })
}
