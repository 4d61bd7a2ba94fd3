//! Words of a sentence in which a command that people copy counts as one.

use textwrap::core::Word;

/// The words of `line`; a command is one.
pub fn words_of(line: &str) -> Box<dyn Iterator<Item = Word<'_>> + '_> {
    let mut words: Vec<(usize, usize)> = Vec::new();
    let mut at = 0;
    for piece in line.split_inclusive(' ') {
        let (from, to) = (at, at + piece.len());
        at = to;
        let before = words.last().map(|(from, to)| line[*from..*to].trim());
        match words.last_mut() {
            // A margin belongs to the word after it.
            Some(last) if line[last.0..last.1].trim().is_empty() => last.1 = to,
            Some(last) if before.is_some_and(|before| continues(before, piece.trim())) => last.1 = to,
            _ => words.push((from, to)),
        }
    }
    Box::new(words.into_iter().map(|(from, to)| Word::from(&line[from..to])))
}

/// Whether `word` belongs to the command that `before` begins.
fn continues(before: &str, word: &str) -> bool {
    let Some(start) = ["make", "cargo", "sudo"].iter().find_map(|program| command(before, program)) else {
        return false;
    };
    let is_over = before.ends_with([',', '.', ';', ')', ':']);
    let is_argument = word.starts_with('-') || word.contains(|sign: char| sign.is_ascii_digit());
    let parts: Vec<_> = before[start..].split_whitespace().collect();
    let is_name = |word: &str| word.starts_with(|sign: char| sign.is_ascii_lowercase());
    !is_over
        && match parts[..] {
            // The verb.
            ["make"] | ["cargo", "lab"] => is_name(word),
            ["cargo"] => word == "lab",
            // It ends with the sentence.
            ["sudo", ..] => true,
            [.., last] => is_argument || last.starts_with("--") && !last.contains('='),
            [] => false,
        }
}

/// Where `program` begins in `text`, as a word.
fn command(text: &str, program: &str) -> Option<usize> {
    let start = text.find(program)?;
    let ends = text[start + program.len()..].chars().next().is_none_or(char::is_whitespace);
    let begins = text[..start].chars().last().is_none_or(|sign| !sign.is_alphanumeric());
    (begins && ends).then_some(start)
}
