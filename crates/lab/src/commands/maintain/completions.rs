//! `lab completions`: what a shell needs to complete `cargo lab …`.

use std::io::{self, Write};

use clap::CommandFactory;
use clap_complete::{Shell, generate};

use crate::cli::Cli;

/// After the lines for `lab` itself: people type `cargo lab`.
const BASH: &str = r#"
_cargo_lab() {
    if [[ ${COMP_WORDS[1]} == lab && $COMP_CWORD -gt 1 ]]; then
        COMP_WORDS=("${COMP_WORDS[@]:1}")
        COMP_CWORD=$((COMP_CWORD - 1))
        _lab lab "$2" "$3"
    elif declare -F _cargo > /dev/null; then
        _cargo "$@"
    fi
}
complete -F _cargo_lab -o bashdefault -o default cargo
"#;

const ZSH: &str = r#"
_cargo_lab() {
    if [[ $words[2] == lab ]] && (( CURRENT > 2 )); then
        shift words
        (( CURRENT-- ))
        _lab "$@"
    else
        _cargo "$@"
    fi
}
compdef _cargo_lab cargo
"#;

const FISH: &str = r#"
function __cargo_lab
    set --local words (commandline --tokenize --cut-at-cursor --current-process)
    complete --do-complete "lab $words[3..] "(commandline --current-token)
end
complete --command cargo --condition '__fish_seen_subcommand_from lab' --no-files --arguments '(__cargo_lab)'
"#;

/// Prints them for `shell`.
///
/// # Errors
/// When standard output cannot be written.
pub fn run(shell: Shell) -> anyhow::Result<()> {
    let mut script = Vec::new();
    generate(shell, &mut Cli::command(), "lab", &mut script);
    script.extend_from_slice(match shell {
        Shell::Bash => BASH.as_bytes(),
        Shell::Zsh => ZSH.as_bytes(),
        Shell::Fish => FISH.as_bytes(),
        // They complete `lab` alone.
        _ => b"",
    });
    Ok(io::stdout().write_all(&script)?)
}
