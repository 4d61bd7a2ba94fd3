//! The lab's own container, in which the native engine runs where it cannot run on the machine (macOS).
//! `devcontainers/in-container` starts it, and tells the lab by environment variables that it runs there.

use std::{env, net::Ipv4Addr};

use anyhow::bail;

/// The container's name. Where it is set, the lab runs in that container.
const NAME: &str = "LAB_CONTAINER";

/// Where services, nginx and the page listen: 127.0.0.1, or all addresses of the container.
const LISTEN: &str = "LAB_LISTEN";

/// The ports that Docker publishes on the host's 127.0.0.1, with spaces between them.
const PORTS: &str = "LAB_PORTS";

/// Whether this process runs in the lab's own container.
pub fn is_here() -> bool {
    env::var_os(NAME).is_some_and(|name| !name.is_empty())
}

/// The address on which services, nginx and the page listen. Databases always listen on 127.0.0.1.
///
/// # Errors
/// When `LAB_LISTEN` is no such address, or asks for all addresses of a machine that is not the lab's container.
pub fn listen() -> anyhow::Result<Ipv4Addr> {
    address(env::var(LISTEN).ok().as_deref(), is_here())
}

/// Docker publishes a port only to an address that is not the container's loopback.
fn address(asked: Option<&str>, is_here: bool) -> anyhow::Result<Ipv4Addr> {
    match asked {
        None | Some("" | "127.0.0.1") => Ok(Ipv4Addr::LOCALHOST),
        Some("0.0.0.0") if is_here => Ok(Ipv4Addr::UNSPECIFIED),
        Some("0.0.0.0") => {
            bail!(
                "{LISTEN}=0.0.0.0 would open the services to your network; only the lab's container may set it: \
                unset {LISTEN}"
            )
        }
        Some(other) => bail!("{LISTEN}={other:?}: expected 127.0.0.1 or 0.0.0.0"),
    }
}

/// Whether a browser of the host reaches `port`. Always, where the lab runs on the host itself.
pub fn publishes(port: u16) -> bool {
    !is_here() || lists(&env::var(PORTS).unwrap_or_default(), port)
}

fn lists(ports: &str, port: u16) -> bool {
    ports.split_whitespace().any(|listed| listed.parse() == Ok(port))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_addresses_are_for_the_container_only() {
        for asked in [None, Some(""), Some("127.0.0.1")] {
            for is_here in [false, true] {
                assert_eq!(address(asked, is_here).unwrap(), Ipv4Addr::LOCALHOST);
            }
        }
        assert_eq!(address(Some("0.0.0.0"), true).unwrap(), Ipv4Addr::UNSPECIFIED);
        let error = |asked, is_here| address(Some(asked), is_here).unwrap_err().to_string();
        assert!(error("0.0.0.0", false).contains("unset LAB_LISTEN"));
        for wrong in ["0.0.0.0 ", "localhost", "192.168.0.7", "::", "0.0.0.0:3000"] {
            assert!(error(wrong, true).contains("expected 127.0.0.1 or 0.0.0.0"), "{wrong}");
        }
    }

    #[test]
    fn a_port_is_published_when_it_is_listed() {
        assert!(lists("3000 3010", 3010) && lists("3000\n3010", 3000));
        assert!(!lists("3000 3010", 301) && !lists("", 3000));
    }
}
