//! The real scenarios of this very checkout, taken for a run.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should say where")]

mod evidence;
mod guess;
mod rows;
mod lab;
#[path = "../engine/page.rs"]
mod page;
mod one_request;
mod shop;
mod terminal;
mod watching;
