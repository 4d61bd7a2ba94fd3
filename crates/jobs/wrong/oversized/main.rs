//! A wrong turn: the reference solution with a pool larger than the database allows. Lesson 3 shows what it does to others.

mod db;
#[path = "../../src/service.rs"]
mod service;

use service::*;

fn main() -> std::process::ExitCode {
    service::run()
}
