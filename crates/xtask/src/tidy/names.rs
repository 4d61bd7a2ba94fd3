//! Names of modules and types that say nothing, or that shadow another word of the project.
//!
//! `crates/xtask/words.toml` lists them with better ones.

use std::path::Path;

use anyhow::Context;

use super::{
    Finding, layers, sources,
    tokens::{self, Kind, Tests, Token},
    words::Words,
};
use crate::files::read;

/// What stands before the name of a module or a type.
const KEYWORDS: [&str; 5] = ["mod", "struct", "enum", "trait", "type"];

pub fn check() -> anyhow::Result<Vec<Finding>> {
    let words = Words::read()?;
    let mut findings = Vec::new();
    for name in layers::tools() {
        for file in sources(name)? {
            let stem = Path::new(&file).file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
            let folder = Path::new(&file).parent().and_then(Path::file_name);
            let module =
                if stem == "mod" { folder.and_then(|name| name.to_str()).unwrap_or(stem) } else { stem };
            let mut found = vec![(1, module.to_owned())];
            let tokens = tokens::read(&read(&file)?, Tests::Skip).with_context(|| file.clone())?;
            found.extend(defined(&tokens).map(|(line, name)| (line, name.to_owned())));
            found.dedup_by(|(_, one), (_, other)| one == other);
            findings.extend(found.iter().filter_map(|(line, name)| {
                let (word, instead) = words.names.get_key_value(&name.to_lowercase())?;
                (!words.allow(&file, word)).then(|| Finding {
                    place: format!("{file}:{line}"),
                    wrong: format!("the name {name} does not say what it is"),
                    advice: format!("Name it after what it does: {instead}."),
                    heading: "names-that-must-not-come-back",
                })
            }));
        }
    }
    Ok(findings)
}

/// The names of modules and types that `tokens` define, with their lines.
fn defined(tokens: &[Token]) -> impl Iterator<Item = (usize, &str)> {
    tokens.windows(2).filter_map(|pair| match (&pair[0].kind, &pair[1]) {
        (Kind::Word(keyword), Token { kind: Kind::Word(name), line })
            if KEYWORDS.contains(&keyword.as_str()) =>
        {
            Some((*line, name.as_str()))
        }
        _ => None,
    })
}
