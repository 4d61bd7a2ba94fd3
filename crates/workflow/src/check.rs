//! `lab check`: a verdict per promise and goal of the lesson, from what runs now. Nothing in it reads the learner's
//! files: what counts is what the system does.

use std::{
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use anyhow::bail;
use lesson::{Goals, Measure, goals::Base};
use observe::{
    counters,
    measured::Measured,
    measurement::{Measurement, Options},
    query_plan,
    run_identity::system_hash,
    sessions,
};
use project::{Scenario, Session};
use rustix::process::Signal;
use verdict::{
    check_report::CheckReport,
    claims::Verdict,
    judge::{Evidence, GoalResult, asks_for},
    lost_answer::Kill,
    progress::Progress,
    promises::{self, Login, System},
    reference,
};

use crate::{
    load::measure,
    readiness::{Obstacle, ready},
};

/// Checks what runs.
///
/// # Errors
/// When the scenario is not up, or the lab cannot do its work.
pub async fn check(scenario: &Scenario) -> anyhow::Result<CheckReport> {
    let lesson = scenario.lesson()?;
    let goals = scenario.goals()?;
    // What changes from here on makes this check stale.
    let system = system_hash(&Session::open(scenario)?).await.ok();
    let results = match ready(scenario).await? {
        Err(obstacle) => vec![obstructed(obstacle)],
        Ok(()) => results(&Session::open(scenario)?, &goals).await?,
    };
    let report = CheckReport::new(lesson.title, system, results);
    // The report is printed even if the disk is full.
    if let Err(error) = remember(scenario, &report) {
        eprintln!("lab: cannot save your progress: {error:#}");
    }
    Ok(report)
}

/// First whether it is right, then how it does under load.
async fn results(session: &Session, goals: &Goals) -> anyhow::Result<Vec<GoalResult>> {
    let port = session.target()?.port.map(|port| port.native).unwrap_or_default();
    let (postgres, db_port) = session.postgres()?;
    let password = session.superuser_password()?;
    let login = Login { port: db_port, password, database: postgres.database.clone() };
    let kill = kill_the_server_at_the_database(session)?;
    let mut system = System::connect(format!("127.0.0.1:{port}"), login, kill).await?;
    let mut results = vec![promises::all_rows(&system.database).await?];
    for promise in &goals.promises {
        let (kept, broken) = system.keeps(promise).await;
        results.push(GoalResult::promise(promise, kept, broken.as_ref()));
    }
    if results.iter().any(|result| result.verdict != Verdict::Pass) {
        results.extend(goals.goals.iter().map(GoalResult::after_a_broken_promise));
    } else {
        // A connection of the lab's is one less for the servers.
        drop(system);
        let evidence = evidence(session, goals).await?;
        results.extend(goals.goals.iter().map(|goal| GoalResult::goal(goal, &evidence)));
    }
    Ok(results)
}

/// Kills the one server that uses a database connection, and returns its port.
fn kill_the_server_at_the_database(session: &Session) -> anyhow::Result<Kill> {
    let (spec, status, entry) = (session.spec.clone(), session.status.clone(), session.target()?.clone());
    Ok(Arc::new(move || {
        for _ in 0..100 {
            let busy = counters::at_the_database(&spec, &entry)?;
            // A health check uses a connection as well, for a moment.
            if let [server] = busy[..]
                && let Some(port) = server.port
            {
                engine::signal::send(server, &status, Signal::KILL)?;
                return Ok(port.native);
            }
        }
        bail!("cannot tell which server stored something: several use database connections, or none does")
    }))
}

async fn evidence(session: &Session, goals: &Goals) -> anyhow::Result<Evidence> {
    let duration = goals.duration();
    // A promise may have crashed and restarted PostgreSQL, so the session is opened again.
    let session = &session.reopen()?;
    let alone = if asks_for(goals, Base::Alone) {
        let straight = Options { straight: true, ..Options::default() };
        Some(load(session, duration / 2, straight).await?)
    } else {
        None
    };
    let mut measured = load(&session.reopen()?, duration, Options::default()).await?;
    let (postgres, port) = session.postgres()?;
    let asks_about = |measure| goals.goals.iter().any(|goal| goal.measure == measure);
    if asks_about(Measure::KeptConnections)
        && let Some(connections) = &mut measured.seen.connections
    {
        connections.kept = sessions::after_a_pause(postgres, port, &session.superuser_password()?).await.ok();
    }
    if asks_about(Measure::RowsRead) {
        // A plan that does not read the table at all reads no rows of it.
        let explained = query_plan::explain(session).await.ok();
        measured.rows_read = explained.as_ref().map(|explained| explained.scan.rows);
        measured.invalid_indexes = explained.map(|explained| explained.invalid_indexes).unwrap_or_default();
    }
    let database_per_s = if asks_for(goals, Base::Database) {
        // If PostgreSQL has no connection left, other goals report it.
        reference::answers_per_s(postgres, port, &session.lesson.database.query).await.ok()
    } else {
        None
    };
    Ok(Evidence { measured, alone, database_per_s })
}

async fn load(session: &Session, duration: Duration, options: Options<'_>) -> anyhow::Result<Measured> {
    let options = Options { duration: Some(duration), ..options };
    let Measurement { run, seen } = measure(session, options).await?;
    Ok(Measured::of(&run, seen))
}

fn obstructed(obstacle: Obstacle) -> GoalResult {
    let why = obstacle.to_string();
    match obstacle {
        Obstacle::DoesNotCompile(_) => GoalResult::of_the_whole(
            "compiles",
            "Your program compiles",
            why,
            "fix it and save; then: make check",
        ),
        Obstacle::DoesNotServe { is_edited: true, .. } => {
            GoalResult::of_the_whole("serves", "Your system serves", why, "make logs")
        }
        Obstacle::DoesNotServe { is_edited: false, .. } => GoalResult::of_the_machine(
            "serves",
            "The servers that your program needs are ready",
            why,
            "make logs",
        ),
        Obstacle::IsNotStarted { ref next, .. } => {
            GoalResult::of_the_whole("is-started", "The running system matches your files", why, next)
        }
    }
}

/// For `lab hint`, `lab progress` and the learner's next day.
fn remember(scenario: &Scenario, report: &CheckReport) -> anyhow::Result<()> {
    report.write(scenario)?;
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    let mut progress = Progress::read(&scenario.lab_dir)?;
    let lesson = progress.lesson(scenario);
    lesson.checks += 1;
    for goal in report.goals.iter().filter(|goal| goal.verdict == Verdict::Pass) {
        lesson.reached.entry(goal.id.clone()).or_insert(now);
    }
    if report.verdict == Verdict::Pass {
        lesson.done_unix_s.get_or_insert(now);
    }
    progress.write(&scenario.lab_dir)
}
