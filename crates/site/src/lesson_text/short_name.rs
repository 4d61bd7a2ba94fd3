//! Names of what stands in a lesson, made of its text.

use std::collections::HashMap;

use sha2::{Digest, Sha256};

/// A short name for `text`.
pub fn short_name(text: &str) -> String {
    hex::encode(&Sha256::digest(text.as_bytes())[..6])
}

/// Gives names to texts: each another one, also where a text stands in the lesson again.
#[derive(Default)]
pub struct Names(HashMap<String, usize>);

impl Names {
    /// The name of the next text, which is `text`.
    pub fn of(&mut self, text: &str) -> String {
        let name = short_name(text);
        let twins = self.0.entry(name.clone()).or_default();
        *twins += 1;
        if *twins == 1 { name } else { format!("{name}-{}", *twins - 1) }
    }
}
