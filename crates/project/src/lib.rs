//! Where things are: the checkout, its scenarios, and what the lab keeps of them in `.lab/`.

pub mod store;
pub mod folders;
pub mod names;
pub mod container;
pub mod git;
pub mod fingerprint;
pub mod starter;
pub mod spec_file;
pub mod status;
pub mod events;
pub mod warnings;
pub mod scrape_targets;
pub mod prometheus_user;
pub mod database;
pub mod server_settings;
mod locks;
pub mod transactions;
mod session;
mod page_token;

use std::{env, fs, io, path::PathBuf};

use anyhow::{Context, bail};

use self::store::write;
pub use self::{
    session::{Session, running},
    store::{read_json, write_json},
};

/// A checkout of the lab.
#[derive(Clone, Debug)]
pub struct Project {
    /// Its top folder.
    pub root: PathBuf,
    /// The lab's own files: `.lab`, or the folder that `LAB_DIR` names.
    pub lab_dir: PathBuf,
}

impl Project {
    /// The checkout that the current directory lies in.
    ///
    /// # Errors
    /// When it is not inside a checkout.
    pub fn find() -> anyhow::Result<Self> {
        let here = env::current_dir().context("the current directory is gone")?;
        let root = here
            .ancestors()
            .find(|dir| dir.join("compose").is_dir() && dir.join("crates/lab").is_dir())
            .with_context(|| format!("{} is not inside a checkout of the lab", here.display()))?;
        let lab_dir = env::var_os("LAB_DIR").map_or_else(|| root.join(".lab"), |dir| here.join(dir));
        Ok(Self { root: root.to_owned(), lab_dir })
    }

    /// Scenario `number`.
    ///
    /// # Errors
    /// When there is no such scenario.
    pub fn scenario(&self, number: u8) -> anyhow::Result<Scenario> {
        let scenario = Scenario { number, root: self.root.clone(), lab_dir: self.lab_dir.clone() };
        if !scenario.exists() {
            let have: Vec<_> = self.scenarios().map(|scenario| scenario.number.to_string()).collect();
            bail!("there is no scenario {number}; there is {}", have.join(", "));
        }
        Ok(scenario)
    }

    /// The same checkout, with data, ports and processes of its own.
    pub fn parallel(&self) -> Self {
        Self { root: self.root.clone(), lab_dir: self.lab_dir.join("smoke") }
    }

    /// All scenarios, in their order.
    pub fn scenarios(&self) -> impl Iterator<Item = Scenario> + use<> {
        let Self { root, lab_dir } = self.clone();
        (1..=u8::MAX)
            .map(move |number| Scenario { number, root: root.clone(), lab_dir: lab_dir.clone() })
            .filter(Scenario::exists)
    }

    /// The scenario started last, or the one that `LAB_SCENARIO` names: a page means its own. `None` if none was started.
    ///
    /// # Errors
    /// When it cannot be read which.
    pub fn last_started(&self) -> anyhow::Result<Option<Scenario>> {
        let path = self.lab_dir.join("current");
        match env::var("LAB_SCENARIO").or_else(|_| fs::read_to_string(&path)) {
            Ok(number) => {
                let number = number.trim().parse();
                number
                    .with_context(|| format!("{} or LAB_SCENARIO is not a number", path.display()))
                    .and_then(|n| self.scenario(n))
                    .map(Some)
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error).with_context(|| format!("cannot read {}", path.display())),
        }
    }

    /// The scenario that was started last.
    ///
    /// # Errors
    /// When no scenario was started yet.
    pub fn current(&self) -> anyhow::Result<Scenario> {
        self.last_started()?.with_context(|| {
            let first = self.scenarios().next().map_or(1, |scenario| scenario.number);
            format!("no scenario was started yet; start the first with: make scenario-{first}")
        })
    }
}

/// One scenario of a checkout.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// 1, 2, …
    pub number: u8,
    /// The top folder of its checkout.
    pub root: PathBuf,
    /// As of its [`Project`].
    pub lab_dir: PathBuf,
}

impl Scenario {
    /// The one after it in the same checkout.
    pub fn next(&self) -> Option<Self> {
        self.others().find(|scenario| scenario.number > self.number)
    }

    /// The checkout that it belongs to.
    pub fn project(&self) -> Project {
        Project { root: self.root.clone(), lab_dir: self.lab_dir.clone() }
    }

    /// The other scenarios of the same checkout.
    pub fn others(&self) -> impl Iterator<Item = Self> + use<> {
        let number = self.number;
        let project = self.project();
        project.scenarios().filter(move |scenario| scenario.number != number)
    }

    /// What runs, from the checkout's top.
    pub fn compose_file(&self) -> PathBuf {
        format!("compose/scenario-{}.yml", self.number).into()
    }

    fn exists(&self) -> bool {
        self.root.join(self.compose_file()).is_file()
    }

    /// The lesson's folder.
    pub fn docs(&self) -> PathBuf {
        self.root.join(format!("docs/scenario-{}", self.number))
    }

    /// What the lab keeps of this scenario.
    pub fn dir(&self) -> PathBuf {
        self.lab_dir.join(format!("scenario-{}", self.number))
    }

    /// What a container of the service `name` mounts of the lab's own files. Its account in the container must be able to
    /// read them, so they are open and the folder above them is closed.
    pub fn service_dir(&self, name: &str) -> PathBuf {
        self.containers().join(name)
    }

    fn containers(&self) -> PathBuf {
        self.dir().join("containers")
    }

    /// The log of a service.
    pub fn log(&self, service: &str) -> PathBuf {
        self.dir().join(format!("log/{service}.log"))
    }

    /// Saved load tests.
    pub fn runs(&self) -> PathBuf {
        self.dir().join("runs")
    }

    /// Creates the folders the lab writes to, and closes them to other users. Servers of other accounts reach their own.
    ///
    /// # Errors
    /// When they cannot be created.
    pub fn prepare(&self) -> anyhow::Result<()> {
        folders::passage(&self.lab_dir)?;
        folders::passage(&self.dir())?;
        folders::close_content(&self.dir())?;
        [self.dir().join("log"), self.runs(), self.containers()]
            .iter()
            .try_for_each(|dir| folders::private(dir))
    }

    /// Makes this scenario the one that commands without a number mean.
    ///
    /// # Errors
    /// When that cannot be written down.
    pub fn make_current(&self) -> anyhow::Result<()> {
        write(&self.lab_dir.join("current"), self.number.to_string().as_bytes())
    }

    /// A password of this machine's own, made at its first use.
    ///
    /// # Errors
    /// When it can neither be read nor made.
    pub fn password(&self, of: &str) -> anyhow::Result<String> {
        store::secret(&self.dir().join(format!("{of}.password")))
    }
}
