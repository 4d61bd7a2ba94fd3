//! A checkout of the lab's own, in which it does what a learner does: edits files, and types commands. The learner's
//! files, data and ports are not touched.

use std::{
    collections::BTreeMap,
    env, fs,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use anyhow::{Context, bail, ensure};
use compose::service_spec::Engine;
use lesson::{Lesson, Room, wrong_fixes::WrongFix};
use project::{Project, folders, git, store::write_in_checkout};
use tokio::{signal::ctrl_c, task::spawn_blocking};

/// What files hold, by their paths from the checkout's top.
pub type Files = BTreeMap<PathBuf, String>;

const NEEDS_GIT: &str = "this needs git: it works on a copy that git makes of the checkout";

/// `.lab/scratch`.
pub struct Scratch {
    root: PathBuf,
    /// What stands in place of committed files; see [`from_start`](Self::from_start).
    start: Files,
    /// For `LAB_ENGINE`; `None` keeps the current value.
    engine: Option<Engine>,
    /// Whether nothing more shall be typed.
    stop: Arc<AtomicBool>,
}

impl Scratch {
    /// A copy of what git knows of `project`, changes included. What was compiled there before is kept.
    ///
    /// # Errors
    /// When this is no checkout of git's.
    pub fn of(project: &Project) -> anyhow::Result<Self> {
        let root = project.lab_dir.join("scratch");
        let compose_files: Vec<_> = project.scenarios().map(|scenario| scenario.compose_file()).collect();
        git::expect_known(&project.root, &compose_files).context(NEEDS_GIT)?;
        let stashed = git::text(
            &project.root,
            // Any author will do: this commit is never published.
            &["-c", "user.name=lab", "-c", "user.email=lab@localhost", "stash", "create"],
            git::NONE,
        )
        .context(NEEDS_GIT)?;
        let commit = match stashed.trim() {
            "" => git::text(&project.root, &["rev-parse", "HEAD"], git::NONE)?.trim().to_owned(),
            stashed => stashed.to_owned(),
        };
        folders::passage(&project.lab_dir)?;
        // Below it everything is open, as in any checkout: containers mount its files.
        folders::passage(&root)?;
        if !root.join(".git").exists() {
            git::text(&root, &["init", "--quiet"], git::NONE)?;
        }
        let origin = project.root.to_string_lossy();
        // By its name: it is on no branch.
        git::text(
            &root,
            &["-c", "uploadpack.allowAnySHA1InWant=true", "fetch", "--quiet", "--depth=1", &origin, &commit],
            git::NONE,
        )?;
        git::text(&root, &["checkout", "--quiet", "--force", "--detach", &commit], git::NONE)?;
        Ok(Self { root, start: Files::new(), engine: None, stop: Arc::default() })
    }

    /// The same, with `start` in place of committed files: the learner may have committed a fix.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub fn from_start(self, start: Files) -> anyhow::Result<Self> {
        let scratch = Self { start, ..self };
        scratch.put_back()?;
        // `lab reset` needs copies there, too.
        scratch.project().scenarios().try_for_each(|scenario| scenario.starter()?.keep())?;
        Ok(scratch)
    }

    /// The same, with this engine.
    pub fn on(self, engine: Option<Engine>) -> Self {
        Self { engine, ..self }
    }

    /// Does `work` there and stops everything it left running; Ctrl-C ends it early.
    ///
    /// # Errors
    /// Those of `work`.
    pub async fn work<T: Send + 'static>(
        self,
        work: impl FnOnce(&Self) -> anyhow::Result<T> + Send + 'static,
    ) -> anyhow::Result<T> {
        let stop = self.stop.clone();
        let mut working = spawn_blocking(move || {
            let result = work(&self);
            self.down()?;
            result
        });
        tokio::select! {
            result = &mut working => return result?,
            pressed = ctrl_c() => pressed?,
        }
        // The command that runs just now has heard it too.
        stop.store(true, Ordering::Relaxed);
        working.await?
    }

    /// The checkout that it is.
    pub fn project(&self) -> Project {
        Project { root: self.root.clone(), lab_dir: self.root.join(".lab") }
    }

    /// The files without any edit.
    ///
    /// # Errors
    /// When git cannot do it.
    pub fn put_back(&self) -> anyhow::Result<()> {
        self.hold(&Files::new())
    }

    /// The same, with the edits of `fix`.
    ///
    /// # Errors
    /// When it does not fit them any more.
    pub fn apply(&self, fix: &WrongFix, lesson: &Lesson) -> anyhow::Result<()> {
        let mut files = if fix.on_solution { self.solution(lesson)? } else { Files::new() };
        for (to, from) in &fix.files {
            files.insert(to.clone(), self.as_it_came(from)?);
        }
        for edit in &fix.edits {
            let text = files.remove(&edit.file).map_or_else(|| self.as_it_came(&edit.file), Ok)?;
            let count = text.matches(&edit.from).count();
            ensure!(
                count == 1,
                "fix {}: {:?} is in {} {count} times, not once",
                fix.id,
                edit.from,
                edit.file.display()
            );
            files.insert(edit.file.clone(), text.replace(&edit.from, &edit.to));
        }
        self.hold(&files)
    }

    /// The reference solution in place of the learner's rooms.
    ///
    /// # Errors
    /// When a file cannot be copied.
    pub fn solve(&self, lesson: &Lesson) -> anyhow::Result<()> {
        self.hold(&self.solution(lesson)?)
    }

    /// Texts in place of files.
    ///
    /// # Errors
    /// When one cannot be written.
    pub fn write(&self, files: &BTreeMap<String, String>) -> anyhow::Result<()> {
        files.iter().try_for_each(|(name, text)| write_in_checkout(&self.root.join(name), text.as_bytes()))
    }

    fn solution(&self, lesson: &Lesson) -> anyhow::Result<Files> {
        let copy = |room: &Room| Ok((room.starter.clone(), self.as_it_came(&room.solution)?));
        lesson.rooms.iter().map(copy).collect()
    }

    fn as_it_came(&self, path: &Path) -> anyhow::Result<String> {
        if let Some(text) = self.start.get(path) {
            return Ok(text.clone());
        }
        git::text(&self.root, &["show", &format!("HEAD:{}", path.display())], git::NONE)
    }

    /// Everything as it came, but for `files`. One that is right already is left alone: cargo takes a file that was
    /// written for a new one, and would compile everything again.
    fn hold(&self, files: &Files) -> anyhow::Result<()> {
        let mut all = self.start.clone();
        all.extend(files.clone());
        let files = &all;
        for path in git::text(&self.root, &["diff", "--name-only", "HEAD"], git::NONE)?.lines() {
            if !files.contains_key(Path::new(path)) {
                git::text(&self.root, &["checkout", "--quiet", "--force", "HEAD", "--"], &[path])?;
            }
        }
        // An earlier run may have had files that the commit does not have: a room split into a folder.
        let new = git::new_files(&self.root, &["crates"])?;
        for path in new.iter().filter(|path| !files.contains_key(*path)) {
            fs::remove_file(self.root.join(path))
                .with_context(|| format!("cannot remove {}", path.display()))?;
        }
        for (path, text) in files {
            let path = self.root.join(path);
            if fs::read_to_string(&path).ok().as_ref() != Some(text) {
                write_in_checkout(&path, text.as_bytes())?;
            }
        }
        Ok(())
    }

    /// Types a command of the lab there.
    ///
    /// # Errors
    /// When it cannot do its work, with its own words; when it was stopped.
    pub fn lab(&self, arguments: &[&str]) -> anyhow::Result<Output> {
        let output = self.command(arguments)?;
        ensure!(!self.stop.load(Ordering::Relaxed), "stopped");
        if output.status.code().is_none_or(|code| code == 2) {
            bail!("lab {}: {}", arguments.join(" "), String::from_utf8_lossy(&output.stderr).trim());
        }
        Ok(output)
    }

    /// Stops everything that runs there.
    ///
    /// # Errors
    /// When it cannot.
    pub fn down(&self) -> anyhow::Result<()> {
        self.command(&["down", "--all"]).map(drop)
    }

    fn command(&self, arguments: &[&str]) -> anyhow::Result<Output> {
        let mut command = Command::new(env::current_exe().context("cannot find the lab's own program")?);
        if let Some(engine) = self.engine {
            command.env("LAB_ENGINE", engine.name());
        }
        command
            .args(arguments)
            .current_dir(&self.root)
            // Programs that are built from other files must not replace the learner's.
            .env("CARGO_TARGET_DIR", self.root.join("target"))
            .env_remove("LAB_DIR")
            .stdin(Stdio::null())
            .output()
            .context("cannot run the lab")
    }
}
