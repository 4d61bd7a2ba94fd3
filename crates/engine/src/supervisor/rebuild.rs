//! A build that runs while the old program keeps serving.

use std::{
    fs::{self, File},
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use anyhow::{Context, bail, ensure};
use compose::{docker_service::Docker, service_spec::Service};
use project::{Scenario, status::Build, warnings};
use rustix::process::{Pid, Signal, kill_process_group};

use crate::{
    cargo::{self, Built},
    docker,
};

/// A compiler under way; dropping it ends it.
pub struct Rebuild {
    compiler: Child,
    scenario: Scenario,
    /// What cargo tells programs.
    messages: PathBuf,
    /// What it tells people.
    log: PathBuf,
    /// Where the programs run, unless that is here.
    docker: Option<Docker>,
}

impl Rebuild {
    /// Starts to build `programs`, with cargo or where they run.
    ///
    /// # Errors
    /// When the build cannot be started or its output not be written.
    pub fn start(scenario: &Scenario, programs: &[Service]) -> anyhow::Result<Self> {
        let create =
            |path: &Path| File::create(path).with_context(|| format!("cannot write {}", path.display()));
        let log = scenario.log(warnings::LOG);
        let messages = scenario.dir().join("build.json");
        let file = create(&log)?;
        let docker = programs.iter().find_map(|service| Some(service.container.as_ref()?.docker.clone()));
        let builds = programs.iter().filter_map(|service| Some(service.program()?.build.clone()));
        let mut command = match &docker {
            Some(docker) => with_parent(docker::build(docker)),
            None => with_parent(cargo::command(&scenario.root, &builds.collect::<Vec<_>>())),
        };
        // Docker has no messages for programs.
        match &docker {
            Some(_) => command.stdout(file.try_clone()?),
            None => command.arg("--quiet").stdout(create(&messages)?),
        };
        let compiler = command
            .process_group(0)
            .stdin(Stdio::null())
            .stderr(file)
            .spawn()
            .context("cannot start the build")?;
        Ok(Self { compiler, scenario: scenario.clone(), messages, log, docker })
    }

    /// Its outcome; `None` while it runs.
    pub fn finished(&mut self) -> Option<Build> {
        let ended = self.compiler.try_wait().transpose()?;
        let built = ended.map_err(anyhow::Error::from).and_then(|status| {
            if let Some(docker) = &self.docker {
                ensure!(status.success(), "{}", docker::messages::complaints(&self.said()));
                return docker::note_images(docker, &self.scenario);
            }
            let built = Built::read(&fs::read_to_string(&self.messages).unwrap_or_default());
            if !status.success() {
                let complaints = built.plain() + &self.said();
                // The message below has them as well.
                let _ = fs::write(&self.log, &complaints);
                bail!("{complaints}");
            }
            cargo::keep_warnings(&self.scenario, &built)
        });
        Some(built.map_or_else(|error| Build::Failed { message: format!("{error:#}") }, |()| Build::Current))
    }

    fn said(&self) -> String {
        let cannot = |error| format!("the build failed, and its log cannot be read: {error}");
        fs::read_to_string(&self.log).unwrap_or_else(cannot)
    }
}

impl Drop for Rebuild {
    /// Cargo and the compilers that it started: they would go on writing while the next build reads.
    fn drop(&mut self) {
        // All of them may have ended already.
        let _ = kill_process_group(Pid::from_child(&self.compiler), Signal::KILL);
        let _ = self.compiler.wait();
    }
}

/// `command`, ended with us.
fn with_parent(command: Command) -> Command {
    let mut wrapped = pgcluster::dies_with_parent(command.get_program().as_ref(), "KILL", None);
    wrapped.args(command.get_args());
    if let Some(dir) = command.get_current_dir() {
        wrapped.current_dir(dir);
    }
    wrapped
}
