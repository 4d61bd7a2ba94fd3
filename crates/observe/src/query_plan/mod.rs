//! `lab explain`: how PostgreSQL runs the lesson's query, and which scan matters.

use std::fmt::{self, Display, Formatter};

use anyhow::Context;
use format::{counted, query_time};
use project::{Session, database::in_full};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::invalid_index;

mod step;

pub use self::step::Step;

/// A plan that was run.
#[derive(Debug, Serialize)]
pub struct Explained {
    /// The table whose scan matters.
    pub table: String,
    /// How it reads the table.
    pub scan: Scan,
    /// Indexes of the table that PostgreSQL does not use, see [`invalid_index`].
    pub invalid_indexes: Vec<String>,
    /// The whole query, in milliseconds.
    pub took_ms: f64,
    /// As PostgreSQL prints it.
    pub plan: String,
    /// The same, step by step. The shares of the steps are those of another run: PostgreSQL prints one or the other.
    #[serde(skip)]
    pub root: Step,
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

/// Runs the lesson's query under EXPLAIN ANALYZE.
///
/// # Errors
/// PostgreSQL's own words; when the plan does not read the lesson's table.
pub async fn explain(session: &Session) -> anyhow::Result<Explained> {
    let lesson = &session.lesson.database;
    let client = session.connect().await?;
    let explain = |options| format!("EXPLAIN ({options}) {}", lesson.query);
    let lines = client.query(&explain("ANALYZE, COSTS OFF"), &[]).await.map_err(in_full)?;
    let plan = lines.iter().map(|line| line.get(0)).collect::<Vec<&str>>().join("\n");
    let json = client.query_one(&explain("ANALYZE, FORMAT JSON"), &[]).await.map_err(in_full)?;
    let Value::Array(plans) = json.get(0) else { anyhow::bail!("PostgreSQL's plan is not a list") };
    let run = plans.first().context("PostgreSQL gave no plan")?;
    let mut root = Step::read(&run["Plan"]).context("PostgreSQL's plan cannot be read")?;
    // PostgreSQL prints a plan or describes it, and runs the query for each. What it printed is what people read.
    let described_ms = run["Execution Time"].as_f64().unwrap_or_default();
    let took_ms = printed_ms(&plan).unwrap_or(described_ms);
    if described_ms > 0.0 {
        root.scale(took_ms / described_ms);
    }
    let scan = scan_of(&root, &lesson.table)
        .with_context(|| format!("the plan does not read the table {}:\n{plan}", lesson.table))?;
    Ok(Explained {
        invalid_indexes: invalid_index::of_table(&client, &lesson.table).await?,
        table: lesson.table.clone(),
        scan,
        took_ms,
        plan,
        root,
    })
}

/// `Execution Time: 8.517 ms`
fn printed_ms(plan: &str) -> Option<f64> {
    plan.lines().find_map(|line| line.strip_prefix("Execution Time: ")?.strip_suffix(" ms")?.parse().ok())
}

fn scan_of(root: &Step, table: &str) -> Option<Scan> {
    let step = root.that_reads(table)?;
    Some(Scan { node: step.name.clone(), index: step.index.clone(), rows: step.looked_at().round() as u64 })
}

impl Explained {
    /// The scan that matters, in a sentence.
    pub fn finding(&self) -> String {
        let Self { table, scan: Scan { node, index, rows }, .. } = self;
        let found = match index {
            None => {
                format!(
                    "{node}: PostgreSQL reads the whole table {table}, about {}, to find the rows it needs.",
                    counted(*rows as f64, "row")
                )
            }
            Some(index) => {
                let rows = counted(*rows as f64, "row");
                format!("{node}: PostgreSQL follows the index {index} and reads {rows} of {table}.")
            }
        };
        let invalid =
            self.invalid_indexes.iter().map(|name| format!("\nBut {}", invalid_index::remark(name)));
        found + &invalid.collect::<String>()
    }
}

impl Scan {
    /// Whether it reads the whole table to find the rows it needs.
    pub fn reads_all(&self) -> bool {
        self.index.is_none()
    }
}

impl Display for Explained {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{}\n\n{}\nIt took {}.", self.plan, self.finding(), query_time(self.took_ms))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_time_of_a_plan_is_the_one_that_is_printed() {
        let plan =
            "Limit (actual time=8.1..8.4 rows=20 loops=1)\nPlanning Time: 0.1 ms\nExecution Time: 8.517 ms";
        assert_eq!(printed_ms(plan), Some(8.517));
        assert_eq!(printed_ms("Limit"), None);
    }

    #[test]
    fn the_scan_of_the_table_is_found_below_joins_sorts_and_bitmaps() {
        let plan = json!({"Node Type": "Limit", "Plans": [{"Node Type": "Nested Loop", "Plans": [
            {"Node Type": "Seq Scan", "Relation Name": "users", "Actual Rows": 50, "Actual Loops": 1},
            {"Node Type": "Bitmap Heap Scan", "Relation Name": "posts", "Actual Rows": 2.5, "Actual Loops": 50,
             "Plans": [{"Node Type": "Bitmap Index Scan", "Index Name": "posts_user_id"}]},
        ]}]});
        let expected =
            Scan { node: "Bitmap Heap Scan".to_owned(), index: Some("posts_user_id".to_owned()), rows: 125 };
        let plan = Step::read(&plan).unwrap();
        assert_eq!(scan_of(&plan, "posts"), Some(expected));
        assert_eq!(scan_of(&plan, "comments"), None);
    }
}
