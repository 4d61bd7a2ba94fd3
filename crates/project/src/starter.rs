//! What a lesson starts with: the files that a learner edits, as they came. `docs/scenario-N/starter.sha256` has their sums,
//! and `.lab/starter` a copy of each. Git is only asked where a copy is missing, and the sum decides whether it is right.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use anyhow::Context;
use sha2::{Digest, Sha256};

use crate::{Scenario, fingerprint::files_below, folders, git, store::write};

/// The files of a lesson's start.
#[derive(Debug)]
pub struct Starter {
    root: PathBuf,
    /// Each copy has its sum as its name: a new version of the lab adds others.
    copies: PathBuf,
    sums: BTreeMap<PathBuf, String>,
}

impl Scenario {
    /// The sums of the files that its lesson starts with, as `sha256sum` prints them and `sha256sum --check` reads them.
    pub fn starter_list(&self) -> PathBuf {
        self.docs().join("starter.sha256")
    }

    /// What its lesson starts with.
    ///
    /// # Errors
    /// When the list of sums cannot be read.
    pub fn starter(&self) -> anyhow::Result<Starter> {
        let list = self.starter_list();
        let text = fs::read_to_string(&list).with_context(|| format!("cannot read {}", list.display()))?;
        let sums = text.lines().filter_map(|line| line.split_once("  "));
        let sums = sums.map(|(sum, file)| (PathBuf::from(file), sum.to_owned())).collect();
        Ok(Starter { root: self.root.clone(), copies: self.lab_dir.join("starter"), sums })
    }
}

impl Starter {
    /// The files, from the checkout's top.
    pub fn files(&self) -> impl Iterator<Item = &Path> {
        self.sums.keys().map(PathBuf::as_path)
    }

    /// Copies each file that is still as it came.
    ///
    /// # Errors
    /// When a copy cannot be written.
    pub fn keep(&self) -> anyhow::Result<()> {
        folders::private(&self.copies)?;
        for (file, wanted) in &self.sums {
            let copy = self.copies.join(wanted);
            match fs::read(self.root.join(file)) {
                Ok(bytes) if !copy.exists() && sum(&bytes) == *wanted => write(&copy, &bytes)?,
                // What the learner has changed or removed before the first start is not copied.
                _ => {}
            }
        }
        Ok(())
    }

    /// The files that are not as they came, the missing ones among them, and the sources that are new beside them.
    ///
    /// # Errors
    /// When a folder of sources cannot be read.
    pub fn edited(&self) -> anyhow::Result<Vec<PathBuf>> {
        let is_same = |file: &Path, wanted: &String| {
            fs::read(self.root.join(file)).is_ok_and(|bytes| sum(&bytes) == *wanted)
        };
        let changed = self.sums.iter().filter(|(file, wanted)| !is_same(file, wanted));
        let mut edited: BTreeSet<_> = changed.map(|(file, _)| file.clone()).collect();
        let in_sources =
            |file: &'_ PathBuf| file.ancestors().find(|dir| dir.ends_with("src")).map(Path::to_owned);
        for folder in self.sums.keys().filter_map(in_sources).collect::<BTreeSet<_>>() {
            for path in files_below(&self.root.join(folder))? {
                let file = path.strip_prefix(&self.root)?;
                // Editors keep files of their own there.
                if path.extension().is_some_and(|extension| extension == "rs")
                    && !self.sums.contains_key(file)
                {
                    edited.insert(file.to_owned());
                }
            }
        }
        Ok(edited.into_iter().collect())
    }

    /// A file as it came; `None` if it is new.
    ///
    /// # Errors
    /// When neither the lab nor git has it.
    pub fn original(&self, file: &Path) -> anyhow::Result<Option<Vec<u8>>> {
        let Some(wanted) = self.sums.get(file) else { return Ok(None) };
        let is_right = |bytes: &Vec<u8>| sum(bytes) == *wanted;
        let copy = fs::read(self.copies.join(wanted)).ok().filter(is_right);
        let original = copy.or_else(|| self.versions(file).find(is_right));
        original.map(Some).with_context(|| {
            format!(
                "neither the lab nor git has {} as it came; copy it from a new clone of the lab",
                file.display()
            )
        })
    }

    /// What git knows of a file, newest first; nothing where git does not work.
    fn versions(&self, file: &Path) -> impl Iterator<Item = Vec<u8>> {
        let commits = git::text(&self.root, &["log", "--format=%H", "--"], &[file]).unwrap_or_default();
        // From this folder: the checkout may be a part of a larger repository.
        let name = format!("./{}", file.display());
        let commits: Vec<_> = commits.lines().map(|commit| format!("{commit}:{name}")).collect();
        let root = self.root.clone();
        commits.into_iter().filter_map(move |version| git::git(&root, &["show"], &[version]).ok())
    }
}

/// The SHA-256 sum of `bytes`, in hexadecimal digits.
pub fn sum(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}
