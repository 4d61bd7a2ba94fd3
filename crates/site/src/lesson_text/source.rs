//! Files of the checkout, to look at. They are edited in an editor.

use std::{
    env, fs,
    path::{Component, Path, PathBuf},
};

use maud::{Markup, html};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use project::Scenario;

use crate::{
    failure::Failure,
    lesson_text::{
        lesson_page::{Draw, render},
        syntax::{colored_lines, language_of},
    },
};

/// What an address's path cannot hold as it is.
const PATH: &AsciiSet = &NON_ALPHANUMERIC.remove(b'/').remove(b'.').remove(b'-').remove(b'_');

/// More than a person reads.
const LIMIT_BYTES: u64 = 512 * 1024;

/// The file at `path` of the checkout, as it is now.
///
/// # Errors
/// When it does not exist or its name begins with a dot: those files hold passwords and history.
pub fn file(scenario: &Scenario, path: &str) -> Result<Markup, Failure> {
    let text = String::from_utf8(read(scenario, path)?)
        .map_err(|_| Failure::not_found(format!("{path} is not a text file")))?;
    let dir = Path::new(path).parent().unwrap_or(Path::new(""));
    Ok(html! {
        h2 { code { (path) } }
        @if let Some(link) = editor_link(scenario, path) { p { a href=(link) { "Open in VS Code" } } }
        @if path.ends_with(".md") {
            article.text { (render(scenario, &text, dir, &Draw::AS_TEXT).body) }
        } @else {
            p.soft { "The last saved version. Edit it in your editor: a program is built and restarted when you save." }
            div.source.scroll tabindex="0" { table {
                @for (number, line) in (1..).zip(colored_lines(&text, language_of(path))) {
                    tr { td.line id={ "L" (number) } data-line=(number) {} td { code { (line) } } }
                }
            } }
        }
    })
}

/// Opens a file in VS Code on this machine; `None` where the browser is on another one.
fn editor_link(scenario: &Scenario, path: &str) -> Option<String> {
    let is_elsewhere = ["CODESPACES", "SSH_CONNECTION"].iter().any(|name| env::var_os(name).is_some());
    let file = scenario.root.join(path);
    (!is_elsewhere).then(|| format!("vscode://file{}", utf8_percent_encode(&file.to_string_lossy(), PATH)))
}

/// The bytes of a file that may be looked at.
///
/// # Errors
/// As [`file`].
pub fn read(scenario: &Scenario, path: &str) -> Result<Vec<u8>, Failure> {
    let nothing = || Failure::not_found(format!("there is no file {path} to look at"));
    let is_open = |path: &Path| {
        path.components().all(|part| match part {
            Component::Normal(name) => !name.as_encoded_bytes().starts_with(b"."),
            _ => false,
        })
    };
    let root = fs::canonicalize(&scenario.root).map_err(|_| nothing())?;
    if !is_open(Path::new(path)) {
        return Err(nothing());
    }
    // A link may lead out of the checkout, or behind a dot.
    let whole: PathBuf = fs::canonicalize(root.join(path)).map_err(|_| nothing())?;
    let inside = whole.strip_prefix(&root).map_err(|_| nothing())?;
    let about = fs::metadata(&whole).map_err(|_| nothing())?;
    if !is_open(inside) || !about.is_file() || about.len() > LIMIT_BYTES {
        return Err(nothing());
    }
    fs::read(&whole).map_err(|_| nothing())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn nothing_outside_and_nothing_behind_a_dot_is_shown() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().join("checkout");
        fs::create_dir_all(root.join(".lab")).unwrap();
        fs::create_dir_all(root.join("docs")).unwrap();
        for file in ["docs/a.md", ".lab/db.password", "docs/.hidden"] {
            fs::write(root.join(file), "text").unwrap();
        }
        fs::write(dir.path().join("secret"), "text").unwrap();
        symlink(dir.path().join("secret"), root.join("docs/out")).unwrap();
        symlink(root.join(".lab/db.password"), root.join("docs/password")).unwrap();
        let scenario = Scenario { number: 1, lab_dir: root.join(".lab"), root: root.clone() };
        assert!(read(&scenario, "docs/a.md").is_ok());
        let absolute = root.join("docs/a.md");
        for path in [
            "",
            ".",
            "docs",
            "docs/b.md",
            "../secret",
            "docs/../../secret",
            "docs/../docs/a.md",
            ".lab/db.password",
            "docs/.hidden",
            "docs/out",
            "docs/password",
            "/etc/passwd",
            absolute.to_str().unwrap(),
            "docs/a.md\0",
            "docs/./a.md/..",
            "%2e%2e/secret",
        ] {
            assert!(read(&scenario, path).is_err(), "{path:?}");
        }
        fs::write(root.join("large"), vec![b'x'; LIMIT_BYTES as usize]).unwrap();
        assert!(read(&scenario, "large").is_ok());
        fs::write(root.join("large"), vec![b'x'; LIMIT_BYTES as usize + 1]).unwrap();
        assert!(read(&scenario, "large").is_err());
    }
}
