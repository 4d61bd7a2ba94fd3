//! A plan as a tree of steps.
//!
//! Source: PostgreSQL manual, EXPLAIN, `FORMAT JSON`; for parallel queries, "How Parallel Query Works".

use serde::Deserialize;
use serde_json::Value;

/// One step of a plan. It takes its rows from the steps below it, or from a table.
#[derive(Debug, PartialEq)]
pub struct Step {
    /// PostgreSQL's name for it: `Seq Scan`, `Hash Join`, …
    pub name: String,
    /// The table that it reads.
    pub table: Option<String>,
    /// The index that it uses.
    pub index: Option<String>,
    /// Its conditions and keys, with PostgreSQL's names for them: `Filter`, `Hash Cond`, …
    pub conditions: Vec<(&'static str, String)>,
    /// Rows that it returned, in all its loops and by all its workers.
    pub returned: f64,
    /// Rows that it looked at and left out.
    pub left_out: f64,
    /// How often it was run.
    pub loops: f64,
    /// Time on the clock, those below it left out, in milliseconds.
    pub own_ms: f64,
    /// Where its rows come from.
    pub below: Vec<Step>,
}

/// A step of PostgreSQL's plan. Rows and times are those of one loop, on average.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct PlanNode {
    #[serde(rename = "Node Type")]
    node_type: String,
    #[serde(rename = "Relation Name")]
    relation_name: Option<String>,
    #[serde(rename = "Index Name")]
    index_name: Option<String>,
    #[serde(rename = "Actual Rows", default)]
    rows: f64,
    #[serde(rename = "Rows Removed by Filter", default)]
    removed_by_filter: f64,
    #[serde(rename = "Rows Removed by Index Recheck", default)]
    removed_by_recheck: f64,
    #[serde(rename = "Rows Removed by Join Filter", default)]
    removed_by_join: f64,
    #[serde(rename = "Actual Loops", default)]
    loops: f64,
    #[serde(rename = "Actual Total Time", default)]
    total_ms: f64,
    #[serde(rename = "Workers Launched", default)]
    workers: f64,
    #[serde(default)]
    plans: Vec<Value>,
}

/// The conditions and keys of a step.
const CONDITIONS: [&str; 7] =
    ["Index Cond", "Recheck Cond", "Filter", "Hash Cond", "Merge Cond", "Join Filter", "Sort Key"];

impl Step {
    /// The step that `node` describes, with its children.
    ///
    /// # Errors
    /// When it does not have the format in PostgreSQL's manual.
    pub fn read(node: &Value) -> serde_json::Result<Self> {
        Self::read_among(node, 1.0).map(|(step, _)| step)
    }

    /// Multiplies its times, and those of all steps below it, by `factor`.
    pub fn scale(&mut self, factor: f64) {
        self.own_ms *= factor;
        self.below.iter_mut().for_each(|below| below.scale(factor));
    }

    /// `at_once` processes run it side by side: their loops add up, and their time does not. The second is its time on the
    /// clock with all that is below it.
    fn read_among(value: &Value, at_once: f64) -> serde_json::Result<(Self, f64)> {
        let node = PlanNode::deserialize(value)?;
        let below_at_once = if node.workers > 0.0 { node.workers + 1.0 } else { at_once };
        let below = node.plans.iter().map(|below| Self::read_among(below, below_at_once));
        let (below, times): (Vec<_>, Vec<_>) = below.collect::<Result<Vec<_>, _>>()?.into_iter().unzip();
        let all_ms = node.total_ms * node.loops / at_once.min(node.loops.max(1.0));
        let text = |value: &Value| match value {
            Value::Array(parts) => parts.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(", "),
            other => other.as_str().unwrap_or_default().to_owned(),
        };
        let conditions = CONDITIONS.iter().map(|name| (*name, text(&value[*name])));
        let step = Self {
            // A bitmap scan names its index one level down.
            index: node.index_name.or_else(|| {
                below
                    .first()
                    .and_then(|step: &Self| step.index.clone())
                    .filter(|_| node.node_type == "Bitmap Heap Scan")
            }),
            name: node.node_type,
            table: node.relation_name,
            conditions: conditions.filter(|(_, condition)| !condition.is_empty()).collect(),
            returned: node.rows * node.loops,
            left_out: (node.removed_by_filter + node.removed_by_recheck + node.removed_by_join) * node.loops,
            loops: node.loops,
            own_ms: (all_ms - times.iter().sum::<f64>()).max(0.0),
            below,
        };
        Ok((step, all_ms))
    }

