//! Detects changed files.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    slice,
};

use anyhow::Context;
use sha2::{Digest, Sha256};

/// Files and what was in them, hashed.
pub type Fingerprints = BTreeMap<PathBuf, String>;

/// The current content of `files`.
///
/// # Errors
/// When one cannot be read.
pub fn of(files: impl IntoIterator<Item = PathBuf>) -> anyhow::Result<Fingerprints> {
    files.into_iter().map(|file| Ok((file.clone(), hash(&[file])?))).collect()
}

/// The first one that has changed or is missing.
pub fn changed(before: &Fingerprints) -> Option<&Path> {
    let is_same = |file: &PathBuf, then: &String| hash(slice::from_ref(file)).is_ok_and(|now| now == *then);
    before.iter().find(|(file, then)| !is_same(file, then)).map(|(file, _)| file.as_path())
}

/// All of `files` in one number, in this order.
///
/// # Errors
/// When one cannot be read.
pub fn hash(files: &[PathBuf]) -> anyhow::Result<String> {
    let mut content = Sha256::new();
    for file in files {
        content.update(fs::read(file).with_context(|| format!("cannot read {}", file.display()))?);
    }
    Ok(hex::encode(&content.finalize()[..6]))
}

/// The files below `folder`, however deep, sorted.
///
/// # Errors
/// When a folder cannot be read.
pub fn files_below(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).with_context(|| format!("cannot read {}", folder.display()))? {
            let entry = entry?;
            // A link to a folder may lead back up.
            let kind = entry.file_type()?;
            if kind.is_dir() {
                folders.push(entry.path());
            } else {
                files.push(entry.path());
            }
        }
    }
    files.retain(|path| path.is_file());
    files.sort();
    Ok(files)
}

/// All files below `folders`.
///
/// # Errors
/// When one cannot be read.
pub fn hash_folders(root: &Path, folders: &[String]) -> anyhow::Result<String> {
    let mut files = Vec::new();
    for folder in folders {
        files.extend(files_below(&root.join(folder))?);
    }
    hash(&files)
}
