//! What loads a scenario, judges it, and makes sense of the numbers.

pub mod load;
pub mod find_max;
pub mod check;
pub mod watch;
pub mod explain;
pub mod results;
pub mod compare;
pub mod ab;
pub mod report;
pub mod predict;
mod own_guess;