    /// The step that reads `table`, wherever in the tree it is: the one that matters.
    pub fn that_reads(&self, table: &str) -> Option<&Self> {
        if self.table.as_deref() == Some(table) {
            return Some(self);
        }
        self.below.iter().find_map(|below| below.that_reads(table))
    }

    /// Rows that came in: from the table, or from the steps below.
    pub fn looked_at(&self) -> f64 {
        if self.below.is_empty() || self.table.is_some() {
            return self.returned + self.left_out;
        }
        self.below.iter().map(|below| below.returned).sum()
    }

    /// What it does, in plain words; empty for a step that has only its name.
    pub fn in_words(&self) -> String {
        let table = self.table.as_deref().unwrap_or("a table");
        let index = self.index.as_deref().unwrap_or("an index");
        match &*self.name {
            "Seq Scan" => format!("reads the whole table {table}, row by row"),
            "Index Scan" => format!("follows the index {index} to rows of {table}"),
            "Index Only Scan" => format!("finds all requested columns in the index {index}"),
            "Bitmap Index Scan" => format!("looks up in the index {index} where the rows are"),
            "Bitmap Heap Scan" => format!("reads those rows of {table}, page by page"),
            "Sort" => "puts all its rows in order before it returns the first".to_owned(),
            "Incremental Sort" => "puts its rows in order, which they nearly are".to_owned(),
            "Limit" => "stops when it has as many rows as are asked for".to_owned(),
            "Aggregate" => "counts or adds up".to_owned(),
            "Nested Loop" => "runs its second part once for each row of its first".to_owned(),
            "Hash" => "keeps its rows in memory, to be looked up".to_owned(),
            "Hash Join" => "looks up each row of its first part among those of its second".to_owned(),
            "Merge Join" => "goes through two ordered lists side by side".to_owned(),
            "Gather" | "Gather Merge" => "collects the rows that parallel workers found".to_owned(),
            "Materialize" | "Memoize" => "keeps rows that are asked for again".to_owned(),
            "LockRows" => "locks each row, so that no other transaction takes it".to_owned(),
            "ModifyTable" => format!("changes rows of {table}"),
            _ => String::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_steps_own_time_is_without_that_of_the_steps_below() {
        let step = Step::read(
            &json!({"Node Type": "Limit", "Actual Rows": 20, "Actual Loops": 1, "Actual Total Time": 5.0,
            "Plans": [{"Node Type": "Sort", "Sort Key": ["created_at DESC", "id"], "Actual Rows": 20, "Actual Loops": 1,
            "Actual Total Time": 4.5, "Plans": [{"Node Type": "Seq Scan", "Relation Name": "posts",
            "Actual Rows": 10000, "Actual Loops": 1, "Actual Total Time": 3.0}]}]}),
        );
        let step = step.unwrap();
        let sort = &step.below[0];
        assert_eq!((step.own_ms, sort.own_ms, sort.below[0].own_ms), (0.5, 1.5, 3.0));
        assert_eq!((sort.looked_at(), sort.returned), (10_000.0, 20.0));
        assert_eq!(sort.conditions, [("Sort Key", "created_at DESC, id".to_owned())]);
    }

    #[test]
    fn loops_add_up_but_those_of_processes_side_by_side_take_the_time_of_one() {
        let scan = json!({"Node Type": "Seq Scan", "Relation Name": "orders", "Actual Rows": 100, "Actual Loops": 3,
            "Rows Removed by Filter": 10, "Actual Total Time": 2.0});
        let in_turn =
            json!({"Node Type": "Nested Loop", "Actual Loops": 1, "Actual Total Time": 7.0, "Plans": [scan]});
        let in_turn = Step::read(&in_turn).unwrap();
        assert_eq!((in_turn.own_ms, in_turn.below[0].own_ms), (1.0, 6.0));
        let side_by_side = json!({"Node Type": "Gather", "Workers Launched": 2, "Actual Loops": 1,
            "Actual Total Time": 3.0, "Plans": [scan]});
        let side_by_side = Step::read(&side_by_side).unwrap();
        assert_eq!((side_by_side.own_ms, side_by_side.below[0].own_ms), (1.0, 2.0));
        assert_eq!(side_by_side.below[0].looked_at(), 330.0);
    }

    #[test]
    fn a_step_that_was_never_run_took_no_time() {
        let step = Step::read(&json!({"Node Type": "Result", "Actual Rows": 0, "Actual Loops": 0}));
        assert_eq!(step.unwrap().own_ms, 0.0);
    }
}
