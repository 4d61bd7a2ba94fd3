//! Programs that do not run, and an apt that is busy.

use std::{fs, os::unix::fs::PermissionsExt, thread};

use rustix::fs::{FlockOperation, fcntl_lock};

use super::*;

#[test]
fn a_program_that_does_not_run_does_not_count_as_found() {
    let server = Server { name: "True", program: "true", version: "--version", install: "make true" };
    let dir = tempfile::tempdir().unwrap();
    let program = dir.path().join("true");
    let found = || server.find_in([dir.path().to_owned()].into_iter());
    assert_eq!(found().unwrap_err().to_string(), "True is missing; install it with: sudo sh -c 'make true'");
    for (text, mode) in [("#!/bin/sh\n", 0o644), ("#!/bin/sh\nexit 127\n", 0o755)] {
        fs::write(&program, text).unwrap();
        fs::set_permissions(&program, fs::Permissions::from_mode(mode)).unwrap();
        let error = found().unwrap_err().to_string();
        assert!(error.starts_with("True does not run (`") && error.ends_with("make true'"), "{error}");
        // The next folder may have one that runs.
        let dirs = [dir.path().to_owned(), "/usr/bin".into()].into_iter();
        assert_eq!(server.find_in(dirs).unwrap(), PathBuf::from("/usr/bin/true"));
    }
}

#[test]
fn an_installation_waits_for_apts_lock_and_not_forever() {
    if version("apt-get").is_none() {
        return eprintln!("skipped: there is no apt-get here");
    }
    let lists = tempfile::tempdir().unwrap();
    fs::create_dir(lists.path().join("partial")).unwrap();
    let lock = fs::File::create(lists.path().join("lock")).unwrap();
    fcntl_lock(&lock, FlockOperation::LockExclusive).unwrap();
    let mut apt_get = Command::new("apt-get");
    for option in ["Dir::Etc::sourcelist=/dev/null", "Dir::Etc::sourceparts=/dev/null"] {
        apt_get.args(["-o", option]);
    }
    apt_get.args(["-o", &format!("Dir::State::lists={}", lists.path().display())]);
    apt_get.args(["-o", &format!("Dir::Cache={}", lists.path().display())]);
    apt_get.arg("update").env("LC_ALL", "C").stdout(Stdio::null());
    let error = run_when_apt_is_free(&mut apt_get, Duration::ZERO).unwrap_err().to_string();
    assert!(error.starts_with("another program still installs something: E: Could not get lock"), "{error}");
    let freed = thread::spawn(move || {
        sleep(Duration::from_millis(1_500));
        drop(lock);
    });
    run_when_apt_is_free(&mut apt_get, Duration::from_secs(20)).unwrap();
    assert!(freed.is_finished(), "it ran while another program held the lock");
}
