//! No setting of the user's shell or home changes what the lab does.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::{Command, Output},
    time::{Duration, Instant},
};

use serde_json::Value;

use crate::{
    checkout::{Checkout, stderr, within},
    page::Page,
};

#[test]
fn a_lock_that_the_caller_holds_is_free_after_the_start() {
    let checkout = Checkout::new();
    let script = "exec 3>3.lock 9>9.lock 250>250.lock; flock 3; flock 9; flock 250; \"$@\"";
    assert!(in_bash(&checkout, script).status.success());
    for name in ["3.lock", "9.lock", "250.lock"] {
        let again = Command::new("flock").arg("--nonblock").arg(checkout.path(name)).arg("true").status();
        assert!(again.unwrap().success(), "a process of the scenario holds {name}");
    }
}

#[test]
fn a_pipe_that_the_start_writes_to_ends_with_it() {
    let checkout = Checkout::new();
    let started = Instant::now();
    // `cat` ends when no process holds the pipe any more.
    let script = "\"$@\" 2>&1 | cat > out.txt; echo \"${PIPESTATUS[0]}\" > code.txt";
    assert!(in_bash(&checkout, script).status.success());
    assert_eq!(fs::read_to_string(checkout.path("code.txt")).unwrap(), "0\n");
    assert!(fs::read_to_string(checkout.path("out.txt")).unwrap().contains("Scenario 1"));
    assert!(started.elapsed() < Duration::from_secs(60));
    assert_eq!(checkout.word().as_deref(), Some("one"), "and the scenario runs");
}

/// `lab up 1` as `"$@"` of a bash script.
fn in_bash(checkout: &Checkout, script: &str) -> Output {
    let up = checkout.command(&["up", "1"]);
    let mut bash = Command::new("bash");
    bash.args(["-c", script, "bash"]).arg(up.get_program()).args(up.get_args());
    bash.envs(up.get_envs().filter_map(|(name, value)| Some((name, value?)))).current_dir(checkout.path(""));
    bash.output().unwrap()
}

#[test]
fn no_umask_keeps_a_server_from_its_files_or_opens_them() {
    for umask in ["077", "777", "000", "027"] {
        let checkout = Checkout::new();
        let output = in_bash(&checkout, &format!("umask {umask}; exec \"$@\""));
        assert!(output.status.success(), "umask {umask}: {}", stderr(&output));
        assert_eq!(checkout.word().as_deref(), Some("one"));
        let mut open = Command::new("find");
        open.arg(checkout.path(".lab")).args(["!", "-type", "l", "-perm", "/022"]);
        let open = open.output().unwrap().stdout;
        assert!(open.is_empty(), "umask {umask}: others may write to {}", String::from_utf8_lossy(&open));
    }
}

#[test]
fn psql_obeys_the_lab_and_not_the_users_files_and_variables() {
    let checkout = Checkout::new();
    checkout.up();
    fs::write(checkout.path(".psqlrc"), "\\set AUTOCOMMIT off\n").unwrap();
    let sql = |query: &str| {
        let mut sql = checkout.command(&["sql", "-At", "-c", query]);
        sql.env("HOME", checkout.path("")).env("PSQLRC", checkout.path(".psqlrc"));
        for (name, value) in [
            ("PGSSLMODE", "require"),
            ("PGHOSTADDR", "127.0.0.9"),
            ("PGSERVICE", "elsewhere"),
            ("PGCHANNELBINDING", "require"),
            ("PGTARGETSESSIONATTRS", "standby"),
            ("PGOPTIONS", "-c default_transaction_read_only=on"),
        ] {
            sql.env(name, value);
        }
        let output = sql.output().unwrap();
        assert!(output.status.success(), "{}", stderr(&output));
        String::from_utf8(output.stdout).unwrap()
    };
    sql("INSERT INTO things VALUES (0, 'mine')");
    assert_eq!(sql("SELECT name FROM things WHERE id = 0"), "mine\n");
}

