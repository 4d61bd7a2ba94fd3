//! Which loopback port a service gets.

use std::{
    collections::BTreeMap,
    net::{Ipv4Addr, TcpListener},
    os::{
        linux::net::SocketAddrExt,
        unix::net::{SocketAddr, UnixDatagram},
    },
    sync::{Mutex, PoisonError},
};

use anyhow::Context;

/// Ports that this process has given out. Their servers take them only when they start, seconds later perhaps, and another
/// lab must not give them out meanwhile: it sees the socket. (Abstract names are seen where ports are, and go with the
/// process.)
static GIVEN_OUT: Mutex<BTreeMap<u16, UnixDatagram>> = Mutex::new(BTreeMap::new());

/// `preferred` when it is free, else the next one that is. `ours` are ports given out already.
///
/// # Errors
/// When none of the next hundred is free.
pub fn allocate(preferred: u16, ours: &[u16]) -> anyhow::Result<u16> {
    (preferred..=preferred.saturating_add(100))
        .find(|port| {
            let is_free = || TcpListener::bind((Ipv4Addr::LOCALHOST, *port)).is_ok();
            !ours.contains(port) && is_free() && claim(*port)
        })
        .with_context(|| {
            format!("none of the ports {preferred} to {} is free", preferred.saturating_add(100))
        })
}

/// Whether no other lab has given `port` out; from now on this one has.
fn claim(port: u16) -> bool {
    let mut given_out = GIVEN_OUT.lock().unwrap_or_else(PoisonError::into_inner);
    let claim = || UnixDatagram::bind_addr(&name(port)?);
    given_out.contains_key(&port) || claim().map(|socket| given_out.insert(port, socket)).is_ok()
}

fn name(port: u16) -> std::io::Result<SocketAddr> {
    SocketAddr::from_abstract_name(format!("system-design-lab/port/{port}"))
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
    fn a_port_given_out_is_not_given_again() {
        let free = allocate(20_000, &[]).unwrap();
        assert!(allocate(free, &[free]).unwrap() > free);
    }
}
