//! The tools know no scenario: they name neither its number nor its services. A scenario is data, and a new one needs no
//! line in a tool crate.
//!
//! `torture` is left out: it tests what each service promises, as the tests of the services do.

use anyhow::Context;
use regex_lite::Regex;

use super::{
    Finding, files, layers, sources,
    tokens::{self, Kind, Tests, Token},
};
use crate::{files::read, scenarios};

pub fn check() -> anyhow::Result<Vec<Finding>> {
    let services: Vec<_> = scenarios::images()?.into_iter().map(|image| image.package).collect();
    let rule = Rule::new(&services)?;
    let mut findings = Vec::new();
    for name in layers::tools().filter(|name| *name != "torture") {
        for file in sources(name)? {
            let tokens = tokens::read(&read(&file)?, Tests::Skip).with_context(|| file.clone())?;
            for Token { kind, line } in tokens {
                if let Kind::Text(text) = kind {
                    findings.extend(rule.finding(&file, line, &text));
                }
            }
        }
    }
    for pattern in ["Makefile", ".github/*.yml", "devcontainers/*", "*.sh"] {
        for file in files(pattern)? {
            for (index, line) in read(&file)?.lines().enumerate() {
                // A key of YAML is no service: `jobs:`.
                let is_key = line.trim_end().ends_with(':');
                let code = line.split_once('#').map_or(line, |(code, _)| code);
                findings.extend(rule.finding(&file, index + 1, code).filter(|_| !is_key));
            }
        }
    }
    Ok(findings)
}

/// What names a scenario.
struct Rule(Regex);

impl Rule {
    fn new(services: &[String]) -> anyhow::Result<Self> {
        Ok(Self(Regex::new(&format!(r"\bscenario[-_ /]?\d|\b(?:{})\b", services.join("|")))?))
    }

    fn finding(&self, file: &str, line: usize, text: &str) -> Option<Finding> {
        let found = self.0.find(text)?;
        Some(Finding {
            place: format!("{file}:{line}"),
            wrong: format!("names one scenario: \"{}\"", found.as_str()),
            advice: "Take it from the lesson's own files.".to_owned(),
            heading: "scenarios-are-data",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_or_a_service_names_a_scenario() {
        let rule = Rule::new(&["feed".to_owned(), "jobs".to_owned()]).unwrap();
        let names = |text| rule.finding("x.rs", 1, text).is_some();
        for one in ["make scenario-1", "docs/scenario-2/x", "crates/feed", "/jobs/stats"] {
            assert!(names(one), "{one}");
        }
        for none in ["scenario-N", "scenario-{number}", "feedback", "docs/scenario-"] {
            assert!(!names(none), "{none}");
        }
    }
}
