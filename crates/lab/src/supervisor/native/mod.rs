//! How each kind of service runs without Docker: the command that starts it, and how to see that it is ready.

pub mod postgres;
pub mod program;
