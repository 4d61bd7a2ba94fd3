//! The reference solution: the same Task API with another `cache`.

mod cache;
#[path = "../src/service.rs"]
mod service;

use service::*;

fn main() -> std::process::ExitCode {
    service::run()
}
