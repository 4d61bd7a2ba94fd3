//! What Docker prints, and what of it a learner wants to read.

/// `log` without what Compose 2.26 begins each line with, wherever it prints: "erase this line".
pub fn plain(log: &str) -> String {
    log.replace("\u{1b}[2K", "")
}

/// What cargo complains of in the output of [`Docker::build`](super::Docker::build), where each line has the number of a step
/// and a time before it; the whole output if cargo reports nothing.
pub fn complaints(output: &str) -> String {
    let without_step = |line: &str| {
        let (_, line) = line.strip_prefix('#')?.split_once(' ')?;
        let (time, said) = line.split_once(' ')?;
        time.parse::<f32>().is_ok().then(|| said.to_owned())
    };
    let said = output.lines().filter_map(without_step);
    let complaints: Vec<_> =
        said.skip_while(|line| !line.starts_with("error") && !line.starts_with("warning")).collect();
    if complaints.is_empty() { output.to_owned() } else { complaints.join("\n") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_build_that_fails_only_the_compilers_words_are_shown() {
        let output = "#8 [build 4/5] COPY crates crates\n#8 DONE 0.1s\n#9 [build 5/5] RUN cargo\n\
            #9 0.9    Compiling feed v0.1.0 (/lab/crates/feed)\n#9 1.204 error: expected one of `!` or `::`\n\
            #9 1.204  --> crates/feed/src/models.rs:9:1\n#9 ERROR: exit code: 101\n------\n";
        assert_eq!(
            complaints(output),
            "error: expected one of `!` or `::`\n --> crates/feed/src/models.rs:9:1"
        );
        assert_eq!(complaints("no space left on device"), "no space left on device");
    }
}
