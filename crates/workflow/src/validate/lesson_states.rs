//! The states of a lesson's system, and how a learner gets there.

use std::iter;

use lesson::{
    Lesson,
    wrong_fixes::{Expected, WrongFix, WrongFixes},
};
use project::Scenario;

use crate::sandbox::Scratch;

/// How a state comes about.
#[derive(Clone, Copy)]
pub enum LessonState<'a> {
    /// Nothing is changed.
    AsItCame,
    /// A wrong one, or one of several steps.
    WrongFix(&'a WrongFix),
    /// The reference solution.
    Solution,
    /// Back from the solution.
    Reset,
}

/// All states of a lesson, in the order in which they are tried.
pub fn lesson_states(wrong: &WrongFixes) -> impl Iterator<Item = LessonState<'_>> {
    let fixes = wrong.wrong_fixes.iter().map(LessonState::WrongFix);
    iter::once(LessonState::AsItCame).chain(fixes).chain([LessonState::Solution, LessonState::Reset])
}

impl<'a> LessonState<'a> {
    /// Its name, stable.
    pub fn id(self) -> &'a str {
        match self {
            Self::AsItCame => "starter",
            Self::WrongFix(fix) => &fix.id,
            Self::Solution => "solution",
            Self::Reset => "reset",
        }
    }

    /// As a person reads it.
    pub fn title(self) -> &'a str {
        match self {
            Self::AsItCame => "As it came",
            Self::WrongFix(fix) => &fix.title,
            Self::Solution => "The reference solution",
            Self::Reset => "After `make reset`",
        }
    }

    /// The failing goal; `None` if it passes.
    pub fn expected(self, wrong: &'a WrongFixes) -> Option<&'a Expected> {
        match self {
            Self::AsItCame | Self::Reset => Some(&wrong.starter),
            Self::WrongFix(fix) => Some(&fix.expected),
            Self::Solution => None,
        }
    }

    /// Edits files and types commands, as a learner does who gets there.
    ///
    /// # Errors
    /// When a fix does not fit the files any more, or a command cannot do its work.
    pub fn bring_about(self, scratch: &Scratch, scenario: &Scenario, lesson: &Lesson) -> anyhow::Result<()> {
        let number = scenario.number.to_string();
        let start = || scratch.lab(&["up", &number, "--no-watch", "--no-dashboard"]).map(drop);
        match self {
            Self::AsItCame => scratch.put_back()?,
            Self::WrongFix(fix) => scratch.apply(fix, lesson)?,
            Self::Solution => scratch.solve(lesson)?,
            Self::Reset => {
                Self::Solution.bring_about(scratch, scenario, lesson)?;
                scratch.lab(&["reset"])?;
                return start();
            }
        }
        start()?;
        scratch.lab(&["reset", "--data"])?;
        let (sql, fixes_database) = match self {
            Self::WrongFix(fix) => (fix.sql.as_ref(), fix.fixed_database),
            Self::Solution => (None, lesson.database.fix.is_some()),
            Self::AsItCame | Self::Reset => (None, false),
        };
        if let Some(sql) = sql {
            scratch.lab(&["sql", "--set=ON_ERROR_STOP=1", "--command", sql])?;
        }
        if fixes_database {
            scratch.lab(&["apply-fix"])?;
        }
        Ok(())
    }
}
