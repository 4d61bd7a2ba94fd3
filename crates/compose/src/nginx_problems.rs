//! nginx's own refusals as problems: who calls through nginx gets `application/problem+json`, as from the services. Answers
//! of the services pass through unchanged.
//!
//! The lab adds this to whatever configuration a learner writes, so that there it need not be read. It stays within
//! a line: the line that nginx complains of is that of the learner's file.
//!
//! Source: RFC 9457, "Problem Details for HTTP APIs"; nginx manual, `error_page`.

use std::fmt::Write;

use regex_lite::{Captures, Regex};

/// Statuses, with the `type`, the `title` and the `detail` of the answer. The types are those of the services; 502 and 504
/// stay what they are, so that a caller can tell a missing server from one that answers 503 itself.
const PROBLEMS: [(&[u16], &str, &str, &str); 7] = [
    (&[400], "invalid-input", "the input is not valid", "the request cannot be read"),
    (&[405], "method-not-allowed", "this method is not allowed here", "nginx does not pass this method on"),
    (&[408], "too-slow", "the request came too slowly", "the request did not come in time"),
    (&[413], "too-large", "the body is too large", "nginx does not take a body of this size"),
    (
        &[414],
        "too-large",
        "the path or the query string is too long",
        "nginx does not take a path of this size",
    ),
    (&[431], "too-large", "the headers are too large", "nginx does not take headers of this size"),
    (&[502, 503, 504], "dependency-unavailable", "a dependency is unavailable", "no service answers nginx"),
];

/// What nginx may answer itself. 494 is its own number for headers that are too large; their status is 431.
const ERROR_PAGES: &str = "error_page 400 403 404 405 408 411 413 414 416 429 500 501 502 503 504 505 /lab-problem; \
    error_page 494 =431 /lab-problem;";

/// `config` with answers that are problems. A learner's own `error_page` comes first.
///
/// # Errors
/// Never: the patterns are sound.
pub fn with_problems(config: &str) -> anyhow::Result<String> {
    // A block that has an `error_page` inherits none.
    let own = Regex::new(r"\berror_page\s[^;]*;(?:\s*error_page\s[^;]*;)*")?;
    let config = own.replace_all(config, |own: &Captures| format!("{} {ERROR_PAGES}", &own[0]));
    let server = Regex::new(r"\bserver\s*\{")?;
    let config = server.replace_all(&config, format!("${{0}} {}", LOCATION.replace('$', "$$")));
    let http = format!("${{0}} {} {ERROR_PAGES}", maps().replace('$', "$$"));
    Ok(Regex::new(r"\bhttp\s*\{")?.replace(&config, http).into_owned())
}

const LOCATION: &str = "location = /lab-problem { internal; default_type application/problem+json; \
    add_header Retry-After $lab_retry_after always; return 200 '{$lab_problem,\"status\":$status}'; }";

/// The parts of the answer, by status. Without `recursive_error_pages`, a request that an `error_page` has redirected
/// already would not get the next one.
fn maps() -> String {
    let mut problems = String::new();
    for (statuses, kind, title, detail) in PROBLEMS {
        for status in statuses {
            let members = format!(r#""type":"{kind}","title":"{title}","detail":"{detail}""#);
            write!(problems, "{status} '{members}'; ").expect("a text takes every text");
        }
    }
    format!(
        "recursive_error_pages on; map $status $lab_retry_after {{ default ''; 502 1; 503 1; 504 1; }} map $status \
        $lab_problem {{ default '\"type\":\"about:blank\",\"title\":\"refused by nginx\",\"detail\":\"nginx refuses the request\"'; {problems}}}"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_stay_and_a_learners_own_pages_come_first() {
        let text =
            "http {\n  server {\n    error_page 404 /a;\n    error_page 502 /b;\n    listen 80;\n  }\n}\n";
        let config = with_problems(text).unwrap();
        assert_eq!(config.lines().count(), text.lines().count());
        let at = |part: &str| config.rfind(part).unwrap();
        assert!(at("502 /b;") < at(ERROR_PAGES) && at(ERROR_PAGES) < at("listen"), "{config}");
        assert_eq!(config.matches(ERROR_PAGES).count(), 2, "{config}");
        assert_eq!(config.matches(LOCATION).count(), 1, "{config}");
    }
}
