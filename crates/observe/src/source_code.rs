//! What the learner had written when a load test ran. Results outlive the code that made them; a report shows both.

use std::{collections::BTreeMap, fs};

use anyhow::Context;
use compose::stand_ins::Files;
use project::{Scenario, Session, fingerprint::files_below};
use serde::{Deserialize, Serialize};
use similar::TextDiff;

use crate::run_identity::sources;

/// The program's source and what wires it up.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub struct Code {
    /// What differs from the lesson's start, in unified format.
    pub diff: String,
    /// Whole texts, by their names in the learner's checkout: where the reference ran, the texts are the reference's.
    pub files: BTreeMap<String, String>,
}

impl Code {
    /// The current sources of the program, the lesson's rooms and the compose file.
    ///
    /// # Errors
    /// When a file cannot be read.
    pub fn now(session: &Session) -> anyhow::Result<Self> {
        let Session { scenario, lesson, spec, .. } = session;
        let program = spec.service(&lesson.load.service)?.program().context("the lesson loads no program")?;
        let mut names = vec![scenario.compose_file()];
        names.extend(lesson.rooms.iter().map(|room| room.starter.clone()));
        for folder in sources(program) {
            for path in files_below(&scenario.root.join(&folder))? {
                // Editors keep files of their own there.
                if path.extension().is_some_and(|extension| extension == "rs") {
                    names.push(path.strip_prefix(&scenario.root)?.to_owned());
                }
            }
        }
        let files = Files { root: &scenario.root, stand_ins: lesson.stand_ins(&spec.variant) };
        let mut texts = BTreeMap::new();
        for name in names {
            let path = files.find(&name);
            // A learner may have split `db.rs` into `db/mod.rs` and more, or merged two files.
            if !path.exists() {
                continue;
            }
            let text =
                fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
            texts.insert(name.to_string_lossy().into_owned(), text);
        }
        Ok(Self { diff: diff_from_start(scenario)?, files: texts })
    }

    /// The diff from it to `after`, in unified format. A file that only one of them has is left out: two programs of
    /// one crate have files of their own, and those were not edited.
    pub fn diff_to(&self, after: &Self) -> String {
        let both = self.files.iter().filter_map(|(name, old)| Some((name, old, after.files.get(name)?)));
        let changed = both.filter(|(_, old, new)| old != new);
        let diff = |(name, old, new): (&String, &String, &String)| {
            TextDiff::from_lines(old, new).unified_diff().header(name, name).to_string()
        };
        changed.map(diff).collect()
    }
}

/// What the learner has changed.
fn diff_from_start(scenario: &Scenario) -> anyhow::Result<String> {
    let starter = scenario.starter()?;
    let mut diffs = String::new();
    for file in starter.edited()? {
        // Where the lab has no copy, the whole file is shown.
        let old = starter.original(&file).ok().flatten().unwrap_or_default();
        let new = fs::read(scenario.root.join(&file)).unwrap_or_default();
        let [old, new] = [&old, &new].map(|bytes| String::from_utf8_lossy(bytes));
        let name = file.to_string_lossy();
        diffs += &TextDiff::from_lines(&old, &new).unified_diff().header(&name, &name).to_string();
    }
    Ok(diffs)
}
