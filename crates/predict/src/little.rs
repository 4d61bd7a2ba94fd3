//! Little's law: the average number of requests in a system is the number that arrive per second, times how long each
//! stays. Nothing else matters: not their order, not the distribution of times, not what the system does.
//!
//! Source: J. D. C. Little, "A Proof for the Queuing Formula L = λW", Operations Research 9 (1961).

/// How many are in the system, when `per_s` arrive and each stays `seconds`.
pub fn inside(per_s: f64, seconds: f64) -> f64 {
    per_s * seconds
}

/// How many per second leave a system that holds `inside` and keeps each for `seconds`: the highest rate that a pool of
/// connections can serve.
pub fn per_s(inside: f64, seconds: f64) -> f64 {
    inside / seconds
}

/// How long each stays, when `inside` are in the system and `per_s` leave it.
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
