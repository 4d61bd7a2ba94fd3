//! Makes this machine follow a spec: programs are built, servers installed, processes and containers started, watched
//! and stopped, and databases filled.

pub mod needs;
pub mod cargo;
pub mod choose;
pub mod data_dir;
pub mod database;
pub mod native_processes;
pub mod docker;
pub mod logs;
pub mod signal;
pub mod supervisor;
pub mod wait_ready;
pub mod up;
pub mod down;
