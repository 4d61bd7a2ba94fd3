//! The paths in a Rust source: `crate::a::B` in an expression, and each leaf of `use super::{c::D, e}`.

use super::tokens::{Kind, Token};

/// A path as it is written.
#[derive(Debug, PartialEq, Eq)]
pub struct Path {
    /// `crate`, `a`, `B`.
    pub segments: Vec<String>,
    /// Whether a `use` brings it in, so that this module offers it to others by its last name.
    pub is_import: bool,
    /// Where it is.
    pub line: usize,
}

/// All paths with more than one segment.
pub fn read(tokens: &[Token]) -> Vec<Path> {
    let mut paths = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        let is_import = at > 0 && is_word(&tokens[at - 1], "use");
        let first = paths.len();
        at = tree(tokens, at, &mut Vec::new(), &mut paths).max(at + 1);
        paths[first..].iter_mut().for_each(|path| path.is_import = is_import);
    }
    paths.retain(|path| path.segments.len() > 1);
    paths
}

/// Reads the path that begins at `at`, after `prefix`, with all its branches. Returns where the next token is.
fn tree(tokens: &[Token], mut at: usize, prefix: &mut Vec<String>, paths: &mut Vec<Path>) -> usize {
    let depth = prefix.len();
    let line = tokens[at].line;
    while let Some(Token { kind: Kind::Word(word), .. }) = tokens.get(at) {
        prefix.push(word.clone());
        at += 1;
        let is_followed = |sign: &Token| sign.kind == Kind::Sign(':');
        if !tokens.get(at..at + 2).is_some_and(|signs| signs.iter().all(is_followed)) {
            break;
        }
        at += 2;
        if tokens.get(at).is_some_and(|token| token.kind == Kind::Open) {
            at += 1;
            while tokens.get(at).is_some_and(|token| token.kind != Kind::Close) {
                at = tree(tokens, at, prefix, paths).max(at + 1);
            }
            prefix.truncate(depth);
            return at + 1;
        }
    }
    if prefix.len() > depth {
        paths.push(Path { segments: prefix.clone(), is_import: false, line });
        prefix.truncate(depth);
    }
    // `D as E` is one leaf.
    if tokens.get(at).is_some_and(|token| is_word(token, "as")) { at + 2 } else { at }
}

fn is_word(token: &Token, word: &str) -> bool {
    matches!(&token.kind, Kind::Word(found) if found == word)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::tokens::{self, Tests};

    #[test]
    fn each_leaf_of_a_tree_is_a_path() {
        let source = "use crate::{a::B, c::{self, D as E}};\nfn f() { super::g::<T>(h, std::mem::take(x)) }";
        let paths = read(&tokens::read(source, Tests::Skip).unwrap());
        let written: Vec<_> =
            paths.iter().map(|path| (path.segments.join("::"), path.is_import, path.line)).collect();
        let expected = [
            ("crate::a::B", true, 1),
            ("crate::c::self", true, 1),
            ("crate::c::D", true, 1),
            ("super::g", false, 2),
            ("std::mem::take", false, 2),
        ];
        assert_eq!(written, expected.map(|(path, is_import, line)| (path.to_owned(), is_import, line)));
    }
}
