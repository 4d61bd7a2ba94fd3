//! What starts, stops and shows a scenario.

pub mod up;
pub mod down;
pub mod restart;
pub mod kill;
pub mod status;
mod database_row;
pub mod open;
pub mod top;
pub mod logs;
