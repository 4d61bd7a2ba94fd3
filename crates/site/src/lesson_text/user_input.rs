//! What a learner types for a command of the lesson: a number in place of the lesson's, or SQL at the prompt that a terminal
//! would show. Nothing else of a command can be changed.

use anyhow::{bail, ensure};
use maud::{Markup, html};

/// The input field.
#[derive(Debug, PartialEq)]
pub enum Asks {
    /// Behind `--guess`, in place of this.
    Prediction(String),
    /// A statement.
    Sql,
}

/// The input that a command needs; `None` for most.
pub fn asks(text: &str, arguments: Option<&[String]>) -> Option<Asks> {
    if ["make sql", "cargo lab sql"].contains(&text) {
        return Some(Asks::Sql);
    }
    let arguments = arguments?;
    let at = arguments.iter().position(|word| word == "--guess")?;
    (arguments.first()? == "predict").then(|| arguments.get(at + 1).cloned().map(Asks::Prediction))?
}

impl Asks {
    /// The arguments of the lab's, with what was `given`.
    ///
    /// # Errors
    /// When that is no number, or more than SQL.
    pub fn arguments(&self, arguments: &[String], given: &str) -> anyhow::Result<Vec<String>> {
        let given = given.trim();
        match self {
            Self::Prediction(number) => {
                let is_number = given.parse().is_ok_and(|number: f64| number.is_finite() && number >= 0.0);
                ensure!(is_number, "a guess is a number, for example {number}");
                let at = arguments.iter().position(|word| word == "--guess").unwrap_or(arguments.len());
                let mut arguments = arguments.to_vec();
                arguments.truncate(at);
                arguments.push(format!("--guess={given}"));
                Ok(arguments)
            }
            Self::Sql if given.is_empty() => bail!("the query is empty"),
            // psql takes them for commands of its own, and some of those start programs.
            Self::Sql if given.starts_with('\\') => bail!("only a terminal takes commands with a backslash"),
            // The page sends any SQL that its user types. The lessons only read, so no more is allowed.
            Self::Sql => Ok(["sql", "--read-only", "-c", given].map(str::to_owned).into()),
        }
    }

    /// The input field for the command `text`, which the page calls `id`, and a button.
    pub fn form(&self, id: &str, text: &str) -> Markup {
        html! {
            form.given method="post" action="/do/run" {
                input type="hidden" name="id" value=(id);
                @match self {
                    Self::Prediction(number) => {
                        label for={ "given-" (id) } { "Your guess" }
                        input #{ "given-" (id) } type="number" name="given" min="0" step="any" required value=(number);
                    }
                    Self::Sql => {
                        label for={ "given-" (id) } { "SQL, read-only" }
                        input #{ "given-" (id) } name="given" required value="SELECT now()" autocomplete="off" spellcheck="false";
                    }
                }
                button #{ "run-" (id) } aria-label={ "Run " (text) } { "Run" }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        text.split(' ').map(str::to_owned).collect()
    }

    #[test]
    fn only_the_number_of_a_guess_can_be_another_one() {
        let lesson = words("predict --pool 10 --guess 100");
        let guess = asks("cargo lab predict --pool 10 --guess 100", Some(&lesson)).unwrap();
        assert_eq!(guess, Asks::Prediction("100".to_owned()));
        assert_eq!(guess.arguments(&lesson, " 270.5 ").unwrap(), words("predict --pool 10 --guess=270.5"));
        for wrong in ["", "many", "-1", "NaN", "1 --pool 9", "--help", "inf"] {
            assert!(guess.arguments(&lesson, wrong).is_err(), "{wrong}");
        }
        assert_eq!(asks("cargo lab load --users 4", Some(&words("load --users 4"))), None);
        assert_eq!(asks("curl x", None), None);
    }

    #[test]
    fn a_prompt_takes_sql_and_no_commands_of_psql() {
        let sql = asks("make sql", None).unwrap();
        assert_eq!(sql.arguments(&[], "SELECT 1").unwrap(), ["sql", "--read-only", "-c", "SELECT 1"]);
        assert_eq!(sql.arguments(&[], "--help").unwrap(), ["sql", "--read-only", "-c", "--help"]);
        for wrong in [" ", "\\! ls", "  \\d", "\n\\! ls"] {
            assert!(sql.arguments(&[], wrong).is_err(), "{wrong}");
        }
    }
}
