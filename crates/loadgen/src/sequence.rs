//! The order of the requests.

use crate::{Endpoint, http::request::Request};

/// An order of requests, and the numbers in them: the same ones for the same seed.
pub(crate) struct Sequence {
    /// Chooses endpoints.
    choice: fastrand::Rng,
    /// Draws the numbers in requests.
    numbers: fastrand::Rng,
    /// The cumulative weights of the endpoints.
    weights: Vec<u32>,
}

impl Sequence {
    /// Chooses by the weights of `endpoints`.
    pub fn new(seed: u64, endpoints: &[Endpoint]) -> Self {
        let sum = |sum: &mut u32, endpoint: &Endpoint| {
            *sum += endpoint.weight;
            Some(*sum)
        };
        let random = fastrand::Rng::with_seed(seed);
        Self { choice: random.clone(), numbers: random, weights: endpoints.iter().scan(0, sum).collect() }
    }

    /// Puts the next of `requests` into `bytes`; returns its index.
    pub fn next(&mut self, requests: &[Request], bytes: &mut Vec<u8>) -> usize {
        let drawn = self.choice.u32(..self.weights[self.weights.len() - 1]);
        let endpoint = self.weights.partition_point(|&end| end <= drawn);
        requests[endpoint].write(&mut self.numbers, bytes);
        endpoint
    }
}
