//! Rust source as a list of tokens with their lines. Comments and attributes are left out, so documentation is too.

use anyhow::anyhow;
use proc_macro2::{TokenStream, TokenTree};

/// A token and its line, from 1.
#[derive(Debug)]
pub struct Token {
    /// What it is.
    pub kind: Kind,
    /// Where it is.
    pub line: usize,
}

/// What a token is.
#[derive(Debug, PartialEq, Eq)]
pub enum Kind {
    /// An identifier or a keyword.
    Word(String),
    /// One character of an operator; `::` is two.
    Sign(char),
    /// The content of a string literal, as it stands there, but for line breaks: they are spaces.
    Text(String),
    /// `(`, `[` or `{`.
    Open,
    /// The end of what was opened.
    Close,
}

/// What to do with unit tests in the same file.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Tests {
    /// Leave out what `#[cfg(test)]` stands before.
    Skip,
    /// Read them as the rest.
    Keep,
}

/// All tokens of `source`.
///
/// # Errors
/// When it is no Rust.
pub fn read(source: &str, tests: Tests) -> anyhow::Result<Vec<Token>> {
    let stream: TokenStream = source.parse().map_err(|error| anyhow!("no Rust: {error}"))?;
    let mut tokens = Vec::new();
    append(stream, tests, &mut tokens);
    Ok(tokens)
}

fn append(stream: TokenStream, tests: Tests, tokens: &mut Vec<Token>) {
    let mut trees = stream.into_iter().peekable();
    while let Some(tree) = trees.next() {
        let line = tree.span().start().line;
        let kind = match tree {
            TokenTree::Punct(sign) if sign.as_char() == '#' => {
                trees.next_if(|tree| matches!(tree, TokenTree::Punct(sign) if sign.as_char() == '!'));
                let attribute = trees.next_if(|tree| matches!(tree, TokenTree::Group(_)));
                let is_test =
                    attribute.is_some_and(|found| found.to_string().replace(' ', "") == "[cfg(test)]");
                if is_test && tests == Tests::Skip {
                    // The item ends with its block or, as `mod tests;` does, with a semicolon.
                    let _ = trees.by_ref().find(|tree| match tree {
                        TokenTree::Punct(sign) => sign.as_char() == ';',
                        TokenTree::Group(group) => group.delimiter() == proc_macro2::Delimiter::Brace,
                        _ => false,
                    });
                }
                continue;
            }
            TokenTree::Punct(sign) => Kind::Sign(sign.as_char()),
            TokenTree::Ident(word) => Kind::Word(word.to_string()),
            TokenTree::Literal(literal) => match text(&literal.to_string()) {
                Some(text) => Kind::Text(text),
                None => continue,
            },
            TokenTree::Group(group) => {
                tokens.push(Token { kind: Kind::Open, line });
                append(group.stream(), tests, tokens);
                Kind::Close
            }
        };
        tokens.push(Token { kind, line });
    }
}

/// The content of a string literal; `None` for numbers and characters.
fn text(literal: &str) -> Option<String> {
    let (prefix, rest) = literal.split_once('"')?;
    let is_text = prefix.chars().all(|c| "brc#".contains(c));
    let content = rest.trim_end_matches('#').strip_suffix('"')?;
    let words = content.replace("\\\n", "\n").replace("\\n", " ");
    is_text.then(|| words.split_whitespace().collect::<Vec<_>>().join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_attributes_and_tests_are_left_out() {
        let source =
            "//! A.\n#[doc = \"b\"]\nfn f() { \"two \\\n   lines\" }\n#[cfg(test)]\nmod tests { \"c\" }";
        let texts = |tests| {
            let tokens = read(source, tests).unwrap();
            tokens.into_iter().filter_map(|Token { kind, line }| match kind {
                Kind::Text(text) => Some((text, line)),
                _ => None,
            })
        };
        assert_eq!(texts(Tests::Skip).collect::<Vec<_>>(), [("two lines".to_owned(), 3)]);
        assert_eq!(texts(Tests::Keep).count(), 2);
    }
}
