//! Variables in values: `${POSTS:-1000}`.
//!
//! Source: the Compose Specification, "Interpolation".

use anyhow::{Context, bail, ensure};

/// How deep variables may stand in the defaults of others.
const DEEPEST: u32 = 20;

/// Replaces each variable of `text` by its value; `$$` is a dollar sign.
///
/// # Errors
/// When a variable has no value and no default, when the text demands one (`${NAME:?why}`), or when it ends too early.
pub fn fill_in(text: &str, variable: &impl Fn(&str) -> Option<String>) -> anyhow::Result<String> {
    fill_in_at(0, text, variable)
}

/// The same for a text that stands in so many variables: `depth`.
fn fill_in_at(depth: u32, text: &str, variable: &impl Fn(&str) -> Option<String>) -> anyhow::Result<String> {
    ensure!(
        depth <= DEEPEST,
        "variables stand in each other more than {DEEPEST} deep; write a shorter default"
    );
    let mut filled_in = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('$') {
        filled_in += before;
        rest = if let Some(after) = after.strip_prefix('$') {
            filled_in.push('$');
            after
        } else if let Some(after) = after.strip_prefix('{') {
            let end = end_of_braces(after).with_context(|| format!("`${{{after}` has no closing brace"))?;
            filled_in += &expression(depth, &after[..end], variable)?;
            &after[end + 1..]
        } else {
            let (name, after) = name(after);
            ensure!(
                !name.is_empty(),
                "a `$` stands for a variable like ${{NAME}}; write `$$` for a dollar sign"
            );
            filled_in += &expression(depth, name, variable)?;
            after
        };
    }
    Ok(filled_in + rest)
}

/// The value of what stands in braces: a name, perhaps with an operator and a word, which may hold variables as well.
fn expression(depth: u32, inner: &str, variable: &impl Fn(&str) -> Option<String>) -> anyhow::Result<String> {
    let (name, rest) = name(inner);
    let value = variable(name);
    let (counts_empty, operator) = match rest.strip_prefix(':') {
        Some(operator) => (true, operator),
        None => (false, rest),
    };
    // With a colon an empty value is like none.
    let given = value.filter(|value| !counts_empty || !value.is_empty());
    let mut characters = operator.chars();
    match (characters.next(), given) {
        (None, Some(value)) if !counts_empty => Ok(value),
        (None, None) if !counts_empty => bail!(
            "variable {name}: it is not set, and there is no default; write `${{{name}:-default}}`, or set it in compose/.env"
        ),
        (Some('-' | '?'), Some(value)) => Ok(value),
        (Some('-'), None) | (Some('+'), Some(_)) => fill_in_at(depth + 1, characters.as_str(), variable),
        (Some('+'), None) => Ok(String::new()),
        (Some('?'), None) => {
            bail!("variable {name}: {}", fill_in_at(depth + 1, characters.as_str(), variable)?)
        }
        _ => bail!(
            "`${{{inner}}}` is no variable; write ${{NAME}}, ${{NAME:-default}}, ${{NAME:?message}} or ${{NAME:+value}}"
        ),
    }
}

/// A name at the start of `text`, and what follows it.
fn name(text: &str) -> (&str, &str) {
    let is_part =
        |(at, c): &(usize, char)| *c == '_' || c.is_ascii_alphabetic() || (*at > 0 && c.is_ascii_digit());
    let length = text.char_indices().take_while(is_part).count();
    text.split_at(length)
}

/// Where the brace is that closes the one before `text`.
fn end_of_braces(text: &str) -> Option<usize> {
    let mut open = 1;
    text.char_indices().find_map(|(at, c)| {
        open += match c {
            '{' => 1,
            '}' => -1,
            _ => 0,
        };
        (open == 0).then_some(at)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled_in(text: &str) -> String {
        let variable = |name: &str| match name {
            "SET" => Some("1".to_owned()),
            "EMPTY" => Some(String::new()),
            _ => None,
        };
        fill_in(text, &variable).unwrap_or_else(|error| format!("error: {error}"))
    }

    #[test]
    fn a_variable_has_the_value_that_compose_gives_it() {
        for (text, expected) in [
            ("a", "a"),
            ("$SET ${SET}.", "1 1."),
            ("$$SET", "$SET"),
            ("${SET:-2}${EMPTY:-2}${NONE:-2}", "122"),
            ("${SET-2}${EMPTY-2}${NONE-2}", "12"),
            ("${SET:+2}${EMPTY:+2}${NONE:+2}", "2"),
            ("${SET+2}${EMPTY+2}${NONE+2}", "22"),
            ("${SET:?why}${EMPTY?why}", "1"),
            ("${NONE:-${SET}}}", "1}"),
            ("${NONE:-${OTHER:-$SET}}${NONE:-$$SET}", "1$SET"),
            ("${NONE:-redis://a:1/?b=c-d+e}${NONE:-}", "redis://a:1/?b=c-d+e"),
            ("${SET:-ü}ü$SET", "1ü1"),
        ] {
            assert_eq!(filled_in(text), expected, "{text}");
        }
    }

    #[test]
    fn what_has_no_value_is_an_error_that_names_the_variable() {
        for (text, expected) in [
            (
                "$NONE",
                "error: variable NONE: it is not set, and there is no default; write `${NONE:-default}`, or set it in compose/.env",
            ),
            ("${NONE:?set it}", "error: variable NONE: set it"),
            ("${EMPTY:?set it}", "error: variable EMPTY: set it"),
            ("${SET", "error: `${SET` has no closing brace"),
            (
                "${ SET }",
                "error: `${ SET }` is no variable; write ${NAME}, ${NAME:-default}, ${NAME:?message} or ${NAME:+value}",
            ),
            (
                "${SET/1/2}",
                "error: `${SET/1/2}` is no variable; write ${NAME}, ${NAME:-default}, ${NAME:?message} or ${NAME:+value}",
            ),
            ("5 $", "error: a `$` stands for a variable like ${NAME}; write `$$` for a dollar sign"),
            (
                "${SET:}",
                "error: `${SET:}` is no variable; write ${NAME}, ${NAME:-default}, ${NAME:?message} or ${NAME:+value}",
            ),
        ] {
            assert_eq!(filled_in(text), expected, "{text}");
        }
    }
}
