//! The lesson's addresses as they really are: where a port was taken, a service listens on another one.

use std::collections::BTreeMap;

use project::{Scenario, spec_file::Spec};

/// The lesson's ports that had to move, each with the port in use.
#[derive(Default)]
pub struct Addresses(BTreeMap<u16, u16>);

/// What stands before a port, and whether several may follow.
const BEFORE: [(&str, bool); 2] = [("127.0.0.1:", false), ("for port in ", true)];

impl Addresses {
    /// As the services of `scenario` were started.
    pub fn of(scenario: &Scenario) -> Self {
        let spec = Spec::read(scenario);
        let ports = spec.iter().flat_map(|spec| &spec.services).filter_map(|service| service.port);
        Self(
            ports
                .filter(|port| port.native != port.published)
                .map(|port| (port.published, port.native))
                .collect(),
        )
    }

    /// A command or a link, which leads to where the service really is.
    pub fn real(&self, text: &str) -> String {
        let mut real = String::with_capacity(text.len());
        let mut rest = text;
        while !self.0.is_empty() {
            let first = BEFORE
                .iter()
                .filter_map(|(before, several)| Some((rest.find(before)? + before.len(), *several)));
            let Some((at, several)) = first.min() else { break };
            let (before, after) = rest.split_at(at);
            real.push_str(before);
            rest = self.port(after, &mut real);
            while several && let Some(another) = rest.strip_prefix(' ') {
                real.push(' ');
                rest = self.port(another, &mut real);
            }
        }
        real + rest
    }

    /// Takes a port from the beginning of `text`; what follows it is left.
    fn port<'a>(&self, text: &'a str, real: &mut String) -> &'a str {
        let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
        let (port, rest) = text.split_at(end);
        // `127.0.0.1:3001:3000` is what a compose file says, and stays what it says.
        let given = port.parse().ok().and_then(|port| self.0.get(&port)).filter(|_| !rest.starts_with(':'));
        match given {
            Some(given) => real.push_str(&given.to_string()),
            None => real.push_str(port),
        }
        rest
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_lead_to_the_ports_that_were_given_and_nothing_else_changes() {
        // One service moved to where the lesson has another one, which moved as well.
        let addresses = Addresses([(3000, 3001), (3001, 3002)].into());
        for (said, real) in [
            ("http://127.0.0.1:3000/feed", "http://127.0.0.1:3001/feed"),
            ("curl 127.0.0.1:3000 127.0.0.1:3001", "curl 127.0.0.1:3001 127.0.0.1:3002"),
            (
                "for port in 3000 3001; do curl 127.0.0.1:$port; done",
                "for port in 3001 3002; do curl 127.0.0.1:$port; done",
            ),
            ("127.0.0.1:3001:3000", "127.0.0.1:3001:3000"),
            (
                "http://127.0.0.1:30001/ http://127.0.0.1:8080/ port 3000, 3000 rows",
                "http://127.0.0.1:30001/ http://127.0.0.1:8080/ port 3000, 3000 rows",
            ),
            ("127.0.0.1:", "127.0.0.1:"),
        ] {
            assert_eq!(addresses.real(said), real);
            assert_eq!(Addresses::default().real(said), said);
        }
    }
}
