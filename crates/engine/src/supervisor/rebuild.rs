//! A build that runs while the old program keeps serving.

use std::{
    fs::{self, File},
    os::unix::process::CommandExt,
    path::PathBuf,
    process::{Child, Command, Stdio},
};

use anyhow::{Context, ensure};
use compose::{docker_service::Docker, service_spec::Service};
use project::{Scenario, status::Build};
use rustix::process::{Pid, Signal, kill_process_group};

use crate::{cargo, docker};

/// A compiler under way; dropping it ends it.
pub struct Rebuild {
    compiler: Child,
    log: PathBuf,
    /// Where the programs run, unless that is here.
    docker: Option<(Docker, Scenario)>,
}

impl Rebuild {
    /// Starts to build `programs`, with cargo or where they run.
    ///
    /// # Errors
    /// When the build cannot be started or its output not be written.
    pub fn start(scenario: &Scenario, programs: &[Service]) -> anyhow::Result<Self> {
        let log = scenario.log("build");
        let file = File::create(&log).with_context(|| format!("cannot write {}", log.display()))?;
        let docker = programs.iter().find_map(|service| Some(service.container.as_ref()?.docker.clone()));
        let builds = programs.iter().filter_map(|service| Some(service.program()?.build.clone()));
        let mut command = match &docker {
            Some(docker) => with_parent(docker::build(docker)),
            None => with_parent(cargo::command(&scenario.root, &builds.collect::<Vec<_>>())),
        };
        // What cargo has for programs, Docker has for people.
        match &docker {
            Some(_) => command.stdout(file.try_clone()?),
            None => command.arg("--quiet").stdout(Stdio::null()),
        };
        let compiler = command
            .process_group(0)
            .stdin(Stdio::null())
            .stderr(file)
            .spawn()
            .context("cannot start the build")?;
        Ok(Self { compiler, log, docker: docker.map(|docker| (docker, scenario.clone())) })
    }

    /// Its outcome; `None` while it runs.
    pub fn finished(&mut self) -> Option<Build> {
        let ended = self.compiler.try_wait().transpose()?;
        let built = ended.map_err(anyhow::Error::from).and_then(|status| {
            ensure!(status.success(), "{}", self.complaints());
            self.docker.as_ref().map_or(Ok(()), |(docker, scenario)| docker::note_images(docker, scenario))
        });
        Some(built.map_or_else(|error| Build::Failed { message: format!("{error:#}") }, |()| Build::Current))
    }

    fn complaints(&self) -> String {
        match fs::read_to_string(&self.log) {
            Ok(said) if self.docker.is_some() => docker::messages::complaints(&said),
            Ok(said) => said,
            Err(error) => format!("the build failed, and its log cannot be read: {error}"),
        }
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
