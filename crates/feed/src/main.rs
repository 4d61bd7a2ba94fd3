//! The feed, as you find it: here are the two rooms that the lesson changes. The others are in `service`; read on there.

mod db;
mod handlers;
// The path says that its own `mod` lines name files beside it, and not in a folder `service/`.
#[path = "service.rs"]
mod service;

use service::*;

fn main() -> std::process::ExitCode {
    service::run()
}
