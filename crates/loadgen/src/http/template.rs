//! Text with random numbers in it, new ones for each request: `/products/{1..5000}`.

use std::{io::Write, ops::RangeInclusive};

use anyhow::ensure;

/// Text with blanks for numbers.
pub(crate) struct Template(Vec<Piece>);

enum Piece {
    Text(String),
    Number(RangeInclusive<u64>),
}

impl Template {
    /// Each `{1..9}` in `text` is a blank. Other braces are ordinary text.
    ///
    /// # Errors
    /// A blank whose first number is the larger one.
    pub fn parse(text: &str) -> anyhow::Result<Self> {
        let mut pieces = Vec::new();
        let mut before = String::new();
        for (nth, part) in text.split('{').enumerate() {
            let blank = part.split_once('}').and_then(|(range, after)| Some((numbers(range)?, after)));
            match blank.filter(|_| nth > 0) {
                Some(((from, to), after)) => {
                    ensure!(from <= to, "{from} is more than {to}");
                    pieces.extend([Piece::Text(before), Piece::Number(from..=to)]);
                    before = after.to_owned();
                }
                None if nth > 0 => before += &format!("{{{part}"),
                None => before += part,
            }
        }
        pieces.push(Piece::Text(before));
        Ok(Self(pieces))
    }

    /// The text, if it has no blank.
    pub fn fixed(&self) -> Option<&str> {
        match self.0.as_slice() {
            [Piece::Text(text)] => Some(text),
            _ => None,
        }
    }

    /// The text between the blanks.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(|piece| match piece {
            Piece::Text(text) => Some(text.as_str()),
            Piece::Number(_) => None,
        })
    }

    /// Appends the text to `buffer`, with numbers from `random` in its blanks.
    pub fn write(&self, random: &mut fastrand::Rng, buffer: &mut Vec<u8>) {
        for piece in &self.0 {
            match piece {
                Piece::Text(text) => buffer.extend_from_slice(text.as_bytes()),
                // Writing to a Vec cannot fail.
                Piece::Number(range) => _ = write!(buffer, "{}", random.u64(range.clone())),
            }
        }
    }
}

/// 1 and 9 of `1..9`.
fn numbers(range: &str) -> Option<(u64, u64)> {
    let (from, to) = range.split_once("..")?;
    Some((from.parse().ok()?, to.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(text: &str, seed: u64) -> String {
        let mut buffer = Vec::new();
        Template::parse(text).unwrap().write(&mut fastrand::Rng::with_seed(seed), &mut buffer);
        String::from_utf8(buffer).unwrap()
    }

    #[test]
    fn each_blank_is_filled_in_and_the_same_for_the_same_seed() {
        let lines: Vec<_> = (0..100).map(|seed| written("a{7..9}b{1..1}", seed)).collect();
        assert_eq!(lines[5], written("a{7..9}b{1..1}", 5));
        for expected in ["a7b1", "a8b1", "a9b1"] {
            assert!(lines.iter().any(|line| line == expected), "{expected}");
        }
    }

    #[test]
    fn other_braces_are_what_they_are() {
        for text in [r#"{"a":{"b":{}},"c":"1..2"}"#, "{", "}", "{}{1}{1..}{..2}{-1..1}", "{{", ""] {
            assert_eq!(written(text, 1), text);
        }
        assert_eq!(written(r#"{"id":{3..3}}"#, 1), r#"{"id":3}"#);
    }

    #[test]
    fn a_range_that_goes_backwards_is_an_error() {
        assert!(Template::parse("/{9..1}").is_err());
    }
}
