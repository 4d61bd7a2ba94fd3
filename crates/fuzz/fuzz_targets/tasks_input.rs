//! What the Task API is sent: bodies, query strings.
#![no_main]
#![allow(dead_code, reason = "only the inputs are used")]

#[path = "../../tasks/src/category_models.rs"]
mod category_models;
#[path = "../../tasks/src/filter.rs"]
mod filter;
#[path = "../../tasks/src/page.rs"]
mod page;
#[path = "../../tasks/src/schema.rs"]
mod schema;
#[path = "../../tasks/src/status.rs"]
mod status;
#[path = "../../tasks/src/task_models.rs"]
mod task_models;
#[path = "../../tasks/src/user_models.rs"]
mod user_models;

use category_models::{CategoryInput, NewCategory};
use filter::{Filter, FilterInput};
use libfuzzer_sys::fuzz_target;
use shared::input;
use task_models::{NewTask, TaskChange};
use user_models::{NewUser, UserChange, UserChangeInput, UserInput};

fuzz_target!(|text: &str| {
    let body = text.as_bytes();
    _ = input::parse::<CategoryInput>(body).and_then(NewCategory::try_from);
    _ = input::parse::<UserInput>(body).and_then(NewUser::try_from);
    _ = input::parse::<UserChangeInput>(body).and_then(UserChange::try_from);
    _ = input::parse(body).map(NewTask::check);
    _ = input::parse(body).map(TaskChange::check);
    _ = input::params::<FilterInput>(text).and_then(Filter::try_from).map(|filter| filter.to_string());
});
