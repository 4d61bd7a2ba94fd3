//! The web server: who may ask, which routes there are, and what they answer.

pub mod guard;
pub mod address;
pub mod login;
pub mod shell;
pub mod parts;
pub mod pages;
pub mod actions;
pub mod routes;
pub mod server;
