//! Which of many slow tests a commit runs. After some commits all have been run.

use std::env;

use anyhow::{Context, ensure};

use crate::git;

/// The wrong fixes of all lessons take half an hour; a twentieth fits into a few minutes.
const SLICES: usize = 20;

/// One slice of several, numbered from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sample {
    slice: usize,
    of: usize,
}

impl Sample {
    /// As `LAB_SAMPLE` says (`7/20`); without it, as the hash of the last commit does.
    ///
    /// # Errors
    /// When the variable holds something else, or git fails.
    pub fn choose() -> anyhow::Result<Self> {
        match env::var("LAB_SAMPLE") {
            Ok(text) => Self::parse(&text),
            Err(_) => Self::of_commit(&git::text(&["rev-parse", "HEAD"])?),
        }
    }

    fn parse(text: &str) -> anyhow::Result<Self> {
        let expected = || format!("LAB_SAMPLE={text:?}: expected one slice of several, like 7/20");
        let (slice, of) = text.split_once('/').with_context(expected)?;
        let (slice, of) = (slice.parse().with_context(expected)?, of.parse().with_context(expected)?);
        ensure!((1..=of).contains(&slice), expected());
        Ok(Self { slice, of })
    }

    fn of_commit(hash: &str) -> anyhow::Result<Self> {
        let start = hash.get(..8).context("a hash has at least 8 digits")?;
        let slice = u32::from_str_radix(start, 16)? as usize % SLICES + 1;
        Ok(Self { slice, of: SLICES })
    }

    /// The indices of the items that are in this slice of `count`. At least one, so that no commit runs none.
    pub fn pick(self, count: usize) -> Vec<usize> {
        let first = if count == 0 { 0 } else { (self.slice - 1) % count };
        (first..count).step_by(self.of).collect()
    }

    /// The indices of at most `most` of `count` items, spread evenly; other slices begin elsewhere.
    pub fn pick_at_most(self, most: usize, count: usize) -> Vec<usize> {
        let picked = most.min(count);
        (0..picked).map(|nth| (self.slice + nth * count / picked) % count).collect()
    }

    /// `7/20`.
    pub fn text(self) -> String {
        format!("{}/{}", self.slice, self.of)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_slices_together_hold_every_item_once() {
        let of = 20;
        let mut picked: Vec<_> = (1..=of).flat_map(|slice| Sample { slice, of }.pick(53)).collect();
        picked.sort();
        assert_eq!(picked, (0..53).collect::<Vec<_>>());
    }

    #[test]
    fn where_there_are_fewer_items_than_slices_each_slice_still_has_one() {
        let picked = |slice| Sample { slice, of: 20 }.pick(3);
        assert_eq!([picked(1), picked(3), picked(4), picked(20)], [[0], [2], [0], [1]]);
        assert_eq!(picked(1).len(), 1);
        assert!(Sample { slice: 1, of: 20 }.pick(0).is_empty());
    }

    #[test]
    fn of_too_many_items_each_slice_has_its_own_share() {
        let picked = |slice, count| {
            let mut picked = Sample { slice, of: 20 }.pick_at_most(4, count);
            picked.sort();
            picked
        };
        assert_eq!([picked(1, 3), picked(7, 3)], [[0, 1, 2], [0, 1, 2]]);
        assert_eq!([picked(1, 8), picked(2, 8)], [[1, 3, 5, 7], [0, 2, 4, 6]]);
        assert!(picked(1, 0).is_empty());
    }

    #[test]
    fn a_commit_always_gets_the_same_slice() {
        let sample = Sample::of_commit("58d7b93c0ffee").unwrap();
        assert_eq!(sample.text(), "9/20");
        assert_eq!(Sample::parse("9/20").unwrap(), sample);
    }

    #[test]
    fn a_slice_that_does_not_exist_is_refused() {
        for text in ["", "7", "0/20", "21/20", "a/b"] {
            let error = Sample::parse(text).unwrap_err();
            assert!(error.to_string().contains("like 7/20"), "{text}: {error}");
        }
    }
}
