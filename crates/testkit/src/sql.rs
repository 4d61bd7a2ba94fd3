//! SQL as a lesson shows it, beside what a service sends.

/// The `query` of a `lesson.toml`, on one line.
///
/// # Panics
/// When there is none.
pub fn lesson_query(lesson: &str) -> String {
    let (_, rest) = lesson.split_once("query = \"\"\"").expect("the lesson has a query");
    let (query, _) = rest.split_once("\"\"\"").expect("the query ends");
    on_one_line(query)
}

/// What Diesel sent, without its quotation marks and parentheses, and with `parameters` for `$1`, `$2`, …
pub fn plain(sql: &str, parameters: &[&str]) -> String {
    let sql = (1..)
        .zip(parameters)
        .fold(sql.to_owned(), |sql, (position, value)| sql.replace(&format!("${position}"), value));
    on_one_line(&sql.replace(['"', '(', ')'], "").replace("INNER JOIN", "JOIN"))
}

/// With one blank where there were several, or line ends.
pub fn on_one_line(sql: &str) -> String {
    sql.split_whitespace().collect::<Vec<_>>().join(" ")
}
