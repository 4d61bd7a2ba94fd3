//! What another user of this machine can try while a scenario runs.

use std::{
    fs::{self, Permissions},
    os::unix::fs::{MetadataExt, PermissionsExt},
    path::{Path, PathBuf},
    process::{Command, Output},
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

fn as_another(program: &str, arguments: &[&Path]) -> Output {
    Command::new("setpriv").args(OTHER).arg(program).args(arguments).output().unwrap()
}

fn succeeds(program: &str, path: &Path) -> bool {
    as_another(program, &[path]).status.success()
}

/// `folder` and all that is below it.
fn all(folder: &Path) -> Vec<PathBuf> {
    let below = |path: PathBuf| if path.is_dir() { all(&path) } else { vec![path] };
    let found = fs::read_dir(folder).into_iter().flatten().flatten().flat_map(|entry| below(entry.path()));
    found.chain([folder.to_owned()]).collect()
}

#[test]
fn another_user_can_neither_list_nor_read_what_the_lab_keeps_also_of_an_earlier_version() {
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
    checkout.json(&["load", "--duration", "1s"]);
    checkout.json(&["report"]);
    let kept = all(&lab);
    assert!(kept.iter().any(|path| path.ends_with("log/app.log")), "{kept:#?}");
    for path in kept {
        assert!(!succeeds(if path.is_dir() { "ls" } else { "cat" }, &path), "{}", path.display());
    }
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
        let output = as_another("flock", &[Path::new("--nonblock"), lock, Path::new("true")]);
        assert!(stderr(&output).contains("Permission denied"), "{}", stderr(&output));
    }
    // What can be opened by this user only can still be held by a process of this user.
    let mut held = Command::new("flock");
    held.args(["--no-fork".as_ref(), locks[1].as_os_str()]).args(["sleep", "2"]);
    let mut held = held.spawn().unwrap();
    within(std::time::Duration::from_secs(2), "the lock is held", || {
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
