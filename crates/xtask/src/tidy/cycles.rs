//! Modules that stand side by side do not use each other in a circle: then each can be read after those that it uses.
//!
//! A module and its children count as one, and a module may use what its parent holds.

use std::collections::{BTreeMap, VecDeque};

use super::{
    Finding, layers, paths, sources,
    tokens::{self, Tests},
};
use crate::files::read;

/// A module by its path from the root of its crate, which is the empty one.
type Module = Vec<String>;

/// Who uses whom among the children of one module, and where.
type Uses = BTreeMap<Module, BTreeMap<Module, String>>;

/// The modules of a crate with what each brings in, by name.
type Modules = BTreeMap<Module, BTreeMap<String, Vec<String>>>;

pub fn check() -> anyhow::Result<Vec<Finding>> {
    let mut findings = Vec::new();
    for name in layers::tools() {
        let mut files = Vec::new();
        for file in sources(name)? {
            let paths = paths::read(&tokens::read(&read(&file)?, Tests::Skip)?);
            files.push((module(&file), file, paths));
        }
        findings.extend(circles(&uses(&files)));
    }
    Ok(findings)
}

/// `crates/site/src/tables/cells.rs` is `tables::cells`.
fn module(file: &str) -> Module {
    let path = file.split_once("/src/").map_or(file, |(_, path)| path).trim_end_matches(".rs");
    let mut module: Module = path.split('/').map(str::to_owned).collect();
    module.pop_if(|last| ["lib", "main", "mod"].contains(&last.as_str()));
    module
}

fn uses(files: &[(Module, String, Vec<paths::Path>)]) -> Uses {
    let mut modules = Modules::new();
    for (module, _, paths) in files {
        let imports = paths.iter().filter(|path| path.is_import);
        let imports = imports.filter_map(|path| Some((path.segments.last()?.clone(), path.segments.clone())));
        modules.insert(module.clone(), imports.collect());
    }
    let mut uses = Uses::new();
    for (module, file, paths) in files {
        for path in paths {
            let Some(used) = resolve(&modules, module, &path.segments, 0) else { continue };
            let shared = module.iter().zip(&used).take_while(|(one, other)| one == other).count();
            if shared < module.len().min(used.len()) {
                let sibling = |of: &Module| of[..=shared].to_vec();
                let place = format!("{file}:{}", path.line);
                uses.entry(sibling(module)).or_default().entry(sibling(&used)).or_insert(place);
            }
        }
    }
    uses
}

/// The module that `path` leads to from `module`; `None` when it leads out of the crate or is no path of modules.
fn resolve(modules: &Modules, module: &Module, path: &[String], depth: usize) -> Option<Module> {
    let mut at = module.clone();
    for (index, segment) in path.iter().enumerate() {
        match segment.as_str() {
            "crate" => at.clear(),
            "super" => drop(at.pop()?),
            "self" => {}
            name => {
                let child = [&at[..], &[name.to_owned()]].concat();
                if modules.contains_key(&child) {
                    at = child;
                    continue;
                }
                // An item of this module, or one that it has from another module.
                let origin = modules[&at].get(name).filter(|origin| *origin != path && depth < 8);
                let origin = origin.and_then(|origin| resolve(modules, &at, origin, depth + 1));
                return origin.or_else(|| (index > 0).then_some(at));
            }
        }
    }
    Some(at)
}

/// One finding per circle: the shortest way from its first module back to it.
fn circles(uses: &Uses) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut seen = Vec::new();
    for start in uses.keys().filter(|start| !start.is_empty()) {
        let Some(circle) = circle(uses, start).filter(|circle| !circle.iter().any(|of| seen.contains(of)))
        else {
            continue;
        };
        let steps = circle.iter().zip(circle.iter().cycle().skip(1));
        let steps: Vec<_> = steps
            .map(|(from, to)| format!("{} uses {} ({})", from.join("::"), to.join("::"), uses[from][to]))
            .collect();
        findings.push(Finding {
            place: uses[start][circle.get(1).unwrap_or(start)].clone(),
            wrong: format!("modules use each other in a circle: {}", steps.join(", ")),
            advice: "Move what both need into one of them, or into a module of its own.".to_owned(),
            heading: "circles-of-modules",
        });
        seen.extend(circle);
    }
    findings
}

/// The modules of the shortest circle through `start`.
fn circle(uses: &Uses, start: &Module) -> Option<Vec<Module>> {
    let mut before: BTreeMap<&Module, &Module> = BTreeMap::new();
    let mut next = VecDeque::from([start]);
    while let Some(module) = next.pop_front() {
        for used in uses.get(module).into_iter().flatten().map(|(used, _)| used) {
            if used == start {
                let back = std::iter::successors(Some(module), |module| before.get(*module).copied());
                let mut circle: Vec<_> = back.cloned().collect();
                circle.reverse();
                return Some(circle);
            }
            if !before.contains_key(used) {
                before.insert(used, module);
                next.push_back(used);
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The circles of a crate with these files.
    fn found(files: &[(&str, &str)]) -> Vec<String> {
        let files: Vec<_> = files
            .iter()
            .map(|(file, source)| {
                let file = format!("crates/x/src/{file}");
                let paths = paths::read(&tokens::read(source, Tests::Skip).unwrap());
                (module(&file), file, paths)
            })
            .collect();
        circles(&uses(&files)).into_iter().map(|finding| finding.place).collect()
    }

    #[test]
    fn a_circle_is_found_and_a_parent_is_none() {
        let root = ("lib.rs", "mod a; mod b;");
        assert_eq!(
            found(&[root, ("a.rs", "use crate::b::B;"), ("b.rs", "fn f() { super::a::g() }")]),
            ["crates/x/src/a.rs:1"]
        );
        let test = "#[cfg(test)] mod tests { use crate::a::A; }";
        assert!(found(&[root, ("a.rs", "use crate::b::B;"), ("b.rs", test)]).is_empty());
        assert!(found(&[("lib.rs", "mod a; use a::A;"), ("a.rs", "use crate::B;")]).is_empty());
    }

    #[test]
    fn an_item_belongs_to_the_module_that_it_comes_from() {
        let root = ("lib.rs", "mod a; mod b; pub use a::A;");
        assert_eq!(
            found(&[root, ("a.rs", "use crate::b::B;"), ("b.rs", "use crate::A;")]),
            ["crates/x/src/a.rs:1"]
        );
    }
}
