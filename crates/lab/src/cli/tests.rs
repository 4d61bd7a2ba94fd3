//! The command line is consistent, and its examples are commands.

use clap::CommandFactory;

use super::*;

#[test]
fn the_command_line_is_consistent() {
    Cli::command().debug_assert();
}

#[test]
fn the_help_of_each_command_has_an_example_that_is_one() {
    for command in Cli::command().get_subcommands().filter(|command| !command.is_hide_set()) {
        let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
        let example =
            help.strip_prefix("Example: cargo ").unwrap_or_else(|| panic!("{}: {help}", command.get_name()));
        let words = example.split(' ').map(|word| word.trim_matches('"'));
        let parsed = Cli::try_parse_from(words);
        assert!(
            parsed.is_ok(),
            "{example}: {}",
            parsed.err().map(|error| error.to_string()).unwrap_or_default()
        );
    }
}
