//! The scenarios of this checkout. Each `docs/scenario-N` is one, and its files say everything else.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use anyhow::Context;
use lesson::WrongFixes;
use serde::{Deserialize, de::DeserializeOwned};

use crate::compose_file::{self, Build, Compose, Image, Service};
use crate::files::read;
use crate::git;

/// A folder `docs/scenario-N`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Scenario(pub u8);

/// What `lesson.toml` says that matters here.
#[derive(Deserialize)]
pub struct Lesson {
    /// Its name.
    pub title: String,
    /// The load test.
    pub load: Load,
}

/// Where the load test sends requests.
#[derive(Deserialize)]
pub struct Load {
    /// The service under test.
    pub service: String,
    /// The load balancer in front of it; the learner may have to add it.
    pub through: Option<String>,
}

/// All scenarios, by number.
///
/// # Errors
/// When `docs` cannot be read.
pub fn all() -> anyhow::Result<Vec<Scenario>> {
    let mut found = Vec::new();
    for entry in fs::read_dir("docs").context("cannot read docs")? {
        let name = entry?.file_name();
        let number = name.to_str().and_then(|name| name.strip_prefix("scenario-")?.parse().ok());
        found.extend(number.map(Scenario));
    }
    found.sort();
    Ok(found)
}

/// The images of all scenarios.
///
/// # Errors
/// When a compose file cannot be read.
pub fn images() -> anyhow::Result<BTreeSet<Image>> {
    all()?
        .into_iter()
        .map(Scenario::images)
        .collect::<anyhow::Result<Vec<_>>>()
        .map(|all| all.concat().into_iter().collect())
}

impl Scenario {
    /// `docs/scenario-N`.
    pub fn docs(self) -> String {
        format!("docs/scenario-{}", self.0)
    }

    /// Reads `lesson.toml`.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn lesson(self) -> anyhow::Result<Lesson> {
        toml_file(&format!("{}/lesson.toml", self.docs()))
    }

    /// The states that `lab validate` knows: the starter, each wrong fix, the solution, and back from there.
    ///
    /// # Errors
    /// When `wrong-fixes.toml` cannot be read.
    pub fn states(self) -> anyhow::Result<Vec<String>> {
        let WrongFixes { wrong_fixes, .. } = WrongFixes::read(Path::new(&self.docs()))?;
        let fixes = wrong_fixes.into_iter().map(|fix| fix.id);
        let named = |id: &str| [id.to_owned()];
        Ok(named("starter").into_iter().chain(fixes).chain(named("solution")).chain(named("reset")).collect())
    }

    /// The states that a change can turn out differently: all of them, if one of the changed `files` is part of the
    /// lesson (its compose file, what is in its folder and no text, what its lesson or a wrong fix names); of a change in
    /// `wrong-fixes.toml` alone, those that `before`, that file at the base, describes otherwise.
    ///
    /// # Errors
    /// When the lesson cannot be read.
    pub fn changed_states(self, files: &[String], before: Option<&str>) -> anyhow::Result<Vec<String>> {
        let docs = self.docs();
        let wrong_fixes = format!("{docs}/wrong-fixes.toml");
        let now = read(&wrong_fixes)?;
        let named = read(&format!("{docs}/lesson.toml"))? + &now;
        let is_part = |file: &String| {
            let is_inside =
                file.starts_with(&format!("{docs}/")) && !file.ends_with(".md") && !file.ends_with(".svg");
            *file != wrong_fixes
                && (is_inside || *file == self.compose_file() || named.contains(file.as_str()))
        };
        let states = self.states()?;
        if files.iter().any(is_part) {
            return Ok(states);
        }
        let (before, now) = (before.map_or(Ok(BTreeMap::new()), judged)?, judged(&now)?);
        Ok(states.into_iter().filter(|state| before.get(state) != now.get(state)).collect())
    }

    /// `docs/scenario-N/wrong-fixes.toml`, and what it says at the commit `base`; `None` if it is not there.
    pub fn wrong_fixes_at(self, base: &str) -> Option<String> {
        git::text(&["show", &format!("{base}:{}/wrong-fixes.toml", self.docs())]).ok()
    }

    /// The images that its compose file builds.
    ///
    /// # Errors
    /// When that cannot be read.
    pub fn images(self) -> anyhow::Result<Vec<Image>> {
        let Compose { services } = compose_file::read(&self.compose_file())?;
        let images = services.into_values().filter_map(|service| service.build);
        // `feed${VARIANT:-}` is `feed-solution` when the lab says so.
        Ok(images.map(|Build { args }| Image { bin: args.bin.replace("${VARIANT:-}", ""), ..args }).collect())
    }

    /// The port that `service` publishes, and whether it does so from the start; `None` when not even the solution has it.
    ///
    /// # Errors
    /// When a compose file cannot be read.
    pub fn port(self, service: &str) -> anyhow::Result<Option<(u16, bool)>> {
        let solution = format!("{}/solution/scenario-{}.yml", self.docs(), self.0);
        for (file, is_there) in [(self.compose_file(), true), (solution, false)] {
            if !Path::new(&file).exists() {
                continue;
            }
            let port = compose_file::read(&file)?.services.get(service).and_then(Service::published);
            if let Some(port) = port {
                return Ok(Some((port, is_there)));
            }
        }
        Ok(None)
    }

    fn compose_file(self) -> String {
        format!("compose/scenario-{}.yml", self.0)
    }
}

