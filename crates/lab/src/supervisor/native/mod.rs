//! How each kind of service runs without Docker: the command that starts it, and how to see that it is ready.

mod cap;
pub mod nginx;
pub mod postgres;
pub mod process;
pub mod program;
