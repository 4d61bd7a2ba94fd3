//! What another user of this machine can try while a scenario runs. SECURITY.md lists the same.

mod files;
mod processes;
mod ports;
mod page_routes;

use std::{
    collections::BTreeSet,
    ffi::OsStr,
    fs::{self, Permissions},
    os::unix::fs::{MetadataExt, PermissionsExt},
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
    slice,
    time::Duration,
};

use testkit::require::missing;

use crate::{
    checkout::{Checkout, stderr, within},
    watched::{port, watched},
};

/// An account that owns nothing here: the servers of root run as `postgres`.
const OTHER: [&str; 3] = ["--reuid=nobody", "--regid=nogroup", "--clear-groups"];

/// Whether this test can act as a second user; a message if not.
fn two_users() -> bool {
    let there = Command::new("setpriv").args(OTHER).arg("true").output().is_ok_and(|it| it.status.success());
    if !there {
        missing("two-users", "only root can act as another user");
    }
    there
}

fn as_another<A: AsRef<OsStr>>(program: &str, arguments: impl IntoIterator<Item = A>) -> Output {
    Command::new("setpriv").args(OTHER).arg(program).args(arguments).output().unwrap()
}

/// What another user can do with those of `paths` that exist, as `read /tmp/a`. It opens each of them, and changes none.
fn possible(paths: &[PathBuf]) -> Vec<String> {
    const OPEN: &str = r#"for path; do
        true < "$path" && echo "read $path"
        { true >> "$path" || { test -d "$path" && test -w "$path"; }; } && echo "write $path"
    done"#;
    // It would create the others.
    let existing = paths.iter().filter(|path| path.symlink_metadata().is_ok());
    let script = ["-c", OPEN, "sh"].map(OsStr::new);
    let output = as_another("sh", script.into_iter().chain(existing.map(|path| path.as_os_str())));
    String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect()
}

/// What a process can write to, by its folder in `/proc`: paths of files, and names such as `socket:[17]`.
fn open_in(process: &Path) -> Vec<PathBuf> {
    let fds = fs::read_dir(process.join("fd")).into_iter().flatten().flatten();
    // The mode of the link says for what it is open.
    let written = fds.filter(|fd| fd.metadata().is_ok_and(|link| link.mode() & 0o200 != 0));
    written.filter_map(|fd| fs::read_link(fd.path()).ok()).collect()
}

/// `folder` and all that is below it.
fn all(folder: &Path) -> Vec<PathBuf> {
    let below = |path: PathBuf| if path.is_dir() { all(&path) } else { vec![path] };
    let found = fs::read_dir(folder).into_iter().flatten().flatten().flat_map(|entry| below(entry.path()));
    found.chain([folder.to_owned()]).collect()
}

#[test]
fn another_user_can_neither_list_nor_read_nor_write_what_the_lab_keeps_also_of_an_earlier_version() {
    if !two_users() {
        return;
    }
    let checkout = Checkout::new();
    checkout.up();
    checkout.json(&["down"]);
    let lab = checkout.path(".lab");
    let db = lab.join("scenario-1/db");
    let owner = fs::metadata(&db).unwrap().uid();
    // An earlier version of the lab left everything open, but for passwords and the data of PostgreSQL.
    for path in all(&lab).iter().filter(|path| !path.starts_with(&db)) {
        let open = if path.is_dir() { 0o755 } else { 0o644 };
        fs::set_permissions(path, Permissions::from_mode(open)).unwrap();
    }
    checkout.up();
    checkout.load(&["--duration", "1s"]);
    checkout.json(&["report"]);
    let kept = all(&lab);
    assert!(kept.iter().any(|path| path.ends_with("log/app.log")), "{kept:#?}");
    assert_eq!(possible(&kept), Vec::<String>::new());
    // The files of the checkout are the user's own, and have the modes that git gave them.
    let own = checkout.path("compose/scenario-1.yml");
    assert_eq!(possible(slice::from_ref(&own)), [format!("read {}", own.display())]);
    let mode = |path: &Path| fs::metadata(path).unwrap().mode() & 0o777;
    assert_eq!([mode(&lab), mode(&lab.join("scenario-1")), mode(&db)], [0o711, 0o711, 0o700]);
    assert_eq!(fs::metadata(&db).unwrap().uid(), owner, "existing data stays where it is");
}

#[test]
fn another_user_can_hold_no_lock_and_one_that_is_held_is_named_with_its_user() {
    if !two_users() {
        return;
    }
    let checkout = Checkout::new();
    checkout.up();
    checkout.json(&["down"]);
    let locks = ["lock", "change.lock"].map(|name| checkout.path(".lab/scenario-1").join(name));
    for lock in &locks {
        // Of an earlier version.
        fs::set_permissions(lock, Permissions::from_mode(0o644)).unwrap();
    }
    checkout.up();
    for lock in &locks {
        let output = as_another("flock", [Path::new("--nonblock"), lock, Path::new("true")]);
        assert!(stderr(&output).contains("Permission denied"), "{}", stderr(&output));
    }
    // What can be opened by this user only can still be held by a process of this user.
    let mut held = Command::new("flock");
    held.args(["--no-fork".as_ref(), locks[1].as_os_str()]).args(["sleep", "2"]);
    let mut held = held.spawn().unwrap();
    within(Duration::from_secs(2), "the lock is held", || {
        !Command::new("flock").arg("--nonblock").arg(&locks[1]).arg("true").status().unwrap().success()
    });
    let waited = checkout.lab(&["up", "1"]);
    let named = format!("(process {} of user root); waiting", held.id());
    assert!(waited.status.success() && stderr(&waited).contains(&named), "{}", stderr(&waited));
    held.wait().unwrap();
}

