//! The frame of every page: the head, the navigation, and the place for announcements.

use maud::{DOCTYPE, Markup, html};

use crate::{Site, status_bar::bar, theme};

/// The pages, in the order in which a learner needs them.
const PAGES: [(&str, &str); 7] = [
    ("/", "Lesson"),
    ("/dashboard", "Dashboard"),
    ("/goals", "Goals"),
    ("/runs", "Runs"),
    ("/system", "System"),
    ("/logs", "Logs"),
    ("/lessons", "All lessons"),
];

/// The others, to which links lead.
const LINKED: [(&str, &str); 3] = [("/request", "One request"), ("/glossary", "Glossary"), ("/file", "File")];

/// A page of `site` at `path`, whose heading is `name`; the lesson brings its own.
pub async fn page(site: &Site, path: &str, content: Markup) -> Markup {
    let number = site.scenario.number;
    let title = site.scenario.lesson().map(|lesson| lesson.title).unwrap_or_default();
    let name = PAGES.iter().chain(&LINKED).find(|(at, _)| *at == path).map_or("", |(_, name)| name);
    html! {
        (DOCTYPE)
        html lang="en" data-theme=(theme::chosen(site)) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (name) " · " (number) ": " (title) }
                link rel="icon" type="image/svg+xml" href="/icon.svg";
                link rel="stylesheet" href="/style.css";
                script src="/live.js" defer {}
            }
            body {
                a.skip href="#main" { "To the content" }
                header.head {
                    div.top {
                        p.brand { "Scenario " (number) span.soft { (title) } }
                        nav aria-label="Pages" {
                            @for (at, name) in PAGES {
                                a href=(at) aria-current=[(at == path).then_some("page")] { (name) }
                            }
                        }
                    }
                    (bar(site))
                }
                p #alert role="alert" {}
                p #said .unseen role="status" {}
                main #main tabindex="-1" class=[(path == "/").then_some("lesson")] {
                    @if path != "/" { h1 { (name) } }
                    (content)
                }
                footer.foot { a href="/glossary" { "Glossary" } (theme::choice(site)) }
            }
        }
    }
}
