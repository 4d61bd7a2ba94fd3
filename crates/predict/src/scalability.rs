//! The Universal Scalability Law: the throughput of n servers, when a part of the work cannot be divided (contention) and
//! the servers have to coordinate with each other (coherence).
//!
//! X(n) = λn / (1 + σ(n - 1) + κn(n - 1))
//!
//! Source: N. J. Gunther, "Guerrilla Capacity Planning" (2007), chapters 4 to 6.

use serde::Serialize;

/// The law with its three numbers.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Scalability {
    /// λ: the throughput of one server, per second.
    pub one_per_s: f64,
    /// σ: share of the work that cannot be divided, 0 to 1; 0 as long as fewer than two sizes were measured.
    pub contention: f64,
    /// κ: what each pair of servers costs; 0 as long as fewer than three sizes were measured.
    pub coherence: f64,
    /// Different sizes that were measured.
    pub sizes: usize,
}

impl Scalability {
    /// Fits the law to measurements, `(servers, per second)`; `None` without a measurement.
    ///
    /// Each measurement counts by its relative error. Numbers that the measurements do not determine are 0. A negative
    /// number becomes 0, too: when n servers do more than n times as much, the measurements are not comparable.
    pub fn fit(measured: &[(usize, f64)]) -> Option<Self> {
        let measured: Vec<_> = measured.iter().copied().filter(|(n, x)| *n > 0 && *x > 0.0).collect();
        let mut sizes: Vec<_> = measured.iter().map(|(n, _)| *n).collect();
        sizes.sort_unstable();
        sizes.dedup();
        let most = sizes.len().min(3);
        // With n / X = a + b(n - 1) + cn(n - 1) it is linear. Terms are dropped, last first, until none is negative.
        let choices: &[&[usize]] = match most {
            0 => return None,
            1 => &[&[0]],
            2 => &[&[0, 1], &[0]],
            _ => &[&[0, 1, 2], &[0, 2], &[0, 1], &[0]],
        };
        let fits = choices.iter().filter_map(|terms| least_squares(&measured, terms));
        let [a, b, c] = fits.into_iter().find(|fit| fit[0] > 0.0 && fit[1] >= 0.0 && fit[2] >= 0.0)?;
        Some(Self { one_per_s: 1.0 / a, contention: b / a, coherence: c / a, sizes: sizes.len() })
    }

    /// The throughput of `servers` servers, per second.
    pub fn per_s(&self, servers: usize) -> f64 {
        let n = servers as f64;
        self.one_per_s * n / (1.0 + self.contention * (n - 1.0) + self.coherence * n * (n - 1.0))
    }

    /// The number of servers with the highest throughput: adding servers beyond that lowers it. `None` without such a
    /// number.
    pub fn best(&self) -> Option<f64> {
        (self.coherence > 0.0).then(|| ((1.0 - self.contention).max(0.0) / self.coherence).sqrt())
    }

    /// The throughput that no number of servers exceeds; `None` where nothing limits it.
    pub fn limit_per_s(&self) -> Option<f64> {
        match self.best() {
            Some(best) => Some(self.per_s(best.round().max(1.0) as usize)),
            None => (self.contention > 0.0).then(|| self.one_per_s / self.contention),
        }
    }
}

/// The coefficients of `terms` (of 1, n - 1 and n(n - 1)) that fit n / X best, the others 0; `None` where the
/// measurements do not tell them.
fn least_squares(measured: &[(usize, f64)], terms: &[usize]) -> Option<[f64; 3]> {
    let count = terms.len();
    // The normal equations, each with its right side in the last column.
    let mut rows = vec![vec![0.0; count + 1]; count];
    for &(servers, per_s) in measured {
        let n = servers as f64;
        let (value, basis) = (n / per_s, [1.0, n - 1.0, n * (n - 1.0)]);
        // An error of 1 % counts the same, however large the value.
        let weight = 1.0 / (value * value);
        for (row, &one) in terms.iter().enumerate() {
            for (column, &other) in terms.iter().enumerate() {
                rows[row][column] += weight * basis[one] * basis[other];
            }
            rows[row][count] += weight * basis[one] * value;
        }
    }
    let mut fit = [0.0; 3];
    for (term, solved) in terms.iter().zip(solve(rows)?) {
        fit[*term] = solved;
    }
    Some(fit)
}

/// Gauss and Jordan, with the largest pivot; `None` where there is no one solution.
fn solve(mut rows: Vec<Vec<f64>>) -> Option<Vec<f64>> {
    let count = rows.len();
    for step in 0..count {
        let largest = (step..count).max_by(|&a, &b| rows[a][step].abs().total_cmp(&rows[b][step].abs()))?;
        rows.swap(step, largest);
        let pivot = rows[step].clone();
        if pivot[step].abs() < f64::MIN_POSITIVE {
            return None;
        }
        for (_, row) in rows.iter_mut().enumerate().filter(|(place, _)| *place != step) {
            let factor = row[step] / pivot[step];
            row.iter_mut().zip(&pivot).for_each(|(value, above)| *value -= factor * above);
        }
    }
    Some(rows.iter().enumerate().map(|(place, row)| row[count] / row[place]).collect())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_law_is_found_again_in_what_it_says(contention in 0.001..0.5, coherence in 0.0001..0.05) {
            let law = Scalability { one_per_s: 500.0, contention, coherence, sizes: 4 };
            let measured: Vec<_> = [1, 2, 4, 8].map(|n| (n, law.per_s(n))).into();
            let fit = Scalability::fit(&measured).expect("it was measured");
            prop_assert!((fit.contention - contention).abs() < 1e-6, "{fit:?}");
            prop_assert!((fit.coherence - coherence).abs() < 1e-6, "{fit:?}");
        }
    }

    #[test]
    fn one_size_tells_nothing_of_what_is_lost_between_several() {
        let fit = Scalability::fit(&[(1, 400.0), (1, 440.0)]).expect("it was measured");
        assert_eq!((fit.contention, fit.coherence, fit.limit_per_s()), (0.0, 0.0, None));
        assert!((fit.per_s(2) - 2.0 * fit.one_per_s).abs() < 1e-9);
        assert_eq!(Scalability::fit(&[]), None);
    }

    #[test]
    fn two_sizes_tell_what_cannot_be_divided() {
        let fit = Scalability::fit(&[(1, 100.0), (2, 160.0)]).expect("it was measured");
        assert!((fit.contention - 0.25).abs() < 1e-9 && fit.coherence == 0.0, "{fit:?}");
        assert!(fit.limit_per_s().is_some_and(|limit| (limit - 400.0).abs() < 1e-6));
    }

    #[test]
    fn servers_that_seem_to_help_each_other_were_not_measured_alike() {
        let fit = Scalability::fit(&[(1, 100.0), (2, 210.0)]).expect("it was measured");
        assert_eq!((fit.contention, fit.coherence), (0.0, 0.0));
    }

    #[test]
    fn with_coherence_there_is_a_best_number() {
        let law = Scalability { one_per_s: 100.0, contention: 0.0, coherence: 0.01, sizes: 3 };
        assert_eq!(law.best(), Some(10.0));
        assert!(law.per_s(10) > law.per_s(9) && law.per_s(10) > law.per_s(11));
    }
}
