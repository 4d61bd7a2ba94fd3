//! `lab check`: a verdict per promise and goal of the lesson, from what runs now. Nothing in it reads the learner's
//! files: what counts is what the system does.

use std::{
    fmt::{self, Display, Formatter},
    process::ExitCode,
    time::{SystemTime, UNIX_EPOCH},
};

use serde::Serialize;

use super::{
    explain,
    measure::{Measurement, Options, measure, target},
    ready::{Obstacle, ready},
    running, sessions,
};
use crate::{
    claims::Verdict,
    goals::{
        Base, Goals,
        judge::{Evidence, Judged, asks_for},
        promises::{self, Login, System},
        reference,
    },
    lesson::Lesson,
    measured::{Measure, Measured},
    progress::Progress,
    project::{Scenario, write_json},
};

/// A verdict per promise and goal.
#[derive(Debug, Serialize)]
pub struct Report {
    /// The worst of all.
    pub verdict: Verdict,
    /// In the lesson's order: causes before symptoms.
    pub claims: Vec<Judged>,
    #[serde(skip)]
    title: String,
}

/// Checks what runs.
///
/// # Errors
/// When the scenario is not up, or the lab cannot do its work.
pub async fn run(scenario: &Scenario) -> anyhow::Result<Report> {
    let lesson = Lesson::read(scenario)?;
    let goals = Goals::read(scenario)?;
    let claims = match ready(scenario).await? {
        Err(obstacle) => vec![obstructed(obstacle)],
        Ok(()) => claims(scenario, &lesson, &goals).await?,
    };
    let verdict = claims.iter().map(|claim| claim.verdict).max().unwrap_or(Verdict::Inconclusive);
    let report = Report { verdict, claims, title: lesson.title };
    // A full disk takes nothing from what was found.
    if let Err(error) = remember(scenario, &report) {
        eprintln!("lab: your progress is not saved: {error:#}");
    }
    Ok(report)
}

/// First whether it is right, then how it does under load.
async fn claims(scenario: &Scenario, lesson: &Lesson, goals: &Goals) -> anyhow::Result<Vec<Judged>> {
    let (desired, _) = running(scenario)?;
    let port = target(&desired, &lesson.load)?.port.map(|port| port.native).unwrap_or_default();
    let (postgres, db_port) = desired.postgres(&lesson.database.service)?;
    let superuser = scenario.password("superuser")?;
    let login = Login { port: db_port, password: superuser, database: postgres.database.clone() };
    let mut system = System::connect(format!("127.0.0.1:{port}"), login).await?;
    let mut claims = vec![promises::all_rows(&system.database).await?];
    for promise in &goals.promises {
        let (kept, broken) = system.keeps(promise).await;
        claims.push(Judged::promise(promise, kept, broken.as_ref()));
    }
    if claims.iter().any(|claim| claim.verdict != Verdict::Pass) {
        claims.extend(goals.goals.iter().map(Judged::after_a_broken_promise));
    } else {
        // A connection of the lab's is one less for the servers.
        drop(system);
        let evidence = evidence(scenario, lesson, goals).await?;
        claims.extend(goals.goals.iter().map(|goal| Judged::goal(goal, &evidence)));
    }
    Ok(claims)
}

async fn evidence(scenario: &Scenario, lesson: &Lesson, goals: &Goals) -> anyhow::Result<Evidence> {
    let duration = goals.duration();
    let load = async |options| {
        let Measurement { run, seen } = measure(scenario, lesson, options).await?;
        anyhow::Ok(Measured::of(&run, seen))
    };
    let alone = if asks_for(goals, Base::Alone) {
        let options = Options { duration: Some(duration / 2), straight: true, ..Options::default() };
        Some(load(options).await?)
    } else {
        None
    };
    let mut measured = load(Options { duration: Some(duration), ..Options::default() }).await?;
    let (desired, _) = running(scenario)?;
    let (postgres, port) = desired.postgres(&lesson.database.service)?;
    let asks_about = |measure| goals.goals.iter().any(|goal| goal.measure == measure);
    if asks_about(Measure::KeptConnections)
        && let Some(connections) = &mut measured.seen.connections
    {
        let superuser = scenario.password("superuser")?;
        connections.kept = sessions::after_a_pause(postgres, port, &superuser).await.ok();
    }
    if asks_about(Measure::RowsRead) {
        // A plan that does not read the table at all reads no rows of it.
        measured.rows_read = explain::run(scenario).await.ok().map(|explained| explained.scan.rows);
    }
    let database_per_s = if asks_for(goals, Base::Database) {
        // Where PostgreSQL has no connection left, other goals say so.
        reference::answers_per_s(postgres, port, &lesson.database.query).await.ok()
    } else {
        None
    };
    Ok(Evidence { measured, alone, database_per_s })
}

fn obstructed(obstacle: Obstacle) -> Judged {
    let why = obstacle.to_string();
    match obstacle {
        Obstacle::DoesNotCompile(_) => Judged::of_the_whole(
            "compiles",
            "Your program compiles",
            why,
            "correct it and save; then: make check",
        ),
        Obstacle::DoesNotServe { is_edited: true, .. } => {
            Judged::of_the_whole("serves", "Your system serves", why, "make logs")
        }
        Obstacle::DoesNotServe { is_edited: false, .. } => {
            Judged::of_the_machine("serves", "The servers beside your program serve", why, "make logs")
        }
        Obstacle::IsNotStarted { ref next, .. } => {
            Judged::of_the_whole("is-started", "What runs is what your files say", why, next)
        }
    }
}

/// For `lab hint`, `lab progress` and the learner's next day.
fn remember(scenario: &Scenario, report: &Report) -> anyhow::Result<()> {
    write_json(&scenario.dir().join("check.json"), report)?;
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    let mut progress = Progress::read(&scenario.lab_dir)?;
    let lesson = progress.lesson(scenario);
    lesson.checks += 1;
    for claim in report.claims.iter().filter(|claim| claim.verdict == Verdict::Pass) {
        lesson.reached.entry(claim.id.clone()).or_insert(now);
    }
    if report.verdict == Verdict::Pass {
        lesson.done_unix_s.get_or_insert(now);
    }
    progress.write(&scenario.lab_dir)
}

impl Report {
    /// 0 when every goal is reached, 1 when one is not, 3 when nobody can say.
    pub fn exit_code(&self) -> ExitCode {
        self.verdict.exit_code()
    }

    /// What to make of it.
    pub fn conclusion(&self) -> String {
        let reached = self.claims.iter().filter(|claim| claim.verdict == Verdict::Pass).count();
        let Self { verdict, claims, .. } = self;
        match claims.iter().find(|claim| claim.verdict == *verdict && *verdict != Verdict::Pass) {
            None => format!(
                "PASS: all {reached} are reached. Next: fill in the lesson's table, with: make results"
            ),
            Some(first) => format!(
                "{verdict}: {reached} of {} are reached. Begin with \"{}\".\nNext: {} (stuck? make hint)",
                claims.len(),
                first.title,
                first.next.as_deref().unwrap_or("make check")
            ),
        }
    }
}

impl Display for Report {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}\n", self.title)?;
        self.claims.iter().try_for_each(|claim| writeln!(f, "{claim}"))?;
        write!(f, "\n{}", self.conclusion())
    }
}
