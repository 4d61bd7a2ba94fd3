//! What a request passes through is optimised, in the build that learners use as well.

use std::{collections::BTreeSet, process::Command};

use anyhow::{Context, ensure};

use super::{Finding, layers};
use crate::files::read;

pub fn check() -> anyhow::Result<Vec<Finding>> {
    let slow = not_optimised(&read("Cargo.toml")?)?;
    let mut findings = Vec::new();
    for service in layers::services()? {
        let used = dependencies(&service)?;
        findings.extend(slow.intersection(&used).map(|name| finding(&service, name)));
    }
    Ok(findings)
}

fn finding(service: &str, dependency: &str) -> Finding {
    Finding {
        place: "Cargo.toml".to_owned(),
        wrong: format!("[profile.dev.package] does not optimise {dependency}, and {service} uses it"),
        advice: format!("Remove {dependency} from there, or from the dependencies of {service}."),
        heading: "optimisation",
    }
}

/// The crates at level 0 in the dev profile.
fn not_optimised(manifest: &str) -> anyhow::Result<BTreeSet<String>> {
    let manifest: toml::Table = manifest.parse().context("cannot understand Cargo.toml")?;
    let packages = &manifest["profile"]["dev"]["package"];
    let packages = packages.as_table().context("[profile.dev.package] is missing")?;
    let at_0 =
        packages.iter().filter(|(_, profile)| profile.get("opt-level") == Some(&toml::Value::Integer(0)));
    Ok(at_0.map(|(name, _)| name.clone()).collect())
}

/// All crates that are linked into `service`.
fn dependencies(service: &str) -> anyhow::Result<BTreeSet<String>> {
    let tree = ["tree", "--locked", "--package", service, "--edges=normal", "--prefix=none", "--format={p}"];
    let tree = Command::new("cargo").args(tree).output().context("cannot run cargo")?;
    ensure!(tree.status.success(), "cargo tree: {}", String::from_utf8_lossy(&tree.stderr));
    let lines = String::from_utf8(tree.stdout).context("cargo tree does not print UTF-8")?;
    Ok(lines.lines().filter_map(|line| Some(line.split_whitespace().next()?.to_owned())).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn crates_at_level_0_are_found() {
        let manifest = r#"
            [profile.dev.package]
            "*" = { codegen-units = 1 }
            toml = { opt-level = 0 }
            feed = { opt-level = 1 }"#;
        assert_eq!(not_optimised(manifest).unwrap(), BTreeSet::from(["toml".to_owned()]));
    }

    #[test]
    fn what_a_service_uses_is_found_however_deep() {
        let used = dependencies("feed").unwrap();
        assert!(["shared", "tokio", "libmimalloc-sys"].iter().all(|name| used.contains(*name)), "{used:?}");
        assert!(!used.contains("lab"));
    }
}
