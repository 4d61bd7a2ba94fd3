//! Light or dark: as the system, until the learner chooses. The choice is kept for all lessons of a checkout.

use std::fs;

use maud::{Markup, html};
use project::store;

use crate::Site;

/// What can be chosen; the first is the system's.
const THEMES: [(&str, &str); 3] = [("system", "As the system"), ("light", "Light"), ("dark", "Dark")];

/// The chosen theme, for the page's `data-theme`.
pub fn chosen(site: &Site) -> &'static str {
    let kept = fs::read_to_string(site.scenario.lab_dir.join("theme")).unwrap_or_default();
    THEMES.iter().map(|(name, _)| *name).find(|name| *name == kept).unwrap_or("system")
}

/// Keeps the theme `name`.
///
/// # Errors
/// When there is no such theme, or it cannot be written.
pub fn keep(site: &Site, name: &str) -> anyhow::Result<()> {
    anyhow::ensure!(THEMES.iter().any(|(known, _)| *known == name), "there is no theme `{name}`");
    store::write(&site.scenario.lab_dir.join("theme"), name.as_bytes())
}

/// The buttons.
pub fn choice(site: &Site) -> Markup {
    let chosen = chosen(site);
    html! {
        form.themes method="post" action="/do/theme" data-reload="" {
            span.soft { "Colours:" }
            @for (name, words) in THEMES {
                button name="to" value=(name) aria-pressed=(name == chosen) { (words) }
            }
        }
    }
}
