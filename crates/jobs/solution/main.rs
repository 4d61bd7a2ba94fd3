//! The reference solution: the same jobs with another `db`.

mod db;
#[path = "../src/service.rs"]
mod service;

use service::*;

fn main() -> std::process::ExitCode {
    service::run()
}
