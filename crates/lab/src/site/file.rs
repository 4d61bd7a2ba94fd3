//! The lesson's own file, in which the learner writes with an editor and with the page.

use std::{fs, path::Path};

use anyhow::{Context, bail, ensure};

use super::answers::name;

/// Ticks off the item whose line begins at byte `at` of the file, or takes the tick back; `line` is what it must hold.
///
/// # Errors
/// When it holds something else by now.
pub fn tick(path: &Path, at: usize, line: &str) -> anyhow::Result<()> {
    let lesson = read(path)?;
    let found = lesson.get(at..).and_then(|rest| rest.lines().next()).unwrap_or_default();
    let turned = [("[ ]", "[x]"), ("[x]", "[ ]")].into_iter().find(|(from, _)| found.starts_with(from));
    let Some((_, to)) = turned.filter(|_| name(&found[3..]) == line) else {
        bail!("the file was changed in the meantime; load the page again");
    };
    let mut changed = lesson.clone();
    changed.replace_range(at..at + 3, to);
    replace(path, &lesson, &changed)
}

/// Puts `new` in the place of the file at `path`, which held `old`: whoever reads sees the one or the other.
///
/// # Errors
/// When an editor saved in between, or it cannot be written.
pub fn replace(path: &Path, old: &str, new: &str) -> anyhow::Result<()> {
    let path = &fs::canonicalize(path)?;
    // The rest of the way is a rename.
    ensure!(read(path)? == old, "the file was changed just now; try once more");
    let unfinished = path.with_extension("unfinished");
    fs::metadata(path)
        .and_then(|about| {
            fs::write(&unfinished, new)?;
            fs::set_permissions(&unfinished, about.permissions())?;
            fs::rename(&unfinished, path)
        })
        .with_context(|| format!("cannot write {}; it is as it was", path.display()))
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

    #[test]
    fn an_item_is_ticked_off_where_it_is_and_nowhere_else() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("SCENARIO.md");
        let list = "- [ ] one\n- [ ] two\n";
        fs::write(&path, list).unwrap();
        let at = list.find("[ ] two").unwrap();
        tick(&path, at, &name(" two")).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "- [ ] one\n- [x] two\n");
        tick(&path, at, &name(" two")).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), list);
        for (at, line) in [(at, " one"), (at + 1, " two"), (0, " two"), (999, " two"), (usize::MAX, "")] {
            assert!(tick(&path, at, &name(line)).is_err());
        }
        assert_eq!(fs::read_to_string(&path).unwrap(), list);
    }
}
