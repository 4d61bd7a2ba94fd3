//! Addresses of this server.

/// `path` as an address that leads to no other server: one that begins with two slashes would.
pub fn own(path: &str) -> String {
    format!("/{}", path.trim_start_matches(['/', '\\']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_leads_to_this_server() {
        for (path, address) in [
            ("", "/"),
            ("/", "/"),
            ("/logs", "/logs"),
            ("//evil.example/", "/evil.example/"),
            ("/\\evil.example", "/evil.example"),
        ] {
            assert_eq!(own(path), address);
        }
    }
}
