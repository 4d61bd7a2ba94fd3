//! The parts of which a page is made: the script fetches them one by one.

use maud::{Markup, html};

/// A part of a page that is fetched anew every `every_s` seconds; 0 is only when the page is looked at again, or
/// something was done. `say` is the screen reader's text after a change.
pub fn part(name: &str, every_s: u32, say: Option<&str>, content: Markup) -> Markup {
    let id = format!("part-{}", name.replace(|c: char| !c.is_ascii_alphanumeric(), "-"));
    html! {
        div.part id=(id) data-part={ "/part/" (name) } data-every=(every_s) data-say=[say] { (content) }
    }
}