/// `lab` for a user who has set everything for other programs, in the shell and at home.
fn elsewhere(checkout: &Checkout, arguments: &[&str]) -> Command {
    let mut command = checkout.command(arguments);
    // The programs are where they are.
    for (name, folder) in [("CARGO_HOME", ".cargo"), ("RUSTUP_HOME", ".rustup")] {
        let real = env::var_os(name).map(PathBuf::from);
        command.env(name, real.unwrap_or_else(|| env::home_dir().unwrap().join(folder)));
    }
    let home = checkout.path("home");
    fs::create_dir_all(&home).unwrap();
    let functions = "curl() { echo taken; }; grep() { echo taken; }; echo() { :; }; alias cat=false\n";
    for (file, content) in [
        (".curlrc", "proxy = http://127.0.0.1:1\nnoproxy = none\ninclude\n"),
        (".psqlrc", "\\set AUTOCOMMIT off\n\\pset format html\n"),
        (".pg_service.conf", "[elsewhere]\nhost=127.0.0.9\n"),
        (".gitconfig", "[core]\nhooksPath = /nowhere\n[color]\nui = always\n[diff]\nexternal = false\n"),
        (".bashrc", functions),
        ("functions", functions),
    ] {
        fs::write(home.join(file), content).unwrap();
    }
    for name in ["http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"] {
        command.env(name, "http://127.0.0.1:1");
    }
    command.env("HOME", &home).env("CURL_HOME", &home).env("BASH_ENV", home.join("functions"));
    command.env("ENV", home.join("functions")).env("BASH_FUNC_grep%%", "() {  echo taken\n}");
    command.envs([
        ("NO_PROXY", "example.org"),
        ("SHELLOPTS", "noexec"),
        ("CDPATH", "/tmp"),
        ("GREP_OPTIONS", "--invert-match"),
        ("POSIXLY_CORRECT", "1"),
        ("TZ", "Pacific/Kiritimati"),
        ("LC_ALL", "tr_TR.UTF-8"),
        ("TMPDIR", "/nowhere"),
        ("MAKEFLAGS", "n"),
        ("DATABASE_URL", "postgres://127.0.0.1:1/other"),
        ("REDIS_URL", "redis://127.0.0.1:1"),
        ("REDISCLI_AUTH", "wrong"),
        ("PGHOST", "127.0.0.9"),
        ("PGPORT", "1"),
        ("PGDATA", "/nowhere"),
        ("PGSERVICE", "elsewhere"),
        ("PGSSLMODE", "require"),
        ("PGOPTIONS", "-c default_transaction_read_only=on"),
        ("DOCKER_HOST", "tcp://127.0.0.1:1"),
        ("COMPOSE_FILE", "other.yml"),
        ("COMPOSE_PROJECT_NAME", "other"),
        ("CARGO_TERM_COLOR", "always"),
        ("CARGO_TERM_VERBOSE", "true"),
        ("GIT_DIR", "/nowhere"),
        ("GIT_WORK_TREE", "/nowhere"),
        ("GIT_INDEX_FILE", "/nowhere/index"),
    ]);
    command
}

