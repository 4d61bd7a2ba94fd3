//! Files of the checkout, some of which others stand in for: a lesson's stage runs with the reference's compose file,
//! and the learner's stays as it is.

use std::{
    collections::BTreeMap,
    path::{Component, Path, PathBuf},
};

/// A checkout and its stand-ins.
#[derive(Debug)]
pub struct Files<'a> {
    /// The checkout's top.
    pub root: &'a Path,
    /// Each file and its replacement; both from the checkout's top.
    pub stand_ins: BTreeMap<PathBuf, PathBuf>,
}

impl Files<'_> {
    /// Where to read `path`, which counts from the checkout's top and may go up and down (`compose/../db`).
    pub fn find(&self, path: &Path) -> PathBuf {
        let path = plain(path);
        self.root.join(self.stand_ins.get(&path).unwrap_or(&path))
    }
}

/// Without `.` and, where there is something to leave, `..`.
fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir if plain.file_name().is_some() => {
                plain.pop();
            }
            other => plain.push(other),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_found_under_any_of_its_names() {
        let stand_ins = BTreeMap::from([("compose/nginx.conf".into(), "docs/nginx.conf".into())]);
        let files = Files { root: Path::new("/lab"), stand_ins };
        for (path, found) in [
            ("compose/nginx.conf", "/lab/docs/nginx.conf"),
            ("compose/./nginx.conf", "/lab/docs/nginx.conf"),
            ("compose/../compose/nginx.conf", "/lab/docs/nginx.conf"),
            ("compose/../db/seed.sql", "/lab/db/seed.sql"),
            ("../elsewhere", "/lab/../elsewhere"),
        ] {
            assert_eq!(files.find(Path::new(path)), Path::new(found), "{path}");
        }
    }
}
