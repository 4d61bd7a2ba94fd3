//! The reference solution: the same feed with another `db` and other `handlers`.

mod db;
mod handlers;
#[path = "../src/service.rs"]
mod service;

use service::*;

fn main() -> std::process::ExitCode {
    service::run()
}
