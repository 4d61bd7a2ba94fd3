//! What people see of runs, plans and systems: tables for the terminal, SVG and parts of HTML pages.

pub mod terminal;
mod copied_commands;
pub mod local_time;
pub mod plot;
pub mod sparkline;
pub mod panels;
pub mod panel_text;
pub mod log_line;
pub mod logs;
pub mod waterfall;
pub mod load_remarks;
pub mod query_plan;
pub mod comparison;
pub mod results;
pub mod runs_table;
pub mod topology;
pub mod report;

/// The style of what the page shows live.
pub const LIVE_STYLE: &str = include_str!("live.css");
