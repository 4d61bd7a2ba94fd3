//! `lab explain`: how PostgreSQL runs the lesson's query, and which scan matters.

use std::fmt::{self, Display, Formatter};

use anyhow::Context;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::running;
use crate::{
    database::{self, in_full},
    lesson::{Database, Lesson},
    plan::Postgres,
    project::Scenario,
};

/// A plan that was run.
#[derive(Debug, Serialize)]
pub struct Explained {
    /// The table that matters.
    pub table: String,
    /// How it reads the table.
    pub scan: Scan,
    took_ms: f64,
    plan: String,
}

/// How a plan reads one table.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub struct Scan {
    /// PostgreSQL's name for it: `Seq Scan`, `Index Scan`, …
    pub node: String,
    /// The index, when it uses one.
    index: Option<String>,
    /// Rows that it read from the table; PostgreSQL rounds them per worker when several read at once.
    pub rows: u64,
}

/// Runs the query once under EXPLAIN ANALYZE.
///
/// # Errors
/// When the scenario does not run; PostgreSQL's own words.
pub async fn run(scenario: &Scenario) -> anyhow::Result<Explained> {
    let lesson = Lesson::read(scenario)?.database;
    let (desired, _) = running(scenario)?;
    let (postgres, port) = desired.postgres(&lesson.service)?;
    explain(&lesson, postgres, port).await
}

/// The same of the PostgreSQL on `port`, which runs.
///
/// # Errors
/// PostgreSQL's own words; when the plan does not read the lesson's table.
pub async fn explain(lesson: &Database, postgres: &Postgres, port: u16) -> anyhow::Result<Explained> {
    let client = database::connect(port, &postgres.user, &postgres.password, &postgres.database).await?;
    let explain = |options| format!("EXPLAIN ({options}) {}", lesson.query);
    let lines = client.query(&explain("ANALYZE, COSTS OFF"), &[]).await.map_err(in_full)?;
    let plan = lines.iter().map(|line| line.get(0)).collect::<Vec<&str>>().join("\n");
    let json = client.query_one(&explain("ANALYZE, FORMAT JSON"), &[]).await.map_err(in_full)?;
    let Value::Array(plans) = json.get(0) else { anyhow::bail!("PostgreSQL's plan is no list") };
    let root = plans.first().context("PostgreSQL gave no plan")?;
    let scan = scan_of(&root["Plan"], &lesson.table)
        .with_context(|| format!("the plan does not read the table {}:\n{plan}", lesson.table))?;
    Ok(Explained {
        table: lesson.table.clone(),
        scan,
        took_ms: root["Execution Time"].as_f64().unwrap_or_default(),
        plan,
    })
}

/// The node of `plan` that reads `table`, wherever in the tree it is.
///
/// Source: PostgreSQL manual, EXPLAIN, `FORMAT JSON`.
fn scan_of(plan: &Value, table: &str) -> Option<Scan> {
    if plan["Relation Name"] == table {
        // A bitmap scan names its index one level down.
        let index = plan["Index Name"].as_str().or_else(|| plan["Plans"][0]["Index Name"].as_str());
        let number = |key: &str| plan[key].as_f64().unwrap_or_default();
        let rows = (number("Actual Rows") + number("Rows Removed by Filter")) * number("Actual Loops");
        return Some(Scan {
            node: plan["Node Type"].as_str()?.to_owned(),
            index: index.map(str::to_owned),
            rows: rows.round() as u64,
        });
    }
    plan["Plans"].as_array()?.iter().find_map(|child| scan_of(child, table))
}

impl Scan {
    /// Whether it reads the whole table to find what it wants.
    pub fn reads_all(&self) -> bool {
        self.index.is_none()
    }
}

impl Display for Explained {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { table, scan: Scan { node, index, rows }, took_ms, plan } = self;
        writeln!(f, "{plan}\n")?;
        match index {
            None => {
                writeln!(
                    f,
                    "{node}: PostgreSQL reads the whole table {table}, about {rows} rows, to find what it wants."
                )?;
            }
            Some(index) => {
                writeln!(
                    f,
                    "{node}: PostgreSQL follows the index {index} and reads {rows} {} of {table}.",
                    if *rows == 1 { "row" } else { "rows" }
                )?;
            }
        }
        write!(f, "It took {took_ms:.2} ms.")
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_scan_of_the_table_is_found_below_joins_sorts_and_bitmaps() {
        let plan = json!({"Node Type": "Limit", "Plans": [{"Node Type": "Nested Loop", "Plans": [
            {"Node Type": "Seq Scan", "Relation Name": "users", "Actual Rows": 50, "Actual Loops": 1},
            {"Node Type": "Bitmap Heap Scan", "Relation Name": "posts", "Actual Rows": 2.5, "Actual Loops": 50,
             "Plans": [{"Node Type": "Bitmap Index Scan", "Index Name": "posts_user_id"}]},
        ]}]});
        let expected =
            Scan { node: "Bitmap Heap Scan".to_owned(), index: Some("posts_user_id".to_owned()), rows: 125 };
        assert_eq!(scan_of(&plan, "posts"), Some(expected));
        assert_eq!(scan_of(&plan, "comments"), None);
    }
}