fn toml_file<T: DeserializeOwned>(file: &str) -> anyhow::Result<T> {
    toml::from_str(&read(file)?).with_context(|| format!("cannot understand {file}"))
}

/// What `wrong-fixes.toml` says of each state, but its title: that decides nothing.
fn judged(text: &str) -> anyhow::Result<BTreeMap<String, toml::Value>> {
    #[derive(Deserialize)]
    struct Judged {
        starter: toml::Value,
        wrong_fixes: Vec<toml::Table>,
    }
    let Judged { starter, wrong_fixes } = toml::from_str(text)?;
    let fixes = wrong_fixes.into_iter().map(|mut fix| {
        fix.remove("title");
        let id = fix.get("id").and_then(|id| id.as_str()).context("a wrong fix has an id")?.to_owned();
        Ok((id, toml::Value::Table(fix)))
    });
    fixes.chain([Ok(("starter".to_owned(), starter))]).collect()
}

#[cfg(test)]
mod tests {
    use std::env;

    use super::*;

    fn at_top() {
        // All tests of this module agree on the folder.
        env::set_current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../..")).unwrap();
    }

    fn touched(file: &str) -> Vec<u8> {
        at_top();
        let is_touched = |scenario: &Scenario| {
            let now = read(&format!("{}/wrong-fixes.toml", scenario.docs())).unwrap();
            !scenario.changed_states(&[file.to_owned()], Some(&now)).unwrap().is_empty()
        };
        all().unwrap().into_iter().filter(is_touched).map(|Scenario(n)| n).collect()
    }

    #[test]
    fn a_lesson_is_touched_by_its_files_and_no_other() {
        assert_eq!(touched("docs/scenario-2/check.toml"), [2]);
        assert_eq!(touched("compose/scenario-3.yml"), [3]);
        assert_eq!(touched("crates/feed/src/db.rs"), [1]);
        assert!(touched("docs/scenario-2/SCENARIO.md").is_empty());
        assert!(touched("README.md").is_empty());
    }

    #[test]
    fn of_changed_wrong_fixes_only_those_count_whose_change_can_decide_something() {
        at_top();
        let scenario = Scenario(4);
        let file = format!("{}/wrong-fixes.toml", scenario.docs());
        let now = read(&file).unwrap();
        let changed =
            |before: Option<&str>| scenario.changed_states(std::slice::from_ref(&file), before).unwrap();
        assert!(changed(Some(&now)).is_empty());
        assert!(changed(Some(&now.replace("title = \"", "title = \"Once: "))).is_empty());
        assert_eq!(changed(Some(&now.replace("id <= 100000", "id <= 1"))), ["fewer-orders"]);
        let all_but_those_that_are_the_same_in_every_lesson = scenario.states().unwrap().len() - 2;
        assert_eq!(changed(None).len(), all_but_those_that_are_the_same_in_every_lesson);
    }

    #[test]
    fn a_port_is_found_where_the_learner_has_yet_to_add_the_service() {
        at_top();
        assert_eq!(Scenario(1).port("feed").unwrap(), Some((3000, true)));
        assert_eq!(Scenario(4).port("nginx").unwrap(), Some((8080, false)));
        assert_eq!(Scenario(1).port("nginx").unwrap(), None);
    }

    #[test]
    fn an_image_is_named_after_the_starter() {
        at_top();
        let image = Image { package: "feed".to_owned(), bin: "feed".to_owned() };
        assert_eq!(Scenario(1).images().unwrap(), [image]);
    }
}
