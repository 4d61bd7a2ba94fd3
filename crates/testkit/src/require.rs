//! A test that cannot run here: it is recorded, and it fails where everything must be there.

use std::{env, fs::File, io::Write, thread};

/// To be called by a test that returns early because `what` (one of `postgres`, `redis`, `nginx`, `prometheus`,
/// `chromium`, `axe`, `docker`, `cgroups`, `root`, `two-users`) is not there. cargo would count it as passed.
///
/// Appends the line `TEST: what: why` to the file that `LAB_SKIPPED` names, if it names one.
///
/// # Panics
/// When `LAB_REQUIRE`, a list with commas, has `what` in it; and when the line cannot be written.
pub fn missing(what: &str, why: &str) {
    let required = env::var("LAB_REQUIRE").unwrap_or_default();
    assert!(!is_in(&required, what), "LAB_REQUIRE={required:?}, and {what} is missing: {why}");
    // The harness names the thread of a test after the test.
    let thread = thread::current();
    let line = format!("{}: {what}: {why}\n", thread.name().unwrap_or("a test"));
    eprint!("skipped: {line}");
    if let Some(path) = env::var_os("LAB_SKIPPED") {
        // In one write: tests of several processes append to the same file.
        File::options()
            .create(true)
            .append(true)
            .open(&path)
            .and_then(|mut file| file.write_all(line.as_bytes()))
            .unwrap_or_else(|error| panic!("cannot append to LAB_SKIPPED={path:?}: {error}"));
    }
}

fn is_in(required: &str, what: &str) -> bool {
    required.split(',').any(|name| name.trim() == what)
}

#[cfg(test)]
mod tests {
    use std::{fs, process::Command};

    use super::*;

    #[test]
    fn a_list_has_commas_and_names_things_whole() {
        assert!(is_in("redis", "redis") && is_in("postgres, redis", "redis"));
        assert!(!is_in("", "redis") && !is_in("redis-server", "redis"));
    }

    /// Skips itself where the next test asks for it, in a process with an environment of its own.
    #[test]
    fn skips_itself() {
        if env::var_os("LAB_SKIPPED").is_some_and(|path| path.to_string_lossy().ends_with("-of-a-test")) {
            missing("a-unicorn", "none was seen here");
        }
    }

    #[test]
    fn a_skipped_test_is_a_line_in_the_file_or_a_failure() {
        let file = env::temp_dir().join(format!("lab-skipped-{}-of-a-test", std::process::id()));
        let run = |required: &str| {
            let mut test = Command::new(env::current_exe().unwrap());
            test.args(["--exact", "require::tests::skips_itself"]);
            test.env("LAB_SKIPPED", &file).env("LAB_REQUIRE", required).output().unwrap().status.success()
        };
        assert!(run("") && run("redis,horse"));
        let line = "require::tests::skips_itself: a-unicorn: none was seen here\n";
        assert_eq!(fs::read_to_string(&file).unwrap(), line.repeat(2));
        assert!(!run("redis,a-unicorn"));
        fs::remove_file(&file).unwrap();
    }
}
