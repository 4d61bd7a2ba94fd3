//! Indexes that PostgreSQL keeps and does not use: what an interrupted `CREATE INDEX CONCURRENTLY` leaves.

use project::database::in_full;
use tokio_postgres::Client;

/// The names of those of `table`.
///
/// # Errors
/// PostgreSQL's own words.
pub async fn of_table(client: &Client, table: &str) -> anyhow::Result<Vec<String>> {
    let query = "SELECT indexrelid::regclass::text FROM pg_index
        WHERE indrelid = to_regclass($1) AND NOT indisvalid ORDER BY 1";
    let rows = client.query(query, &[&table]).await.map_err(in_full)?;
    Ok(rows.iter().map(|row| row.get(0)).collect())
}

/// What is wrong with the index `name`, and what to do: the same words in every command.
pub fn remark(name: &str) -> String {
    format!(
        "the index {name} is INVALID: its build was interrupted, and PostgreSQL does not use it. {}",
        remedy(name)
    )
}

/// What to do about it.
pub fn remedy(name: &str) -> String {
    format!("Run: cargo lab sql -c \"DROP INDEX {name}\". Then build it again.")
}
