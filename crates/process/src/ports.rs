//! Which loopback port a service gets.

use std::{
    collections::BTreeMap,
    fs::{self, DirBuilder, File},
    io,
    net::{Ipv4Addr, TcpListener},
    os::{
        linux::net::SocketAddrExt,
        unix::{
            fs::{DirBuilderExt, MetadataExt},
            net::{SocketAddr, UnixDatagram},
        },
    },
    path::PathBuf,
    sync::{Mutex, PoisonError},
};

use anyhow::Context;
use rustix::process::geteuid;

/// Ports that this process has given out. Their servers take them only when they start, seconds later perhaps, and another
/// lab must not give them out meanwhile.
static GIVEN_OUT: Mutex<BTreeMap<u16, Claim>> = Mutex::new(BTreeMap::new());

/// Tells other labs that a port is given out. It goes with the process.
struct Claim {
    /// Seen by the labs of this user. No other user can take it.
    _lock: Option<File>,
    /// An abstract name, seen by the labs of all users. Any user can take it.
    _name: Option<UnixDatagram>,
}

/// `preferred` when it is free, else the next one that is. `ours` are ports given out already.
///
/// # Errors
/// When none of the next hundred is free.
pub fn allocate(preferred: u16, ours: &[u16]) -> anyhow::Result<u16> {
    let last = preferred.saturating_add(100);
    let is_free = |port: &u16| TcpListener::bind((Ipv4Addr::LOCALHOST, *port)).is_ok();
    let free = || (preferred..=last).filter(|port| !ours.contains(port) && is_free(port));
    // A user who takes the names of all ports keeps no other user from them.
    free()
        .find(|port| claim(*port, name(*port).ok()))
        .or_else(|| free().find(|port| claim(*port, None)))
        .with_context(|| format!("none of the ports {preferred} to {last} is free"))
}

/// Whether no other lab has given `port` out; from now on this one has. Only `name` says whether one of another user has.
fn claim(port: u16, name: Option<SocketAddr>) -> bool {
    let mut given_out = GIVEN_OUT.lock().unwrap_or_else(PoisonError::into_inner);
    let claim = || {
        let lock = runtime_dir().map(|dir| File::create(dir.join(port.to_string()))).transpose()?;
        lock.as_ref().map_or(Ok(()), File::try_lock)?;
        let name = name.map(|name| UnixDatagram::bind_addr(&name)).transpose()?;
        io::Result::Ok(Claim { _lock: lock, _name: name })
    };
    given_out.contains_key(&port) || claim().map(|claim| given_out.insert(port, claim)).is_ok()
}

fn name(port: u16) -> io::Result<SocketAddr> {
    SocketAddr::from_abstract_name(format!("system-design-lab/port/{port}"))
}

/// A folder that all labs of this user find, and no other user can enter. `None` if another user has taken its path in
/// `/tmp`: then only the names are left.
fn runtime_dir() -> Option<PathBuf> {
    let user = geteuid();
    let first = if user.is_root() { "/run".to_owned() } else { format!("/run/user/{}", user.as_raw()) };
    // Without systemd, users other than root have no folder in /run.
    [&first, "/tmp"].iter().find_map(|above| {
        let dir = PathBuf::from(above).join(format!("system-design-lab-{}", user.as_raw()));
        // It may be there already. Whether it is right is asked of what is there, and not of a link's target.
        let _ = DirBuilder::new().mode(0o700).create(&dir);
        let found = fs::symlink_metadata(&dir).ok()?;
        let is_ours = found.is_dir() && found.uid() == user.as_raw() && found.mode() & 0o077 == 0;
        is_ours.then_some(dir)
    })
}

/// Who listens on `port`, in words. Programs of other users hide from us.
pub fn holder(port: u16) -> String {
    listeners::get_process_by_port(port, listeners::Protocol::TCP).map_or_else(
        |_| "a program that the lab cannot identify".to_owned(),
        |process| format!("`{}` (process {})", process.name, process.pid),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_taken_port_is_named_and_the_next_free_one_is_given() {
        let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = taken.local_addr().unwrap().port();
        assert!(allocate(port, &[]).unwrap() > port);
        assert!(holder(port).contains(&format!("(process {})", std::process::id())), "{}", holder(port));
    }

    #[test]
    fn a_port_that_another_lab_has_given_out_is_passed_over() {
        let theirs = allocate(21_000, &[]).unwrap() + 1;
        let _socket = UnixDatagram::bind_addr(&name(theirs).unwrap()).unwrap();
        assert!(allocate(theirs, &[]).unwrap() > theirs);
    }

    #[test]
    fn a_port_that_another_lab_of_this_user_has_given_out_is_passed_over_also_without_names() {
        let first = 22_000;
        let _names: Vec<_> =
            (first..=first + 101).map(|port| UnixDatagram::bind_addr(&name(port).unwrap())).collect();
        let theirs = File::create(runtime_dir().unwrap().join(first.to_string())).unwrap();
        theirs.lock().unwrap();
        let given = allocate(first, &[]).unwrap();
        assert!(given > first && given <= first + 100, "{given}");
    }

    #[test]
    fn the_folder_of_the_locks_is_closed_to_others() {
        let dir = runtime_dir().unwrap();
        assert_eq!(fs::metadata(dir).unwrap().mode() & 0o777, 0o700);
    }

    #[test]
    fn a_port_given_out_is_not_given_again() {
        let free = allocate(20_000, &[]).unwrap();
        assert!(allocate(free, &[free]).unwrap() > free);
    }
}
