//! Files that the lab keeps elsewhere than in `.lab`.

use std::{
    fs::{self, Permissions},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use super::{all, possible, two_users};
use crate::checkout::Checkout;

/// Where a lab of root marks its ports, and where one without a folder in `/run` does.
const MARKS: [&str; 2] = ["/run/system-design-lab-0", "/tmp/system-design-lab-0"];

#[test]
fn another_user_can_neither_list_nor_read_nor_write_what_the_lab_keeps_outside_the_checkout() {
    if !two_users() {
        return;
    }
    let checkout = Checkout::new();
    // The account of PostgreSQL cannot get in there, so its data are elsewhere.
    fs::set_permissions(checkout.path("."), Permissions::from_mode(0o700)).unwrap();
    let up = checkout.up();
    let db = &up["services"][0];
    assert_eq!(db["name"], "db");
    let data = fs::read_link(format!("/proc/{}/cwd", db["pid"])).unwrap();
    let [scenario, scenarios] = [1, 2].map(|above| data.ancestors().nth(above).unwrap());
    assert_eq!(scenarios, Path::new("/var/lib/system-design-lab"));

    let mut kept = all(scenario);
    assert!(kept.iter().any(|path| path.ends_with("postmaster.pid")), "{kept:#?}");
    kept.push(scenarios.to_owned());
    let marks: Vec<_> = MARKS.iter().flat_map(|folder| all(Path::new(folder))).collect();
    assert!(marks.iter().any(|path| path.is_file()), "{marks:#?}");
    // The memory that PostgreSQL's processes share. Other clusters of this machine are as closed.
    let memory = all(Path::new("/dev/shm")).into_iter();
    let memory: Vec<PathBuf> =
        memory.filter(|path| path.to_string_lossy().contains("/PostgreSQL.")).collect();
    assert!(!memory.is_empty());
    for paths in [kept, marks, memory] {
        assert_eq!(possible(&paths), Vec::<String>::new());
    }
}
