//! What another user of this machine can try while a scenario runs.

use std::{
    fs::{self, Permissions},
    os::unix::fs::{MetadataExt, PermissionsExt},
    path::{Path, PathBuf},
    process::{Command, Output},
};

use testkit::require::missing;

use crate::checkout::Checkout;

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
