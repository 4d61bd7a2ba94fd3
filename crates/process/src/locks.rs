//! Who holds a lock on a file.

use std::{
    fs::{self, File},
    os::unix::fs::MetadataExt,
    path::Path,
};

/// Who holds the lock (`flock`) on `file`, in words, with the user.
///
/// Source: `proc_locks(5)`.
pub fn holder(file: &File) -> String {
    let process = holder_pid(file).and_then(|pid| {
        let user = fs::metadata(Path::new("/proc").join(pid.to_string())).ok()?.uid();
        Some(format!("process {pid} of {}", user_name(user)))
    });
    process.unwrap_or_else(|| "a process that the lab cannot identify".to_owned())
}

/// The process that holds the lock (`flock`) on `file`; `None` where the kernel does not say.
pub fn holder_pid(file: &File) -> Option<u32> {
    pid(&fs::read_to_string("/proc/locks").ok()?, file.metadata().ok()?.ino())
}

/// The process that holds the lock on the file `inode`. The device in these lines is not always that of the file (btrfs,
/// overlayfs), so it is not compared.
fn pid(locks: &str, inode: u64) -> Option<u32> {
    locks.lines().find_map(|line| {
        // `1: FLOCK  ADVISORY  WRITE 4242 fe:00:1234 0 EOF`; one that waits has an arrow in front of its kind.
        let fields: Vec<_> = line.split_whitespace().collect();
        let &[_, "FLOCK", _, "WRITE", pid, file, ..] = fields.as_slice() else { return None };
        (file.rsplit(':').next()?.parse() == Ok(inode)).then(|| pid.parse().ok())?
    })
}

fn user_name(uid: u32) -> String {
    let passwd = fs::read_to_string("/etc/passwd").unwrap_or_default();
    let name = passwd.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        (fields.nth(1)?.parse() == Ok(uid)).then_some(name)
    });
    name.map_or_else(|| format!("user {uid}"), |name| format!("user {name}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_holder_of_a_lock_is_named_with_its_user() {
        let path = std::env::temp_dir().join(format!("lab-lock-{}", std::process::id()));
        let (held, other) = (File::create(&path).unwrap(), File::open(&path).unwrap());
        assert_eq!(holder(&other), "a process that the lab cannot identify");
        held.lock().unwrap();
        let us = rustix::process::geteuid().as_raw();
        assert_eq!(holder(&other), format!("process {} of {}", std::process::id(), user_name(us)));
        fs::remove_file(&path).unwrap();
    }

    #[test]
    fn one_that_waits_holds_nothing() {
        let locks = "1: POSIX  ADVISORY  WRITE 5 fe:00:7 0 EOF\n1: -> FLOCK  ADVISORY  WRITE 6 fe:00:7 0 EOF\n\
            2: FLOCK  ADVISORY  WRITE 8 fe:00:7 0 EOF\n";
        assert_eq!((pid(locks, 7), pid(locks, 9)), (Some(8), None));
        assert_eq!(user_name(0), "user root");
    }
}
