//! Completions, in the shells themselves.

use std::process::Command;

use crate::checkout::Checkout;

/// What `shell` offers for `cargo lab lo`, by the script that the lab prints; `None` where the shell is not installed.
fn offered(shell: &str, ask: &str) -> Option<String> {
    let checkout = Checkout::new();
    let script = checkout.command(&["completions", shell]).output().unwrap();
    assert!(script.status.success(), "{}", String::from_utf8_lossy(&script.stderr));
    checkout.write("completions", &script.stdout);
    let mut command = Command::new(shell);
    let asked = command.args(["-c", ask]).current_dir(checkout.path(".")).output().ok()?;
    assert!(asked.status.success(), "{}", String::from_utf8_lossy(&asked.stderr));
    let asked = String::from_utf8(asked.stdout).unwrap();
    let mut words: Vec<_> = asked.split_whitespace().collect();
    words.sort_unstable();
    Some(words.join(" "))
}

#[test]
fn bash_completes_the_commands_of_cargo_lab() {
    let ask = "source ./completions; COMP_WORDS=(cargo lab lo); COMP_CWORD=2; _cargo_lab cargo lo lab; echo ${COMPREPLY[@]}";
    assert_eq!(offered("bash", ask).as_deref(), Some("load logs"));
}

#[test]
fn fish_completes_the_commands_of_cargo_lab() {
    let ask = "source ./completions; complete --do-complete 'cargo lab lo' | cut --fields 1";
    assert!(offered("fish", ask).is_none_or(|offered| offered == "load logs"));
}
