//! Relative links, and paths of this checkout in `code`, lead somewhere.

use std::{ops::Range, path::Path};

use anyhow::Context;
use pulldown_cmark::{Event, Parser, Tag};

use super::{Finding, files};
use crate::files::read;

/// Folders at the top whose files are written `like/this` in texts.
const OURS: [&str; 5] = ["crates/", "compose/", "db/", "docs/", "dashboards/"];

pub fn check() -> anyhow::Result<Vec<Finding>> {
    let mut findings = Vec::new();
    for page in files("*.md")? {
        let text = read(&page)?;
        let folder = Path::new(&page).parent().context("a page is in a folder")?;
        for (event, Range { start, .. }) in Parser::new(&text).into_offset_iter() {
            let target = match &event {
                Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => {
                    let is_elsewhere = dest_url.contains("://") || dest_url.starts_with(['#', '/']);
                    let path = dest_url.split('#').next().unwrap_or_default();
                    (!is_elsewhere).then(|| folder.join(path))
                }
                Event::Code(path) => {
                    let is_pattern = path.contains(['N', '*', '<', '{', '…', ' ']);
                    let is_ours = OURS.iter().any(|folder| path.starts_with(folder));
                    (is_ours && !is_pattern).then(|| Path::new(&**path).to_owned())
                }
                _ => None,
            };
            if let Some(target) = target.filter(|target| !target.exists()) {
                findings.push(Finding {
                    place: format!("{page}:{}", text[..start].matches('\n').count() + 1),
                    wrong: format!("{} does not exist", target.display()),
                    advice: "Correct the path.".to_owned(),
                    heading: "links",
                });
            }
        }
    }
    Ok(findings)
}
