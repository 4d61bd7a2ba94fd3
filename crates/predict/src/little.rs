//! Little's law: on average, what is in a system is what comes in per second times how long it stays. Nothing else
//! matters: not the order, not the distribution, not what happens inside.
//!
//! Source: J. D. C. Little, "A Proof for the Queuing Formula L = λW", Operations Research 9 (1961).

/// How many are inside, when `per_s` come and each stays `seconds`.
pub fn inside(per_s: f64, seconds: f64) -> f64 {
    per_s * seconds
}

/// How many per second come out of a place that holds `inside` and keeps each for `seconds`: what a pool of
/// connections can serve at most.
pub fn per_s(inside: f64, seconds: f64) -> f64 {
    inside / seconds
}

/// How long each stays, when there are `inside` and `per_s` come out.
pub fn seconds(inside: f64, per_s: f64) -> f64 {
    inside / per_s
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_connections_held_for_50_ms_serve_60_per_second() {
        assert_eq!(per_s(3.0, 0.05), 60.0);
        assert_eq!(inside(60.0, 0.05), 3.0);
        assert_eq!(seconds(3.0, 60.0), 0.05);
    }
}