#[test]
fn prometheus_takes_samples_and_questions_from_the_lab_only() {
    if !two_users() {
        return;
    }
    let Some(checkout) = watched() else { return };
    let up = checkout.up();
    let address = format!("127.0.0.1:{}", port(&up, "prometheus"));
    let statuses = |arguments: &[&str]| {
        let mut curl = Command::new("setpriv");
        curl.args(OTHER).args(["curl", "--silent", "--output", "/dev/null", "--write-out", "%{http_code}"]);
        String::from_utf8(curl.args(arguments).output().unwrap().stdout).unwrap()
    };
    for path in ["/api/v1/write", "/api/v1/query?query=up", "/metrics", "/-/quit"] {
        let url = format!("http://{address}{path}");
        assert_eq!(statuses(&["--request", "POST", &url]), "401", "{path}");
        assert_eq!(statuses(&["--user", "lab:prometheus", "--data", "x", &url]), "401", "{path}");
    }
    assert!(checkout.lab(&["top"]).status.success(), "the lab itself can ask");
}

#[test]
fn security_md_names_each_of_these_tests_and_no_other() {
    let security = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../SECURITY.md");
    let security = fs::read_to_string(security).unwrap();
    let comments = security.split("<!-- ").skip(1).filter_map(|rest| rest.split_once(" -->"));
    let named: BTreeSet<_> = comments.flat_map(|(names, _)| names.split(", ")).collect();
    let sources = [
        include_str!("another_user.rs"),
        include_str!("another_user/files.rs"),
        include_str!("another_user/processes.rs"),
        include_str!("another_user/ports.rs"),
        include_str!("another_user/page_routes.rs"),
    ];
    let tests = sources.iter().flat_map(|source| source.split("#[test]\nfn ").skip(1));
    let tests = tests.filter_map(|rest| Some(rest.split_once('(')?.0));
    let tests: BTreeSet<_> = tests.filter(|name| !name.starts_with("security_md")).collect();
    assert_eq!(named, tests);
}

/// A checkout whose service has a Redis, and the port of that Redis.
fn with_redis() -> (Checkout, u16) {
    let checkout = Checkout::new();
    let port = checkout.app_port + 3;
    let redis = format!(
        "services:
  redis:
    image: redis:7
    environment: {{ REDISCLI_AUTH: '${{REDIS_PASSWORD:-redis}}' }}
    volumes: ['./redis/start.sh:/start.sh:ro']
    command: [/start.sh, --save, '']
    ports: ['127.0.0.1:{port}:6379']
"
    );
    checkout.edit("compose/scenario-1.yml", "services:\n", &redis);
    let none = "APP_ENDS: \"${APP_ENDS:-no}\"";
    let url = format!("{none}, REDIS_URL: 'redis://:${{REDIS_PASSWORD:-redis}}@redis:6379'");
    checkout.edit("compose/scenario-1.yml", none, &url);
    (checkout, port)
}

#[test]
fn redis_answers_only_who_has_the_password_that_the_lab_made_and_no_argument_shows() {
    if !two_users() {
        return;
    }
    let (checkout, port) = with_redis();
    let up = checkout.command(&["up", "1"]).env("REDIS_PASSWORD", "guessed").output().unwrap();
    assert!(up.status.success(), "{}", stderr(&up));
    let port = port.to_string();
    let commands =
        ["ping", "get a", "flushall", "config get requirepass", "eval return(1) 0", "shutdown nosave"];
    for login in [&[][..], &["-a", "redis"], &["-a", "guessed"]] {
        for command in commands {
            let arguments = ["-p", &port].into_iter().chain(login.iter().copied()).chain(command.split(' '));
            let arguments: Vec<_> = arguments.map(Path::new).collect();
            let answer = String::from_utf8(as_another("redis-cli", &arguments).stdout).unwrap();
            assert!(answer.starts_with("NOAUTH"), "{login:?} {command}: {answer}");
        }
    }
    let ours = |arguments: &[&str]| {
        String::from_utf8(checkout.lab(&[&["redis"], arguments].concat()).stdout).unwrap()
    };
    let password = fs::read_to_string(checkout.path(".lab/scenario-1/redis.password")).unwrap();
    assert_eq!(ours(&["config", "get", "requirepass"]), format!("requirepass\n{password}\n"));
    let spec = fs::read_to_string(checkout.path(".lab/scenario-1/spec.json")).unwrap();
    assert!(spec.contains(&format!("redis://:{password}@127.0.0.1:{port}")), "{spec}");
    let configuration = checkout.path(".lab/scenario-1/redis/redis.conf");
    assert_eq!(fs::metadata(&configuration).unwrap().mode() & 0o777, 0o600);
    assert!(!as_another("cat", [&configuration]).status.success());
    // A prompt that waits, so that its arguments can be read as well.
    let mut prompt = checkout.command(&["redis"]).stdin(Stdio::piped()).spawn().unwrap();
    within(Duration::from_secs(5), "a prompt", || {
        checkout.processes().iter().any(|command| command.starts_with("redis-cli"))
    });
    let shown = checkout.processes().join("\n");
    assert!(!shown.contains(&password), "{shown}");
    prompt.kill().unwrap();
    prompt.wait().unwrap();
    checkout.json(&["kill", "redis"]);
    within(Duration::from_secs(10), "it is started again", || ours(&["ping"]) == "PONG\n");
}
