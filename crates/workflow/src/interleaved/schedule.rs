//! Alternating between two programs: which one runs next, and when to stop.

use std::fmt::{self, Display, Formatter};

use compare::{InterimAnalyses, Verdict};
use loadgen::Run;
use observe::{
    blocks::{Blocks, Figure},
    changes::Change,
};

/// Pairs of runs, one of each program, right after each other.
pub struct Schedule {
    looks: InterimAnalyses,
    random: fastrand::Rng,
    /// Who comes first in the pair that is under way.
    first: usize,
    /// What that one did, once it ran.
    half: Option<Taken>,
    /// Pairs that ran.
    ran: usize,
    /// Of those, the ones that can be believed: before and after.
    pub pairs: Vec<[Blocks; 2]>,
    /// Why others cannot.
    pub doubts: Vec<String>,
    is_clear: bool,
}

/// One run; `None` when it is invalid.
type Taken = Option<Blocks>;

impl Schedule {
    /// At most so many pairs.
    pub fn new(most: usize) -> Self {
        let mut random = fastrand::Rng::new();
        Self {
            looks: InterimAnalyses { most },
            first: random.usize(..2),
            random,
            half: None,
            ran: 0,
            pairs: Vec::new(),
            doubts: Vec::new(),
            is_clear: false,
        }
    }

    /// Which program runs next: 0 before, 1 after; `None` when the comparison is done.
    pub fn whose(&self) -> Option<usize> {
        let is_over = self.is_clear || self.ran == self.looks.most;
        (!is_over).then_some(if self.half.is_none() { self.first } else { 1 - self.first })
    }

    /// Takes over what the one did whose turn it was.
    pub fn take(&mut self, run: &Run) {
        let nth = 2 * self.ran + usize::from(self.half.is_some()) + 1;
        self.doubts.extend(run.why_invalid.as_ref().map(|why| format!("run {nth}: {why}")));
        self.add(run.why_invalid.is_none().then(|| Blocks::whole(run)));
    }

    fn add(&mut self, taken: Taken) {
        let Some(half) = self.half.take() else {
            self.half = Some(taken);
            return;
        };
        // A coin for each pair: so neither has the better place.
        let (before, after) = if self.first == 0 { (half, taken) } else { (taken, half) };
        self.pairs.extend(before.zip(after).map(|(before, after)| [before, after]));
        self.first = self.random.usize(..2);
        self.ran += 1;
        if self.looks.is_due(self.ran) {
            self.is_clear = self.changes()[0].verdict != Verdict::Inconclusive;
        }
    }

    /// What the pairs show, figure by figure; the first one decides when it is enough.
    pub fn changes(&self) -> [Change; 3] {
        Figure::ALL.map(|figure| Change::paired(figure, &self.pairs, self.looks.tail()))
    }
}

impl Display for Schedule {
    /// `3 of at most 64`.
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let nth = 2 * self.ran + usize::from(self.half.is_some()) + 1;
        write!(f, "{nth} of at most {}", 2 * self.looks.most)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Runs until the comparison is done, and counts the pairs. `None` is an invalid run.
    fn pairs(most: usize, mut per_s: impl FnMut(usize) -> Option<f64>) -> (Schedule, usize) {
        let mut turns = Schedule::new(most);
        let mut ran = [0; 2];
        while let Some(which) = turns.whose() {
            ran[which] += 1;
            turns.add(per_s(which).map(Blocks::of_rate));
        }
        assert_eq!(ran[0], ran[1]);
        (turns, ran[0])
    }

    #[test]
    fn what_is_clear_ends_after_eight_pairs() {
        let (turns, ran) = pairs(32, |which| Some(if which == 0 { 100.0 } else { 110.0 }));
        assert_eq!((turns.changes()[0].verdict, ran), (Verdict::Better, 8));
        let (turns, ran) = pairs(32, |_| Some(100.0));
        assert_eq!((turns.changes()[0].verdict, ran), (Verdict::NoDifference { beyond: 0.03 }, 8));
    }

    #[test]
    fn what_is_not_clear_goes_on_to_the_end() {
        let mut turn = 0;
        // The two take turns at being twice as fast.
        let (turns, ran) = pairs(12, |which| {
            turn += 1;
            Some(if (turn / 4 + which).is_multiple_of(2) { 100.0 } else { 200.0 })
        });
        assert_eq!((turns.changes()[0].verdict, ran), (Verdict::Inconclusive, 12));
    }

    #[test]
    fn a_run_that_must_not_be_believed_takes_its_partner_with_it() {
        let mut turn = 0;
        let (turns, ran) = pairs(16, |which| {
            turn += 1;
            (turn != 5).then_some(if which == 0 { 100.0 } else { 50.0 })
        });
        assert_eq!((turns.changes()[0].verdict, turns.pairs.len(), ran), (Verdict::Worse, 7, 8));
    }
}
