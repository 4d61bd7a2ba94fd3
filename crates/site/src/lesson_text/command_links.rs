//! Where the page does what a sentence of the lesson speaks of: `make results` there leads to the runs.

/// The page that `command` opens; `None` if it is not a command, or must be typed in a terminal.
pub fn of(command: &str) -> Option<&'static str> {
    Some(match command {
        "make loadtest" | "cargo lab load" => "/#part-load",
        "make check" | "make watch" | "cargo lab check" | "cargo lab watch" => "/goals#part-goals",
        "make hint" | "cargo lab hint" => "/goals#part-hint",
        "make results" | "cargo lab results" | "make compare" | "cargo lab compare" => "/runs",
        "make logs" | "cargo lab logs" => "/logs",
        "make explain-query" | "cargo lab explain" => "/system#part-plan",
        "make apply-fix" | "make status" | "cargo lab status" => "/system#do",
        "make reset" | "cargo lab reset" => "/system#reset",
        "make solution" | "cargo lab solution" => "/system#solution",
        _ if command.starts_with("make scenario-") => "/system#do",
        _ if command.starts_with("cargo lab predict --guess ") => "/#guess",
        _ => return None,
    })
}
