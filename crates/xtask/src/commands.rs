//! One file per command.

pub mod devcontainers;
pub mod fuzz;
pub mod lint;
pub mod matrix;
pub mod pictures;
pub mod soak;
pub mod starters;
pub mod test;
pub mod tidy;
pub mod tools;
pub mod torture;
