//! Promises of the native engine, kept by the real `lab` with a real PostgreSQL, real cargo and a service that
//! compiles in no time. Each test has a checkout, ports and processes of its own.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should say where")]

mod checkout;
mod start_and_stop;
mod accessibility;
mod open_page;
mod start_up;
mod accidents;
mod users_shell;
mod terminal;
mod another_user;
mod save;
mod database;
mod reset;
mod clean;
mod load;
mod compare;
mod one_value;
mod predict;
mod check;
mod makefile;
mod completions;
mod validate;
mod further_scenario;
mod scale_out;
mod cap;
mod watched;
mod browser;
mod page;
mod site;
mod login;
mod classroom;
mod follow;
mod outage;
mod damaged_state;
