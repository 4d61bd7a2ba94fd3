//! `cargo xtask profiles`: Cargo has no pattern for "our own crates", so Cargo.toml names each service.

use std::collections::BTreeSet;

use anyhow::Context;
use toml::Table;

use crate::scenarios::{self, read};

/// Checks `[profile.dev.package]`.
///
/// # Errors
/// When Cargo.toml or a scenario cannot be read.
pub fn run() -> anyhow::Result<bool> {
    let services = scenarios::images()?.into_iter().map(|image| image.package).collect();
    let missing = missing(&read("Cargo.toml")?, services)?;
    for service in &missing {
        eprintln!(
            "Cargo.toml: [profile.dev.package] must name {service}, with opt-level = 1: otherwise each of a learner's \
             saves is compiled with full optimisation"
        );
    }
    Ok(missing.is_empty())
}

/// Services without a profile of their own.
fn missing(manifest: &str, services: BTreeSet<String>) -> anyhow::Result<Vec<String>> {
    let manifest: Table = manifest.parse()?;
    let packages = ["profile", "dev", "package"]
        .iter()
        .try_fold(&manifest, |table, key| table.get(*key)?.as_table())
        .context("Cargo.toml has no [profile.dev.package]")?;
    let level = |service: &String| packages.get(service)?.get("opt-level")?.as_integer();
    Ok(services.into_iter().filter(|service| level(service) != Some(1)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_service_is_missed() {
        let manifest = "[profile.dev.package]\nfeed = { opt-level = 1 }\njobs = { opt-level = 2 }";
        let services = ["feed", "jobs", "wallet"].map(str::to_owned).into();
        assert_eq!(missing(manifest, services).unwrap(), ["jobs", "wallet"]);
    }
}
