//! Processes of this machine: who they are, how they are started and stopped, how much CPU they may use, and which
//! ports they listen on. Nothing in here knows what a process is for.

pub mod identity;
pub mod child;
pub mod cgroup;
pub mod ports;
pub mod locks;

pub use identity::Identity;
