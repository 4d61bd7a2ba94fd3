//! All lessons of a checkout: how far the learner is in each, whether it runs, and what comes next. `lab progress` prints it,
//! and the page shows it.

use std::{
    collections::BTreeMap,
    fmt::{self, Display, Formatter},
};

use format::counted;
use observe::run_identity::system_hash;
use project::{Project, Scenario, Session, status::Phase};
use serde::Serialize;
use verdict::{
    check_report::{CheckReport, STALE},
    claims::Verdict,
    progress::{self, Progress},
};

use crate::lesson_text::{answers, file};

/// Of every lesson.
#[derive(Debug, Serialize)]
pub struct Overview {
    /// By `scenario-N`.
    pub lessons: BTreeMap<String, LessonRow>,
    /// The command that comes next.
    pub next: String,
}

/// Of one lesson.
#[derive(Debug, Serialize)]
pub struct LessonRow {
    /// Its number.
    pub number: u8,
    /// What it is called.
    pub title: String,
    /// How long it takes, about; `None` where the lesson does not say so.
    pub minutes: Option<u32>,
    /// Promises and goals that there are; one more than in `check.toml`: the rows.
    pub goals: usize,
    /// Questions in its text.
    pub questions: usize,
    /// How many of them have an answer.
    pub answered: usize,
    /// Whether its scenario is up.
    pub is_running: bool,
    /// What was reached.
    #[serde(flatten)]
    pub progress: progress::Lesson,
    /// `None` before the first check.
    pub last_check: Option<LastCheck>,
}

/// What the last check found.
#[derive(Debug, Serialize)]
pub struct LastCheck {
    /// Of all goals.
    pub verdict: Verdict,
    /// How many goals were reached.
    pub reached: usize,
    /// How many there were.
    pub goals: usize,
    /// Whether files or data have changed since; `None` where nobody looked, or the scenario does not run.
    pub is_stale: Option<bool>,
}

impl Overview {
    /// Reads what is saved. It does not look at what runs: see [`Overview::mark_stale`].
    ///
    /// # Errors
    /// When the progress, or a lesson, cannot be read.
    pub fn read(project: &Project) -> anyhow::Result<Self> {
        let mut progress = Progress::read(&project.lab_dir)?;
        let row = |scenario: Scenario| {
            let name = format!("scenario-{}", scenario.number);
            let lesson = progress.lessons.remove(&name).unwrap_or_default();
            anyhow::Ok((name, LessonRow::read(&scenario, lesson)?))
        };
        let lessons = project.scenarios().map(row).collect::<anyhow::Result<_>>()?;
        let mut overview = Self { lessons, next: String::new() };
        overview.next = overview.next(project)?;
        Ok(overview)
    }

    /// Compares the last checks with what runs now.
    ///
    /// # Errors
    /// When it cannot be read which scenario was started last.
    pub async fn mark_stale(mut self, project: &Project) -> anyhow::Result<Self> {
        for scenario in project.scenarios() {
            let row = self.lessons.get_mut(&format!("scenario-{}", scenario.number));
            if let Some(check) = row.and_then(|row| row.last_check.as_mut())
                && let Some((report, _)) = CheckReport::last(&scenario)
                && let Ok(session) = Session::open(&scenario)
            {
                check.is_stale = system_hash(&session).await.ok().map(|now| report.is_stale(&now));
            }
        }
        self.next = self.next(project)?;
        Ok(self)
    }

    /// To check what runs, or to start the first lesson that is not done.
    fn next(&self, project: &Project) -> anyhow::Result<String> {
        let current = project.last_started()?.map(|scenario| scenario.number);
        let mut open: Vec<_> = self.lessons.values().filter(|row| row.is_open()).collect();
        open.sort_by_key(|row| row.number);
        let running = open.iter().find(|row| row.is_running && Some(row.number) == current);
        Ok(match (running, open.first()) {
            (Some(_), _) => "make check".to_owned(),
            (None, Some(row)) => format!("make scenario-{}", row.number),
            (None, None) => "make results".to_owned(),
        })
    }
}

impl LessonRow {
    fn read(scenario: &Scenario, progress: progress::Lesson) -> anyhow::Result<Self> {
        let (lesson, goals) = (scenario.lesson()?, scenario.goals()?);
        // A lesson without a text has no questions.
        let text = file::read(&scenario.docs().join("SCENARIO.md")).unwrap_or_default();
        let answers = answers::find(&text);
        let last_check = CheckReport::last(scenario).map(|(report, _)| LastCheck {
            verdict: report.verdict,
            reached: report.reached(),
            goals: report.goals.len(),
            is_stale: None,
        });
        Ok(Self {
            number: scenario.number,
            title: lesson.title,
            minutes: lesson.minutes,
            goals: 1 + goals.promises.len() + goals.goals.len(),
            questions: answers.len(),
            answered: answers.iter().filter(|answer| !answer.text.trim().is_empty()).count(),
            is_running: scenario.is_up()?,
            progress,
            last_check,
        })
    }

    /// Whether its goals were reached in one check.
    pub fn is_done(&self) -> bool {
        self.progress.done_unix_s.is_some()
    }

    /// Whether there is something left to check.
    fn is_open(&self) -> bool {
        !self.is_done() || self.last_check.as_ref().is_some_and(|check| check.is_stale == Some(true))
    }

    /// How far the learner is: `8 of 8 goals reached, 3 of 9 questions answered, 2 checks, 1 hint`.
    pub fn in_words(&self) -> String {
        let Self { goals, questions, answered, progress, .. } = self;
        let hints: usize = progress.hints.values().sum();
        let mut words = vec![format!("{} of {goals} goals reached", progress.reached.len())];
        if *questions > 0 {
            words.push(format!("{answered} of {questions} questions answered"));
        }
        words.push(counted(progress.checks.into(), "check"));
        words.push(counted(hints as f64, "hint"));
        words.join(", ")
    }
}

/// The address of the page of `scenario`, with its token; `None` while it does not serve.
pub fn page_of(scenario: &Scenario) -> Option<String> {
    let session = Session::open(scenario).ok()?;
    let service = session.status.service(&session.spec.page()?.name)?;
    let port = service.port.filter(|_| service.phase == Phase::Ready)?;
    scenario.page_url(port).ok()
}

impl Display for Overview {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        for (name, row) in &self.lessons {
            let state = [(row.is_running, "running"), (row.is_done(), "done")];
            let state: Vec<_> = state.into_iter().filter(|(is_so, _)| *is_so).map(|(_, word)| word).collect();
            let minutes =
                row.minutes.map_or_else(String::new, |minutes| format!(", about {minutes} minutes"));
            writeln!(f, "{name}  {}{minutes}", row.title)?;
            writeln!(f, "            {}", row.in_words())?;
            if !state.is_empty() {
                writeln!(f, "            {}", state.join(", "))?;
            }
            if let Some(LastCheck { verdict, reached, goals, is_stale: Some(true) }) = &row.last_check {
                writeln!(f, "            last check: {verdict}, {reached} of {goals}, {STALE}")?;
            }
        }
        write!(f, "Next: {}", self.next)
    }
}