#[test]
fn what_the_user_has_set_for_other_programs_changes_nothing() {
    let checkout = Checkout::new();
    checkout.commit();
    let port = checkout.app_port;
    let block =
        format!("curl -s http://127.0.0.1:{port}/ | grep -c one; echo \"past: $no_proxy; $NO_PROXY\"");
    checkout.add_page(&format!("# Scenario 1: A fixture\n\n## Step 1\n\n```bash\n{block}\n```\n"));
    let run = |arguments: &[&str]| {
        let output = elsewhere(&checkout, arguments).output().unwrap();
        assert_ne!(output.status.code(), Some(2), "{arguments:?}: {}", stderr(&output));
        String::from_utf8(output.stdout).unwrap()
    };
    let json = |arguments: &[&str]| -> Value { serde_json::from_str(&run(arguments)).unwrap() };

    let page = Page::of(&json(&["up", "1", "--json"]));
    assert_eq!(checkout.word().as_deref(), Some("one"));
    let status = json(&["status", "--json"]);
    let services = status["services"].as_array().unwrap();
    assert!(services.iter().all(|service| service["state"] == "ready"), "{status}");
    assert_eq!(run(&["sql", "-At", "-c", "SHOW timezone", "-c", "SHOW log_timezone"]), "UTC\nUTC\n");

    let report = json(&["load", "--json"]);
    assert_eq!(report["success_rate"], 1.0, "{report}");
    let run_file = fs::read(checkout.path(".lab/scenario-1/runs/001.json")).unwrap();
    let saved: Value = serde_json::from_slice(&run_file).unwrap();
    assert_eq!(saved["subject"]["git_revision"].as_str().map(str::len), Some(40), "{saved}");

    let cookie = page.cookie();
    let show = || page.ask("GET", "/", &[("Cookie", &cookie)], "").to_string();
    let lesson = show();
    let id = lesson.split_once("id=\"run-").unwrap().1.split_once('"').unwrap().0;
    let origin = page.url.trim_end_matches('/');
    page.ask("POST", "/do/run", &[("Cookie", &cookie), ("Origin", origin)], &format!("id={id}"));
    within(Duration::from_secs(10), "the block has ended", || show().contains("Done in"));
    let past = "example.org,127.0.0.1,localhost";
    let lines = ["1".to_owned(), format!("past: {past}; {past}")];
    let lines = lines.map(|line| format!("<span class=\"sentence\">{line}</span>"));
    assert!(show().contains(&lines.concat()), "{}", show());

    run(&["down"]);
    checkout.assert_nothing_is_left();
}

#[test]
fn a_variable_that_the_lab_sets_is_the_labs() {
    let checkout = Checkout::new();
    checkout.edit("compose/scenario-1.yml", "BIN: app }", "BIN: \"app${VARIANT:-}\" }");
    checkout.write("compose/.env", b"VARIANT=-other\nDB_PASSWORD=guessed\nPROFILE=release\n");
    for (name, value) in [
        ("VARIANT", "-solution"),
        ("VARIANT", ""),
        ("PROFILE", "release"),
        ("DB_PASSWORD", "guessed"),
        ("SUPERUSER_PASSWORD", "guessed"),
    ] {
        let up = checkout.command(&["up", "1"]).env(name, value).output().unwrap();
        assert!(up.status.success(), "{name}: {}", stderr(&up));
    }
    assert_eq!(checkout.word().as_deref(), Some("one"));
}

#[test]
fn a_clone_with_windows_line_endings_switched_on_has_none() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    for settings in [
        &["core.autocrlf=true"][..],
        &["core.autocrlf=input"],
        &["core.eol=crlf"],
        &["core.autocrlf=true", "core.eol=crlf"],
    ] {
        let clone = tempfile::tempdir().unwrap();
        let mut git = Command::new("git");
        git.args(["clone", "--quiet"]);
        for setting in settings {
            git.args(["--config", setting]);
        }
        assert!(git.arg(&root).arg(clone.path()).status().unwrap().success());
        let listed = Command::new("git").args(["ls-files", "--eol"]).current_dir(&clone).output().unwrap();
        let listed = String::from_utf8(listed.stdout).unwrap();
        assert!(listed.contains("\tdb/create.sh\n"), "{listed}");
        for line in listed.lines() {
            // `i/lf w/lf attr/text=auto eol=lf`, a tab, the file: how lines end in the repository and in the clone.
            let (ends, file) = line.split_once('\t').unwrap();
            let ends: Vec<_> = ends.split_whitespace().filter_map(|end| end.split_once('/')).collect();
            assert_eq!(ends[0].1, ends[1].1, "{file}, {settings:?}: add a line to .gitattributes");
        }
    }
}
