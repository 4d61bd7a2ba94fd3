//! The lesson as the page shows it: its text, the commands in it, and what the learner writes into it.

pub mod short_name;
pub mod file;
pub mod addresses;
pub mod answers;
pub mod user_input;
pub mod commands;
pub mod command_links;
pub mod figures;
pub mod tables;
pub mod table_cells;
pub mod answer_tables;
pub mod markdown;
pub mod glossary;
pub mod syntax;
pub mod sections;
pub mod lesson_page;
pub mod source;
pub mod tasks;
