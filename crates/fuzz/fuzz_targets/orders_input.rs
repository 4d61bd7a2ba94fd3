//! What the shop is sent: bodies, query strings.
#![no_main]
#![allow(dead_code, reason = "only the inputs are used")]

#[path = "../../orders/src/models.rs"]
mod models;
#[path = "../../orders/src/schema.rs"]
mod schema;

use libfuzzer_sys::fuzz_target;
use models::{NewOrder, OrderInput, Page, PageInput};
use shared::input;

fuzz_target!(|text: &str| {
    _ = input::parse::<OrderInput>(text.as_bytes()).and_then(NewOrder::try_from);
    _ = input::params::<PageInput>(text).and_then(Page::try_from);
});
