//! What the feed is sent: bodies, query strings, cursors.
#![no_main]
#![allow(dead_code, reason = "only the inputs are used")]

#[path = "../../feed/src/models.rs"]
mod models;
#[path = "../../feed/src/schema.rs"]
mod schema;

use libfuzzer_sys::fuzz_target;
use models::{NewPost, Page, PageInput, Post, PostInput};
use shared::input;

fuzz_target!(|text: &str| {
    _ = input::parse::<PostInput>(text.as_bytes()).and_then(NewPost::try_from);
    let Ok(page) = input::params::<PageInput>(text).and_then(Page::try_from) else { return };
    if let Some(cursor) = &page.before {
        let post = || Post { id: cursor.id, user_id: 1, content: String::new(), created_at: cursor.created_at };
        let rows = (0..page.limit.rows()).map(|_| post()).collect();
        let next = page.of(rows).next.expect("there is one row more than fits");
        let again = input::params::<PageInput>(&format!("before={next}")).and_then(Page::try_from).ok();
        assert_eq!(again.expect("it is a cursor").before, page.before);
    }
});
