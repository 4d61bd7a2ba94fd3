//! Pages that are found by where the last one ended, not by counting rows from the start: that stays fast, and a row that
//! arrives meanwhile shifts nothing.

use crate::checks::Checks;

/// Rows on a page, by default, and at most.
const DEFAULT: usize = 20;
const MAX: usize = 100;

/// How many rows a page has.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limit(usize);

impl Limit {
    /// Checks the parameter `limit` as it stands in the address.
    pub fn check(checks: &mut Checks, limit: Option<&str>) -> Self {
        Self(checks.number("limit", limit, 1..=MAX).unwrap_or(DEFAULT))
    }

    /// Rows to ask the database for: one more than fits tells whether there is a next page.
    pub fn rows(self) -> i64 {
        self.0 as i64 + 1
    }

    /// Cuts `rows` to the page, and returns where the next one begins: after this row. `None` on the last page.
    pub fn cut<T>(self, rows: &mut Vec<T>) -> Option<&T> {
        let is_last = rows.len() <= self.0;
        rows.truncate(self.0);
        rows.last().filter(|_| !is_last)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn the_row_after_the_page_says_that_there_is_a_next_one() {
        let limit = Limit::check(&mut Checks::default(), Some("2"));
        assert_eq!(limit.rows(), 3);
        let mut rows = vec!['a', 'b', 'c'];
        assert_eq!(limit.cut(&mut rows), Some(&'b'));
        assert_eq!(rows, ['a', 'b']);
        assert_eq!(limit.cut(&mut rows), None);
        assert_eq!(limit.cut::<char>(&mut vec![]), None);
    }

    #[test]
    fn a_page_has_1_to_100_rows_and_20_where_nothing_is_said() {
        let check = |limit| {
            let mut checks = Checks::new(BTreeMap::<String, ()>::new());
            let limit = Limit::check(&mut checks, limit);
            checks.finish(limit)
        };
        assert_eq!(check(None).unwrap(), Limit(20));
        assert_eq!((check(Some("1")).unwrap(), check(Some("100")).unwrap()), (Limit(1), Limit(100)));
        for limit in ["0", "101", "+1", "01", ""] {
            assert_eq!(
                check(Some(limit)).unwrap_err().to_string(),
                "invalid-input: limit: must be a whole number from 1 to 100"
            );
        }
    }
}
