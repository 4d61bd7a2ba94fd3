//! What `cargo xtask lint` runs, and what to do when it complains. The rules are in docs/style.md, "Lints".

use std::fs;

use crate::{
    git,
    test_part::{Group, Part},
};

/// All lints; without those that compile when `is_fast`.
///
/// # Errors
/// When the files cannot be listed.
pub fn all(is_fast: bool) -> anyhow::Result<Vec<Part>> {
    let mut parts = fast()?;
    if !is_fast {
        parts.extend([clippy(), tidy()]);
    }
    Ok(parts)
}

fn fast() -> anyhow::Result<Vec<Part>> {
    let follow = "The message names the place in the file; the schema is the published one.";
    Ok(vec![
        lint("format", "cargo fmt --all --check", "Run `cargo fmt --all`."),
        lint(
            "scripts",
            &format!("shellcheck {}", scripts()?.join(" ")),
            "The wiki of shellcheck has a page for each code. Where the script is right, say why beside a \
             `# shellcheck disable=`.",
        )
        .with_tool("shellcheck"),
        lint(
            "workflow-security",
            "zizmor --offline --quiet .github",
            "The message links its reason. An exception goes into .github/zizmor.yml, with ours.",
        )
        .with_tool("zizmor"),
        lint("workflows", &schema("github-workflows", ".github/workflows/*.yml"), follow)
            .with_tool("check-jsonschema"),
        lint("actions", &schema("github-actions", ".github/actions/*/action.yml"), follow)
            .with_tool("check-jsonschema"),
        lint(
            "compose-files",
            &schema("compose-spec", "compose/*.yml docs/scenario-*/{solution,stages}/*.yml"),
            follow,
        )
        .with_tool("check-jsonschema"),
        lint(
            "spelling",
            "typos",
            "Correct the word. One that is right goes into typos.toml, with the reason.",
        )
        .with_tool("typos"),
        lint(
            "licences-and-sources",
            "cargo deny --locked check bans licenses sources",
            "A licence that asks for no more than to be named goes into deny.toml. Otherwise use another crate.",
        )
        .with_tool("cargo-deny"),
        lint(
            "unused-dependencies",
            "cargo shear --locked --deny-warnings",
            "Remove the line from the crate's Cargo.toml, or move it to the dev-dependencies.",
        )
        .with_tool("cargo-shear"),
        lint(
            "devcontainers",
            "cargo xtask devcontainers --check",
            "Edit devcontainers/template.json, then run `cargo xtask devcontainers`.",
        ),
    ])
}

fn clippy() -> Part {
    lint(
        "clippy",
        "cargo clippy --workspace --all-targets --all-features --locked -- --deny warnings",
        "Cargo.toml has the lints. Where one is wrong, say why: `#[expect(…, reason = \"…\")]`.",
    )
}

/// What no other tool checks.
fn tidy() -> Part {
    lint(
        "tidy",
        "cargo xtask tidy",
        "Each message names the place and says what to do; docs/style.md, \"Tidy\", says why.",
    )
}

fn lint(name: &str, line: &str, advice: &'static str) -> Part {
    Part { advice, ..Part::new(Group::Lint, name, line) }
}

/// The schemas come with the tool: nothing is downloaded.
fn schema(name: &str, files: &str) -> String {
    format!("shopt -s nullglob; check-jsonschema --builtin-schema vendor.{name} {files}")
}

/// Shell scripts, by their first line or their name.
fn scripts() -> anyhow::Result<Vec<String>> {
    let is_script = |file: &&str| {
        let text = fs::read(file).unwrap_or_default();
        let first = text.split(|&byte| byte == b'\n').next().unwrap_or_default();
        first.starts_with(b"#!") && first.ends_with(b"sh") || file.ends_with(".sh")
    };
    let files = git::text(&["ls-files"])?;
    Ok(files.lines().filter(is_script).map(str::to_owned).collect())
}
