//! Commands as they are typed in the lesson, and what starts them from the page.

use std::{
    env,
    ffi::OsStr,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::Context;
use project::Scenario;

use crate::lesson_text::{
    addresses::Addresses,
    short_name::short_name,
    user_input::{self, Asks},
};

/// Commands for a terminal only: they ask questions, or run until Ctrl-C.
const ONLY_BY_HAND: [&str; 8] = [
    "make sql",
    "cargo lab sql",
    "make redis",
    "cargo lab redis",
    "make watch",
    "cargo lab watch",
    "--follow",
    "make down",
];

/// The user's `.curlrc` may have a proxy, or print something else than the lesson shows.
const CURL: &str = r#"curl() { command curl --disable "$@"; }"#;

/// A block of commands in the lesson.
pub struct Typed {
    /// As it stands there, but for ports that had to be others.
    pub text: String,
    /// Named after what stands there: the page asks for a block by this, and can ask for nothing else. It is also the name
    /// under which the block runs: each keeps its own output.
    pub id: String,
    /// The arguments of the lab's, when it is one of its commands and nothing else.
    lab: Option<Vec<String>>,
}

impl Typed {
    /// The block `text` in the lesson of `scenario`, whose services are at `addresses`.
    pub fn new(scenario: &Scenario, addresses: &Addresses, text: &str) -> Self {
        Self { lab: arguments(scenario, text), id: short_name(text), text: addresses.real(text) }
    }

    /// Whether the page can do it.
    pub fn can_run(&self) -> bool {
        let by_hand =
            |line: &str| ONLY_BY_HAND.iter().any(|command| line == *command || line.ends_with(command));
        self.asks().is_some() || !self.text.lines().any(|line| by_hand(line.trim()))
    }

    /// The command line.
    pub fn asks(&self) -> Option<Asks> {
        user_input::asks(&self.text, self.lab.as_deref())
    }

    /// Whether it loads the system.
    pub fn loads(&self) -> bool {
        ["make loadtest", "make check", "lab load", "lab check"].iter().any(|load| self.text.contains(load))
    }

    /// The process, with what was `given` where it asks for something.
    ///
    /// # Errors
    /// When the input is invalid, or the lab's own program is missing.
    pub fn command(&self, scenario: &Scenario, given: &str) -> anyhow::Result<Command> {
        if let Some(asks) = self.asks() {
            return lab(scenario, asks.arguments(self.lab.as_deref().unwrap_or_default(), given)?);
        }
        match &self.lab {
            Some(arguments) => lab(scenario, arguments),
            None => {
                let mut command = pgcluster::dies_with_parent(Path::new("bash"), "TERM", None);
                // With `-p`, bash reads no file and takes no function and no option from the user's shell.
                command.args(["-p", "-c", &format!("{CURL}; {}", self.text)]);
                at_home(scenario, &mut command);
                Ok(command)
            }
        }
    }
}

/// The lab's arguments for `make …` or `cargo lab …`; `None` for a command that needs a shell.
fn arguments(scenario: &Scenario, text: &str) -> Option<Vec<String>> {
    if text.contains(|c: char| !c.is_ascii_alphanumeric() && !" -_".contains(c)) {
        return None;
    }
    let words: Vec<_> = text.split(' ').map(str::to_owned).collect();
    match &*words.iter().map(String::as_str).collect::<Vec<_>>() {
        ["cargo", "lab", ..] => Some(words[2..].to_vec()),
        ["make", "loadtest"] => Some(vec!["load".to_owned()]),
        ["make", "explain-query"] => Some(vec!["explain".to_owned()]),
        ["make", verb] if *verb == format!("scenario-{}", scenario.number) => {
            Some(vec!["up".to_owned(), scenario.number.to_string()])
        }
        [
            "make",
            verb @ ("status" | "check" | "hint" | "results" | "compare" | "report" | "logs" | "apply-fix"
            | "solution" | "reset"),
        ] => Some(vec![(*verb).to_owned()]),
        _ => None,
    }
}

/// `lab` with `arguments`, for this page's scenario. When the page dies it gets Ctrl-C: a load
/// test keeps what it has measured until then.
///
/// # Errors
/// When the lab's own program is missing.
pub fn lab<S: AsRef<OsStr>>(
    scenario: &Scenario,
    arguments: impl IntoIterator<Item = S>,
) -> anyhow::Result<Command> {
    let lab = env::current_exe().context("cannot find the lab's own program")?;
    let mut command = pgcluster::dies_with_parent(&where_it_was(lab), "INT", None);
    command.args(arguments);
    at_home(scenario, &mut command);
    Ok(command)
}

/// Where a program was started from. Linux adds to its name once another one has taken its place, as `cargo lab` does
/// when it was built anew: then that one is meant.
fn where_it_was(program: PathBuf) -> PathBuf {
    program.to_str().and_then(|name| name.strip_suffix(" (deleted)")).map(PathBuf::from).unwrap_or(program)
}

fn at_home(scenario: &Scenario, command: &mut Command) {
    // The lab may have been started by a `make` of its own, which this is no part of. The others change what `grep` and
    // bash print.
    for name in ["MAKELEVEL", "MAKEFLAGS", "MFLAGS", "GREP_OPTIONS", "POSIXLY_CORRECT"] {
        command.env_remove(name);
    }
    for names in [["no_proxy", "NO_PROXY"], ["NO_PROXY", "no_proxy"]] {
        let theirs = names.iter().find_map(|name| env::var(name).ok().filter(|hosts| !hosts.is_empty()));
        command.env(names[0], past_proxies(theirs));
    }
    command
        .current_dir(&scenario.root)
        // Sorted, and with decimal points, as in the lesson.
        .env("LC_ALL", "C.UTF-8")
        .env("LAB_DIR", &scenario.lab_dir)
        .env("LAB_SCENARIO", scenario.number.to_string());
}

/// What goes past proxies: this machine, and what the user has named.
fn past_proxies(theirs: Option<String>) -> String {
    match theirs {
        // All hosts, which means that only without others beside it.
        Some(all) if all.trim() == "*" => all,
        Some(theirs) => format!("{theirs},127.0.0.1,localhost"),
        None => "127.0.0.1,localhost".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(text: &str) -> Typed {
        let scenario = Scenario { number: 1, root: "/checkout".into(), lab_dir: "/checkout/.lab".into() };
        Typed::new(&scenario, &Addresses::default(), text)
    }

    #[test]
    fn commands_of_the_lab_need_no_shell() {
        let lab = |text| typed(text).lab.map(|arguments| arguments.join(" "));
        assert_eq!(lab("make loadtest").as_deref(), Some("load"));
        assert_eq!(lab("make scenario-1").as_deref(), Some("up 1"));
        assert_eq!(
            lab("cargo lab load --only report --users 4").as_deref(),
            Some("load --only report --users 4")
        );
        for shell in [
            "make scenario-2",
            "make apply-fix\nmake explain-query",
            "POSTS=1000000 make scenario-1",
            "curl -s http://x | grep y",
            "make loadtest; x",
            "make $(x)",
        ] {
            assert_eq!(lab(shell), None, "{shell}");
        }
    }

    #[test]
    fn this_machine_goes_past_proxies_and_so_do_the_users_hosts() {
        let past = |theirs: &str| past_proxies(Some(theirs.to_owned()));
        assert_eq!(past_proxies(None), "127.0.0.1,localhost");
        assert_eq!(past("example.org,.corp"), "example.org,.corp,127.0.0.1,localhost");
        assert_eq!(past("*"), "*");
    }

    #[test]
    fn a_lab_that_was_built_anew_is_found_where_the_old_one_was() {
        for name in ["/checkout/target/debug/lab", "/checkout/target/debug/lab (deleted)"] {
            assert_eq!(where_it_was(name.into()), Path::new("/checkout/target/debug/lab"));
        }
    }

    #[test]
    fn what_asks_back_is_left_to_the_terminal() {
        for by_hand in
            ["make watch", "make down", "make status\nmake sql", "make redis", "cargo lab logs --follow"]
        {
            assert!(!typed(by_hand).can_run(), "{by_hand}");
        }
        for can in [
            "make loadtest",
            "make sql",
            "cargo lab sql",
            "cargo lab sql -c \"SELECT 1\"",
            "cargo lab redis get tasks:gen",
            "curl -s http://127.0.0.1:3000/jobs/stats",
        ] {
            assert!(typed(can).can_run(), "{can}");
        }
    }
}
