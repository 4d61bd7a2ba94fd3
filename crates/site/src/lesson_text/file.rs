//! The lesson's own file, in which the learner writes with an editor and with the page.

use std::{fs, ops::Range, path::Path};

use anyhow::{Context, ensure};
use pulldown_cmark::{Event, Options, Parser};

use crate::lesson_text::short_name::Names;

/// An item of a list that is ticked off.
#[derive(Debug, PartialEq)]
pub struct Item {
    /// By its words: it stays the same wherever the line moves.
    pub id: String,
    /// `[ ]` or `[x]`, in bytes.
    pub place: Range<usize>,
}

/// The items of `lesson`, in their order.
pub fn items(lesson: &str) -> Vec<Item> {
    let (mut items, mut names) = (Vec::new(), Names::default());
    for (event, place) in Parser::new_ext(lesson, Options::ENABLE_TASKLISTS).into_offset_iter() {
        if let Event::TaskListMarker(_) = event {
            let id = names.of(lesson[place.end..].lines().next().unwrap_or_default());
            items.push(Item { id, place });
        }
    }
    items
}

/// Ticks off the item `id` in the file at `path`, or takes the tick back.
///
/// # Errors
/// When there is no such item, or the file cannot be written.
pub fn tick(path: &Path, id: &str) -> anyhow::Result<()> {
    let lesson = read(path)?;
    let item = items(&lesson).into_iter().find(|item| item.id == id);
    let place = item.context("the lesson has no such item any more; reload the page")?.place;
    let mut changed = lesson.clone();
    changed.replace_range(place.clone(), if &lesson[place] == "[ ]" { "[x]" } else { "[ ]" });
    replace(path, &lesson, &changed)
}

/// Puts `new` in the place of the file at `path`, which held `old`: readers see either the old or the new file.
///
/// # Errors
/// When an editor saved in between, or it cannot be written.
pub fn replace(path: &Path, old: &str, new: &str) -> anyhow::Result<()> {
    let path = &fs::canonicalize(path)?;
    // The rest of the way is a rename.
    ensure!(read(path)? == old, "the file has just changed; try again");
    let unfinished = path.with_extension("unfinished");
    fs::metadata(path)
        .and_then(|about| {
            fs::write(&unfinished, new)?;
            fs::set_permissions(&unfinished, about.permissions())?;
            fs::rename(&unfinished, path)
        })
        .with_context(|| format!("cannot write {}; the file is unchanged", path.display()))
}

/// The lesson's text.
///
/// # Errors
/// When it cannot be read.
pub fn read(path: &Path) -> anyhow::Result<String> {
    fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lesson_text::short_name::short_name;

    #[test]
    fn an_item_is_ticked_off_where_it_is_and_nowhere_else() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("SCENARIO.md");
        let list = "- [ ] one\n- [ ] two\n- [ ] one\n";
        let ids: Vec<_> = items(list).into_iter().map(|item| item.id).collect();
        // The file moves on in the meantime.
        fs::write(&path, format!("more\n\n{list}")).unwrap();
        tick(&path, &ids[2]).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "more\n\n- [ ] one\n- [ ] two\n- [x] one\n");
        tick(&path, &ids[2]).unwrap();
        assert!(tick(&path, &short_name("three")).is_err());
        assert_eq!(fs::read_to_string(&path).unwrap(), format!("more\n\n{list}"));
    }
}
