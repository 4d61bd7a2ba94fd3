//! Which loopback port a service gets.

use std::net::{Ipv4Addr, TcpListener};

use anyhow::Context;

/// `preferred` when it is free, else the next one that is. `ours` are ports given out already.
///
/// # Errors
/// When none of the next hundred is free.
pub fn allocate(preferred: u16, ours: &[u16]) -> anyhow::Result<u16> {
    (preferred..=preferred.saturating_add(100))
        .find(|port| !ours.contains(port) && TcpListener::bind((Ipv4Addr::LOCALHOST, *port)).is_ok())
        .with_context(|| {
            format!("none of the ports {preferred} to {} is free", preferred.saturating_add(100))
        })
}

/// Who listens on `port`, in words. Programs of other users hide from us.
pub fn holder(port: u16) -> String {
    listeners::get_process_by_port(port, listeners::Protocol::TCP).map_or_else(
        |_| "a program whose name is hidden from us".to_owned(),
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
    fn a_port_given_out_is_not_given_again() {
        let free = allocate(20_000, &[]).unwrap();
        assert!(allocate(free, &[free]).unwrap() > free);
    }
}
